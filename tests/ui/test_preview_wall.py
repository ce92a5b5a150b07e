"""Which previews are made, and when. In a browser: tests/browser/test_preview_wall.py."""

import base64
import threading
from pathlib import Path

import pytest

from har.datasets import LabelledVideo
from har.errors import NoFrames
from tests.ui.data_pages import open_script, write_clip
from ui import preview_wall


class FakeSprites:
    """Instead of `previews.sprite_sheet`: records the videos, and makes nothing until it may."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made: list[str] = []
        self.allowed = threading.Event()
        self.error: Exception | None = None

    def __call__(self, video: LabelledVideo) -> Path:
        self.allowed.wait(30)
        self.made.append(video.path.name)
        if self.error:
            raise self.error
        path = self.folder / f"{video.path.name}.jpg"
        path.write_bytes(b"a picture")
        return path


@pytest.fixture
def sprites(tmp_path):
    return FakeSprites(tmp_path)


@pytest.fixture
def now():
    """The time, as a list with one value."""
    return [1000.0]


@pytest.fixture
def maker(sprites, now):
    """It finishes before the next test."""
    maker = preview_wall._Maker(find=lambda video: None, make=sprites, now_sec=lambda: now[0])
    yield maker
    sprites.allowed.set()
    finish(maker)


def videos(folder: Path, count: int, begin: str = "v") -> list[LabelledVideo]:
    paths = [folder / f"{begin}{number:03}.mp4" for number in range(count)]
    for path in paths:
        path.touch()
    return [LabelledVideo(path, "run") for path in paths]


def finish(maker):
    maker._pool.shutdown()


def test_previews_scrolled_past_are_not_made(maker, sprites, now, tmp_path):
    past, seen = videos(tmp_path, 10, "past"), videos(tmp_path, 4, "seen")
    assert maker.get(past, 0.01) == {}  # two are begun, the others wait
    now[0] += 10
    assert maker.get(seen, 0.01) == {}
    sprites.allowed.set()
    finish(maker)
    assert sorted(name for name in sprites.made if name.startswith("seen")) == [video.path.name for video in seen]
    assert len(sprites.made) <= 6
    assert not maker._pending
    assert not maker._requested_sec


def test_requested_previews_are_made_however_long_they_wait(maker, sprites, now, tmp_path):
    all_of_them = videos(tmp_path, 8)
    for _ in range(5):
        maker.get(all_of_them, 0.01)
        now[0] += 1
    sprites.allowed.set()
    finish(maker)
    assert sorted(sprites.made) == [video.path.name for video in all_of_them]


def test_one_page_leaves_room_for_others_and_pending_previews_are_limited(maker, sprites, tmp_path):
    maker.get(videos(tmp_path, 60, "greedy"), 0.01)
    assert len(maker._pending) == preview_wall._MAX_PENDING_PER_PAGE
    maker.get(videos(tmp_path, 2, "other"), 0.01)
    assert len(maker._pending) == preview_wall._MAX_PENDING_PER_PAGE + 2
    for page in range(10):
        maker.get(videos(tmp_path, 60, f"page{page}-"), 0.01)
    assert len(maker._pending) == preview_wall._MAX_PENDING


def test_a_broken_video_is_tried_once_until_it_changes_and_again_after_a_full_disk(maker, sprites, tmp_path):
    sprites.allowed.set()
    sprites.error = NoFrames("It is damaged.", "A video was expected.", "Bring another.")
    [video] = videos(tmp_path, 1)
    for _ in range(3):
        assert maker.get([video], 30) == {video.path: b""}
    assert len(sprites.made) == 1
    video.path.write_bytes(b"a better one")
    sprites.error = OSError("no space left")
    assert maker.get([video], 30) == {video.path: b""}
    sprites.error = None
    assert maker.get([video], 30) == {video.path: b"a picture"}


@pytest.mark.parametrize(
    ("state", "count"),
    [
        (None, 0),
        (7, 0),
        ({"wanted": None}, 0),
        ({"wanted": {"ids": "abc"}}, 0),
        ({"wanted": {"ids": [1, None, {}]}}, 0),
        ({"wanted": {"ids": ["x"] * 1000}}, 60),
    ],
)
def test_malformed_requests_of_a_browser_are_ignored_and_large_ones_limited(state, count, monkeypatch):
    monkeypatch.setattr(preview_wall.st, "session_state", {"key": state})
    assert len(preview_wall._requested_ids("key")) == count


def test_pictures_are_made_once_and_broken_videos_have_none(tmp_path, monkeypatch):
    maker = preview_wall._Maker()
    monkeypatch.setattr(preview_wall, "_maker", lambda: maker)
    monkeypatch.setattr(preview_wall, "_WAIT_SEC", 60.0)
    (tmp_path / "broken.mp4").write_text("not a video")
    paths = (write_clip(tmp_path / "clip.mp4"), tmp_path / "broken.mp4")
    clip, broken = (preview_wall.Cell(LabelledVideo(path, "Run"), "Run") for path in paths)
    pictures = preview_wall._pictures([clip, broken])
    assert base64.b64decode(pictures[clip.id]).startswith(b"\xff\xd8")
    assert pictures[broken.id] == ""
    finish(maker)  # it would refuse to make another
    assert preview_wall._pictures([clip, broken]) == pictures


@pytest.mark.promise("private", "Ids of previews do not reveal paths")
def test_names_with_two_underscores_have_a_wall(tmp_path):
    path = write_clip(tmp_path / "run__1.mp4")
    open_script(
        "from pathlib import Path\nfrom har.datasets import LabelledVideo\nfrom ui.preview_wall import Cell, wall\n"
        f"video = LabelledVideo(Path({str(path)!r}), 'run')\n"
        "wall([Cell(video, 'title')], key=f'others-{video.path.name}', on_open=print)"
    )
    cell = preview_wall.Cell(LabelledVideo(path, "Run"), "Run")
    assert "run" not in cell.id
    assert len(cell.id) == 16
