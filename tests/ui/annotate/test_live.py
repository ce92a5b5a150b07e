"""A job's page while it works: when the player comes, and what it is told. In Chromium: tests/browser/test_live.py."""

import pytest

from har.jobs import JobState, JobStatus
from har.recognition import Scoring
from har.results import SCORES, LabelOptions, open_annotation, partial
from har.results.store import Notes
from har.timeline import TimelineOptions, WindowScores, load_scores
from tests.pages.test_annotate import FakeJobs
from tests.pages.test_shared import open_own
from tests.ui.data_pages import ran, texts
from tests.ui.shared_pages import annotated, packed

SHARP = LabelOptions(timeline=TimelineOptions(smooth_sec=0.0, min_sec=0.0))


@pytest.fixture
def jobs(use_jobs):
    jobs = use_jobs(FakeJobs())
    return jobs


@pytest.fixture
def working(jobs, monkeypatch):
    """A result as it was while the work went on: something to play, and two of three windows."""
    for pause in ("_EVERY_SEC", "_SHARE"):
        monkeypatch.setattr(partial, pause, -1.0)
    result = annotated()
    done, scored = open_annotation(result.folder), load_scores(result.folder / SCORES)
    (result.folder / "notes.json").unlink()
    keep = partial.begin(result.folder, Notes(done.info, done.card, SHARP))
    scores = scored.scores

    def come_to(count):
        parts = (scores.start_sec, scores.end_sec, scores.probabilities)
        keep(lambda: WindowScores(scores.labels, *(part[:count] for part in parts)))

    result_of(jobs, result, 10.0)
    return result, come_to


def players(page):
    return [part for part in page.get("bidi_component") if part.proto.component_name.endswith("har_player")]


def result_of(jobs, result, running_sec, state=JobState.RUNNING):
    jobs.known[result.id] = JobStatus(result.id, state, 0, (Scoring(2.0, 3.0),), running_sec)


def test_the_player_comes_as_soon_as_there_is_something_to_play_and_grows(working):
    result, come_to = working
    page = open_own(result)
    assert "timeline fills while" in texts(page)
    url = page.get("video")[0].proto.url
    assert not players(page)
    come_to(2)
    first = packed(ran(page))
    assert first["growing"]
    assert 0 < first["known"] < first["times"]["count"] == 30
    assert first["duration"] == 3.0
    come_to(3)
    second = packed(ran(page))
    assert second["known"] > first["known"]
    assert second["segments"][0][:3] == [*first["segments"][0][:1], second["segments"][0][1], first["segments"][0][2]]
    assert page.get("video")[0].proto.url == url


def test_what_is_over_soon_shows_no_player_before_its_result(jobs, working):
    result, come_to = working
    come_to(2)
    result_of(jobs, result, 2.0)
    page = open_own(result)
    assert not page.get("video")
    assert "address of this page leads back here" in texts(page)


def test_without_anything_to_play_the_work_goes_on_as_before(working):
    result, come_to = working
    come_to(2)
    (result.folder / "proxy.mp4").unlink()
    page = open_own(result)
    assert not page.get("video")
    assert not players(page)
