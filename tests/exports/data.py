"""Annotated videos for tests of export formats."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from har.exports import Document
from har.timeline import FrameLabels, Scored, Segment, Timeline, TimelineOptions, WindowScores
from har.video import VideoInfo

INFO = VideoInfo(
    path=Path("/private/folder/Clip ü.mp4"),
    width=320,
    height=240,
    fps=Fraction(30000, 1001),
    duration_sec=3.0,
    frame_count=3,
    has_audio=False,
    codec="h264",
    container="mp4",
    variable_rate=False,
    size_bytes=1000,
    warning=None,
)


def frame_labels(names: tuple[str, ...] = ("squat",), index: tuple[int, ...] = (0,)) -> FrameLabels:
    count = len(index)
    return FrameLabels(
        times_sec=np.arange(count) * 1001 / 30000,
        label_index=np.array(index, np.int64),
        confidence=np.linspace(0.25, 0.75, count, dtype=np.float32),
        top_index=np.full((count, 3), -1, np.int64),
        top_probability=np.zeros((count, 3), np.float32),
        support=np.ones(count, np.int64),
        labels=names,
    )


def document(
    *segments: Segment,
    frames: FrameLabels | None = None,
    duration_sec: float = 3.0,
    stopped: bool = False,
    warning: str | None = None,
    cuts_sec: tuple[float, ...] = (),
) -> Document:
    starts, ends = np.array([0.0, *cuts_sec]), np.array([*cuts_sec, 3.0])
    scores = WindowScores(
        ("squat", "jump"), starts, ends, np.array([[0.7, 0.3]] * len(starts), np.float32), np.array(cuts_sec)
    )
    scored = Scored(scores, np.arange(3.0), duration_sec, stopped, warning)
    fields: dict[str, Any] = {
        "video": INFO,
        "classifier": {"name": "lrcn-figures"},
        "labels": ("squat",),
        "options": TimelineOptions(),
        "scored": scored,
        "frames": frames or frame_labels(),
        "timeline": Timeline(segments or (Segment(0.0, 3.0, "squat", 0.5, 1),)),
        "verdict": [("squat", 0.7)],
    }
    return Document(**fields)
