"""Who the visitor is: a secret stored in their browser, as there are no logins."""

import re
import secrets
from functools import partial

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from har.jobs import Visitor
from ui.theme import component

_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
_KNOWN = "owner"  # in the session: the browser's secret, or the one proposed to it

_component = component("har_mine", "mine.js")


def owner() -> str:
    """The secret that identifies this visitor, 22 characters. `screens.py` calls it once per run.

    On the first run of a session it is a proposal. If the browser has one, it answers, and the page runs again.
    """
    known = known_owner()
    answer = _component(key="mine", data={"known": known}, height=1, on_owner_change=lambda: None).owner
    if isinstance(answer, str) and _SECRET.fullmatch(answer):
        st.session_state[_KNOWN] = answer
    return known_owner()


def known_owner() -> str:
    """The same for the parts of a page that has called `owner`."""
    return str(st.session_state.setdefault(_KNOWN, secrets.token_urlsafe(16)))


def visitor() -> Visitor:
    """The visitor, as the queue knows them: their browser with all its tabs, and whether this tab is still open."""
    context = get_script_run_ctx()
    session_id = context.session_id if context else ""
    return Visitor(st.session_state.get(_KNOWN, session_id), partial(_is_open, session_id))


def _is_open(session_id: str) -> bool:
    return not runtime.exists() or runtime.get_instance().is_active_session(session_id)
