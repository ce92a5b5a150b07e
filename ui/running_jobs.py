"""A visitor's jobs in the header of every page: each waiting or running annotation and training, with a link to it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from har.annotation import annotate_job
from har.jobs import JobState, JobStatus
from har.progress import ANNOTATING, Stage, overall
from har.runs import train_run
from har.settings import settings
from har.storage import owners
from ui import navigation, visitor
from ui.jobs import find_status, started_jobs

_EVERY_SEC = 1.0
_MAX_VISITORS = 1000  # whose jobs are remembered


@dataclass(frozen=True)
class _Kind:
    """Jobs of one function."""

    page: str  # the address of the screen that shows them
    parameter: str  # of that address, for the job's id
    folder: Callable[[], Path]  # of all their folders
    running: Callable[[JobStatus], str]  # what it is doing, in a few words
    done: str


def _recognising(status: JobStatus) -> str:
    share = overall(status.events[-1], ANNOTATING) if status.events else 0.0
    return f"Recognising {share:.0%}"


def _training(status: JobStatus) -> str:
    epoch = next((event for event in reversed(status.events) if event.stage is Stage.TRAIN), None)
    return (
        "Training" if epoch is None else f"Training {min(int(epoch.done) + 1, int(epoch.total))} of {epoch.total:.0f}"
    )


_KINDS = {
    annotate_job.__name__: _Kind("annotate", "job", lambda: settings().jobs, _recognising, "Video is annotated"),
    train_run.__name__: _Kind("train", "run", lambda: settings().runs, _training, "Training is done"),
}


def show() -> None:
    """Show them, and follow them while there are any."""
    if (jobs := started_jobs()) is not None:
        me, seen = visitor.known_owner(), _seen()
        for job_id, kind in jobs.unfinished():
            if kind in _KINDS and owners.owner_of(_KINDS[kind].folder() / job_id) == me:
                seen[job_id] = kind
    # Always a container: without one, the elements below would change their positions when the last job is done.
    # Streamlit would then rebuild them: videos restart, boxes close, and what a visitor is typing is lost.
    with st.container():
        if _seen():
            st.fragment(_show, run_every=_EVERY_SEC)()


def _seen() -> dict[str, str]:
    """Kind of each job of this visitor that was unfinished, by its id, until its page is opened in any tab."""
    everybodys = _seen_by_visitor()
    for owner in list(everybodys)[:-_MAX_VISITORS]:
        everybodys.pop(owner, None)
    return everybodys.setdefault(visitor.known_owner(), {})


@st.cache_resource(show_spinner=False)
def _seen_by_visitor() -> dict[str, dict[str, str]]:
    """Of all visitors, the newest at the end."""
    return {}


def _show() -> None:
    seen = _seen()
    with st.container(key="running-jobs", horizontal=True, gap="xsmall"):
        for job_id, name in list(seen.items()):
            kind, status = _KINDS[name], find_status(job_id)
            is_open = st.query_params.get(kind.parameter) == job_id
            if status is None or status.state is JobState.STOPPED or (status.state.finished and is_open):
                seen.pop(job_id, None)  # another tab may have been faster
                continue
            text, icon = _look(kind, status)
            st.page_link(navigation.page(kind.page), label=text, icon=icon, query_params={kind.parameter: job_id})


def _look(kind: _Kind, status: JobStatus) -> tuple[str, str]:
    """What the link says, and its icon."""
    match status.state:
        case JobState.WAITING:
            return "Waiting", ":material/hourglass_top:"
        case JobState.RUNNING:
            return kind.running(status), ":material/hourglass_top:"
        case JobState.DONE:
            return kind.done, ":material/check_circle:"
        case _:
            return "Failed", ":material/error:"
