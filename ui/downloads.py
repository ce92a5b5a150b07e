"""Buttons for files to take away, which are made when they are asked for."""

import threading
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import ScriptRunContext, add_script_run_ctx, get_script_run_ctx

_HELD_SEC = 120.0  # a browser fetches a file right after it was made


def download(label: str, make: Callable[[], bytes], name: str, mime: str, **looks: object) -> None:
    """A button that gives a file.

    Args:
        label: on the button.
        make: called, in a thread, when somebody presses it.
        name: of the file.
        mime: its type.
        looks: more for `st.download_button`.
    """
    st.download_button(label, _held(make, name, mime), name, mime, on_click="ignore", **looks)  # type: ignore[arg-type]


def _held(make: Callable[[], bytes], name: str, mime: str) -> Callable[[], bytes]:
    """`make`, and what it gives is there for a while.

    Streamlit takes a file that was made on demand for nobody's: it is gone as soon as two runs of any visitors' pages
    have ended, and pages that follow a job run all the time. So it is also given to this session, as files are that
    stand on its page.
    """
    context = get_script_run_ctx()

    def make_and_hold() -> bytes:
        data = make()
        if context is not None and runtime.exists():
            _as_session(context, lambda: _hold(data, name, mime))
            timer = threading.Timer(_HELD_SEC, lambda: _let_go(context, name, mime))
            timer.daemon = True
            timer.start()
        return data

    return make_and_hold


def _hold(data: bytes, name: str, mime: str) -> None:
    files = runtime.get_instance().media_file_mgr
    files.add(data, mime, f"held-{name}", file_name=name, is_for_static_download=True)


def _let_go(context: ScriptRunContext, name: str, mime: str) -> None:
    """Nothing takes the file's place, unless the tab is closed and with it all of its files."""
    if runtime.exists() and runtime.get_instance().is_active_session(context.session_id):
        _as_session(context, lambda: _hold(b"", name, mime))


def _as_session(context: ScriptRunContext, work: Callable[[], None]) -> None:
    """Streamlit knows by its thread for whom something is done."""
    thread = threading.Thread(target=work)
    add_script_run_ctx(thread, context)
    thread.start()
    thread.join()
