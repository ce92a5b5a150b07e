"""Segments: consecutive frames with one label. All segments of a video are its timeline."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Int64

from har.timeline.frame_labels import FrameLabels

Mark = Literal["confirmed", "corrected"]  # by a person


@dataclass(frozen=True)
class Segment:
    """A part `[start_sec, end_sec)` of the video with one label."""

    start_sec: float
    end_sec: float
    label: str | None  # None: unsure
    confidence: float = 1.0  # mean probability of the label over its frames; of the most probable label where unsure
    support: int = 0  # the lowest number of windows behind any of its frames
    mark: Mark | None = None  # None: not reviewed by a person


@dataclass(frozen=True)
class Timeline:
    """Segments from second 0 to the end of the video, in order, without gaps or overlaps.

    Raises:
        ValueError: segments that break these rules.
    """

    segments: tuple[Segment, ...]

    def __post_init__(self) -> None:
        if not self.segments or self.segments[0].start_sec != 0:
            raise ValueError("a timeline starts at second 0")
        if any(part.end_sec <= part.start_sec for part in self.segments):
            raise ValueError("a segment ends before it starts")
        if any(left.end_sec != right.start_sec for left, right in zip(self.segments, self.segments[1:], strict=False)):
            raise ValueError("segments must follow each other without gap or overlap")

    @property
    def duration_sec(self) -> float:
        """Where the last segment ends."""
        return self.segments[-1].end_sec

    @property
    def unsure_share(self) -> float:
        """The share of the time that is unsure, from 0 to 1."""
        unsure_sec = sum(part.end_sec - part.start_sec for part in self.segments if part.label is None)
        return unsure_sec / self.duration_sec

    def at(self, time_sec: float) -> Segment:
        """The segment at a time: the first before the start, the last after the end."""
        starts = [part.start_sec for part in self.segments]
        return self.segments[max(0, bisect_right(starts, time_sec) - 1)]

    def until(self, end_sec: float) -> "Timeline":
        """The part before a time greater than 0."""
        *earlier, last = (part for part in self.segments if part.start_sec < end_sec)
        return Timeline((*earlier, replace(last, end_sec=min(last.end_sec, end_sec))))


def segment(labels: FrameLabels, duration_sec: float) -> Timeline:
    """Join frames of a shot with the same label. A segment lasts from its first frame to the first frame of the next.

    The last one ends at `duration_sec`; frames beyond it are left out.

    Raises:
        ValueError: no duration.
    """
    if not duration_sec > 0:
        raise ValueError("a timeline needs a positive duration")
    heads = labels.runs()
    bounds = [0.0, *labels.times_sec[heads[1:]].clip(0, duration_sec).tolist(), float(duration_sec)]
    summaries = _summaries(labels, heads)
    return Timeline(
        tuple(
            Segment(start, end, label, confidence, support)
            for start, end, (label, confidence, support) in zip(bounds, bounds[1:], summaries, strict=False)
            if end > start
        )
    )


def _summaries(labels: FrameLabels, heads: Int64[np.ndarray, "runs"]) -> list[tuple[str | None, float, int]]:
    """Label, mean confidence and lowest support of each run of frames."""
    lengths = np.diff(np.append(heads, len(labels.label_index)))
    confidence = np.add.reduceat(labels.confidence.astype(np.float64), heads) / lengths
    support = np.minimum.reduceat(labels.support, heads)
    return [
        (labels.labels[index] if index >= 0 else None, float(mean), int(lowest))
        for index, mean, lowest in zip(labels.label_index[heads].tolist(), confidence, support, strict=True)
    ]
