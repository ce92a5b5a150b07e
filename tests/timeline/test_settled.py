"""Labels while a video is still being scored: none of them changes when the rest comes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har.timeline import TimelineOptions, WindowScores, as_growing, label_frames, settled_labels

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


@settings(max_examples=60, deadline=None)
@given(shares, st.sampled_from([0.1, 0.25, 0.7]), st.sampled_from([0.3, 0.5, 1.0]), options, st.data())
def test_what_is_shown_early_is_what_is_shown_in_the_end(rows, stride_sec, span_sec, chosen, data):
    scores = scores_of(rows * 4, stride_sec, span_sec)
    times = np.arange(0, float(scores.end_sec[-1]), 0.04) + 0.001
    final = label_frames(scores, times, chosen)
    count = data.draw(st.integers(1, len(scores.start_sec)))
    so_far = settled_labels(first(scores, count), times, chosen)
    if so_far is None:
        return
    known = len(so_far.times_sec)
    np.testing.assert_array_equal(so_far.label_index, final.label_index[:known])
    np.testing.assert_allclose(so_far.confidence, final.confidence[:known], atol=1e-5)
    np.testing.assert_array_equal(so_far.support, final.support[:known])


def test_it_follows_the_scores_by_little_more_than_it_must():
    scores = scores_of([(0.9, 0.05, 0.05)] * 101, 0.1, 0.5)
    times = np.arange(0, 12, 0.04)
    so_far = settled_labels(scores, times, TimelineOptions(min_sec=0.5, smooth_sec=1.0))
    assert so_far.times_sec[-1] == pytest.approx(10 - 0.5 - 1.5, abs=0.05)
    assert settled_labels(first(scores, 20), times, TimelineOptions(min_sec=0.5, smooth_sec=1.0)) is None


def test_what_is_to_come_has_its_place():
    packed = {"times": {"count": 10, "first": 0.0, "rate": [25, 1]}, "duration": 0.4, "segments": []}
    whole = as_growing(packed, 100, 4.0)
    assert (whole["times"]["count"], whole["known"], whole["duration"], whole["growing"]) == (100, 10, 4.0, True)
    assert as_growing(packed, 5, 4.0)["times"]["count"] == 10  # the file tells of fewer than there are
    assert as_growing(packed, 0, 4.0)["times"]["count"] == 10  # or of none
    assert packed["times"]["count"] == 10
