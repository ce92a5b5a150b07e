"""Labels while a video is still being scored: only those that later windows cannot change."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from har.timeline.frame_labels import FRAME_ARRAYS, FrameLabels, TimelineOptions, label_frames
from har.timeline.scores import WindowScores

_SLACK_SEC = 1e-5  # more than the tolerance of comparing times


def stable_until(scores: WindowScores, options: TimelineOptions) -> float:
    """The second before which no later window, which begins after the last one, can change a label.

    A frame depends on half of the smoothing, and on three times the minimum duration of a segment: a run too short for
    one, the next run that may merge with it, and the one after, which decides whether the next is long enough.
    """
    return float(scores.start_sec[-1]) - options.smooth_sec / 2 - 3 * options.min_sec - _SLACK_SEC


def stable_labels(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], options: TimelineOptions
) -> FrameLabels | None:
    """The beginning of what `label_frames` will return for all windows, from the first ones; None if no frame yet."""
    count = int(np.searchsorted(times_sec, stable_until(scores, options)))
    if not count:
        return None
    scored = times_sec[: np.searchsorted(times_sec, scores.start_sec[-1])]
    labels = label_frames(scores, scored, options)
    return replace(labels, **{name: getattr(labels, name)[:count] for name in FRAME_ARRAYS})
