"""Metrics against ground truth: computed by hand, and properties of all timelines."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import (
    IOUS,
    Segment,
    Timeline,
    edit_score,
    frame_accuracy,
    segment,
    segmental_f1,
    segmentation_metrics,
)
from tests.exports.data import frame_labels

NAMES = ("A", "B", "C", "D")


def timeline(text):
    """One second per letter, '.' is background: equal neighbours make one segment."""
    parts, at = [], 0
    while at < len(text):
        end = at + len(text[at:]) - len(text[at:].lstrip(text[at]))
        parts.append(Segment(float(at), float(end), None if text[at] == "." else text[at], 0.5, 1))
        at = end
    return Timeline(tuple(parts))


def labels(text, per_letter=10):
    index = np.repeat([NAMES.index(letter) if letter in NAMES else -1 for letter in text], per_letter)
    return replace(frame_labels(NAMES, tuple(index)), times_sec=np.arange(len(index)) / per_letter)


@pytest.mark.parametrize(
    ("predicted", "true", "share"),
    [
        ("AAAB", "AABB", 0.75),
        ("A..B", "AABB", 0.5),  # unsure is wrong where something happens
        ("ABCC", "AB..", 0.5),  # and right in the background, where a label is wrong
        ("AAAA", "XXXX", 0.0),  # a label that the classifier lacks
        ("....", "XXXX", 0.0),
    ],
)
def test_frame_accuracy(predicted, true, share):
    assert frame_accuracy(labels(predicted), timeline(true)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("predicted", "true", "share"), [("AAB", "AAABBBBBBB", 0.9), ("AAA", "AAABBBBBBB", 0.3), ("AAB", "AAABBBBB..", 0.7)]
)
def test_a_held_frame_counts_by_its_time(predicted, true, share):
    """Ten frames a second for three seconds; the last one is shown for seven more."""
    found = labels(predicted)
    held = replace(found, times_sec=np.append(found.times_sec[:-1], 3.0))
    assert frame_accuracy(held, timeline(true)) == pytest.approx(share, abs=0.015)


@pytest.mark.parametrize(
    ("predicted", "true", "share"),
    [
        ("AAAAAABC", "ABCCCCCC", 1.0),  # durations do not matter
        ("A.B.C", "ABC", 1.0),  # nor does unsure
        ("ABDC", "ABC", 1 - 1 / 4),  # one too many
        ("BA", "AB", 0.0),  # both are replaced
        ("..", "AB", 0.0),
        ("A.A", "AA", 0.5),  # interrupted, so two
    ],
)
def test_edit_score(predicted, true, share):
    assert edit_score(timeline(predicted), timeline(true)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("predicted", "true", "iou", "share"),
    [
        ("AAAB", "AABB", 0.5, 1.0),  # IoU 2/3 and 1/2
        ("AAAB", "AABB", 0.51, 0.5),
        ("AAAAAAAAAB", "ABBBBBBBBB", 0.1, 1.0),  # 1/10 and 1/9
        ("AAAAAAAAAB", "ABBBBBBBBB", 0.25, 0.0),
        ("A.A.", "AAAA", 0.25, 2 / 3),  # the second overlaps a true one that is hit already
        ("A.A.", "AAAA", 0.26, 0.0),
        ("AABB", "BBAA", 0.1, 0.0),  # the right labels in the wrong places
        ("AAAA", "AA..", 0.5, 1.0),
        ("....", "AABB", 0.1, 0.0),
        ("AAAA", "....", 0.1, 0.0),
    ],
)
def test_segmental_f1(predicted, true, iou, share):
    assert segmental_f1(timeline(predicted), timeline(true), iou) == pytest.approx(share)


def test_adjacent_segments_with_one_label_count_as_one():
    predicted = Timeline((Segment(0, 1, "A", 0.5, 1), Segment(1, 2, "A", 0.5, 1)))
    assert edit_score(predicted, timeline("AA")) == 1
    assert segmental_f1(predicted, timeline("AA"), 0.5) == 1


texts = st.text("ABCD.", min_size=1, max_size=30)


@given(texts, texts)
def test_metrics_are_shares_perfect_for_the_truth_and_stricter_with_a_higher_iou(one, other):
    length = min(len(one), len(other))
    predicted, true = timeline(one[:length]), timeline(other[:length])
    f1 = [segmental_f1(predicted, true, share) for share in IOUS]
    assert f1 == sorted(f1, reverse=True)
    for share in (*f1, edit_score(predicted, true), frame_accuracy(labels(one[:length]), true)):
        assert 0 <= share <= 1
    assert edit_score(predicted, true) == edit_score(true, predicted)
    perfect = segmentation_metrics(labels(one[:length]), predicted, predicted)
    assert (perfect.frame_accuracy, perfect.edit_score, perfect.f1) == (1, 1, (1, 1, 1))


@given(st.text("ABC", min_size=2, max_size=12), st.integers(0, 1_000))
def test_fragmentation_lowers_edit_score_and_f1_but_hardly_accuracy(text, seed):
    """Every tenth frame has another label."""
    clean = "".join(letter * 20 for letter in text)
    pieces = [*clean]
    for at in range(seed % 5 + 3, len(pieces), 10):
        pieces[at] = "D"
    shown, true = labels(pieces, 1), timeline(clean)
    found = segmentation_metrics(shown, segment(shown, float(len(clean))), true)
    assert found.frame_accuracy >= 0.9
    assert found.edit_score < 0.6
    assert found.f1[-1] < 0.6


def _textbook_distance(left, right):
    row = list(range(len(right) + 1))
    for at, one in enumerate(left, start=1):
        before, row = row, [at]
        for other in range(1, len(right) + 1):
            changed = before[other - 1] + (one != right[other - 1])
            row.append(min(row[-1] + 1, before[other] + 1, changed))
    return row[-1]


@given(texts, texts)
def test_edit_score_uses_the_levenshtein_distance(one, other):
    left, right = ([part.label for part in timeline(text).segments if part.label] for text in (one, other))
    # Segments separated by background stay two, as in the paper's code.
    longer = max(len(left), len(right))
    expected = 1 - _textbook_distance(left, right) / longer if longer else 1
    assert edit_score(timeline(one), timeline(other)) == pytest.approx(expected)
