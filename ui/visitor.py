"""Whose runs these are: a secret that the visitor's browser keeps, since nobody logs in."""

import re
import secrets
from functools import partial

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from har.jobs import Visitor
from ui.theme import ASSETS

_SECRET = re.compile(r"[A-Za-z0-9_-]{22}")
_KNOWN = "owner"  # in the session: what the browser has told, or what was proposed to it

_component = st.components.v2.component("har_mine", js=(ASSETS / "mine.js").read_text(encoding="utf-8"))


def owner() -> str:
    """The secret that names this visitor's runs, 22 characters. To be called once in each run of a page, by the page.

    On the first run of a session it is a proposal. A browser that was here before answers with its own, and the page
    runs again.
    """
    known = known_owner()
    told = _component(key="mine", data={"known": known}, height=1, on_owner_change=_nothing).owner
    if isinstance(told, str) and _SECRET.fullmatch(told):
        st.session_state[_KNOWN] = told
    return known_owner()


def known_owner() -> str:
    """The same, for the parts of a page that has asked the browser."""
    return str(st.session_state.setdefault(_KNOWN, secrets.token_urlsafe(16)))


def visitor() -> Visitor:
    """Who looks at the page, for the queue: their browser with all its tabs, and whether this tab is still open."""
    context = get_script_run_ctx()
    session_id = context.session_id if context else ""
    return Visitor(st.session_state.get(_KNOWN, session_id), partial(_is_open, session_id))


def _is_open(session_id: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session_id)


def _nothing() -> None:
    """What the browser tells is seen in the component's value."""
