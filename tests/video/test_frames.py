"""Geometry, order, and the ends of reading: early, stalled, damaged, past the end."""

import gc
import os
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import psutil
import pytest

from har.errors import NoFrames, OptionsError, VideoStalled
from har.video import VideoInfo, probe, read_frames, write_video
from tests.video.conftest import FRAMES, InfoOf, Make, Override, ffmpeg, first_frame

CORNERS = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)  # red, green; blue, white


def corners(frame: np.ndarray) -> np.ndarray:
    """The colours of a frame's four quarters, each channel black or full."""
    height, width, _ = frame.shape
    quarters = frame[np.ix_([height // 4, 3 * height // 4], [width // 4, 3 * width // 4])]
    return np.where(quarters > 127, 255, 0).astype(np.uint8)


@pytest.fixture(scope="module")
def coloured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("coloured") / "coloured.mp4"
    picture = CORNERS.repeat(60, 0).repeat(80, 1)
    write_video(path, [picture] * 3, Fraction(25))
    return path


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_videos_are_read_in_rgb_and_as_displayed_when_rotated(turns: int, coloured: Path, tmp_path: Path) -> None:
    ffmpeg("-display_rotation", str(90 * turns), "-i", coloured, "-c", "copy", tmp_path / "rotated.mp4")
    info = probe(tmp_path / "rotated.mp4")
    assert (info.width, info.height) == ((120, 160) if turns % 2 else (160, 120))
    for options in ({}, {"size": (40, 40)}, {"size": (40, 40), "fit": "crop"}):
        np.testing.assert_array_equal(corners(first_frame(info, **options)), np.rot90(CORNERS, turns))


@pytest.mark.parametrize(
    ("name", "size"),
    [("odd.mp4", (161, 121)), ("wide.mp4", (240, 120)), ("tall.mp4", (160, 180)), ("absurd.mp4", (160, 120))],
)
def test_sizes_are_in_square_pixels(name: str, size: tuple[int, int], info_of: InfoOf) -> None:
    info = info_of(name)
    assert (info.width, info.height) == size
    assert first_frame(info).shape == (size[1], size[0], 3)


def ramp(width: int, height: int) -> np.ndarray:
    """A frame whose red increases to the right and whose green increases downwards."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(20, 230, width)[None, :]
    picture[..., 1] = np.linspace(20, 230, height)[:, None]
    return picture


def test_crop_and_zoom_take_the_centre_and_stretch_the_whole_picture(tmp_path: Path) -> None:
    write_video(tmp_path / "ramp.mp4", [ramp(320, 160)] * 2, Fraction(25))
    info = probe(tmp_path / "ramp.mp4")
    cases = [
        ("stretch", 1.0, 0, 0),
        ("crop", 1.0, 1 / 4, 0),
        ("stretch", 2.0, 1 / 4, 1 / 4),
        ("crop", 2.0, 3 / 8, 1 / 4),
    ]
    for fit, zoom, across, down in cases:  # what is left out at each side
        seen = first_frame(info, size=(64, 64), fit=fit, zoom=zoom)
        assert seen.shape == (64, 64, 3)
        np.testing.assert_allclose(seen[32, [0, -1], 0], [20 + 210 * across, 230 - 210 * across], atol=6)
        np.testing.assert_allclose(seen[[0, -1], 32, 1], [20 + 210 * down, 230 - 210 * down], atol=6)


def test_crop_respects_the_pixel_aspect(tmp_path: Path) -> None:
    write_video(tmp_path / "ramp.mp4", [ramp(160, 160)] * 2, Fraction(25))
    ffmpeg("-i", tmp_path / "ramp.mp4", "-vf", "setsar=2/1", tmp_path / "wide.mp4")
    cropped = first_frame(probe(tmp_path / "wide.mp4"), size=(64, 64), fit="crop")
    np.testing.assert_allclose(cropped[32, [0, -1], 0], [20 + 210 / 4, 230 - 210 / 4], atol=6)


@pytest.mark.parametrize("size", [(1, 1), (7, 333), (333, 7)])
@pytest.mark.parametrize("fit", ["stretch", "crop"])
def test_any_size_can_be_requested(size: tuple[int, int], fit: str, info_of: InfoOf) -> None:
    assert first_frame(info_of("odd.mp4"), size=size, fit=fit).shape == (*size, 3)


def children() -> list[psutil.Process]:
    """Our running ffmpegs; a browser of other tests does not count."""
    running = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in running if child.name().startswith("ffmpeg")]


def test_leaving_early_ends_ffmpeg(info_of: InfoOf) -> None:
    with read_frames(info_of("h264.mp4"), size=(600, 800), collect_times=True) as reader:
        next(reader)
        assert len(children()) == 1
    assert children() == []
    with pytest.raises(StopIteration):
        next(reader)


def test_an_unreferenced_reader_ends_ffmpeg(info_of: InfoOf) -> None:
    reader = read_frames(info_of("h264.mp4"), size=(600, 800))
    assert children() == []  # nothing runs before the first frame is requested
    next(reader)
    assert len(children()) == 1
    del reader
    gc.collect()
    assert children() == []


@pytest.mark.promise("hostile", "An ffmpeg process that stalls is ended")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe to make ffmpeg wait")
def test_a_stalled_ffmpeg_is_ended(info_of: InfoOf, override: Override, tmp_path: Path) -> None:
    override(ffmpeg_stall_sec=0.3)
    info = info_of("h264.mp4")
    os.mkfifo(tmp_path / "pipe.mp4")
    stuck = VideoInfo(**{**vars(info), "path": tmp_path / "pipe.mp4"})
    with pytest.raises(VideoStalled, match="cancelled"), read_frames(stuck) as reader:
        next(reader)
    assert children() == []


def test_a_slow_consumer_is_waited_for(info_of: InfoOf, override: Override) -> None:
    override(ffmpeg_stall_sec=0.3)
    with read_frames(info_of("h264.mp4"), size=(600, 800)) as reader:
        next(reader)
        time.sleep(0.7)
        assert sum(1 for _ in reader) == FRAMES - 1


@pytest.mark.promise("hostile", "Limits on pixels hold even if frames grow within a video")
def test_frames_that_grow_beyond_the_limit_are_not_decoded(source: Path, override: Override, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-vf", "scale=640:480", "-c:v", "mpeg2video", tmp_path / "large.ts")
    ffmpeg("-i", source, "-c:v", "mpeg2video", tmp_path / "small.ts")
    both = (tmp_path / "small.ts").read_bytes() + (tmp_path / "large.ts").read_bytes()
    (tmp_path / "both.ts").write_bytes(both)
    override(max_frame_pixels=320 * 240)
    with read_frames(probe(tmp_path / "both.ts")) as reader:
        assert FRAMES - 2 <= sum(1 for _ in reader) <= FRAMES
    assert reader.warning is not None


def test_past_the_end_there_are_no_frames(info_of: InfoOf) -> None:
    reader = read_frames(info_of("h264.mp4"), start_sec=60.0)
    with pytest.raises(NoFrames, match="from second 60 on"), reader:
        next(reader)


def test_a_deleted_file_gives_no_frames(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "gone.mp4"
    path.write_bytes(make("h264.mp4").read_bytes())
    info = probe(path)
    path.unlink()
    with pytest.raises(NoFrames), read_frames(info) as reader:
        next(reader)


def test_damage_in_the_middle_gives_a_warning(make: Make, tmp_path: Path) -> None:
    data = bytearray(make("h264.mkv").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1500] = os.urandom(1500)
    (tmp_path / "damaged.mkv").write_bytes(data)
    with read_frames(probe(tmp_path / "damaged.mkv"), collect_times=True) as reader:
        count = sum(1 for _ in reader)
    assert 10 < count <= FRAMES
    assert len(reader.times_sec) == count
    assert reader.warning is not None


@pytest.mark.parametrize(
    "wrong",
    [{"size": (0, 4)}, {"fps": Fraction(0)}, {"start_sec": -1.0}, {"start_sec": 1.0, "end_sec": 1.0}],
)
def test_impossible_options_are_refused(wrong: dict[str, object], info_of: InfoOf) -> None:
    with pytest.raises(OptionsError):
        read_frames(info_of("h264.mp4"), **wrong)  # type: ignore[arg-type]


@pytest.mark.promise("hostile", "Memory does not grow with the length of the video")
def test_memory_does_not_grow_with_the_video(source: Path, tmp_path: Path) -> None:
    ffmpeg("-stream_loop", "20", "-i", source, "-c", "copy", tmp_path / "long.mp4")
    process = psutil.Process()
    with read_frames(probe(tmp_path / "long.mp4"), size=(480, 640)) as reader:
        for _ in range(20):
            next(reader)
        before = process.memory_info().rss
        count = sum(1 for _ in reader)
        assert count > 900
        assert process.memory_info().rss - before < 20e6  # 900 frames of it are 0.8 GB
