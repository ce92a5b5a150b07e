"""Starts the app: Streamlit's server with middleware that limits uploads. It runs `screens.py` for each visitor."""

import streamlit as st

from har import memory
from har.storage import private
from ui import server

private.hide_new_files()
memory.share_heaps()
app = st.App("screens.py", middleware=server.MIDDLEWARE)
