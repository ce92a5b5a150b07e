"""The app's jobs, and waiting for them: progress, place in the queue, cancel, failure."""

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import streamlit as st

from har import log
from har.errors import HarError
from har.jobs import Jobs, JobStatus
from har.maintenance import Housekeeper

_override: Jobs | None = None


def jobs() -> Jobs:
    """The jobs of this app: one set for all visitors; each job's id is known to its owner alone."""
    return _override or _work().jobs


@contextmanager
def override_jobs(fake: Jobs) -> Iterator[None]:
    """Other jobs in place of the app's until the block ends: for tests."""
    global _override
    before, _override = _override, fake
    try:
        yield
    finally:
        _override = before


class _Work:
    """The jobs, and what looks after them."""

    def __init__(self) -> None:
        log.to_stderr()
        self.jobs = Jobs()
        self._housekeeper = Housekeeper(self.jobs)

    def end(self) -> None:
        self._housekeeper.close()
        self.jobs.close()


@st.cache_resource(show_spinner="Starting the worker …", on_release=_Work.end)
def _work() -> _Work:
    return _Work()


@st.cache_resource(show_spinner=False)
def wake() -> None:
    """Once after the app's start, whichever page is looked at: the worker comes up before it is needed.

    And if trainings were cut off by the app's end, they go on; what visitors brought before goes when its time is up.
    """

    def work() -> None:
        with suppress(HarError):  # whoever asks for a job is told
            _work()

    threading.Thread(target=work, name="waking", daemon=True).start()


def time_left(status: JobStatus, done: float) -> str:
    """How long the rest will take, from how long the first part took; empty while that is a guess."""
    if done < 0.05 or status.running_sec < 2:
        return ""
    left_sec = status.running_sec * (1 - done) / done
    if left_sec < 5:
        return " · a few seconds left"
    if left_sec < 90:
        return f" · about {math.ceil(left_sec / 5) * 5} s left"
    return f" · about {math.ceil(left_sec / 60)} min left"


def follow(
    job_id: str, describe: Callable[[JobStatus], tuple[float, str]], cancel: Callable[[], None] | None = None
) -> None:
    """Progress of a job with a button to cancel it, until it settles; then the page runs again, once.

    Args:
        job_id: a job of `jobs()`.
        describe: from its status to the share that is done, 0 to 1, and what happens now.
        cancel: what the button does; None: it stops the job.
    """

    @st.fragment(run_every=0.5)
    def progress() -> None:
        status = jobs().status(job_id)
        if status.state.settled:
            st.rerun()
        if status.place:
            waits = "one job" if status.place == 1 else f"{status.place} jobs"
            st.progress(0.0, f"Waiting for {waits} of other visitors to finish")
        else:
            done, text = describe(status)
            st.progress(min(max(done, 0.0), 1.0), text + time_left(status, done))
        if st.button("Cancel", icon=":material/stop_circle:", key=f"cancel-{job_id}"):
            if cancel is None:
                jobs().stop(job_id)
            else:
                cancel()
            st.rerun()

    progress()
