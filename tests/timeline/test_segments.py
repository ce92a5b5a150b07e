"""Segments: in order, without gaps or overlaps, from the first second to the last."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import Segment, Timeline, segment
from tests.exports.data import frame_labels


def labels_of(index, times, **changes):
    return replace(frame_labels(("A", "B"), tuple(index)), times_sec=np.array(times, np.float64), **changes)


def test_consecutive_frames_with_one_label_become_one_segment():
    confidence, support = np.array([0.5, 0.7, 0.2, 0.9], np.float32), np.array([2, 1, 3, 0])
    labels = labels_of([0, 0, -1, 1], [0.04, 0.1, 0.2, 0.5], confidence=confidence, support=support)
    timeline = segment(labels, 1.0)
    assert [(s.start_sec, s.end_sec, s.label, s.support) for s in timeline.segments] == [
        (0.0, 0.2, "A", 1),
        (0.2, 0.5, None, 3),
        (0.5, 1.0, "B", 0),
    ]
    np.testing.assert_allclose([s.confidence for s in timeline.segments], [0.6, 0.2, 0.9], rtol=1e-6)
    assert (timeline.duration_sec, timeline.unsure_share) == (1.0, pytest.approx(0.3))


def test_timeline_at_a_time_and_until_a_time():
    timeline = Timeline((Segment(0, 1, "A", 0.5, 1), Segment(1, 2, None, 0.1, 1)))
    assert [timeline.at(time).label for time in (-1, 0, 0.99, 1, 2, 9)] == ["A", "A", "A", None, None, None]
    assert timeline.until(1.5).segments == (timeline.segments[0], Segment(1, 1.5, None, 0.1, 1))
    assert timeline.until(1).segments == timeline.segments[:1]
    assert timeline.until(9) == timeline


@pytest.mark.parametrize(
    "bounds", [[], [(1, 2)], [(0, 1), (2, 3)], [(0, 2), (1, 3)], [(0, 0)], [(0, 1), (1, 1), (1, 2)]]
)
def test_gaps_and_overlaps_are_refused(bounds):
    with pytest.raises(ValueError, match=r"segment|timeline"):
        Timeline(tuple(Segment(start, end, "A", 0.5, 1) for start, end in bounds))


@given(
    st.lists(st.tuples(st.integers(-1, 1), st.integers(1, 9)), min_size=1, max_size=40),
    st.floats(0.01, 10),
)
def test_segments_cover_the_video_and_agree_with_every_frame(parts, duration):
    """Even if the container's duration ends before the last frame."""
    times = np.cumsum([step for _, step in parts]) / 16
    timeline = segment(labels_of([index for index, _ in parts], times), duration)
    assert timeline.segments[0].start_sec == 0
    assert timeline.duration_sec == duration
    for (index, _), time in zip(parts, times, strict=True):
        if time < duration:
            assert timeline.at(time).label == (None if index < 0 else "AB"[index])


def test_inconsistent_frame_labels_are_refused():
    with pytest.raises(ValueError, match="no label"):
        labels_of([2], [0.0])
    with pytest.raises(ValueError, match="ascend"):
        labels_of([0, 0], [1.0, 0.0])
    with pytest.raises((ValueError, TypeError)):
        labels_of([0, 0], [0.0])
    with pytest.raises(ValueError, match="duration"):
        segment(labels_of([0], [0.0]), 0.0)
