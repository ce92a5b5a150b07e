"""The whole app, without the scheduler it needs."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from har.errors import SchedulerUnreachable
from pages import annotate, home
from tests.conftest import ROOT
from ui import jobs, sharing

GONE = SchedulerUnreachable("No Dask scheduler answers at tcp://127.0.0.1:9.", "Long work needs it.", "Start it.")


@pytest.fixture(autouse=True)
def no_scheduler(monkeypatch):

    def fail():
        raise GONE

    monkeypatch.setattr(jobs, "Jobs", fail)
    jobs._work.clear()
    jobs._start.clear()


@pytest.mark.promise("jobs", "Pages say so when no scheduler answers")
@pytest.mark.parametrize("address", [{}, {"job": "a" * 22}])
def test_pages_report_that_no_scheduler_answers(monkeypatch, address):
    monkeypatch.setattr(home, "main", annotate.main)  # the page that opens first
    page = AppTest.from_file(str(ROOT / "screens.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    if not address:
        next(button for button in page.button if button.label == "Annotate").click().run()
    assert not page.exception
    assert "No Dask scheduler answers" in page.error[0].value


def test_screens_are_named_after_their_addresses():
    """Otherwise the first visitor after a start, who follows a link, reads that there is no such page."""
    addresses = {*re.findall(r'url_path="(\w+)"', (ROOT / "screens.py").read_text(encoding="utf-8")), sharing.PATH}
    assert {path.stem for path in (ROOT / "pages").glob("[!_]*.py")} == addresses
