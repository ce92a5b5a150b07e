"""Ways between screens, by their addresses: no screen imports another."""

import runpy
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def start_app() -> None:
    """Run the whole app, for a page that Streamlit has run by itself.

    Streamlit takes every file in `pages/` for an app of its own until `st.navigation` is called for the first time. So
    the first visitor of a fresh server would get a bare page if they came by a link to it.
    """
    runpy.run_path(str(Path(__file__).parent.parent / "app.py"))


def page(address: str) -> StreamlitPage:
    """A screen, for `st.switch_page` and `st.page_link`: Streamlit knows pages by their addresses alone."""
    return st.Page(_nothing, title=address, url_path=address)


def _nothing() -> None:
    """Never run: `app.py` has the page that is behind the address."""
