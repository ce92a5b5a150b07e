"""Tests of ui, on pages run by Streamlit's AppTest."""
