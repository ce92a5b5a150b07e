"""A job's page while it runs: when the player appears, and its data. In a browser: tests/browser/test_live.py."""

import pytest

from har.jobs import JobState
from har.progress import Progress, Stage
from har.results import SCORES, LabelOptions, open_annotation, partial
from har.results.store import Notes
from har.timeline import TimelineOptions, WindowScores, load_scores
from tests.ui.data_pages import open_script, ran, texts
from tests.ui.shared_pages import open_own, packed

SHARP = LabelOptions(timeline=TimelineOptions(smooth_sec=0.0, min_sec=0.0))


@pytest.fixture
def working(result, jobs, monkeypatch):
    """A job that is running: a video to play, and some of the scores."""
    for pause in ("_INTERVAL_SEC", "_TIME_SHARE"):
        monkeypatch.setattr(partial, pause, -1.0)
    done, scored = open_annotation(result.folder), load_scores(result.folder / SCORES)
    (result.folder / "notes.json").unlink()
    keep = partial.start_partial(result.folder, Notes(done.info, done.card, SHARP))
    scores = scored.scores

    def advance_to(count):
        parts = (scores.start_sec, scores.end_sec, scores.probabilities)
        keep(lambda: WindowScores(scores.labels, *(part[:count] for part in parts)))

    result_of(jobs, result, 10.0)
    return result, advance_to


def players(page):
    return [part for part in page.get("bidi_component") if part.proto.component_name.endswith("har_player")]


def result_of(jobs, result, running_sec):
    jobs.set_status(JobState.RUNNING, Progress(Stage.SCORE, 2.0, 3.0), job_id=result.id, running_sec=running_sec)


def test_the_player_appears_with_the_video_and_its_timeline_grows(working):
    result, advance_to = working
    page = open_own(result)
    assert "the timeline fills in" in texts(page)
    url = page.get("video")[0].proto.url
    assert not players(page)
    advance_to(2)
    first = packed(ran(page))
    assert first["growing"]
    assert 0 < first["known"] < first["times"]["count"] == 30
    assert first["duration"] == 3.0
    advance_to(3)
    second = packed(ran(page))
    assert second["known"] > first["known"]
    assert [second["segments"][0][part] for part in (0, 2)] == [first["segments"][0][part] for part in (0, 2)]
    assert page.get("video")[0].proto.url == url


def test_a_short_job_shows_no_player_before_its_result(jobs, working):
    result, advance_to = working
    advance_to(2)
    result_of(jobs, result, 2.0)
    page = open_own(result)
    assert not page.get("video")
    assert "come back to its address" in texts(page)


def test_without_a_video_there_is_no_player(working):
    result, advance_to = working
    advance_to(2)
    (result.folder / "proxy.mp4").unlink()
    page = open_own(result)
    assert not page.get("video")
    assert not players(page)


def test_of_a_job_that_is_gone_there_is_no_player():
    assert not players(open_script("from ui.annotate import live\nlive._watch('gone-since-the-page-was-drawn')"))
