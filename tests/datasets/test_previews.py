"""Sprite sheets and small copies of videos."""

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from har.datasets import LabelledVideo, previews
from har.datasets.previews import (
    SPRITE_COUNT,
    SPRITE_FPS,
    SPRITE_HEIGHT,
    SPRITE_WIDTH,
    find_sprite_sheet,
    playable_copy,
    sprite_sheet,
)
from har.errors import NotAVideo, VideoMissing
from har.settings import settings
from har.video import probe, write_video
from tests.datasets.conftest import SetSettings

pytestmark = [pytest.mark.media, pytest.mark.usefixtures("home")]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of every ffmpeg that writes a sprite sheet."""
    run, calls = previews.run_ffmpeg, []

    def run_and_record(arguments: list[str]) -> None:
        calls.append(arguments)
        run(arguments)

    monkeypatch.setattr(previews, "run_ffmpeg", run_and_record)
    return calls


def grey_video(path: Path, count: int, size: tuple[int, int] = (SPRITE_HEIGHT, SPRITE_WIDTH)) -> LabelledVideo:
    """A video at 25 fps in which frame n has the grey level 20 + n."""
    write_video(path, (np.full((*size, 3), 20 + number, np.uint8) for number in range(count)), Fraction(25))
    return LabelledVideo(path, "grey")


def sprites(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (SPRITE_HEIGHT, SPRITE_COUNT * SPRITE_WIDTH, 3)
    return picture.reshape(SPRITE_HEIGHT, SPRITE_COUNT, SPRITE_WIDTH, 3).swapaxes(0, 1)


def frame_numbers(path: Path) -> np.ndarray:
    return sprites(path).mean(axis=(1, 2, 3)) - 20


@pytest.mark.parametrize("container", ["mp4", "avi"])  # avi is seeked by decoding
def test_sprites_show_the_middle_of_the_video_at_its_speed(tmp_path: Path, container: str) -> None:
    video = grey_video(tmp_path / "video.mp4", 160)
    if container == "avi":
        previews.run_ffmpeg(["-i", str(video.path), "-c:v", "mpeg4", "-q:v", "2", str(tmp_path / "video.avi")])
        video = LabelledVideo(tmp_path / "video.avi", "grey")
    shown = frame_numbers(sprite_sheet(video))
    np.testing.assert_allclose(np.diff(shown), 25 / SPRITE_FPS, atol=2.1)
    np.testing.assert_allclose(shown.mean(), 80, atol=4 if container == "mp4" else 6)


@pytest.mark.parametrize("count", [1, 7, 59, 61])
def test_a_short_video_fills_all_sprites(tmp_path: Path, count: int) -> None:
    shown = frame_numbers(sprite_sheet(grey_video(tmp_path / "video.mp4", count)))
    assert (np.diff(shown) > -1.5).all()
    assert abs(shown[0]) < 3.5
    assert shown[-1] > count - 1 - max(2, count / SPRITE_COUNT) - 1.5


@pytest.mark.parametrize("size", [(64, 256), (256, 64), (34, 46), (50, 48)])
def test_videos_of_any_shape_fill_the_sprites(tmp_path: Path, size: tuple[int, int]) -> None:
    for sprite in sprites(sprite_sheet(grey_video(tmp_path / "video.mp4", 30, size)))[:, 2:-2, 2:-2]:
        assert sprite.std() < 2


def test_sprites_are_not_distorted(tmp_path: Path) -> None:
    circle = cv2.circle(np.zeros((240, 480, 3), np.uint8), (240, 120), 80, (255, 255, 255), -1)
    write_video(tmp_path / "video.mp4", [circle] * 10, Fraction(10))
    white = sprites(sprite_sheet(LabelledVideo(tmp_path / "video.mp4", "circle")))[5].mean(axis=2) > 127
    assert abs(int(white.any(axis=0).sum()) - 80) <= 3
    assert abs(int(white.any(axis=1).sum()) - 80) <= 3


def test_a_sprite_sheet_is_made_once_and_again_if_it_was_deleted_or_the_video_changed(
    tmp_path: Path, runs: list[list[str]]
) -> None:
    video = grey_video(tmp_path / "video.mp4", 30)
    assert find_sprite_sheet(video) is None
    made = sprite_sheet(video)
    assert find_sprite_sheet(video) == sprite_sheet(video) == made
    assert len(runs) == 1
    assert made.is_relative_to(settings().previews)
    made.unlink()
    assert find_sprite_sheet(video) is None
    assert len(sprites(sprite_sheet(video))) == SPRITE_COUNT
    os.utime(video.path, ns=(0, 0))
    assert find_sprite_sheet(video) is None
    assert sprite_sheet(video) != made


def test_a_cached_sprite_sheet_is_found_without_reading_the_video(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = grey_video(tmp_path / "video.mp4", 30).path
    made = sprite_sheet(LabelledVideo(path, "grey"))
    monkeypatch.delattr(LabelledVideo, "content")
    monkeypatch.delattr(previews, "video_info")
    assert find_sprite_sheet(LabelledVideo(path, "grey")) == sprite_sheet(LabelledVideo(path, "grey")) == made


def test_the_start_is_shown_if_the_video_ends_before_its_announced_middle(
    tmp_path: Path, runs: list[list[str]]
) -> None:
    video = grey_video(tmp_path / "video.mp4", 30)
    shown = frame_numbers(sprite_sheet(replace(video, info=replace(probe(video.path), duration_sec=60.0))))
    assert abs(shown[0]) < 3.5
    assert len(runs) == 2


def test_missing_and_broken_files_are_refused_and_leave_nothing_behind(tmp_path: Path) -> None:
    missing, broken = LabelledVideo(tmp_path / "no.mp4", "a"), LabelledVideo(tmp_path / "broken.mp4", "a")
    broken.path.write_bytes(b"no video")
    for make in (sprite_sheet, playable_copy):
        with pytest.raises(VideoMissing, match=r"no\.mp4"):
            make(missing)
        with pytest.raises(NotAVideo, match=r"broken\.mp4"):
            make(broken)
    assert find_sprite_sheet(missing) is None
    assert not [path for path in settings().previews.rglob("*") if path.is_file()]


def test_a_playable_copy_is_made_once_for_each_size(
    tmp_path: Path, home: SetSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = grey_video(tmp_path / "video.mp4", 30, (128, 256))
    assert probe(playable_copy(video)).height == 128
    home(preview_short_side=64)
    made = playable_copy(video)
    copy = probe(made)
    assert (copy.width, copy.height, copy.codec, copy.frame_count) == (128, 64, "h264", 30)
    monkeypatch.delattr(previews, "make_preview")
    assert playable_copy(video) == made


def test_copies_of_videos_that_look_the_same_differ(tmp_path: Path) -> None:
    first, second = (playable_copy(grey_video(tmp_path / f"{name}.mp4", 10)).read_bytes() for name in "ab")
    assert len(first) == len(second)
    assert first != second


def test_the_sheet_of_a_result_is_made_once_next_to_its_video_whose_folder_keeps_its_time(
    runs: list[list[str]],
) -> None:
    folder = settings().jobs / "a-job"
    folder.mkdir(parents=True)
    video = grey_video(folder / "proxy.mp4", 80)
    os.utime(folder, (1000, 1000))
    assert find_sprite_sheet(video) is None
    path = sprite_sheet(video)
    assert path == sprite_sheet(video) == find_sprite_sheet(video)
    assert len(runs) == 1
    assert path.parent == folder
    assert sprites(path).shape[0] == SPRITE_COUNT
    assert folder.stat().st_mtime == 1000
    assert not list(settings().previews.rglob("*"))  # nothing outlives the result
