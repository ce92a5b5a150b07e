"""The whole app, where something it needs is not there."""

import pytest
from streamlit.testing.v1 import AppTest

from har.errors import SchedulerUnreachable
from pages import annotate, home
from tests.conftest import ROOT
from ui import jobs

GONE = SchedulerUnreachable("No Dask scheduler answers at tcp://127.0.0.1:9.", "Long work needs it.", "Start it.")


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """Nobody does the work."""

    def fail():
        raise GONE

    monkeypatch.setattr(jobs, "Jobs", fail)
    jobs._work.clear()
    jobs.wake.clear()


@pytest.mark.promise("jobs", "Pages say so when no scheduler answers")
@pytest.mark.parametrize("address", [{}, {"job": "a" * 22}])
def test_where_nobody_does_the_work_pages_say_so(monkeypatch, address):
    monkeypatch.setattr(home, "main", annotate.main)  # on the page that opens first
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    page.run()
    if not address:
        next(button for button in page.button if button.label == "Annotate").click().run()
    assert not page.exception
    assert "No Dask scheduler answers" in page.error[0].value
