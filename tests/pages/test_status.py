"""What Status shows to everybody, and what only to whoever has the key."""

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from har import log
from har.errors import NotAVideo, SettingsError
from har.jobs import JobState, JobSummary, Lane
from har.settings import Settings, settings
from tests.ui.data_pages import ran, texts

KEY = "a-key-of-the-owner-0123"


class Overview:
    def __init__(self, *known):
        self.known = known

    def overview(self):
        return self.known


def summary(state, kind="annotate_for_page"):
    return JobSummary(kind, Lane.COMPUTE, state, 90.0)


@pytest.fixture(autouse=True)
def keyed(monkeypatch):
    limits = settings().model_copy(update={"owner_key": SecretStr(KEY)})
    monkeypatch.setattr("pages.status.settings", lambda: limits)


def open_status(use_jobs, *known, **query):
    use_jobs(Overview(*known))
    page = AppTest.from_string("from pages import status\nstatus.main()", default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return ran(page)


def headers(page):
    return [element.value for element in page.header]


def test_everybody_sees_whether_it_is_busy_and_nothing_else(monkeypatch):
    page = open_status(use_jobs)
    assert "Free" in texts(page)
    assert headers(page) == []
    page = open_status(use_jobs, summary(JobState.RUNNING), summary(JobState.WAITING))
    assert "Busy" in texts(page)
    assert {metric.label: metric.value for metric in page.metric} | {"Room on the disk": ""} == {
        "Jobs at work": "1",
        "Jobs waiting": "1",
        "Room on the disk": "",
    }
    assert "At work" in texts(open_status(use_jobs, summary(JobState.RUNNING)))


@pytest.mark.parametrize("key", ["", "wrong", KEY[:-1], KEY + "x", "ключ"])
def test_a_wrong_key_shows_what_no_key_shows(monkeypatch, key):
    assert headers(open_status(use_jobs, owner=key)) == []


@pytest.mark.parametrize("key", ["", "None"])
def test_without_a_key_in_the_settings_nothing_opens(monkeypatch, key):
    monkeypatch.setattr("pages.status.settings", settings)
    assert settings().owner_key is None
    assert headers(open_status(use_jobs, owner=key)) == []


def test_the_owner_sees_memory_disk_jobs_and_errors_without_names(monkeypatch):
    log.note("failed", NotAVideo("'holiday.mp4' came.", "A video was due.", "Convert it."), kind="annotate_for_page")
    page = open_status(use_jobs, summary(JobState.RUNNING, "train_run"), owner=KEY)
    assert [text.split(":")[0] for text in headers(page)] == ["Memory", "Disk", "Jobs", "Last errors"]
    tables = [frame.value for frame in page.dataframe]
    assert list(tables[-2]["kind"]) == ["train_run"]
    assert list(tables[-2]["minutes"]) == [1.5]
    assert tables[-1]["error"][0] == "NotAVideo"
    assert not any("holiday" in frame.to_string() for frame in tables)


def test_a_key_that_is_easily_guessed_is_refused_and_not_printed(monkeypatch):
    monkeypatch.setenv("HAR_OWNER_KEY", "short")
    with pytest.raises(SettingsError) as refused:
        settings.__wrapped__()
    assert "HAR_OWNER_KEY" in str(refused.value)
    assert "short" not in str(refused.value).replace("shorter", "")
    assert Settings.model_fields["owner_key"].default is None
