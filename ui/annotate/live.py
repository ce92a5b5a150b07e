"""A job that is still at work: how far it is, and the player, whose timeline fills from the left meanwhile."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from har import results
from har.jobs import JobStatus
from har.settings import settings
from har.video import VideoInfo
from ui.annotate import player, result
from ui.jobs import follow, jobs

_PATIENCE_SEC = 3.0  # what is over sooner shows its result at once
_EVERY_SEC = 1.0
_SO_FAR = "so-far"  # in the session: of which job, and what was last shown of it


def show(job_id: str, describe: Callable[[JobStatus], tuple[float, str]]) -> None:
    """All of a job's screen below the title, until it settles.

    Everything lies where the result will have it, so that the video goes on playing when that takes its place.
    """
    places = result.places()
    with places.heading:
        follow(job_id, describe)
        st.caption(
            f"The address of this page leads back here. The work goes on while this tab, or another with this address, "
            f"is open, and for {settings().ownerless_minutes:g} minutes after."
        )
    with places.watch:
        filling = _watch(job_id)
    if filling:
        with places.facts:
            st.caption("The video can be played already. Its timeline fills while the video is looked at.")


def forget() -> None:
    """Let go of what was shown of a job that is over."""
    st.session_state.pop(_SO_FAR, None)


def _watch(job_id: str) -> bool:
    """The video, once there is one to play; below it what is known of it. Whether there is."""
    found = _open(job_id)
    if found is not None:
        player.film(found.info, result.folder_of(job_id))

    def so_far() -> dict[str, object] | None:
        now = _open(job_id)
        if now is not None and found is None:
            st.rerun()  # the video comes above
        return now and now.packed

    player.timeline(so_far, _EVERY_SEC)
    return found is not None


class _Shown(NamedTuple):
    """What is shown already."""

    mark: int  # when it was written
    info: VideoInfo
    packed: dict[str, object] | None  # for the player; None: nothing that could not change yet


def _open(job_id: str) -> _Shown | None:
    """What can be shown; None: nothing yet, or not for long. It is worked out again when there is more."""
    folder = result.folder_of(job_id)
    if jobs().status(job_id).running_sec < _PATIENCE_SEC or results.to_play(folder) is None:
        return None
    kept: tuple[str | None, _Shown | None] = st.session_state.get(_SO_FAR, (None, None))
    of, shown = kept
    mark = results.changed_ns(folder)
    if of != job_id or shown is None or shown.mark != mark:
        now = results.open_growing(folder)
        packed = None
        if now is not None and now.so_far is not None:
            packed = player.packed(now.so_far, results.against_truth(now.so_far), growing=True)
        shown = None if now is None else _Shown(mark, now.info, packed)
        st.session_state[_SO_FAR] = job_id, shown
    return shown
