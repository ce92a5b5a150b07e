"""A job that is still at work: how far it is, and the player, whose timeline fills from the left meanwhile."""

from collections.abc import Callable

import streamlit as st

from har import annotation
from har.annotation import Growing
from har.jobs import JobStatus
from har.settings import settings
from pages import player, result
from pages.widgets import follow, jobs, start_app

_PATIENCE_SEC = 3.0  # what is over sooner shows its result at once
_EVERY_SEC = 1.0
_SO_FAR = "so-far"  # in the session: when what was last shown was written, and that


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


def _watch(job_id: str) -> bool:
    """The video, once there is one to play; below it what is known of it. Whether there is."""
    found = _open(job_id)
    if found is not None:
        player.film(found.info, result.folder_of(job_id))

    @st.fragment(run_every=_EVERY_SEC)
    def fill() -> None:
        now = _open(job_id)
        if now is None:
            return
        if found is None:
            st.rerun()
        packed = _packed(job_id, now)
        if packed is not None:
            player.timeline(packed)

    fill()
    return found is not None


def _open(job_id: str) -> Growing | None:
    """What can be shown already; None: nothing, or not for long."""
    folder = result.folder_of(job_id)
    if jobs().status(job_id).running_sec < _PATIENCE_SEC or annotation.to_play(folder) is None:
        return None
    written, known = st.session_state.get(_SO_FAR, (None, None))
    mark = (job_id, annotation.changed_ns(folder))
    if written != mark:
        known = annotation.open_growing(folder)
        st.session_state[_SO_FAR] = mark, known
    return known


def _packed(job_id: str, now: Growing) -> dict[str, object] | None:
    if now.so_far is None:
        return None
    found = annotation.against_truth(now.so_far)
    return player.packed(now.so_far, found, growing=True)


if __name__ == "__main__":
    start_app()
