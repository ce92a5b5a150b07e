"""How well a timeline agrees with the ground truth: frame by frame, in the order of actions, and in their extents.

The three metrics are those of Lea, Flynn, Vidal, Reiter and Hager, "Temporal Convolutional Networks for Action
Segmentation and Detection", CVPR 2017 (arXiv 1611.05267), computed as in the code published with it. Frame accuracy
hardly drops when one action is split into many pieces; the other two do.

`None` in a timeline is no action: unsure in a prediction, background in the ground truth. Frames treat it like any
label, so unsure is wrong wherever something happens and right in the background. Edit score and F1 leave it out (the
paper's background class): there unsure is wrong only in that an action is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from har.timeline.frame_labels import FrameLabels
from har.timeline.segments import Segment, Timeline

_HELD = 2  # a frame that lasts more than so many usual ones is held
IOUS = (0.1, 0.25, 0.5)  # minimum intersection over union of a segment and a true one


@dataclass(frozen=True)
class SegmentationMetrics:
    """Shares; 1 is perfect."""

    frame_accuracy: float
    edit_score: float
    f1: tuple[float, ...]  # one for each of `IOUS`


def segmentation_metrics(labels: FrameLabels, timeline: Timeline, truth: Timeline) -> SegmentationMetrics:
    """All three metrics of a timeline and its frames; the ground truth is as long, with the same spelling of labels."""
    f1 = tuple(segmental_f1(timeline, truth, iou) for iou in IOUS)
    return SegmentationMetrics(frame_accuracy(labels, truth), edit_score(timeline, truth), f1)


def frame_accuracy(labels: FrameLabels, truth: Timeline) -> float:
    """The share of frames with the true label; in the background that is unsure.

    Where frames do not all last about as long, each counts by its time: a slide of a minute as much as that minute.
    """
    starts, index, weights = labels.times_sec, labels.label_index, None
    true_starts = np.array([part.start_sec for part in truth.segments])
    lasting = np.diff(np.append(starts, truth.duration_sec))
    if lasting.max() > _HELD * np.median(lasting):
        frame_starts = np.append(0.0, starts[1:].clip(0, truth.duration_sec))
        starts = np.union1d(true_starts, frame_starts)
        index = index[np.searchsorted(frame_starts, starts, side="right") - 1]
        weights = np.diff(np.append(starts, truth.duration_sec))
    known = {None: -1} | {name: number for number, name in enumerate(labels.labels)}
    true = np.array([known.get(part.label, len(known)) for part in truth.segments], np.int64)
    at = (np.searchsorted(true_starts, starts, side="right") - 1).clip(min=0)
    return float(np.average(index == true[at], weights=weights))


def edit_score(timeline: Timeline, truth: Timeline) -> float:
    """1 minus the Levenshtein distance of the two sequences of labels, divided by the longer one's length."""
    predicted = [part.label for part in actions(timeline)]
    true = [part.label for part in actions(truth)]
    longer = max(len(predicted), len(true))
    return 1 - _levenshtein(predicted, true) / longer if longer else 1.0


def segmental_f1(timeline: Timeline, truth: Timeline, iou: float) -> float:
    """F1 of segments, each a hit if it overlaps a true one with the same label enough.

    Only the true segment with the largest intersection over union counts: it must reach `iou`, and no earlier segment
    may have hit it.
    """
    predicted, true = actions(timeline), actions(truth)
    if not predicted and not true:
        return 1.0
    by_label: dict[str | None, list[int]] = {}
    for index, part in enumerate(true):
        by_label.setdefault(part.label, []).append(index)
    spans = np.array([(part.start_sec, part.end_sec) for part in true]).reshape(-1, 2)
    hit: set[int] = set()
    for part in predicted:
        same = by_label.get(part.label)
        if same is None:
            continue
        shares = _iou(part, spans[same])
        best = int(shares.argmax())
        if shares[best] >= iou:
            hit.add(same[best])
    return 2 * len(hit) / (len(predicted) + len(true))


def actions(timeline: Timeline) -> list[Segment]:
    """The segments with a label; neighbours with the same one are joined."""
    joined: list[Segment] = []
    for part in timeline.segments:
        if part.label is None:
            continue
        if joined and joined[-1].label == part.label and joined[-1].end_sec == part.start_sec:
            joined[-1] = replace(joined[-1], end_sec=part.end_sec)
        else:
            joined.append(part)
    return joined


def _iou(part: Segment, spans: np.ndarray) -> np.ndarray:
    """Intersection over union of a segment and each row of starts and ends, of shape (segments, 2)."""
    common = np.minimum(part.end_sec, spans[:, 1]) - np.maximum(part.start_sec, spans[:, 0])
    either = np.maximum(part.end_sec, spans[:, 1]) - np.minimum(part.start_sec, spans[:, 0])
    shares: np.ndarray = common.clip(min=0) / either
    return shares


def _levenshtein(left: Sequence[str | None], right: Sequence[str | None]) -> int:
    """The fewest labels to insert, delete or replace, one row of the table at a time."""
    left, right = sorted((left, right), key=len)
    number = {label: index for index, label in enumerate(dict.fromkeys((*left, *right)))}
    others = np.array([number[label] for label in right], np.int64)
    steps = np.arange(len(right) + 1)
    row = steps
    for position, label in enumerate(left, start=1):
        replaced = row[:-1] + (others != number[label])
        cheapest = np.concatenate(([position], np.minimum(replaced, row[1:] + 1)))
        row = np.minimum.accumulate(cheapest - steps) + steps  # or one more label is inserted
    return int(row[-1])
