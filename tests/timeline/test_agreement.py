"""Two classifiers on the same frames."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.timeline import Difference, compare
from tests.timeline.test_metrics import labels

ONE, OTHER = ("A", "B", "C", "D"), ("B", "X", "A", "D")  # the letters of `labels`, as each calls them


def renamed(frames, names):
    return replace(frames, labels=names)


def test_labels_are_compared_by_name_and_unsure_is_one_of_them():
    one = labels("AAB..C")
    other = renamed(labels("CCAA.B"), OTHER)  # A, A, B, B, unsure, X
    found = compare(one, other, 6.0)
    assert found.agreement == pytest.approx(4 / 6)
    assert found.differences == (Difference(3, 4, None, "B"), Difference(5, 6, "C", "X"))


def test_only_frames_that_both_have_are_compared():
    found = compare(labels("AB"), labels("AACC"), 2.0)
    assert found.agreement == 0.5
    assert found.differences == (Difference(1, 2, "B", "A"),)
    assert compare(labels("AACC"), labels("AB"), 2.0).differences == (Difference(1, 2, "A", "B"),)


texts = st.text("ABCD.", min_size=1, max_size=20)


@given(texts, texts)
def test_comparison_is_symmetric_and_none_differs_from_itself(one, other):
    length = min(len(one), len(other))
    left, right = labels(one[:length]), renamed(labels(other[:length]), OTHER)
    found, mirrored = compare(left, right, float(length)), compare(right, left, float(length))
    assert found.agreement == mirrored.agreement
    assert [(part.start_sec, part.end_sec) for part in found.differences] == [
        (part.start_sec, part.end_sec) for part in mirrored.differences
    ]
    seconds = sum(part.end_sec - part.start_sec for part in found.differences)
    assert seconds == pytest.approx(length * (1 - found.agreement))
    assert compare(left, left, float(length)).differences == ()
    assert all(part.first != part.second for part in found.differences)
