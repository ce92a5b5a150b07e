"""Runs for each visitor: navigation and page settings. The screens are in `pages/`, their parts in `ui/`."""

import sys

import streamlit as st

from har.errors import HarError
from pages import annotate, explore, home, how, shared, status, teach, train
from ui import jobs, messages, running_jobs, sharing, theme, visitor

messages.note_bugs()
jobs.wake()
page = st.navigation(
    [  # without icons: Streamlit would also show them in the browser's tab, from a font server
        st.Page(home.main, title="Home", default=True),
        st.Page(explore.main, title="Explore", url_path="explore"),
        st.Page(train.main, title="Train", url_path="train"),
        st.Page(teach.main, title="Teach", url_path="teach"),
        st.Page(annotate.main, title="Annotate", url_path="annotate"),
        st.Page(how.main, title="How it works", url_path="how"),
        st.Page(shared.main, title="Shared", url_path=sharing.PATH, visibility="hidden"),
        st.Page(home.main, title="Home", url_path="home", visibility="hidden"),
        st.Page(status.main, title="Status", url_path="status", visibility="hidden"),
    ],
    position="top",
)
theme.apply_theme(page.title)
visitor.owner()  # before the pages, which ask who the visitor is
running_jobs.show()
if "pandas" in sys.modules:  # wait where another run of a page is importing it: Plotly must not find half of it
    import pandas  # noqa: F401
try:
    page.run()
except HarError as error:  # such as a scheduler that any page may find unreachable
    messages.show_error(error)
