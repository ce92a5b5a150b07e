"""How well a timeline meets the truth: frame by frame, in the order of its actions, and in where each begins and ends.

The three measures are those of Lea, Flynn, Vidal, Reiter and Hager, "Temporal Convolutional Networks for Action
Segmentation and Detection", CVPR 2017 (arXiv 1611.05267), worked out as in the code that goes with it. A frame accuracy
hardly falls when one action is told in many pieces; the other two do.

What is `None` in a timeline is no action: unsure in what was recognised, nothing of note in the truth. Frames are
compared with it like with any label, so unsure is an error wherever something truly happens and right where nothing
does. Order and segments are compared without it (the paper's background class): there unsure is an error only in that
an action is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from har.timeline.decide import FrameLabels
from har.timeline.segments import Segment, Timeline

IOUS = (0.1, 0.25, 0.5)  # how much a segment and a true one must have in common


@dataclass(frozen=True)
class Measures:
    """How well a timeline meets the truth: shares, 1 is perfect."""

    frame_accuracy: float
    edit_score: float
    f1: tuple[float, ...]  # one for each of `IOUS`


def measure(labels: FrameLabels, timeline: Timeline, truth: Timeline) -> Measures:
    """All three.

    Args:
        labels: of the frames.
        timeline: the same in segments.
        truth: as long as the timeline, its labels spelt alike.
    """
    f1 = tuple(segmental_f1(timeline, truth, iou) for iou in IOUS)
    return Measures(frame_accuracy(labels, truth), edit_score(timeline, truth), f1)


def frame_accuracy(labels: FrameLabels, truth: Timeline) -> float:
    """The share of frames whose label is the true one; where truly nothing happens, that is unsure."""
    ends = np.array([part.end_sec for part in truth.segments])
    known = {None: -1} | {name: index for index, name in enumerate(labels.labels)}
    true = np.array([known.get(part.label, len(known)) for part in truth.segments], np.int64)
    at = np.searchsorted(ends, labels.times_sec, side="right").clip(max=len(ends) - 1)
    return float(np.mean(labels.label_index == true[at]))


def edit_score(timeline: Timeline, truth: Timeline) -> float:
    """Whether the right actions come in the right order, however long each lasts.

    1 minus the Levenshtein distance of the two sequences of labels, divided by the longer one's length.
    """
    told = [part.label for part in actions(timeline)]
    true = [part.label for part in actions(truth)]
    longer = max(len(told), len(true))
    return 1 - _distance(told, true) / longer if longer else 1.0


def segmental_f1(timeline: Timeline, truth: Timeline, iou: float) -> float:
    """Precision and recall, in one, of segments that lie about where a true one of the same label lies.

    A segment is a hit if the true one with which it has most in common (intersection over union, in time) reaches
    `iou` and has not been hit by one before it.
    """
    told, true = actions(timeline), actions(truth)
    if not told and not true:
        return 1.0
    places: dict[str | None, list[int]] = {}
    for place, part in enumerate(true):
        places.setdefault(part.label, []).append(place)
    spans = np.array([(part.start_sec, part.end_sec) for part in true]).reshape(-1, 2)
    hit: set[int] = set()
    for part in told:
        same = places.get(part.label)
        if same is None:
            continue
        shares = _iou(part, spans[same])
        best = int(shares.argmax())
        if shares[best] >= iou:
            hit.add(same[best])
    return 2 * len(hit) / (len(told) + len(true))


def actions(timeline: Timeline) -> list[Segment]:
    """The segments with a label. Neighbours under the same one are one."""
    joined: list[Segment] = []
    for part in timeline.segments:
        if part.label is None:
            continue
        before = joined[-1] if joined else None
        if before and before.label == part.label and before.end_sec == part.start_sec:
            joined[-1] = Segment(before.start_sec, part.end_sec, part.label, before.confidence, before.support)
        else:
            joined.append(part)
    return joined


def _iou(part: Segment, spans: np.ndarray) -> np.ndarray:
    """Of a segment and each of `(segments, 2)` starts and ends."""
    common = np.minimum(part.end_sec, spans[:, 1]) - np.maximum(part.start_sec, spans[:, 0])
    either = np.maximum(part.end_sec, spans[:, 1]) - np.minimum(part.start_sec, spans[:, 0])
    shares: np.ndarray = common.clip(min=0) / either
    return shares


def _distance(left: Sequence[str | None], right: Sequence[str | None]) -> int:
    """Levenshtein's: the fewest labels to put in, leave out or replace. A row of its table at a time."""
    left, right = sorted((left, right), key=len)
    number = {label: index for index, label in enumerate(dict.fromkeys((*left, *right)))}
    others = np.array([number[label] for label in right], np.int64)
    steps = np.arange(len(right) + 1)
    row = steps
    for at, label in enumerate(left, start=1):
        replaced = row[:-1] + (others != number[label])
        cheapest = np.concatenate(([at], np.minimum(replaced, row[1:] + 1)))
        row = np.minimum.accumulate(cheapest - steps) + steps  # or one more of the right ones is put in
    return int(row[-1])
