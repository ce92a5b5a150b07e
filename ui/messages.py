"""What users read when something goes wrong, and names from users shown as plain text."""

import logging
import re
from collections.abc import Mapping

import streamlit as st
from streamlit import error_util

from har import log
from har.errors import HarError
from har.jobs import JobStatus

_NOTED, _PAGE = "errors-noted", "page"  # in the session: what the journal has of it; there: what an error happened to
_BUG = (
    "Something went wrong on our side, and it is in the app's log. Other jobs are not affected. "
    "Trying again may help; another video or classifier will."
)


def plain(text: str) -> str:
    """Text from a stranger (a file's name, a label), with no meaning left in it for Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~$:<>&])", r"\\\1", " ".join(text.split()))


def show_error(error: BaseException) -> None:
    """What went wrong on a page, in words a visitor can act on; whoever runs the app finds its kind on Status.

    A page that runs again meets the same error again: it is noted once a session.
    """
    known, fault = st.session_state.setdefault(_NOTED, set()), (type(error).__name__, log.place_of(error))
    if fault not in known:
        known.add(fault)
        log.note("shown", error, kind=_PAGE)
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
            log.note("failed", error, kind=_PAGE)


@st.cache_resource(show_spinner=False)
def note_bugs() -> None:
    """Once after the app's start: what goes wrong in a page without anybody's catching it comes into the journal."""
    log.to_stderr()
    st.set_option("logger.enableRich", False)  # it would print these errors past the log
    logging.getLogger(error_util.__name__).addHandler(_ToJournal())
