"""One label for each frame, or none: threshold, hysteresis, minimum duration."""

from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from har.errors import OptionsError
from har.timeline.frame_scores import check_times, score_frames, smooth
from har.timeline.scores import WindowScores

UNSURE = -1  # index of no label
FRAME_ARRAYS = ("times_sec", "label_index", "confidence", "top_index", "top_probability", "support")
_TOP = 3
_BLOCK_VALUES = 1 << 19  # probabilities in a block: fits into a processor's cache
_MIN_BLOCK_FRAMES = 256  # so that the loop over blocks costs little
_EQUAL_SEC = 1e-6  # durations that differ by less are equal


@dataclass(frozen=True)
class TimelineOptions:
    """What turns probabilities into labels.

    Raises:
        OptionsError: a number outside its range.
    """

    threshold: float = 0.4  # minimum probability for a label to begin; if none reaches it: unsure
    hysteresis: float = 0.1  # how far a label may fall below the threshold, or behind another, before it ends
    min_sec: float = 0.5  # shorter runs of a label do not count
    smooth_sec: float = 1.0  # probabilities are averaged over this duration around each frame

    def __post_init__(self) -> None:
        for name, highest in (("threshold", 1.0), ("hysteresis", 1.0), ("min_sec", 3600.0), ("smooth_sec", 3600.0)):
            value = getattr(self, name)
            if not 0 <= value <= highest:
                raise OptionsError(
                    f"{name} is {value}.", f"It must be between 0 and {highest:g}.", "Choose another value."
                )


@dataclass(frozen=True)
class FrameLabels:
    """The label of every frame: what the frame table, the burned-in text and the charts read.

    Raises:
        ValueError: inconsistent shapes, times that do not ascend, an index without a label.
    """

    times_sec: Float64[np.ndarray, "frames"]
    label_index: Int64[np.ndarray, "frames"]  # -1: unsure
    confidence: Float32[np.ndarray, "frames"]  # smoothed probability of the label; of the most probable where unsure
    top_index: Int64[np.ndarray, "frames 3"]  # most probable first; -1 where no further label has any probability
    top_probability: Float32[np.ndarray, "frames 3"]
    support: Int64[np.ndarray, "frames"]  # windows that cover the frame; 0: the nearest one's scores
    labels: tuple[str, ...]
    marks: Int64[np.ndarray, "frames"] | None = None  # 1: confirmed by a person, 2: corrected; None: no corrections
    # Where shots begin but the first.
    cuts_sec: Float64[np.ndarray, "cuts"] = field(default_factory=lambda: np.empty(0))

    def __post_init__(self) -> None:
        count = len(self.times_sec)
        rows = (self.label_index, self.confidence, self.support, *(() if self.marks is None else (self.marks,)))
        tops = (self.top_index, self.top_probability)
        if any(row.shape != (count,) for row in rows) or any(top.shape != (count, _TOP) for top in tops):
            raise ValueError(f"expected {count} frames in every array")
        for index in (self.label_index, self.top_index):
            if index.size and not (index.min() >= UNSURE and index.max() < len(self.labels)):
                raise ValueError("an index has no label")
        check_times(self.times_sec)

    def label(self, frame: int) -> str | None:
        """The label of a frame, None where unsure."""
        index = int(self.label_index[frame])
        return None if index == UNSURE else self.labels[index]

    def runs(self) -> Int64[np.ndarray, "runs"]:
        """The first frame of each run of one label within a shot."""
        shots = np.searchsorted(self.times_sec, self.cuts_sec)
        return np.union1d(find_runs(self.label_index), shots[shots < len(self.times_sec)])

    def ranked_labels(self) -> list[int]:
        """Labels by the sum of their probabilities among each frame's three most probable, highest first.

        Every frame's label is included. The order hardly depends on the threshold, so neither do the colours.
        """
        valid = self.top_index >= 0
        sums = np.bincount(self.top_index[valid], self.top_probability[valid].astype(np.float64), len(self.labels))
        seen = np.union1d(self.top_index[valid], self.label_index[self.label_index >= 0])
        return sorted(seen.tolist(), key=lambda label: (-sums[label], label))


def label_frames(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], options: TimelineOptions
) -> FrameLabels:
    """Choose a label for every frame.

    A label begins where it is the most probable and reaches the threshold. It lasts until its probability falls below
    threshold - hysteresis, or another label leads by more than the hysteresis. A run shorter than `min_sec` then takes
    the label of its two neighbours if they agree, else it becomes unsure.

    Each shot of a video is labelled as if it were a video of its own. It is unsure if it is too short for a window.

    Raises:
        ValueError: times that are not finite or do not ascend.
    """
    check_times(times_sec)
    shots = [_label_shot(windows, times, options) for windows, times in scores.shots(times_sec)]
    arrays = {name: np.concatenate([getattr(shot, name) for shot in shots]) for name in FRAME_ARRAYS}
    return FrameLabels(**arrays, labels=scores.labels, cuts_sec=scores.cuts_sec)


def _label_shot(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], options: TimelineOptions
) -> FrameLabels:
    count = len(times_sec)
    index = np.full(count, UNSURE, np.int64)
    confidence, support = np.zeros(count, np.float32), np.zeros(count, np.int64)
    top_index, top_probability = np.full((count, _TOP), UNSURE, np.int64), np.zeros((count, _TOP), np.float32)
    rows = max(_MIN_BLOCK_FRAMES, _BLOCK_VALUES // len(scores.labels))
    at, current = 0, UNSURE
    for block in smooth(score_frames(scores, times_sec, rows), options.smooth_sec):
        part = slice(at, at + len(block.times_sec))
        top_index[part], top_probability[part] = top_labels(block.probabilities)
        index[part] = with_hysteresis(block.probabilities, top_index[part, 0], current, options)
        confidence[part] = _probability_of(block.probabilities, index[part], top_probability[part, 0])
        support[part] = block.support
        at, current = part.stop, int(index[part.stop - 1])
    before = index.copy()
    _drop_short(index, times_sec, options.min_sec)
    _fill_gaps(index, scores, times_sec, options)
    confidence[index == UNSURE] = top_probability[index == UNSURE, 0]
    for label in np.unique(index[(index != before) & (index != UNSURE)]).tolist():
        filled = (index == label) & (before != label)
        confidence[filled] = smoothed_probability(scores, times_sec, label, options.smooth_sec)[filled]
    return FrameLabels(times_sec, index, confidence, top_index, top_probability, support, scores.labels)


def find_runs(index: Int64[np.ndarray, "frames"]) -> Int64[np.ndarray, "runs"]:
    """The first position of each run of equal numbers."""
    return np.concatenate((np.zeros(1, np.int64), np.flatnonzero(np.diff(index)) + 1))


def top_labels(
    probabilities: Float32[np.ndarray, "frames labels"],
) -> tuple[Int64[np.ndarray, "frames 3"], Float32[np.ndarray, "frames 3"]]:
    """The three most probable labels; of equal ones the first comes first."""
    remaining = probabilities.copy()
    rows = np.arange(len(remaining))
    index = np.full((len(remaining), _TOP), UNSURE, np.int64)
    values = np.zeros((len(remaining), _TOP), np.float32)
    for place in range(min(_TOP, remaining.shape[1])):
        best = remaining.argmax(axis=1)
        values[:, place] = remaining[rows, best]
        remaining[rows, best] = -1
        index[:, place] = np.where(values[:, place] > 0, best, UNSURE)
    return index, values


def with_hysteresis(
    probabilities: Float32[np.ndarray, "frames labels"],
    best: Int64[np.ndarray, "frames"],
    current: int,
    options: TimelineOptions,
) -> Int64[np.ndarray, "frames"]:
    """Labels of a block's frames, given the label of the frame before the block."""
    highest = probabilities.max(axis=1).tolist()
    # Rounded like the probabilities, so that 0.7 reaches 0.7.
    enter, leave = (float(np.float32(value)) for value in (options.threshold, options.threshold - options.hysteresis))
    out: list[int] = []
    own: list[float] = []  # probability of the current label in each frame
    owner = UNSURE
    for frame, (leader, lead) in enumerate(zip(best.tolist(), highest, strict=True)):
        if current != UNSURE:
            if owner != current:
                own, owner = probabilities[:, current].tolist(), current
            behind = lead - own[frame] > options.hysteresis
            if behind or own[frame] < leave or own[frame] == 0:  # 0 means none of the labels
                current = UNSURE
        if current == UNSURE and lead >= enter:
            current = leader  # -1 where all are zero
        out.append(current)
    return np.array(out, np.int64)


def _probability_of(
    probabilities: Float32[np.ndarray, "frames labels"],
    index: Int64[np.ndarray, "frames"],
    otherwise: Float32[np.ndarray, "frames"],
) -> Float32[np.ndarray, "frames"]:
    own = probabilities[np.arange(len(index)), np.maximum(index, 0)]
    return np.where(index == UNSURE, otherwise, own)


def _short(
    heads: Int64[np.ndarray, "runs"], times_sec: Float64[np.ndarray, "frames"], min_sec: float
) -> Bool[np.ndarray, "runs"]:
    """Which runs last less than `min_sec`, each from its first frame to the first frame of the next.

    The last frame lasts as long as the median one. A run of the whole video is never short.
    """
    if len(heads) < 2:
        return np.zeros(len(heads), bool)
    end = times_sec[-1] + np.median(np.diff(times_sec))
    lengths = np.diff(np.append(times_sec[heads], end))
    return lengths < min_sec - _EQUAL_SEC


def _drop_short(index: Int64[np.ndarray, "frames"], times_sec: Float64[np.ndarray, "frames"], min_sec: float) -> None:
    """Relabel short runs as their neighbours where these agree and are not short themselves, else as unsure."""
    heads = find_runs(index)
    ends = np.append(heads[1:], len(index))
    short = _short(heads, times_sec, min_sec)
    labels = index[heads]
    for run in np.flatnonzero(short & (labels != UNSURE)).tolist():
        inside = 0 < run < len(heads) - 1
        agree = inside and labels[run - 1] == labels[run + 1] and not short[run - 1] and not short[run + 1]
        index[heads[run] : ends[run]] = labels[run - 1] if agree else UNSURE


def _fill_gaps(
    index: Int64[np.ndarray, "frames"],
    scores: WindowScores,
    times_sec: Float64[np.ndarray, "frames"],
    options: TimelineOptions,
) -> None:
    """Close short unsure gaps within a label where its probability never fell below threshold - hysteresis."""
    heads = find_runs(index)
    labels = index[heads]
    gaps = np.flatnonzero(_short(heads, times_sec, options.min_sec) & (labels == UNSURE))
    gaps = gaps[(gaps > 0) & (gaps < len(heads) - 1)]
    gaps = gaps[labels[gaps - 1] == labels[gaps + 1]]
    for label in np.unique(labels[gaps - 1]).tolist():
        probability = smoothed_probability(scores, times_sec, label, options.smooth_sec)
        for gap in gaps[labels[gaps - 1] == label].tolist():
            part = slice(heads[gap], heads[gap + 1])
            if probability[part].min() >= options.threshold - options.hysteresis:
                index[part] = label


def smoothed_probability(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], label: int, smooth_sec: float
) -> Float32[np.ndarray, "frames"]:
    """One label's smoothed probability on each frame of the whole video."""
    single = replace(scores, labels=(scores.labels[label],), probabilities=scores.probabilities[:, label : label + 1])
    blocks = chain.from_iterable(
        smooth(score_frames(windows, times, _BLOCK_VALUES), smooth_sec) for windows, times in single.shots(times_sec)
    )
    return np.concatenate([block.probabilities[:, 0] for block in blocks])
