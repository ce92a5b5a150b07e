"""Links between screens by their addresses: no screen imports another."""

import runpy
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage


def start_app() -> None:
    """Run the whole app from a page that Streamlit has run on its own.

    Until `st.navigation` is called for the first time, Streamlit treats every file in `pages/` as a page. So the first
    visitor after a start would get a bare page if they followed a link to it; and "Page not found" if the file were not
    named after the page's address.
    """
    runpy.run_path(str(Path(__file__).parent.parent / "screens.py"))


def page(address: str) -> StreamlitPage:
    """A screen, for `st.switch_page` and `st.page_link`: Streamlit knows pages by their addresses alone."""
    return st.Page(lambda: None, title=address, url_path=address)  # never called: `screens.py` has that page
