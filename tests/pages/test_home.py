"""Home: links to the screens, and a sample result without waiting."""

import pytest

from har import results
from har.errors import DiskFull
from pages import home
from tests.ui.data_pages import open_screen, press, texts
from ui.annotate import result


@pytest.fixture
def visited(monkeypatch):
    """The pages that are switched to."""
    pages = []
    monkeypatch.setattr(home.st, "switch_page", lambda page, query_params=None: pages.append((page, query_params)))
    return pages


@pytest.fixture
def page(visited):
    return open_screen("home")


@pytest.mark.parametrize("name", ["Explore", "Train", "Annotate"])
def test_each_button_leads_to_its_screen(page, visited, name):
    press(page, f"Go to {name}")
    assert [target.url_path for target, _ in visited] == [name.lower()]


def test_a_sample_result_opens_as_the_visitors_own(page, visited):
    press(page, "Open a sample result")
    ((target, query),) = visited
    assert target.url_path == "annotate"
    assert result.is_there(query["job"])
    press(page, "Open a sample result")  # the same result again
    assert visited[1][1] == query


def test_an_expired_sample_result_is_made_again(page, visited, monkeypatch):
    press(page, "Open a sample result")
    monkeypatch.setattr(result, "is_there", lambda job_id: False)
    press(page, "Open a sample result")
    assert visited[0][1] != visited[1][1]


def test_visitors_do_not_share_a_sample_result(page, visited):
    press(page, "Open a sample result")
    press(open_screen("home"), "Open a sample result")
    assert visited[0][1] != visited[1][1]


def test_a_full_disk_is_reported(page, visited, monkeypatch):
    def full(folder):
        raise DiskFull("There is no room.", "Some is needed.", "Try again.")

    monkeypatch.setattr(results, "copy_bundled_sample", full)
    press(page, "Open a sample result")
    assert "There is no room" in page.error[0].value
    assert not visited


def test_limits_are_stated(page):
    told = texts(page)
    assert "200 MB" in told
    assert "24 hours" in told
    assert "at most 400" in told
