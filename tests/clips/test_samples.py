from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.clips import ClipSpec, Samples, back_and_forth, decode, stride_samples, window_starts, windows
from har.errors import OptionsError
from har.video import probe, write_video


def brightening(path, count, fps=Fraction(25), step=1, size=(64, 64)):
    """A video whose frame n has brightness 10 + step · n."""
    write_video(path, (np.full((*size, 3), 10 + step * number, np.uint8) for number in range(count)), fps)
    return probe(path)


def brightness(frames):
    return frames.mean(axis=(1, 2, 3)) - 10


def test_a_spec_has_a_rate_and_a_shape():
    assert ClipSpec(20, 64, 64, 2.0).rate == 10
    assert ClipSpec(16, 224, 224, 1.28).rate == Fraction(25, 2)
    assert ClipSpec(20, 64, 32, 2.0).shape == (20, 64, 32, 3)


@pytest.mark.parametrize(
    ("name", "values"),
    [("frames", [0]), ("height", [0]), ("span_sec", [0.0, float("nan")]), ("zoom", [0.99, 2.01, float("nan")])],
)
def test_impossible_specs_are_refused(name, values):
    for value in values:
        with pytest.raises(OptionsError):
            ClipSpec(**{name: value})


def test_samples_are_at_the_times_that_the_rate_gives(tmp_path):
    info = brightening(tmp_path / "video.mp4", 100)
    samples = decode(info, ClipSpec(10, 64, 64, 1.0))
    assert len(samples) == 40
    np.testing.assert_allclose(brightness(samples), np.arange(40) * 2.5, atol=1.6)  # frame 2.5 k, and encoding


def test_a_short_video_is_spread_from_its_first_frame_to_its_last(tmp_path):
    info = brightening(tmp_path / "video.mp4", 31)
    samples = decode(info, ClipSpec(11, 64, 64, 2.0))
    assert samples.shape == (11, 64, 64, 3)
    np.testing.assert_allclose(brightness(samples), np.linspace(0, 30, 11), atol=1.6)


def test_times_of_all_frames_are_recorded(tmp_path):
    info = brightening(tmp_path / "video.mp4", 61, Fraction(30000, 1001))
    samples = Samples(info, ClipSpec(10, 64, 64, 1.0), collect_times=True)
    assert sum(1 for _ in samples) == 21  # at seconds 0.0 to 2.0; the video lasts 2.035
    np.testing.assert_allclose(samples.times_sec, np.arange(61) * 1001 / 30000, atol=1e-6)
    assert samples.warning is None


def test_strides_are_rounded_to_samples():
    spec = ClipSpec(20, 64, 64, 2.0)
    assert [stride_samples(spec, sec) for sec in (0.01, 0.1, 0.26, 7.0)] == [1, 1, 3, 70]
    with pytest.raises(OptionsError):
        stride_samples(spec, -1.0)


@given(st.integers(1, 120), st.integers(1, 30), st.integers(1, 50))
def test_windows_of_a_stream_are_those_listed_by_window_starts(count, frames, stride):
    spec = ClipSpec(frames, 8, 8, 1.0)
    starts = window_starts(max(count, frames), spec, stride)
    stream = list(windows(list(np.arange(max(count, frames))[:, None]), spec, stride))
    assert [start for start, _ in stream] == starts.tolist()
    for start, window in stream:
        np.testing.assert_array_equal(window[:, 0], np.arange(start, start + frames))
    assert stream[0][0] == 0
    assert stream[-1][0] + frames == max(count, frames)


@pytest.mark.parametrize("count", [12, 60])  # spread, and not
def test_zoom_crops_the_centre_of_a_larger_picture(tmp_path, count):
    pictures = np.random.default_rng(0).integers(0, 255, (count, 96, 128, 3), np.uint8)
    write_video(tmp_path / "noise.mp4", iter(pictures), Fraction(25))
    info = probe(tmp_path / "noise.mp4")
    whole = decode(info, ClipSpec(10, 48, 64, 1.0))
    np.testing.assert_array_equal(decode(info, ClipSpec(10, 24, 32, 1.0, zoom=2.0)), whole[:, 12:36, 16:48])


@pytest.mark.parametrize(
    ("items", "expected"), [("a", "aaaaaaa"), ("ab", "abababa"), ("abc", "abcbabc"), ("abcdefg", "abcdefg")]
)
def test_back_and_forth(items, expected):
    assert "".join(back_and_forth(items, 7)) == expected
