"""Tables, which visitors can download as CSV."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import ROOT


@pytest.mark.promise("hostile", "Tables that can be downloaded contain no formulas")
def test_no_text_in_a_table_is_a_formula():
    script = "from ui.tables import table\ntable({'name': ['=cmd|x', '@SUM(A1)', 'a=b'], 'count': [-1, 2, 3]})"
    shown = AppTest.from_string(script).run().dataframe[0].value
    assert shown["name"].tolist() == ["'=cmd|x", "'@SUM(A1)", "a=b"]
    assert shown["count"].tolist() == [-1, 2, 3]


def test_all_pages_make_their_tables_in_this_way():
    sources = [path for folder in ("ui", "pages") for path in (ROOT / folder).rglob("*.py") if path.name != "tables.py"]
    assert [
        path.name for path in sources if re.search(r"st[.](dataframe|data_editor)\b", path.read_text("utf-8"))
    ] == []
