"""Download buttons whose files are made when they are pressed."""

import threading
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import ScriptRunContext, add_script_run_ctx, get_script_run_ctx

from har import sharing

_HELD_SEC = 120.0  # a browser fetches a file right after it is made


def download(label: str, make: Callable[[], bytes], name: str, mime: str, **options: object) -> None:
    """A download button.

    Args:
        label: on the button.
        make: returns the file's content; called in a thread when the button is pressed. On the page of a shared link it
            is called only if the link still works.
        name: of the file.
        mime: its type.
        options: of `st.download_button`.
    """
    st.download_button(label, _held(make, name, mime), name, mime, on_click="ignore", **options)  # type: ignore[arg-type]


def _held(make: Callable[[], bytes], name: str, mime: str) -> Callable[[], bytes]:
    """`make`, with its result kept for a while.

    Streamlit assigns a file made on demand to no session, and deletes it once any two page runs have ended, which are
    frequent while a page follows a job. So the file is also registered with this session.
    """
    context = get_script_run_ctx()
    link_id = st.query_params.get(sharing.PARAMETER)

    def make_and_hold() -> bytes:
        if link_id is not None:
            sharing.open_link(link_id)  # its owner may have ended it since the page was shown
        data = make()
        if context is not None and runtime.exists():
            _as_session(context, lambda: _hold(data, name, mime))
            timer = threading.Timer(_HELD_SEC, lambda: _release(context, name, mime))
            timer.daemon = True
            timer.start()
        return data

    return make_and_hold


def _hold(data: bytes, name: str, mime: str) -> None:
    files = runtime.get_instance().media_file_mgr
    files.add(data, mime, f"held-{name}", file_name=name, is_for_static_download=True)


def _release(context: ScriptRunContext, name: str, mime: str) -> None:
    """Replace the file with an empty one, unless the tab, and with it all its files, is closed."""
    if runtime.exists() and runtime.get_instance().is_active_session(context.session_id):
        _as_session(context, lambda: _hold(b"", name, mime))


def _as_session(context: ScriptRunContext, work: Callable[[], None]) -> None:
    """Run in a thread of that session: Streamlit finds the session by the thread."""
    thread = threading.Thread(target=work)
    add_script_run_ctx(thread, context)
    thread.start()
    thread.join()
