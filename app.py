"""Starts the app: Streamlit's server, with limits around it, which runs `screens.py` for each visitor."""

import streamlit as st

from har.storage import private
from ui import server

private.hide_new_files()
app = st.App("screens.py", middleware=server.MIDDLEWARE)
