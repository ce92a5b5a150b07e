"""What screens share: the jobs of the app, progress, errors."""

import math
import re
import runpy
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from har import journal
from har.errors import HarError
from har.housekeeping import Housekeeper
from har.jobs import Jobs, JobStatus
from har.runs import Keeper

ASSETS = Path(__file__).parent / "assets"  # made by `make pictures`
BARE = {"displayModeBar": False}  # a chart without buttons


def saved_as(name: str) -> dict[str, object]:
    """A chart with one button, which saves it as a picture under that name."""
    return {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


_BUG = (
    "Something went wrong on our side, and it is in the app's log. Other jobs are not affected. "
    "Trying again may help; another video or classifier will."
)


def jobs() -> Jobs:
    """The jobs of this app: one set for all visitors; each job's id is known to its owner alone."""
    return _work().jobs


class _Work:
    """The jobs, and who looks after them."""

    def __init__(self) -> None:
        journal.to_stderr()
        self.jobs = Jobs()
        self._keepers = (Keeper(self.jobs), Housekeeper(self.jobs))

    def end(self) -> None:
        for keeper in self._keepers:
            keeper.close()
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
    """What went wrong, in words a visitor can act on."""
    st.error(plain(str(error)) if isinstance(error, HarError) else _BUG, icon=":material/error:")


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


def follow(job_id: str, describe: Callable[[JobStatus], tuple[float, str]]) -> None:
    """Progress of a job with a button to cancel it, until it settles; then the page runs again, once.

    Args:
        job_id: a job of `jobs()`.
        describe: from its status to the share that is done, 0 to 1, and what happens now.
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
            jobs().stop(job_id)
            st.rerun(scope="fragment")

    progress()
