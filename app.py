"""Starts the app: navigation and page settings. The screens are in `pages/`, their parts in `ui/`."""

import sys

import streamlit as st

from har.errors import HarError
from pages import annotate, explore, home, how, shared, status, train
from ui import jobs, messages, sharing, theme

messages.note_bugs()
jobs.wake()
page = st.navigation(
    [
        st.Page(home.main, title="Home", icon=":material/home:", default=True),
        st.Page(explore.main, title="Explore", icon=":material/grid_view:", url_path="explore"),
        st.Page(train.main, title="Train", icon=":material/model_training:", url_path="train"),
        st.Page(annotate.main, title="Annotate", icon=":material/movie:", url_path="annotate"),
        st.Page(how.main, title="How it works", icon=":material/school:", url_path="how"),
        st.Page(shared.main, title="Shared", icon=":material/share:", url_path=sharing.PATH, visibility="hidden"),
        st.Page(home.main, title="Home", icon=":material/home:", url_path="home", visibility="hidden"),
        st.Page(status.main, title="Status", icon=":material/monitor_heart:", url_path="status", visibility="hidden"),
    ],
    position="top",
)
theme.apply_theme(page.title)
if "pandas" in sys.modules:  # wait where another run of a page is importing it: Plotly must not find half of it
    import pandas  # noqa: F401
try:
    page.run()
except HarError as error:  # such as a scheduler that any page may find unreachable
    messages.show_error(error)
