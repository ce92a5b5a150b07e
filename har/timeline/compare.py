"""Two classifiers on one video: how often they say the same, and where they do not."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from har.timeline.decide import UNSURE, FrameLabels, runs


@dataclass(frozen=True)
class Stretch:
    """A stretch of the video under two different labels; None is unsure."""

    start_sec: float
    end_sec: float
    one: str | None
    other: str | None


@dataclass(frozen=True)
class Comparison:
    """What two classifiers say of the same frames."""

    agreement: float  # the share of frames of which both say the same; both unsure is the same
    differing: tuple[Stretch, ...]


def compare(one: FrameLabels, other: FrameLabels, duration_sec: float) -> Comparison:
    """Hold the labels of the same frames against each other. The same label is one that is spelt alike.

    Args:
        one: of a video's frames.
        other: of the same frames; where one of the two was stopped, what both have counts.
        duration_sec: of the video, where a stretch with its last frame ends.
    """
    count = min(len(one.times_sec), len(other.times_sec))
    pairs = np.stack([one.label_index[:count], _as_in(one, other)[:count]])
    same = pairs[0] == pairs[1]
    heads = np.unique(np.concatenate([runs(row) for row in pairs]))
    longer = one.times_sec if len(one.times_sec) > count else other.times_sec
    end_sec = float(longer[count]) if len(longer) > count else duration_sec
    bounds = [*one.times_sec[heads].tolist(), end_sec]
    differing = tuple(
        Stretch(start, end, one.label(head), other.label(head))
        for head, start, end in zip(heads.tolist(), bounds[:-1], bounds[1:], strict=True)
        if not same[head] and end > start
    )
    return Comparison(float(same.mean()), differing)


def _as_in(one: FrameLabels, other: FrameLabels) -> Int64[np.ndarray, "frames"]:
    """The other's labels by their number among the first's; those that it does not have come after its last."""
    number = {name: index for index, name in enumerate(one.labels)}
    numbers = [number.setdefault(name, len(number)) for name in other.labels]
    index: Int64[np.ndarray, "frames"] = np.array([*numbers, UNSURE], np.int64)[other.label_index]
    return index
