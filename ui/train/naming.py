"""Renaming a run."""

import streamlit as st

from har.errors import HarError
from har.runs import MAX_NAME, Run, rename_run
from ui.messages import show_error


def box(run: Run) -> None:
    """A button that opens a field with the run's name."""
    with st.popover("Rename", icon=":material/edit:"), st.form(f"rename-{run.id}", border=False):
        name = st.text_input(
            "Name", run.name, max_chars=MAX_NAME, help="Of the run and its classifier. Empty: the name it had at first."
        )
        if st.form_submit_button("Save the name", type="primary"):
            try:
                rename_run(run.id, name)
            except HarError as error:
                show_error(error)
            else:
                st.rerun()
