"""What screens share: the jobs of the app, progress, errors."""

import logging
import math
import re
import runpy
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import streamlit as st
from streamlit import error_util

from har import journal
from har.errors import HarError
from har.housekeeping import Housekeeper
from har.jobs import Jobs, JobStatus

ASSETS = Path(__file__).parent / "assets"  # pictures by `make pictures`, the mark by hand
MARK = ASSETS / "mark.svg"
BARE = {"displayModeBar": False}  # a chart without buttons


def saved_as(name: str) -> dict[str, object]:
    """A chart with one button, which saves it as a picture under that name."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


_NOTED, _PAGE = "errors-noted", "page"  # in the session: what the journal has of it; there: what an error happened to
_BUG = (
    "Something went wrong on our side, and it is in the app's log. Other jobs are not affected. "
    "Trying again may help; another video or classifier will."
)


def jobs() -> Jobs:
    """The jobs of this app: one set for all visitors; each job's id is known to its owner alone."""
    return _work().jobs


class _Work:
    """The jobs, and what looks after them."""

    def __init__(self) -> None:
        journal.to_stderr()
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


def dress(title: str) -> None:
    """What all pages wear: the tab's title and icon, the mark beside the menu, and the few rules that no setting has.

    Args:
        title: of the page.
    """
    st.set_page_config(
        page_title=f"{title} · Human action recognition",
        page_icon=str(MARK),
        layout="wide",
        menu_items={"About": "Names the action on every frame of a video. [How it works](/how) shows how."},
    )
    st.logo(str(MARK), size="large")
    st.html(ASSETS / "face.css")


def start_app() -> None:
    """Run the whole app, for a page that Streamlit has run by itself.

    Streamlit takes every file in `pages/` for an app of its own until `st.navigation` is called for the first time. So
    the first visitor of a fresh server would get a bare page if they came by a link to it.
    """
    runpy.run_path(str(Path(__file__).parent.parent / "app.py"))


def plain(text: str) -> str:
    """Text from a stranger (a file's name, a label), with no meaning left in it for Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])", r"\\\1", " ".join(text.split()))


def show_error(error: BaseException) -> None:
    """What went wrong on a page, in words a visitor can act on; whoever runs the app finds its kind on Status.

    A page that runs again meets the same error again: it is noted once a session.
    """
    known, fault = st.session_state.setdefault(_NOTED, set()), (type(error).__name__, journal.place_of(error))
    if fault not in known:
        known.add(fault)
        journal.note("shown", error, kind=_PAGE)
    _show(error)


def show_failure(status: JobStatus, names: Mapping[str, str] | None = None) -> None:
    """Why a job has failed, which the queue has noted.

    Args:
        status: of a job that has failed.
        names: what its visitor calls the files that the message may speak of, by their names on this server.
    """
    error = status.error
    for ours, theirs in (names or {}).items():
        error = error.calling(ours, theirs) if isinstance(error, HarError) else error
    _show(error)


def _show(error: BaseException | None) -> None:
    st.error(plain(str(error)) if isinstance(error, HarError) else _BUG, icon=":material/error:")


class _ToJournal(logging.Handler):
    """Notes the errors in pages that nobody caught, of which Streamlit tells its own log alone."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and (error := record.exc_info[1]) is not None:
            journal.note("failed", error, kind=_PAGE)


@st.cache_resource(show_spinner=False)
def note_bugs() -> None:
    """Once after the app's start: what goes wrong in a page without anybody's catching it comes into the journal."""
    journal.to_stderr()
    st.set_option("logger.enableRich", False)  # it would print these errors past the log
    logging.getLogger(error_util.__name__).addHandler(_ToJournal())


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
