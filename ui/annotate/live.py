"""A running job: its progress, and the player, whose timeline fills meanwhile."""

from typing import NamedTuple

import streamlit as st

from har import results
from har.errors import JobMissing
from har.progress import ANNOTATING
from har.settings import settings
from har.video import VideoInfo
from ui.annotate import player, result
from ui.annotate.names import given_name
from ui.jobs import EVERY_SEC, follow, jobs

_GRACE_SEC = 3.0  # a job that ends sooner shows its result at once
_EVERY_SEC, _SOON_SEC = 1.0, 0.2  # at which the timeline is read; at which the end of a young job is looked for
_SO_FAR = "so-far"  # in the session: the job's id, and what was last shown


def show(job_id: str) -> None:
    """All of a job's screen below the title until it ends.

    Everything is where the result will have it, so that the video keeps playing when the result replaces this screen.
    """
    top, watch, facts, _ = result.layout()
    with top:
        result.heading(given_name(result.folder_of(job_id)))
    with facts:
        is_young = jobs().status(job_id).running_sec < _GRACE_SEC
        follow(job_id, ANNOTATING, every_sec=_SOON_SEC if is_young else EVERY_SEC)
        st.caption(
            "You can leave this page and come back to its address. The job runs while a tab with this address is open, "
            f"and for {settings().ownerless_minutes:g} minutes after that."
        )
    with watch:
        filling = _watch(job_id)
    if filling:
        with facts:
            st.caption("You can play it now; the timeline fills in as it is analysed.")


def forget() -> None:
    """Free what was kept of a job that has ended."""
    st.session_state.pop(_SO_FAR, None)


def _watch(job_id: str) -> bool:
    """The video, once it can be played, with its timeline; whether it can."""
    found = _open(job_id)
    if found is not None:
        player.film(found.info, result.folder_of(job_id))

    def so_far() -> dict[str, object] | None:
        now = _open(job_id)
        if now is not None and found is None:
            st.rerun()  # to show the video above
        return now and now.packed

    player.timeline(so_far, _EVERY_SEC)
    return found is not None


class _Shown(NamedTuple):
    """What was last shown."""

    changed_ns: int  # when it was written
    info: VideoInfo
    packed: dict[str, object] | None  # for the player; None: no label is final yet


def _open(job_id: str) -> _Shown | None:
    """What can be shown, computed again when there is more; None: nothing yet, or the job is too young, or gone."""
    folder = result.folder_of(job_id)
    try:
        is_young = jobs().status(job_id).running_sec < _GRACE_SEC
    except JobMissing:  # since the page was drawn; it will say so
        return None
    if is_young or results.playable_file(folder) is None:
        return None
    last: tuple[str | None, _Shown | None] = st.session_state.get(_SO_FAR, (None, None))
    shown = last[1] if last[0] == job_id else None
    changed_ns = results.partial_changed_ns(folder)
    if shown is None or shown.changed_ns != changed_ns:
        now = results.open_partial(folder)
        if now is None:  # nothing yet; or no longer, as the job is about to end and its result to follow
            return shown
        packed = None
        if now.annotation is not None:
            packed = player.packed(now.annotation, results.compare_with_ground_truth(now.annotation), partial=True)
        shown = _Shown(changed_ns, now.info, packed)
        st.session_state[_SO_FAR] = job_id, shown
    return shown
