"""Whose previews are made, and when. What the browser does with them: tests/browser/test_preview_wall.py."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from har.datasets import LabelledVideo
from har.errors import NoFrames
from ui import preview_wall


class Strips:
    """In place of `previews.strip`: notes what is asked of it, and makes nothing before it may."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []
        self.may = threading.Event()
        self.error: Exception | None = None

    def __call__(self, video: LabelledVideo) -> Path:
        self.may.wait(30)
        self.made.append(video.path.name)
        if self.error:
            raise self.error
        path = self.folder / f"{video.path.name}.jpg"
        path.write_bytes(b"a picture")
        return path


@pytest.fixture
def strips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Strips:
    strips = Strips(tmp_path)
    monkeypatch.setattr(preview_wall, "strip", strips)
    monkeypatch.setattr(preview_wall, "find_strip", lambda video: None)
    return strips


@pytest.fixture
def maker(strips: Strips) -> Iterator[preview_wall._Maker]:
    """Nothing it has begun goes on into the next test."""
    maker = preview_wall._Maker()
    yield maker
    strips.may.set()
    finish(maker)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in its only place."""
    now = [1000.0]
    monkeypatch.setattr(preview_wall.time, "monotonic", lambda: now[0])
    return now


def videos(folder: Path, count: int, begin: str = "v") -> list[LabelledVideo]:
    paths = [folder / f"{begin}{number:03}.mp4" for number in range(count)]
    for path in paths:
        path.touch()
    return [LabelledVideo(path, "run") for path in paths]


def finish(maker: preview_wall._Maker) -> None:
    maker._pool.shutdown()


def test_what_was_scrolled_past_is_not_made(
    maker: preview_wall._Maker, strips: Strips, now: list[float], tmp_path: Path
) -> None:
    past, seen = videos(tmp_path, 10, "past"), videos(tmp_path, 4, "seen")
    assert maker.have_made(past, 0.01) == {}  # two are begun, the others wait
    now[0] += 10
    assert maker.have_made(seen, 0.01) == {}
    strips.may.set()
    finish(maker)
    assert sorted(name for name in strips.made if name.startswith("seen")) == [video.path.name for video in seen]
    assert len(strips.made) <= 6
    assert not maker._making
    assert not maker._asked_sec


def test_what_is_still_asked_for_is_made_however_long_it_waits(
    maker: preview_wall._Maker, strips: Strips, now: list[float], tmp_path: Path
) -> None:
    all_of_them = videos(tmp_path, 8)
    for _ in range(5):
        maker.have_made(all_of_them, 0.01)
        now[0] += 1
    strips.may.set()
    finish(maker)
    assert sorted(strips.made) == [video.path.name for video in all_of_them]


def test_one_page_leaves_room_for_others(maker: preview_wall._Maker, strips: Strips, tmp_path: Path) -> None:
    greedy, other = videos(tmp_path, 60, "greedy"), videos(tmp_path, 2, "other")
    maker.have_made(greedy, 0.01)
    assert len(maker._making) == preview_wall._MOST_AT_ONCE
    maker.have_made(other, 0.01)
    assert len(maker._making) == preview_wall._MOST_AT_ONCE + 2


def test_however_many_pages_ask_no_more_than_so_many_wait(
    maker: preview_wall._Maker, strips: Strips, tmp_path: Path
) -> None:
    for page in range(10):
        maker.have_made(videos(tmp_path, 60, f"page{page}-"), 0.01)
    assert len(maker._making) == preview_wall._MOST_MAKING


def test_a_video_that_cannot_be_shown_is_tried_once_until_it_changes(
    maker: preview_wall._Maker, strips: Strips, tmp_path: Path
) -> None:
    strips.may.set()
    strips.error = NoFrames("It is damaged.", "A video was expected.", "Bring another.")
    [video] = videos(tmp_path, 1)
    for _ in range(3):
        assert maker.have_made([video], 30) == {video.path: b""}
    assert len(strips.made) == 1
    strips.error = None
    video.path.write_bytes(b"a better one")
    assert maker.have_made([video], 30) == {video.path: b"a picture"}


def test_a_full_disk_is_not_held_against_a_video(maker: preview_wall._Maker, strips: Strips, tmp_path: Path) -> None:
    strips.may.set()
    strips.error = OSError("no space left")
    [video] = videos(tmp_path, 1)
    assert maker.have_made([video], 30) == {video.path: b""}
    strips.error = None
    assert maker.have_made([video], 30) == {video.path: b"a picture"}
