"""What a person may say of a timeline, what may not be, and what stands on the frames then."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.errors import CorrectionsRefused
from har.timeline import (
    Corrections,
    Piece,
    TimelineOptions,
    WindowScores,
    check_pieces,
    checked,
    correct,
    label_frames,
    pieces_of,
    segment,
)
from har.timeline.corrections import LONGEST_LABEL, MOST_PIECES, MOST_STEPS

DURATION = 10.0
KNOWN = ("squat", "wave", "<odd> label\u202e")
OPTIONS = TimelineOptions(threshold=0.4, smooth_sec=0.0, min_sec=0.0)


def told(now, past=(), future=()):
    return {"now": now, "past": list(past), "future": list(future)}


def frames(fps=10):
    starts = np.arange(10.0)
    first = np.repeat([0.9, 0.2], 5)
    scores = WindowScores(("squat", "wave"), starts, starts + 1, np.column_stack((first, 1 - first)).astype(np.float32))
    labels = label_frames(scores, np.arange(10 * fps) / fps, OPTIONS)
    return scores, labels


def corrected(*pieces):
    scores, labels = frames()
    return labels, *correct(labels, scores, OPTIONS, pieces, DURATION)


def test_a_step_can_be_taken_back():
    first, second = (Piece(0.0, "a"),), (Piece(0.0, "b"),)
    corrections = Corrections().then(first).then(second)
    assert corrections.now == second
    assert corrections.undone().now == first
    assert corrections.undone().undone().now is None
    assert corrections.undone().undone().undone().now is None
    assert corrections.undone().future == (second,)
    assert corrections.undone().then(second).future == ()
    assert corrections.now == second  # nothing of it has changed


def test_so_many_steps_are_kept_and_no_more():
    corrections = Corrections()
    for number in range(MOST_STEPS + 20):
        corrections = corrections.then((Piece(0.0, f"label {number}"),))
    assert len(corrections.past) == MOST_STEPS
    assert corrections.undone().now == (Piece(0.0, f"label {MOST_STEPS + 18}"),)


def test_what_was_kept_can_always_be_read_again_however_large_the_steps():
    many = tuple(Piece(at / 1000, "squat") for at in range(MOST_PIECES))
    corrections = Corrections()
    for _ in range(30):
        corrections = corrections.then(many)
    assert corrections.past
    assert checked(json.dumps(asdict(corrections.undone().undone())), DURATION, KNOWN).now == many
    assert checked(json.dumps(asdict(corrections)), DURATION, KNOWN) == corrections


def test_what_is_written_is_read_again():
    corrections = Corrections().then((Piece(0.0, "squat"), Piece(2.5, None, "corrected"))).then(None).undone()
    assert checked(json.dumps(asdict(corrections)), DURATION, KNOWN) == corrections


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        [],
        "{}" * 3,
        "[" * 100_000,
        {"now": "squat"},
        told([]),
        told([[0.0, "squat", None]] * 2),
        told([[1.0, "squat", None]]),
        told([[0.0, "squat", None], [11.0, "wave", None]]),
        told([[0.0, "squat", None], [10.0, "wave", None]]),
        told([[0.0, "squat", None], [5.0, "wave", None], [4.0, "squat", None]]),
        told([[0.0, "squat", None], [float("nan"), "wave", None]]),
        told([[0.0, "squat", None], [float("inf"), "wave", None]]),
        told([[-1e-9, "squat", None]]),
        told([["0 or so", "squat", None]]),
        told([[0.0, "squat", "approved"]]),
        told([[0.0, {"a": 1}, None]]),
        told([[0.0, "", None]]),
        told([[0.0, " padded", None]]),
        told([[0.0, "Unsure", None]]),
        told([[0.0, "two\nlines", None]]),
        told([[0.0, "turned \u202e round", None]]),
        told([[0.0, "x" * (LONGEST_LABEL + 1), None]]),
        told([[at / 1000, "squat", None] for at in range(MOST_PIECES + 1)]),
        told(None, [[[0.0, "squat", None]]] * (MOST_STEPS + 1)),
        told(None, [[[1.0, "squat", None]]]),
        told(None, (), [[[0.0, "two\nlines", None]]]),
        told(None, [[[at / 1000, "squat", None] for at in range(1900)]] * 20),
    ],
)
def test_what_cannot_be_is_refused_in_words(value):
    with pytest.raises(CorrectionsRefused) as refusal:
        checked(value, DURATION, KNOWN)
    assert len(str(refusal.value)) < 600
    assert str(refusal.value).isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["now", "past", "future"]), inner),
        max_leaves=12,
    )
)
def test_anything_else_is_corrections_or_refused(value):
    try:
        result = checked(value, DURATION, KNOWN)
    except CorrectionsRefused:
        return
    for state in (result.now, *result.past, *result.future):
        if state is not None:
            check_pieces(state, DURATION, KNOWN)


def test_a_classifiers_own_label_is_taken_whatever_it_looks_like():
    assert checked(told([[0.0, KNOWN[2], None]]), DURATION, KNOWN).now == (Piece(0.0, KNOWN[2]),)


def test_frames_and_segments_say_what_the_person_says():
    before, after, timeline = corrected(
        Piece(0.0, "squat"),
        Piece(3.0, "wave", "corrected"),
        Piece(6.0, None, "corrected"),
        Piece(8.0, "juggling", "corrected"),
    )
    assert [after.label(frame) for frame in (0, 29, 30, 59, 60, 79, 80, 99)] == [
        "squat", "squat", "wave", "wave", None, None, "juggling", "juggling",
    ]  # fmt: skip
    assert after.labels == (*before.labels, "juggling")
    assert after.marks is not None
    assert after.marks[[0, 30, 99]].tolist() == [0, 2, 2]
    assert [(part.start_sec, part.end_sec, part.label, part.mark) for part in timeline.segments] == [
        (0.0, 3.0, "squat", None),
        (3.0, 6.0, "wave", "corrected"),
        (6.0, 8.0, None, "corrected"),
        (8.0, 10.0, "juggling", "corrected"),
    ]


def test_confidence_is_what_the_classifier_gives_the_persons_label():
    _, after, timeline = corrected(Piece(0.0, "wave", "corrected"), Piece(5.0, "juggling", "corrected"))
    assert after.confidence[[0, 49]].tolist() == pytest.approx([0.1, 0.1])
    assert after.confidence[50:].tolist() == [0.0] * 50
    assert [part.confidence for part in timeline.segments] == pytest.approx([0.1, 0.0])


def test_nothing_corrected_is_the_timeline_as_it_was():
    scores, labels = frames()
    timeline = segment(labels, DURATION)
    after, again = correct(labels, scores, OPTIONS, pieces_of(timeline), DURATION)
    assert again == timeline
    assert (after.label_index == labels.label_index).all()
    assert (after.confidence == labels.confidence).all()


def test_times_that_a_browser_has_rounded_mean_the_frame():
    _, after, timeline = corrected(Piece(0.0, "squat"), Piece(3.000004, "wave"), Piece(6.99995, "squat"))
    assert [part.start_sec for part in timeline.segments] == [0.0, 3.0, 7.0]
    assert after.label(30) == "wave"
    assert after.label(70) == "squat"


def test_a_piece_without_a_frame_does_not_stand():
    _, _, timeline = corrected(Piece(0.0, "squat"), Piece(3.02, "wave"), Piece(3.05, "squat"))
    assert [(part.start_sec, part.label) for part in timeline.segments] == [(0.0, "squat"), (3.1, "squat")]
