"""A job that does more with an open result: begun by its owner, its id in the address."""

from collections.abc import Callable

import streamlit as st

from har.errors import HarError, JobMissing
from har.jobs import JobState, JobStatus, new_job_id
from ui import visitor
from ui.jobs import follow, jobs
from ui.messages import show_error, show_failure


def begin(parameter: str, function: Callable[..., object], *arguments: object) -> bool:
    """Begin it, to end with the visit; or say why not. Whether it has begun.

    Args:
        parameter: of the address, for its id.
        function: the job.
        arguments: its own.
    """
    try:
        job_id = jobs().submit(
            function, *arguments, job_id=new_job_id(), visitor=visitor.visitor(), goes_on_alone=False
        )
    except HarError as error:
        show_error(error)
        return False
    st.query_params[parameter] = job_id
    return True


def under_way(parameter: str, describe: Callable[[JobStatus], tuple[float, str]]) -> bool:
    """Show how far it is, or why it has failed; whether there is one under way.

    Args:
        parameter: of the address, where its id may stand.
        describe: how far it is, from 0 to 1, and what it does.
    """
    job_id = st.query_params.get(parameter)
    if job_id is None:
        return False
    try:
        status = jobs().status(job_id)
    except JobMissing:
        return False
    if not status.state.settled:
        follow(job_id, describe)
        return True
    if status.state is JobState.FAILED:
        show_failure(status)
    return False
