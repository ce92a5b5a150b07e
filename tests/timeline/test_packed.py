"""What the player is sent, unpacked as it unpacks it."""

import base64
import json
from fractions import Fraction

import numpy as np

from har.colours import PALETTE, UNSURE
from har.timeline import FrameLabels, Segment, Timeline, pack, segment

NAMES = tuple(f"action {number}" for number in range(400))


def frame_labels(index, times=None, seed=0):
    count = len(index)
    rng = np.random.default_rng(seed)
    index = np.array(index, np.int64)
    others = rng.integers(0, 3, count)
    top = np.stack([np.where(index >= 0, index, others), others + 20, np.full(count, -1)], axis=1)
    shares = np.sort(rng.random((count, 3)), axis=1)[:, ::-1].astype(np.float32)
    shares[:, 2] = 0
    times = np.arange(count) * 1001 / 30000 if times is None else np.array(times, np.float64)
    return FrameLabels(times, index, shares[:, 0].copy(), top, shares, np.ones(count, np.int64), NAMES)


def packed(labels, fps=Fraction(30000, 1001), truth=None, right=None):
    timeline = segment(labels, float(labels.times_sec[-1]) + 1 / fps)
    return json.loads(json.dumps(pack(labels, timeline, fps, truth, right)))


def numbers(code, kind="<u2"):
    return np.frombuffer(base64.b64decode(code), kind)


def test_every_frame_has_its_label_and_its_three_most_probable():
    labels = frame_labels([250] * 7 + [-1] * 3 + [3] * 5 + [250] * 2)
    told = packed(labels)
    heads = np.searchsorted(told["runs"]["first"], np.arange(17), side="right") - 1
    names = [told["runs"]["label"][head] for head in heads]
    assert [None if at < 0 else told["labels"][at] for at in names] == [labels.label(frame) for frame in range(17)]
    np.testing.assert_allclose(numbers(told["points"]["confidence"]) / 65535, labels.confidence, atol=1e-5)
    index, shares = (numbers(told["points"][part]).reshape(17, 3) for part in ("index", "probability"))
    for frame in range(17):
        assert [told["labels"][at] for at in index[frame, :2]] == [NAMES[at] for at in labels.top_index[frame, :2]]
        assert index[frame, 2] == 65535  # nobody
    np.testing.assert_allclose(shares / 65535, labels.top_probability, atol=1e-5)


def test_only_labels_that_are_seen_are_sent_each_with_its_colour():
    told = packed(frame_labels([250] * 7 + [-1] * 3))
    assert set(told["labels"]) <= {NAMES[at] for at in (0, 1, 2, 20, 21, 22, 250)}
    assert len(told["colours"]) == len(told["labels"])
    assert set(told["colours"]) <= set(PALETTE)
    assert told["unsure"] == UNSURE


def test_even_frames_are_told_by_their_rate_and_others_one_by_one():
    assert packed(frame_labels([0] * 30))["times"] == {"count": 30, "first": 0.0, "rate": [30000, 1001]}
    rounded = (np.arange(30) * 1001 / 30).round() / 1000  # as a WebM has them
    assert "rate" in packed(frame_labels([0] * 30, rounded))["times"]
    uneven = np.cumsum([0.0, 0.03, 0.1, 0.04])
    told = packed(frame_labels([0] * 4, uneven))["times"]
    np.testing.assert_allclose(numbers(told["each"], "<f4"), uneven, atol=1e-6)


def test_long_videos_are_told_in_fewer_probabilities_but_every_label():
    count = 15 * 60 * 60  # a quarter of an hour at 60 frames a second, a label every 0.7 s
    labels = frame_labels(np.arange(count) // 42 % 10, np.arange(count) / 60)
    told = packed(labels, Fraction(60))
    assert len(told["runs"]["first"]) == len(told["segments"]) == -(-count // 42)
    assert told["points"]["step"] == 3
    assert len(numbers(told["points"]["confidence"])) == 18_000
    assert len(json.dumps(told)) < 500_000


def test_the_truth_is_told_with_how_often_it_was_met():
    labels = frame_labels([0] * 10 + [-1] * 5 + [1] * 5, np.arange(20) / 10)
    truth = Timeline((Segment(0, 1.2, "action 0", 1.0, 0), Segment(1.2, 2.0, "action 1", 1.0, 0)))
    told = packed(labels, Fraction(10), truth, 0.75)
    assert [(start, end, told["labels"][at]) for start, end, at, _, _ in told["truth"]] == [
        (0, 1.2, "action 0"),
        (1.2, 2.0, "action 1"),
    ]
    assert told["right"] == 0.75


def test_what_happens_has_a_colour_also_where_nobody_can_name_it():
    truth = Timeline((Segment(0, 1, "levitating", 1.0, 0),))
    told = packed(frame_labels([0] * 10, np.arange(10) / 10), Fraction(10), truth)
    assert told["right"] is None
    assert told["labels"][told["truth"][0][2]] == "levitating"
    assert told["colours"][told["truth"][0][2]] in set(PALETTE) - set(told["colours"][:-1])
