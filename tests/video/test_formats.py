"""All common formats are read: each frame once, in order, with its time."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from har.video import VIDEO_SUFFIXES, probe, read_frames
from har.video.formats import OTHER_VIDEO_SUFFIXES
from tests.video.barcode import number
from tests.video.conftest import FORMATS, FRAMES, InfoOf, ffmpeg, read_numbers, read_times

CODECS = {
    "h264.mp4": ("h264", "mp4", False),
    "sound.mp4": ("h264", "mp4", True),
    "hevc.mp4": ("hevc", "mp4", False),
    "vp9.webm": ("vp9", "webm", True),
    "av1.mkv": ("av1", "matroska", False),
    "xvid.avi": ("mpeg4", "avi", True),
    "bframes.avi": ("mpeg4", "avi", False),
    "h264.avi": ("h264", "avi", False),
    "mjpeg.avi": ("mjpeg", "avi", False),
    "mpeg1.mpg": ("mpeg1video", "mpeg", True),
    "mpeg2.ts": ("mpeg2video", "mpegts", True),
    "h264.mov": ("h264", "mov", False),
    "h264.mkv": ("h264", "matroska", True),
    "wmv2.wmv": ("wmv2", "asf", True),
    "flv1.flv": ("flv1", "flv", False),
    "theora.ogv": ("theora", "ogg", False),
    "small.gif": ("gif", "gif", False),
}
EVEN = [name for name in FORMATS if name.split(".")[0] not in ("variable", "late", "libxvid", "wmv2", "flv1")]


TimesOf = Callable[[str], np.ndarray]


@pytest.fixture(scope="session")
def times_of(info_of: InfoOf) -> TimesOf:
    """When the frames of the source in one of FORMATS are shown."""
    return cache(lambda name: read_times(info_of(name)))


@pytest.mark.parametrize("name", FORMATS)
def test_every_frame_comes_once_and_in_order(name: str, info_of: InfoOf) -> None:
    info = info_of(name)
    with read_frames(info, collect_times=True) as reader:
        frames = list(reader)
    assert [number(frame) for frame in frames] == list(range(FRAMES))
    assert {frame.shape for frame in frames} == {(info.height, info.width, 3)}
    assert len(reader.times_sec) == FRAMES
    assert (np.diff(reader.times_sec) > 0).all()
    assert reader.warning is None


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("fps", [Fraction(10), Fraction(60)])
def test_a_sample_is_the_frame_nearest_to_its_time(name: str, fps: Fraction, info_of: InfoOf) -> None:
    info = info_of(name)
    with read_frames(info, size=(60, 80), fps=fps, collect_times=True) as reader:
        seen = [number(frame) for frame in reader]
    times_sec = reader.times_sec
    assert len(times_sec) == FRAMES  # of the source, not of the samples
    for k, shown in enumerate(seen):
        distance_sec = np.abs(times_sec - k / float(fps))
        until_sec = times_sec[shown + 1] if shown + 1 < FRAMES else np.inf
        if info.variable_rate:  # the one shown then, or one that starts within half a frame
            assert times_sec[shown] < k / float(fps) + 0.5 / info.fps
            assert until_sec > k / float(fps)
        else:
            assert shown == 0 or distance_sec[shown] < distance_sec.min() + 0.12 / info.fps
    assert len(seen) == pytest.approx(float(info.duration_sec * fps), abs=5)  # AVI with B-frames: two late


@pytest.mark.parametrize("name", FORMATS)
def test_seeking_starts_at_the_exact_frame(name: str, info_of: InfoOf, times_of: TimesOf) -> None:
    times_sec = times_of(name)
    for start in (1, 37):
        start_sec, end_sec = (float(times_sec[n]) - 0.005 for n in (start, start + 8))
        with read_frames(
            info_of(name), size=(60, 80), start_sec=start_sec, end_sec=end_sec, collect_times=True
        ) as part:
            seen = [number(frame) for frame in part]
        assert seen == list(range(start, start + 8))
        np.testing.assert_allclose(part.times_sec, times_sec[start : start + 8], atol=2e-3)


@pytest.mark.parametrize("name", EVEN)
def test_sampling_at_the_videos_own_rate_gives_each_frame_once(name: str, info_of: InfoOf) -> None:
    seen = read_numbers(info_of(name), fps=info_of(name).fps)
    late = seen.index(1) - 1  # AVI with B-frames starts a little after second 0; the first frame is repeated
    assert seen[late:][:FRAMES] == list(range(FRAMES))
    assert len(seen) <= FRAMES + 2


@pytest.mark.parametrize("name", CODECS)
def test_probe_finds_codec_container_sound_size_rate_and_length(name: str, info_of: InfoOf) -> None:
    info = info_of(name)
    assert (info.codec, info.container, info.has_audio) == CODECS[name]
    assert (info.width, info.height) == (160, 120)
    assert info.fps == 25
    assert info.frame_count == FRAMES
    assert not info.variable_rate
    assert info.duration_sec == pytest.approx(2.0, abs=0.11)
    assert info.size_bytes == info.path.stat().st_size
    assert info.warning is None


def test_all_readable_formats_are_accepted_and_none_is_also_not_read() -> None:
    assert {Path(name).suffix for name in FORMATS} <= set(VIDEO_SUFFIXES)
    assert not set(VIDEO_SUFFIXES) & set(OTHER_VIDEO_SUFFIXES)
    assert len(set(VIDEO_SUFFIXES)) == len(VIDEO_SUFFIXES)


def test_samples_count_from_where_reading_starts(info_of: InfoOf) -> None:
    info = info_of("h264.mp4")
    assert read_numbers(info, fps=Fraction(5), start_sec=0.4) == list(range(10, 50, 5))
    assert read_numbers(info, fps=Fraction(5), start_sec=0.4, end_sec=1.0) == [10, 15, 20]


@pytest.mark.parametrize("name", ["held.mp4", "held.mkv", "slides.mp4", "slides.avi"])
def test_samples_from_within_a_frame_begin_with_it_and_end_in_time(name: str, source: Path, tmp_path: Path) -> None:
    """A frame that is held for 40 seconds, or a frame every four seconds."""
    held = ["-vf", "settb=1/1000,setpts='40*N+if(gte(N,25),40000,0)'", "-enc_time_base", "1/1000"]
    slides = ["-vf", "select='lt(n,6)',setpts=4*N/TB,fps=1/4"]
    how = [*(held if name.startswith("held") else slides), "-fps_mode", "passthrough", "-c:v", "libx264", "-bf", "0"]
    ffmpeg("-i", source, *how, tmp_path / name)
    info, fps = probe(tmp_path / name), Fraction(5)
    if name.startswith("held"):
        assert read_numbers(info, fps=fps, start_sec=16.76, end_sec=25.2) == [24] * 43
    else:
        assert read_numbers(info, fps=fps, start_sec=5.0, end_sec=9.0) == [1] * 15 + [2] * 5


def test_samples_start_at_second_0_even_if_the_picture_does_not(info_of: InfoOf) -> None:
    assert read_numbers(info_of("late.mp4"), fps=Fraction(25)) == [0] * 5 + list(range(FRAMES))


@pytest.mark.promise("numbers", "Frame rates are exact")
def test_ntsc_rate_is_exact(info_of: InfoOf) -> None:
    assert info_of("ntsc.mp4").fps == Fraction(30000, 1001)
    assert info_of("ntsc.mkv").fps == Fraction(30000, 1001)  # a clock of milliseconds
    assert not info_of("ntsc.mkv").variable_rate


@pytest.mark.parametrize("name", ["variable.mp4", "variable.mkv"])
def test_a_variable_rate_is_detected_and_its_times_kept(name: str, info_of: InfoOf, times_of: TimesOf) -> None:
    info, n = info_of(name), np.arange(FRAMES)
    assert info.variable_rate
    np.testing.assert_allclose(times_of(name), n * 0.04 + n // 5 * 0.1, atol=1.1e-3)
    assert info.duration_sec == pytest.approx(times_of(name)[-1] + 0.04, abs=0.05)


def test_a_video_that_starts_after_its_sound_keeps_that_offset(info_of: InfoOf, times_of: TimesOf) -> None:
    np.testing.assert_allclose(times_of("late.mp4"), 0.2 + np.arange(FRAMES) / 25, atol=1e-4)
    assert info_of("late.mp4").duration_sec == pytest.approx(2.2, abs=0.01)


def test_a_single_gap_makes_the_rate_variable_but_does_not_change_it(info_of: InfoOf) -> None:
    info = info_of("libxvid.avi")  # next to MP3, ffmpeg leaves a gap after the first frame
    assert info.variable_rate
    assert info.fps == 25


def test_real_clips_are_read_to_the_last_frame(shared: Path) -> None:
    for name in ("muhammad2033_input_video.mp4", "tests__data__test.avi", "tests__data__test_ef46c7.mp4"):
        path = shared / "data" / "long" / name
        info = probe(path)
        with read_frames(info, size=(16, 16), collect_times=True) as reader:
            count = sum(1 for _ in reader)
        assert count == len(reader.times_sec) == info.frame_count, path.name
        assert reader.warning is None
        assert info.warning is None
