"""The player while a job runs: its timeline fills, and playing and seeking are not interrupted."""

import re
import shutil

import numpy as np
import pytest
from playwright.sync_api import expect

from har.results import SCORES, open_annotation, partial
from har.results.store import Notes
from har.storage import atomic
from har.timeline import WindowScores, load_scores
from tests.browser.conftest import Visitors, serve
from tests.browser.live_app import STATE
from tests.browser.made import FRAMES, make_result

PLAN = [0, 0, 0, 0, None, None, None, 1, 1, 1, 2, 2, 2, 0, 0, 1, 1]  # of half seconds
_ROOT = "[...document.querySelectorAll('*')].map((one) => one.shadowRoot).find((one) => one?.querySelector('.player'))"
_BARS = f"""[...(({_ROOT})?.querySelectorAll(".segments .bar") ?? [])]
  .map((bar) => [parseFloat(bar.style.left), parseFloat(bar.style.width), bar.style.getPropertyValue('--colour')])"""


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The page with a job that the test controls."""
    with serve(tmp_path_factory, "tests/browser/live_app.py") as app:
        yield app


@pytest.fixture(scope="module")
def visitors(browser, live):
    return Visitors(browser, live.url)


class Working:
    """A job's folder on its way to the result that is kept aside."""

    def __init__(self, home):
        self.folder = make_result(home, PLAN).folder
        done = open_annotation(self.folder)
        self.scored = load_scores(self.folder / SCORES)
        (self.folder / "notes.json").rename(self.folder / "kept.json")
        atomic.write_text(self.folder / STATE, "running")
        self.keep = partial.start_partial(self.folder, Notes(done.info, done.card, done.options))

    def advance_to(self, window_count, monkeypatch):
        monkeypatch.setattr(partial, "_INTERVAL_SEC", -1.0)
        monkeypatch.setattr(partial, "_TIME_SHARE", -1.0)
        scores = self.scored.scores
        parts = (scores.start_sec, scores.end_sec, scores.probabilities)
        self.keep(lambda: WindowScores(scores.labels, *(part[:window_count] for part in parts)))

    def end(self):
        shutil.copy(self.folder / "kept.json", self.folder / "notes.json")
        partial.remove_partial(self.folder)
        atomic.write_text(self.folder / STATE, "done")


def test_the_timeline_fills_without_interrupting_the_video(page, live, monkeypatch):
    job = Working(live.home)
    page.goto(f"/?job={job.folder.name}&threshold=0.4&smoothing=0")
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    video = page.evaluate_handle("document.querySelector('video')")
    address = video.evaluate("(one) => one.currentSrc")
    expect(page.get_by_text("Recognising: 2 of 8 s")).to_be_visible()
    job.advance_to(9, monkeypatch)
    page.locator(".player .item").first.wait_for()
    player = page.evaluate_handle(f"({_ROOT}).querySelector('.player')")
    early = page.evaluate(_BARS)
    assert sum(width for _, width, _ in early) == pytest.approx(100 * 4 / (FRAMES / 29.97), abs=1)
    page.locator(".player .item").nth(1).click()  # the player leads there, and the focus stays
    page.wait_for_function("document.querySelector('video').currentTime > 1.9")
    video.evaluate("(one) => { one.muted = true; one.playbackRate = 0.1; return one.play() }")
    before = video.evaluate("(one) => one.currentTime")
    job.advance_to(14, monkeypatch)
    page.wait_for_function(f"({_BARS}).length > {len(early)}")
    later = page.evaluate(_BARS)
    assert later[: len(early) - 1] == early[:-1]
    assert page.evaluate(f"({_ROOT}).activeElement.className") == "item unsure"
    assert player.evaluate("(one) => one.isConnected")
    job.end()
    page.get_by_text("The whole video").wait_for()
    page.wait_for_function(f"({_BARS}).length === 6")
    final = page.evaluate(_BARS)
    np.testing.assert_allclose([bar[:2] for bar in final][: len(later) - 1], [bar[:2] for bar in later][:-1], atol=0.01)
    assert video.evaluate("(one) => one.isConnected && !one.paused")
    assert video.evaluate("(one) => one.currentSrc") == address
    assert player.evaluate("(one) => one.isConnected")
    assert before <= video.evaluate("(one) => one.currentTime") < before + 3


def test_frames_not_analysed_yet_are_named_and_can_be_sought(page, live, monkeypatch):
    job = Working(live.home)
    job.advance_to(9, monkeypatch)
    page.goto(f"/?job={job.folder.name}")
    page.locator(".player .item").first.wait_for()
    page.wait_for_function("document.querySelector('video')?.readyState === 4")
    width = page.locator(".timeline").bounding_box()["width"]
    page.locator(".timeline").click(position={"x": 0.9 * width, "y": 30})
    expect(page.locator(".now .label")).to_have_text("not analysed yet")
    assert page.evaluate("document.querySelector('video').currentTime") > 7
    page.locator(".timeline").click(position={"x": 0.1 * width, "y": 30})
    expect(page.locator(".now .label")).to_have_text("squat")


def test_progress_is_announced_and_the_result_gets_the_focus(page, live):
    job = Working(live.home)
    page.goto(f"/?job={job.folder.name}")
    expect(page.locator("body > [role=status]")).to_have_text(re.compile(r"Recognising, \d+%"))
    job.end()
    expect(page.get_by_role("heading", name="counting.mp4")).to_be_focused()


def test_the_video_can_be_played_before_there_are_labels(page, live):
    job = Working(live.home)
    page.goto(f"/?job={job.folder.name}")
    page.locator("video").wait_for()
    assert page.locator(".player").count() == 0
