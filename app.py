"""Starts the app: Streamlit's server, with limits around it, which runs `screens.py` for each visitor."""

import streamlit as st

from ui import server

app = st.App("screens.py", middleware=server.MIDDLEWARE)
