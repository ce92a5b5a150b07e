"""What the owner of a data set should know: files that were skipped, and notes."""

from collections.abc import Sequence

import streamlit as st

from har.datasets import Note, Skipped
from ui.formatting import format_count
from ui.messages import plain
from ui.tables import table


def show(skipped: Sequence[Skipped], notes: Sequence[Note]) -> None:
    """Show notes as warnings, and skipped files as a table that can be opened."""
    for note in notes:
        st.warning(plain(f"{note.name}: {note.reason}."), icon=":material/rule:")
    if skipped:
        with st.expander(f"{format_count(len(skipped), 'file')} skipped"):
            table({"file": [item.name for item in skipped], "reason": [item.reason for item in skipped]})
