"""Small moving pictures of videos, and copies that a browser plays."""

import os
from collections.abc import Callable, Iterator
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
from har.settings import reload_settings, settings
from har.video import probe, write_video

SMALL = (SPRITE_HEIGHT, SPRITE_WIDTH)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Gives this process other settings, and a home of its own."""

    def set_limits(**values: object) -> None:
        for name, value in {"home": tmp_path / "home", **values}.items():
            monkeypatch.setenv(f"HAR_{name.upper()}", str(value))
        reload_settings()

    set_limits()
    yield set_limits
    monkeypatch.undo()
    reload_settings()


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of every ffmpeg that writes a strip."""
    run, told = previews.run_ffmpeg, []

    def counted(arguments: list[str]) -> None:
        told.append(arguments)
        run(arguments)

    monkeypatch.setattr(previews, "run_ffmpeg", counted)
    return told


def greys(path: Path, count: int, fps: int = 25, size: tuple[int, int] = SMALL) -> LabelledVideo:
    """A video whose frame n is as grey as 20 + n."""
    write_video(path, (np.full((*size, 3), 20 + number, np.uint8) for number in range(count)), Fraction(fps))
    return LabelledVideo(path, "grey")


def tiles(path: Path) -> np.ndarray:
    """The pictures of a strip, one after the other."""
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (SPRITE_HEIGHT, SPRITE_COUNT * SPRITE_WIDTH, 3)
    return picture.reshape(SPRITE_HEIGHT, SPRITE_COUNT, SPRITE_WIDTH, 3).swapaxes(0, 1)


def brightness(path: Path) -> np.ndarray:
    return tiles(path).mean(axis=(1, 2, 3)) - 20


def test_a_strip_shows_the_middle_as_fast_as_it_was(limits: Callable[..., None], tmp_path: Path) -> None:
    shown = brightness(sprite_sheet(greys(tmp_path / "video.mp4", 160)))
    np.testing.assert_allclose(np.diff(shown), 25 / SPRITE_FPS, atol=2.1)
    np.testing.assert_allclose(shown.mean(), 80, atol=4)  # the 160 frames' middle


def test_the_same_in_a_file_that_is_sought_by_reading(limits: Callable[..., None], tmp_path: Path) -> None:
    video = greys(tmp_path / "video.mp4", 160)
    previews.run_ffmpeg(["-i", str(video.path), "-c:v", "mpeg4", "-q:v", "2", str(tmp_path / "video.avi")])
    shown = brightness(sprite_sheet(LabelledVideo(tmp_path / "video.avi", "grey")))
    np.testing.assert_allclose(np.diff(shown), 25 / SPRITE_FPS, atol=2.1)
    np.testing.assert_allclose(shown.mean(), 80, atol=6)


@pytest.mark.parametrize("count", [1, 2, 7, 13, 59, 60, 61])
def test_a_short_video_fills_all_pictures(limits: Callable[..., None], tmp_path: Path, count: int) -> None:
    shown = brightness(sprite_sheet(greys(tmp_path / "video.mp4", count)))
    assert (np.diff(shown) > -1.5).all()
    assert abs(shown[0]) < 3.5
    assert shown[-1] > count - 1 - max(2, count / SPRITE_COUNT) - 1.5


@pytest.mark.parametrize("size", [(64, 256), (256, 64), (240, 320), (34, 46)])
def test_pictures_are_filled_whatever_the_shape(
    limits: Callable[..., None], tmp_path: Path, size: tuple[int, int]
) -> None:
    for tile in tiles(sprite_sheet(greys(tmp_path / "video.mp4", 30, size=size)))[:, 2:-2, 2:-2]:
        assert tile.std() < 2


def test_a_circle_stays_round(limits: Callable[..., None], tmp_path: Path) -> None:
    picture = cv2.circle(np.zeros((240, 480, 3), np.uint8), (240, 120), 80, (255, 255, 255), -1)
    write_video(tmp_path / "video.mp4", [picture] * 10, Fraction(10))
    white = tiles(sprite_sheet(LabelledVideo(tmp_path / "video.mp4", "circle")))[5].mean(axis=2) > 127
    assert abs(int(white.any(axis=0).sum()) - 80) <= 3
    assert abs(int(white.any(axis=1).sum()) - 80) <= 3


def test_a_strip_is_made_once(limits: Callable[..., None], tmp_path: Path, runs: list[list[str]]) -> None:
    video = greys(tmp_path / "video.mp4", 30)
    assert find_sprite_sheet(video) is None
    made = sprite_sheet(video)
    assert find_sprite_sheet(video) == sprite_sheet(video) == made
    assert len(runs) == 1
    assert made.is_relative_to(settings().previews)


def test_what_is_there_is_found_without_reading_the_video(
    limits: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = greys(tmp_path / "video.mp4", 30).path
    made = sprite_sheet(LabelledVideo(path, "grey"))
    monkeypatch.delattr(LabelledVideo, "content")
    monkeypatch.delattr(previews, "video_info")
    assert find_sprite_sheet(LabelledVideo(path, "grey")) == sprite_sheet(LabelledVideo(path, "grey")) == made


def test_a_file_that_was_replaced_has_another_strip(limits: Callable[..., None], tmp_path: Path) -> None:
    video = greys(tmp_path / "video.mp4", 30)
    made = sprite_sheet(video)
    os.utime(video.path, ns=(0, 0))
    assert find_sprite_sheet(video) is None
    assert sprite_sheet(video) != made


def test_a_strip_that_went_is_made_again(limits: Callable[..., None], tmp_path: Path) -> None:
    video = greys(tmp_path / "video.mp4", 30)
    sprite_sheet(video).unlink()
    assert find_sprite_sheet(video) is None
    assert len(tiles(sprite_sheet(video))) == SPRITE_COUNT


def test_a_middle_that_is_not_there_is_replaced_by_the_beginning(
    limits: Callable[..., None], tmp_path: Path, runs: list[list[str]]
) -> None:
    video = greys(tmp_path / "video.mp4", 30)
    info = probe(video.path)
    shown = brightness(
        sprite_sheet(LabelledVideo(video.path, "grey", info=type(info)(**vars(info) | {"duration_sec": 60.0})))
    )
    assert abs(shown[0]) < 3.5
    assert len(runs) == 2


def test_what_cannot_be_shown_is_refused_and_leaves_nothing(limits: Callable[..., None], tmp_path: Path) -> None:
    missing, broken = LabelledVideo(tmp_path / "no.mp4", "a"), LabelledVideo(tmp_path / "broken.mp4", "a")
    broken.path.write_bytes(b"no video")
    for show in (sprite_sheet, playable_copy):
        with pytest.raises(VideoMissing, match=r"no\.mp4"):
            show(missing)
        with pytest.raises(NotAVideo, match=r"broken\.mp4"):
            show(broken)
    assert find_sprite_sheet(missing) is None
    assert not [path for path in settings().previews.rglob("*") if path.is_file()]


def test_a_playable_copy_is_small_and_made_once(
    limits: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(preview_short_side=64)
    video = greys(tmp_path / "video.mp4", 30, size=(128, 256))
    made = playable_copy(video)
    copy = probe(made)
    assert (copy.width, copy.height, copy.codec, copy.frame_count) == (128, 64, "h264", 30)
    monkeypatch.delattr(previews, "make_preview")
    assert playable_copy(video) == made


def test_another_size_is_another_copy(limits: Callable[..., None], tmp_path: Path) -> None:
    video = greys(tmp_path / "video.mp4", 10, size=(128, 256))
    large = playable_copy(video)
    limits(preview_short_side=64)
    assert probe(large).height == 128
    assert probe(playable_copy(video)).height == 64


def test_copies_of_two_videos_are_told_apart_though_they_look_alike(
    limits: Callable[..., None], tmp_path: Path
) -> None:
    one, other = (playable_copy(greys(tmp_path / f"{name}.mp4", 10)).read_bytes() for name in "ab")
    assert len(one) == len(other)
    assert one != other
