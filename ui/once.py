"""What the worker makes once for all visitors: the first asks, and who comes meanwhile waits for the same."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from har.errors import JobMissing
from har.jobs import JobState, JobStatus
from ui.jobs import jobs
from ui.messages import show_failure


def made(job_id: str, work: Callable[..., Any], *args: Any, doing: str) -> Any:
    """What a job gives; None while it does not, which is shown.

    In the lane of networks: building one draws from the same generator as a training does, which must not be disturbed.

    Args:
        job_id: one for all visitors: the same for the same work.
        work: what is to be done, with `on_event` as every job has it.
        args: what it is called with.
        doing: what is shown meanwhile, without a full stop.

    Raises:
        JobError: too many jobs wait, or nobody is there to do them.
    """
    status = _status(job_id)
    if status is None:
        jobs().submit(work, *args, job_id=job_id)
    elif status.state is JobState.DONE:
        return status.result
    elif status.state.settled:
        show_failure(status)
        if st.button("Try again", icon=":material/refresh:", key=f"again-{job_id}"):
            jobs().submit(work, *args, job_id=job_id)
            st.rerun()
        return None
    _wait(job_id, doing)
    return None


def _wait(job_id: str, doing: str) -> None:
    """Until the worker is done; then the page runs again."""

    @st.fragment(run_every=1)
    def wait() -> None:
        status = _status(job_id)
        if status is None or status.state.settled:
            st.rerun()
        if status.place:
            waits = "one other job" if status.place == 1 else f"{status.place} other jobs"
            st.info(f"{doing}, after {waits}.", icon=":material/hourglass:")
        else:
            st.info(f"{doing}.", icon=":material/hourglass:")

    wait()


def _status(job_id: str) -> JobStatus | None:
    try:
        return jobs().status(job_id)
    except JobMissing:
        return None
