"""The explained clip is the scored clip."""

from fractions import Fraction

import numpy as np
import pytest

from har.clips import ClipSpec, decode, stride_samples, window_starts
from har.errors import OptionsError
from har.explain import nearest_window, read_window
from har.timeline import WindowScores
from har.video import probe, write_video
from tests.video.barcode import barcode

pytestmark = pytest.mark.media

SPEC = ClipSpec(6, 24, 32, 0.6, "stretch", 1.3)


def scores_of(starts_sec, *cuts_sec):
    ends_sec = np.minimum(starts_sec + 2, np.append(cuts_sec, np.inf)[np.searchsorted(cuts_sec, starts_sec, "right")])
    return WindowScores(("a",), starts_sec, ends_sec, np.ones((len(starts_sec), 1), np.float32), np.array(cuts_sec))


def video(folder, frames, fps, name="v.mp4"):
    write_video(folder / name, (barcode(number % 256) for number in range(frames)), Fraction(fps))
    return probe(folder / name)


@pytest.mark.promise("numbers", "Explanations are of the scored window")
@pytest.mark.parametrize(("frames", "fps"), [(140, 25), (200, Fraction(30000, 1001)), (8, 25)])
def test_every_window_equals_that_of_recognition(tmp_path, frames, fps):
    info = video(tmp_path, frames, fps)
    samples = decode(info, SPEC)
    for start in window_starts(len(samples), SPEC, stride_samples(SPEC, 0.7)):
        found = read_window(info, SPEC, int(start))
        np.testing.assert_array_equal(found.frames, samples[start : start + SPEC.frames])
        if len(samples) > SPEC.frames:
            np.testing.assert_allclose(found.times_sec, (start + np.arange(SPEC.frames)) / 10)


@pytest.mark.parametrize(
    ("name", "fps"), [("v.mp4", 25), ("v.mp4", Fraction(30000, 1001)), ("v.avi", 25), ("v.mkv", 7)]
)
def test_seeking_returns_the_same_frames_as_reading_from_the_start(tmp_path, name, fps):
    info = video(tmp_path, round(30 * fps), fps, name)
    samples = decode(info, SPEC)
    for start in (205, 240, 261, len(samples) - 6):
        np.testing.assert_array_equal(read_window(info, SPEC, start).frames, samples[start : start + 6])


def test_beyond_the_last_window_the_last_is_read(tmp_path):
    info = video(tmp_path, 50, 25)
    np.testing.assert_array_equal(read_window(info, SPEC, 90).frames, decode(info, SPEC)[-6:])


def test_the_window_with_the_nearest_centre_is_chosen():
    scores = scores_of(np.arange(10) * 0.5)
    assert nearest_window(scores, 2.0, 3.1, 6.5) == 4
    assert nearest_window(scores, 2.0, 0.0, 6.5) == 0
    assert nearest_window(scores, 2.0, 6.5, 6.5) == 9


def test_the_window_is_of_the_same_shot_if_that_has_one():
    scores = scores_of(np.array([0.0, 0.5, 3.0, 3.5, 4.0]), 3.0, 5.8)
    assert nearest_window(scores, 2.0, 2.9, 6.5) == 1  # the centre of the third, at 4.0, is nearer than 1.5
    assert nearest_window(scores, 2.0, 3.0, 6.5) == 2
    assert nearest_window(scores, 2.0, 6.0, 6.5) == 4  # in the last shot is none


@pytest.mark.parametrize("at_sec", [-0.1, 6.6, float("nan")])
def test_a_time_outside_the_video_is_refused(at_sec):
    with pytest.raises(OptionsError, match=r"6\.50"):
        nearest_window(scores_of(np.arange(10) * 0.5), 2.0, at_sec, 6.5)
