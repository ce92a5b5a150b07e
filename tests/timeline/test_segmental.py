"""How well a timeline meets the truth: by hand, and what must hold of any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har.timeline import (
    IOUS,
    FrameLabels,
    Segment,
    Timeline,
    edit_score,
    frame_accuracy,
    measure,
    segment,
    segmental_f1,
)

NAMES = ("A", "B", "C", "D")


def timeline(text, sec=1.0):
    """A second a letter: 'AAB.' is A, A, B, nothing; letters in a row that are alike make one segment."""
    parts, at = [], 0
    while at < len(text):
        end = at + len(text[at:]) - len(text[at:].lstrip(text[at]))
        parts.append(Segment(at * sec, end * sec, None if text[at] == "." else text[at], 0.5, 1))
        at = end
    return Timeline(tuple(parts))


def labels(text, per_letter=10):
    index = np.repeat([NAMES.index(letter) if letter in NAMES else -1 for letter in text], per_letter).astype(np.int64)
    count = len(index)
    top = np.full((count, 3), -1, np.int64)
    shares = np.zeros((count, 3), np.float32)
    times = np.arange(count) / per_letter
    return FrameLabels(times, index, np.zeros(count, np.float32), top, shares, np.ones(count, np.int64), NAMES)


@pytest.mark.parametrize(
    ("told", "true", "share"),
    [
        ("AABB", "AABB", 1.0),
        ("AAAB", "AABB", 0.75),
        ("A..B", "AABB", 0.5),  # unsure where something happens is wrong
        ("AB..", "AB..", 1.0),  # and right where nothing does
        ("ABCC", "AB..", 0.5),  # where a label is not
        ("AAAA", "XXXX", 0.0),  # a label that the classifier does not have
        ("....", "XXXX", 0.0),
    ],
)
def test_frames(told, true, share):
    assert frame_accuracy(labels(told), timeline(true)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("told", "true", "share"),
    [
        ("ABC", "ABC", 1.0),
        ("AAAAAABC", "ABCCCCCC", 1.0),  # how long each lasts is nothing to it
        ("A.B.C", "ABC", 1.0),  # nor is what is unsure
        ("AC", "ABC", 1 - 1 / 3),  # one is missing
        ("ABDC", "ABC", 1 - 1 / 4),  # one too many
        ("ADC", "ABC", 1 - 1 / 3),  # one is another
        ("ABABAB", "AB", 1 - 4 / 6),
        ("BA", "AB", 0.0),  # both are replaced
        ("DD", "AB", 0.0),
        ("..", "AB", 0.0),
        ("..", "..", 1.0),
        ("A.A", "AA", 0.5),  # what was interrupted is two
    ],
)
def test_order(told, true, share):
    assert edit_score(timeline(told), timeline(true)) == pytest.approx(share)


@pytest.mark.parametrize(
    ("told", "true", "iou", "share"),
    [
        ("AABB", "AABB", 0.5, 1.0),
        ("AAAB", "AABB", 0.5, 1.0),  # 2/3 and 1/2 in common
        ("AAAB", "AABB", 0.51, 0.5),
        ("AAAAAAAAAB", "ABBBBBBBBB", 0.1, 1.0),  # 1/10 and 1/9
        ("AAAAAAAAAB", "ABBBBBBBBB", 0.25, 0.0),
        ("A.A.", "AAAA", 0.25, 2 / 3),  # the second has the same true one, which is hit already
        ("A.A.", "AAAA", 0.26, 0.0),
        ("AABB", "BBAA", 0.1, 0.0),  # the right labels elsewhere
        ("AAAA", "AA..", 0.5, 1.0),
        ("....", "AABB", 0.1, 0.0),
        ("....", "....", 0.5, 1.0),
        ("AAAA", "....", 0.1, 0.0),
    ],
)
def test_segments(told, true, iou, share):
    assert segmental_f1(timeline(told), timeline(true), iou) == pytest.approx(share)


def test_a_segment_that_is_told_in_two_rows_is_one():
    told = Timeline((Segment(0, 1, "A", 0.5, 1), Segment(1, 2, "A", 0.5, 1)))
    assert edit_score(told, timeline("AA")) == 1
    assert segmental_f1(told, timeline("AA"), 0.5) == 1


texts = st.text("ABCD.", min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(texts)
def test_the_truth_itself_is_perfect(text):
    found = measure(labels(text), timeline(text), timeline(text))
    assert (found.frame_accuracy, found.edit_score, found.f1) == (1, 1, (1, 1, 1))


@settings(max_examples=40, deadline=None)
@given(texts, texts, st.sampled_from(IOUS))
def test_every_measure_is_a_share_and_a_stricter_one_is_no_higher(one, other, iou):
    length = min(len(one), len(other))
    told, true = timeline(one[:length]), timeline(other[:length])
    f1 = [segmental_f1(told, true, share) for share in IOUS]
    assert f1 == sorted(f1, reverse=True)
    for share in (*f1, edit_score(told, true), frame_accuracy(labels(one[:length]), true)):
        assert 0 <= share <= 1
    assert edit_score(told, true) == edit_score(true, told)
    assert segmental_f1(told, told, iou) == 1


@settings(max_examples=40, deadline=None)
@given(st.text("ABC", min_size=2, max_size=12), st.integers(0, 1_000))
def test_pieces_cost_order_and_segments_but_hardly_frames(text, seed):
    """Every tenth of a second another label of a tenth of a second: a tenth of all frames."""
    clean = "".join(letter * 20 for letter in text)
    pieces = [*clean]
    for at in range(seed % 5 + 3, len(pieces), 10):
        pieces[at] = "D"
    shown, true = labels(pieces, 1), timeline(clean)
    found = measure(shown, segment(shown, float(len(clean))), true)
    assert found.frame_accuracy >= 0.9
    assert found.edit_score < 0.6
    assert found.f1[-1] < 0.6


def _distance_by_the_book(left, right):
    row = list(range(len(right) + 1))
    for at, one in enumerate(left, start=1):
        before, row = row, [at]
        for other in range(1, len(right) + 1):
            changed = before[other - 1] + (one != right[other - 1])
            row.append(min(row[-1] + 1, before[other] + 1, changed))
    return row[-1]


@settings(max_examples=60, deadline=None)
@given(texts, texts)
def test_the_distance_is_levenshteins(one, other):
    left, right = ([part.label for part in timeline(text).segments if part.label] for text in (one, other))
    # Neighbours across nothing stay two, as in the paper's code.
    longer = max(len(left), len(right))
    expected = 1 - _distance_by_the_book(left, right) / longer if longer else 1
    assert edit_score(timeline(one), timeline(other)) == pytest.approx(expected)


def test_thousands_of_segments_can_be_compared():
    told, true = timeline("ABCD" * 2500, 0.05), timeline("ABDC" * 1000, 0.1)
    assert 0 < edit_score(told, true) < 1
    assert 0 <= segmental_f1(told, true, 0.1) <= 1
