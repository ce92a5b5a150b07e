"""Home: three doors, and a result without waiting."""

import pytest
from streamlit.testing.v1 import AppTest

from har import results
from har.errors import DiskFull
from pages import home
from tests.ui.data_pages import press, ran, texts
from ui.annotate import result

SCRIPT = "from pages import home\nhome.main()"


@pytest.fixture
def went(monkeypatch):
    """Where the page leads, in place of going there."""
    ways = []
    monkeypatch.setattr(home.st, "switch_page", lambda page, query_params=None: ways.append((page, query_params)))
    return ways


@pytest.fixture
def page(went):
    return ran(AppTest.from_string(SCRIPT, default_timeout=60))


@pytest.mark.parametrize("name", ["Explore", "Train", "Annotate"])
def test_each_door_leads_to_its_page(page, went, name):
    press(page, f"Go to {name}")
    assert [way.url_path for way, _ in went] == [name.lower()]


def test_a_sample_result_opens_as_the_visitors_own(page, went):
    press(page, "Open a sample result")
    ((way, query),) = went
    assert way.url_path == "annotate"
    assert result.is_there(query["job"])
    press(page, "Open a sample result")  # again: the same, not another folder
    assert went[1][1] == query


def test_a_sample_result_whose_time_is_up_is_made_anew(page, went, monkeypatch):
    press(page, "Open a sample result")
    monkeypatch.setattr(result, "is_there", lambda job_id: False)
    press(page, "Open a sample result")
    assert went[0][1] != went[1][1]


def test_two_visitors_do_not_share_it(page, went):
    press(page, "Open a sample result")
    press(ran(AppTest.from_string(SCRIPT, default_timeout=60)), "Open a sample result")
    assert went[0][1] != went[1][1]


def test_a_full_disk_is_told(page, went, monkeypatch):
    def full(folder):
        raise DiskFull("There is no room.", "Some is needed.", "Try again.")

    monkeypatch.setattr(results, "open_sample", full)
    press(page, "Open a sample result")
    assert "There is no room" in page.error[0].value
    assert not went


def test_it_says_what_runs_where_and_what_it_cannot_do(page):
    told = texts(page)
    assert "200 MB" in told
    assert "24 hours" in told
    assert "at most 400" in told
