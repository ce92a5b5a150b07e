"""What Status shows to every visitor, and what only to the owner."""

import threading

import pytest
from pydantic import SecretStr

from har import log
from har.errors import NotAVideo, SettingsError
from har.jobs import JobState, JobSummary, Lane
from har.settings import Settings, reload_settings, settings
from pages import status
from tests.ui.data_pages import open_screen, texts

KEY = "a-key-of-the-owner-0123"


def summary(state, kind="annotate_video"):
    return JobSummary(kind, Lane.COMPUTE, state, 90.0)


def open_status(jobs, *summaries, **query):
    jobs.summaries = summaries
    return open_screen("status", **query)


def headers(page):
    return [element.value for element in page.header]


def test_every_visitor_sees_the_load_and_nothing_else(jobs, override):
    override(owner_key=SecretStr(KEY))
    page = open_status(jobs)
    assert "Free" in texts(page)
    assert headers(page) == []
    page = open_status(jobs, summary(JobState.RUNNING), summary(JobState.WAITING))
    assert "Busy" in texts(page)
    values = {metric.label: metric.value for metric in page.metric}
    assert values.pop("Free disk space").endswith("GB")
    assert values == {"Jobs running": "1", "Jobs waiting": "1"}
    assert "Running a job" in texts(open_status(jobs, summary(JobState.RUNNING)))


@pytest.mark.promise("private", "The private part of Status opens only with the owner's key")
@pytest.mark.parametrize("key", ["", "wrong", KEY + "x", "ключ"])
def test_wrong_key_shows_the_same_as_no_key(jobs, override, key):
    override(owner_key=SecretStr(KEY))
    assert headers(open_status(jobs, owner=key)) == []


def test_wrong_keys_are_looked_at_one_after_another_and_do_not_delay_the_right_one(jobs, override):
    override(owner_key=SecretStr(KEY))
    with status._one_wrong_key:  # as while another wrong key is looked at
        wrong = threading.Thread(target=status.is_owner, args=("wrong",))
        wrong.start()
        assert status.is_owner(KEY)
        assert wrong.is_alive()
    wrong.join()


@pytest.mark.parametrize("key", ["", "None"])
def test_without_a_key_in_the_settings_no_key_is_accepted(jobs, key):
    assert settings().owner_key is None
    assert headers(open_status(jobs, owner=key)) == []


@pytest.mark.promise("private", "Status shows no names, titles or ids")
def test_owner_sees_memory_disk_jobs_and_errors_without_names(jobs, override):
    override(owner_key=SecretStr(KEY))
    log.record("failed", NotAVideo("'holiday.mp4' came.", "A video is needed.", "Convert it."), kind="annotate_video")
    page = open_status(jobs, summary(JobState.RUNNING, "train_run"), owner=KEY)
    assert [text.split(":")[0] for text in headers(page)] == ["Memory", "Disk", "Jobs", "Recent errors"]
    tables = [frame.value for frame in page.dataframe]
    assert list(tables[-2]["kind"]) == ["train_run"]
    assert list(tables[-2]["minutes"]) == [1.5]
    assert tables[-1]["error"][0] == "NotAVideo"
    assert not any("holiday" in frame.to_string() for frame in tables)


def test_weak_key_is_refused_and_not_printed(monkeypatch):
    monkeypatch.setenv("HAR_OWNER_KEY", "short")
    reload_settings()
    with pytest.raises(SettingsError) as refused:
        settings()
    assert "HAR_OWNER_KEY" in str(refused.value)
    assert "short" not in str(refused.value).replace("shorter", "")
    assert Settings.model_fields["owner_key"].default is None


@pytest.mark.parametrize("value", ["auto", "0", "0.5"])
def test_the_memory_of_a_worker_is_a_number_of_bytes(monkeypatch, value):
    monkeypatch.setenv("HAR_WORKER_MEMORY", value)
    reload_settings()
    with pytest.raises(SettingsError, match="HAR_WORKER_MEMORY"):
        settings()
