"""Labels while a video is still being scored: later windows do not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import TimelineOptions, WindowScores, label_frames, stable_labels

NAMES = ("A", "B", "C")


def scores_of(shares, stride_sec, span_sec):
    starts = np.arange(len(shares)) * stride_sec
    return WindowScores(NAMES, starts, starts + span_sec, np.array(shares, np.float32))


def first(scores, count):
    return WindowScores(NAMES, scores.start_sec[:count], scores.end_sec[:count], scores.probabilities[:count])


shares = st.lists(
    st.sampled_from([(0.9, 0.05, 0.05), (0.05, 0.9, 0.05), (0.4, 0.35, 0.25), (0.3, 0.5, 0.2)]), min_size=2
)
options = st.builds(
    TimelineOptions,
    threshold=st.sampled_from([0.0, 0.4, 0.6]),
    min_sec=st.sampled_from([0.0, 0.3, 0.5]),
    smooth_sec=st.sampled_from([0.0, 0.4, 1.0]),
)


@pytest.mark.promise("numbers", "Labels shown while a video is scored do not change later")
@given(shares, st.sampled_from([0.1, 0.25, 0.7]), st.sampled_from([0.3, 0.5, 1.0]), options, st.data())
def test_stable_labels_equal_the_final_ones(rows, stride_sec, span_sec, chosen, data):
    scores = scores_of(rows * 4, stride_sec, span_sec)
    times = np.arange(0, float(scores.end_sec[-1]), 0.04) + 0.001
    final = label_frames(scores, times, chosen)
    count = data.draw(st.integers(1, len(scores.start_sec)))
    stable = stable_labels(first(scores, count), times, chosen)
    if stable is None:
        return
    known = len(stable.times_sec)
    np.testing.assert_array_equal(stable.label_index, final.label_index[:known])
    np.testing.assert_allclose(stable.confidence, final.confidence[:known], atol=1e-5)
    np.testing.assert_array_equal(stable.support, final.support[:known])


def test_stable_labels_lag_as_little_as_possible():
    scores = scores_of([(0.9, 0.05, 0.05)] * 101, 0.1, 0.5)
    times = np.arange(0, 12, 0.04)
    stable = stable_labels(scores, times, TimelineOptions(min_sec=0.5, smooth_sec=1.0))
    assert stable.times_sec[-1] == pytest.approx(10 - 0.5 - 1.5, abs=0.05)
    assert stable_labels(first(scores, 20), times, TimelineOptions(min_sec=0.5, smooth_sec=1.0)) is None
