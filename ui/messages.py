"""Error messages, and text from users shown as plain text."""

import logging
import re
from collections.abc import Mapping

import streamlit as st
from streamlit import error_util

from har import log
from har.errors import HarError
from har.jobs import JobState, JobStatus
from har.labels import display_name

_ADDRESS = re.compile(r"https?:(?=//)|www(?=[.])|[^\s@](?=@)", re.IGNORECASE)  # where one begins
_FOLDERS = re.compile(r"(?<![\w:/.<])/(?:[^/\n'\"]+?/)+(?=[^/\s])")  # of an absolute path; not of a web address
_NOTED, _PAGE = "errors-noted", "page"  # in the session: errors in the log; in the log: where they happened
_BUG = (
    "Something went wrong on our side; the error is in the app's log. Other jobs are not affected. "
    "Try again, or try another video or classifier."
)


def plain(text: str) -> str:
    """Text from a user (a file's name, a label) as Markdown that shows it unchanged; all pages use this.

    Everything that means something in Markdown is escaped. An invisible word joiner keeps addresses from becoming
    links: Streamlit looks for them after it has resolved the escapes.
    """
    text = _ADDRESS.sub("\\g<0>\u2060", text)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])", r"\\\1", " ".join(text.split()))


def label_name(label: str) -> str:
    """A label in words, as Markdown."""
    return plain(display_name(label))


def show_error(error: BaseException) -> None:
    """Show an error that happened on a page, and log it once per session; Status lists its kind."""
    known, fault = st.session_state.setdefault(_NOTED, set()), (type(error).__name__, log.source_location(error))
    if fault not in known:
        known.add(fault)
        log.record("shown", error, kind=_PAGE)
    _show(error)


def show_failure(status: JobStatus, names: Mapping[str, str] | None = None) -> None:
    """Show why a job has failed, with the visitor's `names` for files, by ours; the queue has logged the error."""
    error = status.error
    for ours, theirs in (names or {}).items():
        error = error.renaming(ours, theirs) if isinstance(error, HarError) else error
    _show(error)


def show_remarks(status: JobStatus | None) -> None:
    """Show the remarks that the job of a film returns; the address may name any other job."""
    if status is not None and status.state is JobState.DONE and isinstance(status.result, tuple):
        for remark in status.result:
            st.info(plain(str(remark)), icon=":material/info:")


def without_paths(text: str) -> str:
    """A message without the folders of this server: only the last part of a path remains."""
    return _FOLDERS.sub("", text)


def _show(error: BaseException | None) -> None:
    st.error(plain(without_paths(str(error))) if isinstance(error, HarError) else _BUG, icon=":material/error:")


class _ToLog(logging.Handler):
    """Logs uncaught errors in pages, which Streamlit writes to its own log alone."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and (error := record.exc_info[1]) is not None:
            log.record("failed", error, kind=_PAGE)


@st.cache_resource(show_spinner=False)
def note_bugs() -> None:
    """Log uncaught errors in pages from the start of the app on."""
    log.log_to_stderr()
    st.set_option("logger.enableRich", False)  # it would print these errors past the log
    logging.getLogger(error_util.__name__).addHandler(_ToLog())
