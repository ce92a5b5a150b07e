"""Frame scores and smoothing, compared with a straightforward slow implementation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import FrameScores, WindowScores, score_frames, smooth

LABELS = ("a", "b", "c")


@st.composite
def window_values(draw):
    """Arguments of `WindowScores`, built in the test itself: the type checks of tests draw random numbers too."""
    count = draw(st.integers(1, 12))
    step = draw(st.lists(st.sampled_from([0.25, 0.5, 1.0, 3.0]), min_size=count, max_size=count))
    span = draw(st.sampled_from([0.5, 1.0, 2.0]))
    start = np.cumsum(step) - draw(st.sampled_from([0.0, 0.25, 1.0]))
    values = draw(st.lists(st.integers(0, 20), min_size=count * 3, max_size=count * 3))
    probabilities = (np.array(values, np.float32).reshape(count, 3) / 60).astype(np.float32)
    return LABELS, start, start + span, probabilities


@st.composite
def frame_times(draw):
    """Ascending, at a variable rate, often exactly where windows start or end."""
    ticks = draw(st.lists(st.integers(0, 200), min_size=1, max_size=60, unique=True))
    return np.sort(np.array(ticks, np.float64)) / 8


def joined(blocks):
    parts = list(blocks)
    return (
        np.concatenate([part.times_sec for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.support for part in parts]),
    )


def slow_frame_scores(scores, times):
    rows, support = [], []
    for time in times:
        inside = (scores.start_sec <= time) & (time < scores.end_sec)
        support.append(inside.sum())
        if inside.any():
            rows.append(scores.probabilities[inside].astype(np.float64).mean(axis=0))
        else:
            away = np.maximum(scores.start_sec - time, time - scores.end_sec)
            rows.append(scores.probabilities[away.argmin()].astype(np.float64))
    return np.array(rows), np.array(support)


@given(window_values(), frame_times(), st.integers(1, 70), st.sampled_from([0.0, 0.25, 1.0, 2.0, 40.0]))
def test_frame_scores_are_smoothed_means_of_covering_windows_or_the_nearest_at_any_block_size(
    values, times, block, smooth_sec
):
    scores = WindowScores(*values)
    raw, expected_support = slow_frame_scores(scores, times)
    got_times, probabilities, support = joined(smooth(score_frames(scores, times, block), smooth_sec))
    near = np.abs(times[:, None] - times[None, :]) <= smooth_sec / 2
    np.testing.assert_array_equal(got_times, times)
    np.testing.assert_allclose(probabilities, (near @ raw) / near.sum(axis=1, keepdims=True), atol=1e-6)
    np.testing.assert_array_equal(support, expected_support)


def test_smoothing_is_symmetric_at_times_that_floats_cannot_represent():
    """At 24 frames a second half a second is twelve frames, to either side."""
    times = np.arange(100) / 24
    impulse = np.zeros((100, 1), np.float32)
    impulse[50] = 1
    block = FrameScores(("a",), times, impulse, np.ones(100, np.int64))
    _, probabilities, _ = joined(smooth([block], 1.0))
    assert np.flatnonzero(probabilities[:, 0]).tolist() == list(range(38, 63))


def test_smoothing_needs_constant_memory():
    """A block is returned as soon as the frames after it are known."""
    scores = WindowScores(("a",), np.zeros(1), np.ones(1) * 1e4, np.ones((1, 1), np.float32))
    requested = []

    def counted():
        for part in score_frames(scores, np.arange(1000) / 10, 50):
            requested.append(part)
            yield part

    returned = 0
    for block in smooth(counted(), 2.0):
        returned += len(block.times_sec)
        assert len(requested) * 50 - returned <= 50 + 10
    assert returned == 1000


@pytest.mark.parametrize("times", [[0.0, 0.0], [1.0, 0.5], [0.0, np.inf], []])
def test_frame_times_must_ascend(times):
    scores = WindowScores(("a",), np.zeros(1), np.ones(1), np.ones((1, 1), np.float32))
    with pytest.raises(ValueError, match="ascend"):
        list(score_frames(scores, np.array(times, np.float64)))
