"""Which corrections are accepted, and what they do to frames and segments."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.errors import CorrectionsInvalid
from har.timeline import (
    Corrections,
    Piece,
    TimelineOptions,
    WindowScores,
    apply_pieces,
    check_pieces,
    label_frames,
    parse_corrections,
    segment,
    to_pieces,
)
from har.timeline.corrections import MAX_LABEL_LENGTH, MAX_PIECES, MAX_STEPS

DURATION = 10.0
KNOWN = ("squat", "wave", "<odd> label\u202e")
OPTIONS = TimelineOptions(threshold=0.4, smooth_sec=0.0, min_sec=0.0)


def steps(now, past=(), future=()):
    return {"now": now, "past": list(past), "future": list(future)}


def frames(fps=10):
    starts = np.arange(10.0)
    first = np.repeat([0.9, 0.2], 5)
    scores = WindowScores(("squat", "wave"), starts, starts + 1, np.column_stack((first, 1 - first)).astype(np.float32))
    labels = label_frames(scores, np.arange(10 * fps) / fps, OPTIONS)
    return scores, labels


def corrected(*pieces):
    scores, labels = frames()
    return labels, *apply_pieces(labels, scores, OPTIONS, pieces, DURATION)


def test_steps_can_be_undone():
    first, second = (Piece(0.0, "a"),), (Piece(0.0, "b"),)
    corrections = Corrections().with_step(first).with_step(second)
    assert corrections.now == second
    assert corrections.undo().now == first
    assert corrections.undo().undo().now is None
    assert corrections.undo().undo().undo().now is None
    assert corrections.undo().future == (second,)
    assert corrections.undo().with_step(second).future == ()
    assert corrections.now == second  # immutable


def test_number_of_steps_is_limited():
    corrections = Corrections()
    for number in range(MAX_STEPS + 20):
        corrections = corrections.with_step((Piece(0.0, f"label {number}"),))
    assert len(corrections.past) == MAX_STEPS
    assert corrections.undo().now == (Piece(0.0, f"label {MAX_STEPS + 18}"),)


def test_stored_corrections_are_always_accepted_again_however_large_the_steps_and_whatever_the_known_labels():
    last = (Piece(8.0, None, "corrected"), Piece(9.0, KNOWN[2], "confirmed"))
    many = (*(Piece(at / 1000, "squat") for at in range(MAX_PIECES - len(last))), *last)
    corrections = Corrections()
    for _ in range(30):
        corrections = corrections.with_step(many)
    assert corrections.past
    for stored in (corrections, corrections.undo().undo(), corrections.with_step(None).undo()):
        assert parse_corrections(json.dumps(asdict(stored)), DURATION, KNOWN) == stored


IMPOSSIBLE_LABELS = ({"a": 1}, "", " padded", "Unsure", "two\nlines", "\u202e round", "x" * (MAX_LABEL_LENGTH + 1))
IMPOSSIBLE_STARTS = (
    [], [0.0, 0.0], [1.0], [0.0, DURATION], [0.0, 5.0, 4.0], [0.0, float("nan")], [-1e-9], ["0 or so"],
    [at / 1000 for at in range(MAX_PIECES + 1)],
)  # fmt: skip


@pytest.mark.promise("hostile", "Invalid corrections are refused with a message")
@pytest.mark.parametrize(
    "value",
    [
        None,
        "{}" * 3,
        "[" * 100_000,
        {"now": "squat"},
        *(steps([[at, "squat", None] for at in starts]) for starts in IMPOSSIBLE_STARTS),
        *(steps([[0.0, label, None]]) for label in IMPOSSIBLE_LABELS),
        steps([[0.0, "squat", "approved"]]),
        steps(None, [[[0.0, "squat", None]]] * (MAX_STEPS + 1)),
        steps(None, [[[1.0, "squat", None]]]),
        steps(None, (), [[[0.0, "two\nlines", None]]]),
        steps(None, [[[at / 1000, "squat", None] for at in range(1900)]] * 20),
    ],
)
def test_invalid_corrections_are_refused_with_a_readable_message(value):
    with pytest.raises(CorrectionsInvalid) as refusal:
        parse_corrections(value, DURATION, KNOWN)
    assert len(str(refusal.value)) < 600
    assert str(refusal.value).isprintable()


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["now", "past", "future"]), inner),
        max_leaves=12,
    )
)
def test_random_input_is_valid_corrections_or_refused(value):
    try:
        result = parse_corrections(value, DURATION, KNOWN)
    except CorrectionsInvalid:
        return
    for state in (result.now, *result.past, *result.future):
        if state is not None:
            check_pieces(state, DURATION, KNOWN)


def test_frames_and_segments_follow_the_pieces():
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


def test_confidence_is_the_classifiers_probability_of_the_persons_label():
    _, after, timeline = corrected(Piece(0.0, "wave", "corrected"), Piece(5.0, "juggling", "corrected"))
    assert after.confidence[[0, 49]].tolist() == pytest.approx([0.1, 0.1])
    assert after.confidence[50:].tolist() == [0.0] * 50
    assert [part.confidence for part in timeline.segments] == pytest.approx([0.1, 0.0])


def test_unchanged_pieces_give_the_same_timeline():
    scores, labels = frames()
    timeline = segment(labels, DURATION)
    after, again = apply_pieces(labels, scores, OPTIONS, to_pieces(timeline), DURATION)
    assert again == timeline
    assert (after.label_index == labels.label_index).all()
    assert (after.confidence == labels.confidence).all()


def test_rounded_times_match_their_frame():
    _, after, timeline = corrected(Piece(0.0, "squat"), Piece(3.000004, "wave"), Piece(6.99995, "squat"))
    assert [part.start_sec for part in timeline.segments] == [0.0, 3.0, 7.0]
    assert after.label(30) == "wave"
    assert after.label(70) == "squat"


def test_pieces_without_a_frame_are_dropped():
    _, _, timeline = corrected(Piece(0.0, "squat"), Piece(3.02, "wave"), Piece(3.05, "squat"))
    assert [(part.start_sec, part.label) for part in timeline.segments] == [(0.0, "squat"), (3.1, "squat")]
