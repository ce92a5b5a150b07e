"""The player's data: a timeline in a compact form for `ui/assets/player`, ready for JSON."""

import base64
from collections.abc import Iterable
from fractions import Fraction
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Float, Float64, Int64

from har.colours import UNSURE
from har.timeline import Comparison, FrameLabels, Segment, Timeline, timeline_colours
from har.timeline.frame_labels import find_runs

_MAX_POINTS = 18_000  # frames with their own probability: ten minutes at 30 frames a second
_EVEN = 0.1  # largest deviation from a constant rate, as a share of the time between two frames
_ONE = 65_535  # encodes a probability of 1
_NO_LABEL = 65_535  # in place of a label's index


def pack_timeline(
    frames: FrameLabels,
    timeline: Timeline,
    fps: Fraction,
    truth: Timeline | None = None,
    accuracy: float | None = None,
    also: Iterable[str] = (),
    guesses: Iterable[Segment] = (),
) -> dict[str, Any]:
    """A timeline for the player.

    Labels are sent exactly, however long the video, as runs of frames. Confidence and the three most probable labels
    are sent for each frame, or for every second, third … frame: at most 18,000. Arrays are little-endian in base64.

    Args:
        frames: their labels.
        timeline: the same as segments.
        fps: of the video; if frames do not follow it, their times are sent one by one.
        truth: the ground truth, if known.
        accuracy: the share of frames with the true label.
        also: further labels that get a colour.
        guesses: the closest labels of unsure parts.
    """
    guesses = tuple(guesses)
    guessed = [part.label for part in guesses if part.label]
    actual = [part.label for part in truth.segments if part.label] if truth else []
    names, colours, indices = _legend(frames, actual, also, guessed)
    heads = find_runs(frames.label_index)
    step = max(1, -(-len(frames.times_sec) // _MAX_POINTS))
    index = np.array([indices.get(label, _NO_LABEL) for label in range(len(frames.labels))] + [_NO_LABEL])
    run_labels = [indices[label] if label >= 0 else -1 for label in frames.label_index[heads].tolist()]
    return {
        "times": _times(frames.times_sec, fps),
        "duration": timeline.duration_sec,
        "labels": names,
        "colours": colours,
        "unsure": UNSURE,
        "runs": {"first": heads.tolist(), "label": run_labels},
        "points": {
            "step": step,
            "confidence": _encode(_to_uint16(frames.confidence[::step])),
            "index": _encode(index[frames.top_index[::step]]),
            "probability": _encode(_to_uint16(frames.top_probability[::step])),
        },
        "segments": _segments(timeline.segments, names),
        "cuts": [round(cut_sec, 6) for cut_sec in frames.cuts_sec.tolist()],
        "guesses": _segments(guesses, names),
        "truth": _segments(truth.segments, names) if truth else None,
        "right": accuracy,
    }


def as_partial(packed: dict[str, Any], frame_count: int, duration_sec: float) -> dict[str, Any]:
    """The beginning of a video's timeline, so that the rest is shown empty.

    Args:
        packed: of the frames so far, at a constant rate.
        frame_count: of the whole video, according to its file; 0 if unknown.
        duration_sec: of the whole video.
    """
    known = packed["times"]["count"]
    whole = {"times": packed["times"] | {"count": max(known, frame_count)}, "duration": duration_sec}
    return packed | whole | {"known": known, "growing": True}


def with_comparison(
    packed: dict[str, Any], titles: tuple[str, str], timeline: Timeline, comparison: Comparison
) -> dict[str, Any]:
    """A timeline with a second classifier's below it."""
    other = {
        "titles": titles,
        "agreement": comparison.agreement,
        "segments": _segments(timeline.segments, packed["labels"]),
        "differing": [[round(part.start_sec, 6), round(part.end_sec, 6)] for part in comparison.differences],
    }
    return packed | {"other": other}


def _legend(frames: FrameLabels, *also: Iterable[str]) -> tuple[list[str], list[str], dict[int, int]]:
    """Labels to send, their colours, and where each label of the classifier is among them."""
    colours = timeline_colours(frames, chain(*also))
    names = [name for name in colours if name is not None]
    number = {name: index for index, name in enumerate(frames.labels)}
    index = {number[name]: at for at, name in enumerate(names) if name in number}
    return names, [colours[name] for name in names], index


def _segments(segments: Iterable[Segment], names: list[str]) -> list[list[float]]:
    """Start, end, label (-1: unsure), confidence, support of each."""
    return [
        [
            round(segment.start_sec, 6),
            round(segment.end_sec, 6),
            names.index(segment.label) if segment.label is not None else -1,
            round(segment.confidence, 4),
            segment.support,
        ]
        for segment in segments
    ]


def _times(times_sec: Float64[np.ndarray, "frames"], fps: Fraction) -> dict[str, object]:
    """When frames are shown: their number and a constant rate, or the time of each."""
    times: dict[str, object] = {"count": len(times_sec), "first": float(times_sec[0])}
    even = times_sec[0] + np.arange(len(times_sec)) * fps.denominator / fps.numerator
    if np.abs(times_sec - even).max() < _EVEN / fps:
        return times | {"rate": [fps.numerator, fps.denominator]}
    return times | {"each": _encode(times_sec.astype("<f4"))}


def _to_uint16(values: Float[np.ndarray, "..."]) -> Int64[np.ndarray, "..."]:
    scaled: Int64[np.ndarray, "..."] = (values.clip(0, 1) * _ONE).round().astype(np.int64)
    return scaled


def _encode(values: np.ndarray) -> str:
    small = values if values.dtype == np.dtype("<f4") else values.astype("<u2")
    return base64.b64encode(small.tobytes()).decode("ascii")
