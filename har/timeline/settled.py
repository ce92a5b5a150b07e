"""Labels while a video is still being scored: only those that will not change any more."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from har.timeline.decide import FrameLabels, TimelineOptions, label_frames
from har.timeline.scores import WindowScores

_LEAST_SEC = 1e-5  # more than what times are compared with


def settled_until(scores: WindowScores, options: TimelineOptions) -> float:
    """The second before which nothing changes, whatever the windows still to come say; they begin after the last one.

    A frame waits for half of what is smoothed over, and for three times the least duration of a segment: a stretch too
    short for one, the next that may join with it, and the one after that, which says whether the next is long enough.
    """
    return float(scores.start_sec[-1]) - options.smooth_sec / 2 - 3 * options.min_sec - _LEAST_SEC


def settled_labels(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], options: TimelineOptions
) -> FrameLabels | None:
    """The beginning of what `label_frames` will give when all windows are there; None where that is no frame yet.

    Args:
        scores: of the first windows of a video.
        times_sec: of all of its frames, as far as known.
        options: of the timeline.
    """
    count = int(np.searchsorted(times_sec, settled_until(scores, options)))
    if not count:
        return None
    scored = times_sec[: np.searchsorted(times_sec, scores.start_sec[-1])]
    labels = label_frames(scores, scored, options)
    parts = ("times_sec", "label_index", "confidence", "top_index", "top_probability", "support")
    return replace(labels, **{part: getattr(labels, part)[:count] for part in parts})
