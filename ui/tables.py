"""Tables, which visitors can download as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from har.exports import escape_formula


def table(columns: Mapping[str, Sequence[Any]], **options: Any) -> Any:
    """`st.dataframe` without its index, in which no text is a formula for a spreadsheet."""
    cells = {
        title: [escape_formula(value) if isinstance(value, str) else value for value in values]
        for title, values in columns.items()
    }
    return st.dataframe(cells, hide_index=True, **options)
