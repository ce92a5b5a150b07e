"""Starts the app: navigation and page settings. The screens are in `pages/`, everything they do is in `har`."""

import streamlit as st

st.set_page_config(page_title="Human action recognition", page_icon=":material/directions_run:", layout="wide")
st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/annotate.py", title="Annotate", icon=":material/movie:", url_path="annotate"),
    ],
    position="top",
).run()
