"""Two classifiers on one video: how often they agree, and where they differ."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from har.timeline.frame_labels import UNSURE, FrameLabels, find_runs


@dataclass(frozen=True)
class Difference:
    """A part of the video where the two labels differ; None is unsure."""

    start_sec: float
    end_sec: float
    first: str | None
    second: str | None


@dataclass(frozen=True)
class Comparison:
    """How two classifiers label the same frames."""

    agreement: float  # share of frames with the same label; both unsure is the same
    differences: tuple[Difference, ...]


def compare(first: FrameLabels, second: FrameLabels, duration_sec: float) -> Comparison:
    """Compare the labels of the same frames, by name.

    If one of the two was stopped early, only the frames that both have count. A difference on the video's last frame
    ends at `duration_sec`.
    """
    count = min(len(first.times_sec), len(second.times_sec))
    pairs = np.stack([first.label_index[:count], _reindex(second, first.labels)[:count]])
    same = pairs[0] == pairs[1]
    heads = np.unique(np.concatenate([find_runs(row) for row in pairs]))
    longer = first.times_sec if len(first.times_sec) > count else second.times_sec
    end_sec = float(longer[count]) if len(longer) > count else duration_sec
    bounds = [*first.times_sec[heads].tolist(), end_sec]
    differences = tuple(
        Difference(start, end, first.label(head), second.label(head))
        for head, start, end in zip(heads.tolist(), bounds[:-1], bounds[1:], strict=True)
        if not same[head] and end > start
    )
    return Comparison(float(same.mean()), differences)


def _reindex(frames: FrameLabels, labels: tuple[str, ...]) -> Int64[np.ndarray, "frames"]:
    """Frame labels as indices into other labels; names that are not among those come after the last."""
    number = {name: index for index, name in enumerate(labels)}
    numbers = [number.setdefault(name, len(number)) for name in frames.labels]
    index: Int64[np.ndarray, "frames"] = np.array([*numbers, UNSURE], np.int64)[frames.label_index]
    return index
