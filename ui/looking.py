"""Long looks through a data set, which every visitor waits for only once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import streamlit as st

from har.datasets import Dataset
from har.datasets.scan import Drawing, Looking
from har.errors import JobMissing
from har.jobs import JobState, JobStatus, Lane, Visitor
from ui import visitor
from ui.jobs import follow, jobs
from ui.messages import show_failure

Look = Callable[..., Dataset]  # of `har.datasets.scan`
_KEPT = 8  # results
_LEFT = "look-left"  # in the session: the job for which this visitor does not wait any more


@dataclass
class _Looks:
    """What was found, and who is still looking; by what was done to which data set."""

    found: dict[str, Dataset] = field(default_factory=dict)
    looking: dict[str, str] = field(default_factory=dict)  # the ids of jobs
    waiting: dict[str, dict[str, Visitor]] = field(default_factory=dict)  # for a job of that id, by their own ids


@st.cache_resource(show_spinner=False)
def _looks() -> _Looks:
    return _Looks()


def begun(look: Look, dataset: Dataset, name: str) -> bool:
    """Whether anybody has looked through a data set, or is about to."""
    looks, key = _looks(), _key(look, dataset, name)
    status = _status(looks.looking.get(key))
    return key in looks.found or (status is not None and status.state is not JobState.STOPPED)


def seen(look: Look, dataset: Dataset, name: str, *, begin: bool) -> Dataset | None:
    """What a look through a data set gives, once it is done; until then its progress is shown.

    Args:
        look: what is done.
        dataset: as it was opened.
        name: by which the job opens it.
        begin: whether to begin if nobody has.
    """
    looks, key = _looks(), _key(look, dataset, name)
    if key in looks.found:
        return looks.found[key]
    status = _status(looks.looking.get(key))
    if not begin and (status is None or status.state is JobState.STOPPED):
        return None
    if status is None:
        looks.looking[key] = jobs().submit(look, name, lane=Lane.DATA)
        status = jobs().status(looks.looking[key])
    if status.state is JobState.DONE:
        looks.waiting.pop(status.id, None)
        while len(looks.found) >= _KEPT:
            looks.found.pop(next(iter(looks.found)))
        looks.found[key] = status.result
        return looks.found[key]
    if status.state.settled:
        looks.waiting.pop(status.id, None)
        if status.state is JobState.FAILED:
            show_failure(status)
        else:
            st.info("Cancelled. What was found until then is kept.", icon=":material/stop_circle:")
        if st.button("Try again" if status.state is JobState.FAILED else "Go on", key=f"again-{key}"):
            looks.looking.pop(key, None)
            st.rerun()
        return None
    _wait(status.id)
    return None


def _wait(job_id: str) -> None:
    """Progress of a look that others may wait for too: it ends when all of them have cancelled."""
    if st.session_state.get(_LEFT) == job_id:
        st.info("Cancelled for you. Somebody else waits for it, so it goes on.", icon=":material/stop_circle:")
        if st.button("Wait for it after all", key=f"wait-{job_id}"):
            del st.session_state[_LEFT]
            st.rerun()
        return
    me = visitor.visitor()
    _looks().waiting.setdefault(job_id, {})[me.id] = me
    follow(job_id, _describe, partial(_leave, job_id, me))


def _leave(job_id: str, me: Visitor) -> None:
    waiting = _looks().waiting.get(job_id, {})
    waiting.pop(me.id, None)
    if any(other.is_there() for other in waiting.values()):
        st.session_state[_LEFT] = job_id
        st.rerun()
    jobs().stop(job_id)


def _key(look: Look, dataset: Dataset, name: str) -> str:
    return f"{look.__name__} {name} {len(dataset.videos)}"


def _status(job_id: str | None) -> JobStatus | None:
    try:
        return jobs().status(job_id) if job_id else None
    except JobMissing:
        return None


def _describe(status: JobStatus) -> tuple[float, str]:
    match status.events[-1] if status.events else None:
        case Drawing(done, total):
            return done / max(total, 1), f"Drawing: {done} of {total} clips"
        case Looking(done, total):
            return done / max(total, 1), f"Looking into {done} of {total} clips"
    return 0.0, "Beginning"
