"""A timeline as small as it can be sent to a program that shows it frame by frame."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Float, Float64, Int64

from har.colours import PALETTE, UNSURE, of_labels
from har.timeline.compare import Comparison
from har.timeline.decide import FrameLabels, runs
from har.timeline.segments import Segment, Timeline

_MOST_POINTS = 18_000  # with a probability of their own: ten minutes at 30 frames a second
_EVEN = 0.1  # of the time between two frames: what lies no further off is where an even rate has it
_WHOLE = 65_535  # what stands for a probability of 1
_NOBODY = 65_535  # in place of a label


@dataclass(frozen=True)
class _Looks:
    """Which labels are told, each with its colour."""

    names: list[str]
    colours: list[str]
    place: dict[int, int]  # of a label among the names, by its index


def pack(
    labels: FrameLabels,
    timeline: Timeline,
    fps: Fraction,
    truth: Timeline | None = None,
    right: float | None = None,
    also: Iterable[str] = (),
) -> dict[str, Any]:
    """What `pages/assets/player` reads, ready for JSON.

    Which label a frame has is told exactly, however long the video, as runs of frames. Confidence and the three most
    probable are told of each frame, or of every second, third … one, 18,000 in all at most. Arrays of numbers are
    little-endian in base64.

    Args:
        labels: of the frames.
        timeline: the same in segments.
        fps: of the video; where frames do not follow it, their times are sent one by one.
        truth: what really happens, as far as known.
        right: the share of frames whose label is the true one.
        also: further labels that get a colour.
    """
    looks = _looks(labels, [*(part.label for part in truth.segments if part.label)] if truth else [], also)
    heads = runs(labels.label_index)
    step = max(1, -(-len(labels.times_sec) // _MOST_POINTS))
    index = np.array([looks.place.get(label, _NOBODY) for label in range(len(labels.labels))] + [_NOBODY])
    return {
        "times": _times(labels.times_sec, fps),
        "duration": timeline.duration_sec,
        "labels": looks.names,
        "colours": looks.colours,
        "unsure": UNSURE,
        "runs": {"first": heads.tolist(), "label": _places(labels.label_index[heads].tolist(), looks)},
        "points": {
            "step": step,
            "confidence": _packed(_shares(labels.confidence[::step])),
            "index": _packed(index[labels.top_index[::step]]),
            "probability": _packed(_shares(labels.top_probability[::step])),
        },
        "segments": _segments(timeline.segments, looks.names),
        "truth": _segments(truth.segments, looks.names) if truth else None,
        "right": right,
    }


def as_growing(packed: dict[str, Any], frame_count: int, duration_sec: float) -> dict[str, Any]:
    """What `pack` has given for the beginning of a video, so that the rest stands empty.

    Args:
        packed: of the frames that are known, at an even rate.
        frame_count: of the whole video, as far as its file tells; 0 where it does not.
        duration_sec: of the whole video.
    """
    known = packed["times"]["count"]
    whole = {"times": packed["times"] | {"count": max(known, frame_count)}, "duration": duration_sec}
    return packed | whole | {"known": known, "growing": True}


def beside(packed: dict[str, Any], titles: tuple[str, str], timeline: Timeline, found: Comparison) -> dict[str, Any]:
    """What `pack` has given, and a second classifier's timeline below the first's.

    Args:
        packed: has all labels of both.
        titles: of the two classifiers.
        timeline: the second's.
        found: where the two differ.
    """
    told = {
        "titles": titles,
        "agreement": found.agreement,
        "segments": _segments(timeline.segments, packed["labels"]),
        "differing": [[round(part.start_sec, 6), round(part.end_sec, 6)] for part in found.differing],
    }
    return packed | {"other": told}


def colours_by_name(labels: FrameLabels, also: Iterable[str | None] = ()) -> dict[str | None, str]:
    """The colour of each label that is among the three most probable anywhere; None is unsure.

    Args:
        labels: of a video.
        also: further labels, which get what is left.
    """
    found = of_labels(labels.likeliest())
    colours = {None if index < 0 else labels.labels[index]: colour for index, colour in found.items()}
    for label in also:
        free = [colour for colour in PALETTE if colour not in colours.values()]
        colours.setdefault(label, free[0] if free else PALETTE[len(colours) % len(PALETTE)])
    return colours


def _looks(labels: FrameLabels, *also: Iterable[str]) -> _Looks:
    colours = colours_by_name(labels, chain(*also))
    names = [name for name in colours if name is not None]
    known = {name: index for index, name in enumerate(labels.labels)}
    place = {known[name]: at for at, name in enumerate(names) if name in known}
    return _Looks(names, [colours[name] for name in names], place)


def _places(index: list[int], looks: _Looks) -> list[int]:
    return [looks.place[label] if label >= 0 else -1 for label in index]


def _segments(parts: Iterable[Segment], names: list[str]) -> list[list[float]]:
    """Start, end, label (-1: unsure), confidence, support of each."""
    return [
        [
            round(part.start_sec, 6),
            round(part.end_sec, 6),
            names.index(part.label) if part.label is not None else -1,
            round(part.confidence, 4),
            part.support,
        ]
        for part in parts
    ]


def _times(times_sec: Float64[np.ndarray, "frames"], fps: Fraction) -> dict[str, object]:
    """When frames are shown: their number and an even rate, or the time of each."""
    told: dict[str, object] = {"count": len(times_sec), "first": float(times_sec[0])}
    even = times_sec[0] + np.arange(len(times_sec)) * fps.denominator / fps.numerator
    if np.abs(times_sec - even).max() < _EVEN / fps:
        return told | {"rate": [fps.numerator, fps.denominator]}
    return told | {"each": _packed(times_sec.astype("<f4"))}


def _shares(values: Float[np.ndarray, "..."]) -> Int64[np.ndarray, "..."]:
    whole: Int64[np.ndarray, "..."] = (values.clip(0, 1) * _WHOLE).round().astype(np.int64)
    return whole


def _packed(values: np.ndarray) -> str:
    small = values if values.dtype == np.dtype("<f4") else values.astype("<u2")
    return base64.b64encode(small.tobytes()).decode("ascii")
