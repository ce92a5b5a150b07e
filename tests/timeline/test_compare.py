"""Two classifiers on the same frames."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from har.timeline import Segment, Stretch, Timeline, beside, compare
from tests.timeline.test_segmental import labels

ONE, OTHER = ("A", "B", "C", "D"), ("B", "X", "A", "D")  # the letters of `labels`, as each calls them


def renamed(frames, names):
    return replace(frames, labels=names)


def test_labels_are_matched_by_their_names_and_unsure_is_one():
    one = labels("AAB..C")
    other = renamed(labels("CCAA.B"), OTHER)  # A, A, B, B, unsure, X
    found = compare(one, other, 6.0)
    assert found.agreement == pytest.approx(4 / 6)
    assert found.differing == (Stretch(3, 4, None, "B"), Stretch(5, 6, "C", "X"))


def test_where_one_was_stopped_what_both_have_counts():
    found = compare(labels("AB"), labels("AACC"), 2.0)
    assert found.agreement == 0.5
    assert found.differing == (Stretch(1, 2, "B", "A"),)
    assert compare(labels("AACC"), labels("AB"), 2.0).differing == (Stretch(1, 2, "A", "B"),)


texts = st.text("ABCD.", min_size=1, max_size=20)


@settings(max_examples=40, deadline=None)
@given(texts, texts)
def test_who_differs_does_so_both_ways_and_nobody_from_themselves(one, other):
    length = min(len(one), len(other))
    left, right = labels(one[:length]), renamed(labels(other[:length]), OTHER)
    found, mirrored = compare(left, right, float(length)), compare(right, left, float(length))
    assert found.agreement == mirrored.agreement
    assert [(part.start_sec, part.end_sec) for part in found.differing] == [
        (part.start_sec, part.end_sec) for part in mirrored.differing
    ]
    seconds = sum(part.end_sec - part.start_sec for part in found.differing)
    assert seconds == pytest.approx(length * (1 - found.agreement))
    assert compare(left, left, float(length)).differing == ()
    assert all(part.one != part.other for part in found.differing)


def test_the_player_is_told_of_both_in_the_same_names():
    timeline = Timeline((Segment(0, 1, "B", 0.75, 1), Segment(1, 2, None, 0.5, 1)))
    found = compare(labels("AB"), labels("B."), 2.0)
    told = beside({"labels": ["A", "B"]}, ("first", "second"), timeline, found)["other"]
    assert told["segments"] == [[0, 1, 1, 0.75, 1], [1, 2, -1, 0.5, 1]]
    assert told["differing"] == [[0, 1], [1, 2]]
    assert told["agreement"] == 0
