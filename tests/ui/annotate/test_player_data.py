"""The player's data, decoded as the player does."""

import base64
import json
from dataclasses import replace
from fractions import Fraction

import numpy as np

from har.colours import PALETTE, UNSURE
from har.timeline import FrameLabels, Segment, Timeline, compare, segment
from tests.timeline.test_metrics import labels as labels_of
from ui.annotate.player_data import as_partial, pack_timeline, with_comparison

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


def packed(labels, fps=Fraction(30000, 1001), truth=None, accuracy=None):
    timeline = segment(labels, float(labels.times_sec[-1]) + 1 / fps)
    return json.loads(json.dumps(pack_timeline(labels, timeline, fps, truth, accuracy)))


def numbers(code, kind="<u2"):
    return np.frombuffer(base64.b64decode(code), kind)


def test_every_frame_has_its_label_and_its_three_most_probable_labels():
    labels = frame_labels([250] * 7 + [-1] * 3 + [3] * 5 + [250] * 2)
    data = packed(labels)
    heads = np.searchsorted(data["runs"]["first"], np.arange(17), side="right") - 1
    names = [data["runs"]["label"][head] for head in heads]
    assert [None if at < 0 else data["labels"][at] for at in names] == [labels.label(frame) for frame in range(17)]
    np.testing.assert_allclose(numbers(data["points"]["confidence"]) / 65535, labels.confidence, atol=1e-5)
    index, shares = (numbers(data["points"][part]).reshape(17, 3) for part in ("index", "probability"))
    for frame in range(17):
        assert [data["labels"][at] for at in index[frame, :2]] == [NAMES[at] for at in labels.top_index[frame, :2]]
        assert index[frame, 2] == 65535
    np.testing.assert_allclose(shares / 65535, labels.top_probability, atol=1e-5)


def test_only_labels_that_occur_are_sent_with_their_colours():
    data = packed(frame_labels([250] * 7 + [-1] * 3))
    assert set(data["labels"]) <= {NAMES[at] for at in (0, 1, 2, 20, 21, 22, 250)}
    assert len(data["colours"]) == len(data["labels"])
    assert set(data["colours"]) <= set(PALETTE)
    assert data["unsure"] == UNSURE


def test_constant_rates_are_sent_as_a_rate_and_variable_ones_as_times():
    assert packed(frame_labels([0] * 30))["times"] == {"count": 30, "first": 0.0, "rate": [30000, 1001]}
    rounded = (np.arange(30) * 1001 / 30).round() / 1000  # as in WebM
    assert "rate" in packed(frame_labels([0] * 30, rounded))["times"]
    uneven = np.cumsum([0.0, 0.03, 0.1, 0.04])
    data = packed(frame_labels([0] * 4, uneven))["times"]
    np.testing.assert_allclose(numbers(data["each"], "<f4"), uneven, atol=1e-6)


def test_long_videos_are_sent_with_fewer_probabilities_but_every_label():
    count = 15 * 60 * 60  # a quarter of an hour at 60 frames a second, a label every 0.7 s
    labels = frame_labels(np.arange(count) // 42 % 10, np.arange(count) / 60)
    data = packed(labels, Fraction(60))
    assert len(data["runs"]["first"]) == len(data["segments"]) == -(-count // 42)
    assert data["points"]["step"] == 3
    assert len(numbers(data["points"]["confidence"])) == 18_000
    assert len(json.dumps(data)) < 500_000


def test_cuts_are_sent_and_divide_segments_but_not_labels():
    data = packed(replace(frame_labels([0] * 20, np.arange(20) / 10), cuts_sec=np.array([0.7])), Fraction(10))
    assert data["cuts"] == [0.7]
    assert [(start, end) for start, end, *_ in data["segments"]] == [(0, 0.7), (0.7, 2)]
    assert data["runs"]["first"] == [0]


def test_ground_truth_is_sent_with_the_accuracy_and_colours_for_labels_that_the_classifier_lacks():
    labels = frame_labels([0] * 10 + [-1] * 5 + [1] * 5, np.arange(20) / 10)
    truth = Timeline((Segment(0, 1.2, "action 0"), Segment(1.2, 2.0, "levitating")))
    data = packed(labels, Fraction(10), truth, 0.75)
    assert [(start, end, data["labels"][at]) for start, end, at, _, _ in data["truth"]] == [
        (0, 1.2, "action 0"),
        (1.2, 2.0, "levitating"),
    ]
    assert data["right"] == 0.75
    assert data["colours"][data["truth"][1][2]] in set(PALETTE) - set(data["colours"][:-1])


def test_partial_timelines_leave_room_for_the_rest():
    data = {"times": {"count": 10, "first": 0.0, "rate": [25, 1]}, "duration": 0.4, "segments": []}
    whole = as_partial(data, 100, 4.0)
    assert (whole["times"]["count"], whole["known"], whole["duration"], whole["growing"]) == (100, 10, 4.0, True)
    assert as_partial(data, 5, 4.0)["times"]["count"] == 10  # the file's frame count is too small
    assert as_partial(data, 0, 4.0)["times"]["count"] == 10  # or unknown
    assert data["times"]["count"] == 10


def test_comparisons_use_the_same_label_indices():
    timeline = Timeline((Segment(0, 1, "B", 0.75, 1), Segment(1, 2, None, 0.5, 1)))
    comparison = compare(labels_of("AB"), labels_of("B."), 2.0)
    other = with_comparison({"labels": ["A", "B"]}, ("first", "second"), timeline, comparison)["other"]
    assert other["segments"] == [[0, 1, 1, 0.75, 1], [1, 2, -1, 0.5, 1]]
    assert other["differing"] == [[0, 1], [1, 2]]
    assert other["agreement"] == 0
