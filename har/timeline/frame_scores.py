"""Probabilities of frames from those of windows, and smoothing, in blocks of frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64

from har.timeline.scores import WindowScores

_EQUAL_SEC = 1e-6  # times that differ by less are equal


@dataclass(frozen=True)
class FrameScores:
    """Probabilities for a block of consecutive frames.

    Raises:
        ValueError: inconsistent shapes, or times that do not ascend.
    """

    labels: tuple[str, ...]
    times_sec: Float64[np.ndarray, "frames"]
    probabilities: Float32[np.ndarray, "frames labels"]
    support: Int64[np.ndarray, "frames"]  # windows that cover the frame; 0: the nearest window's scores

    def __post_init__(self) -> None:
        count = len(self.times_sec)
        if self.probabilities.shape != (count, len(self.labels)) or self.support.shape != (count,):
            raise ValueError(
                f"{count} times, {self.probabilities.shape} probabilities, {self.support.shape} supports and "
                f"{len(self.labels)} labels are inconsistent"
            )
        check_times(self.times_sec)


def check_times(times_sec: Float64[np.ndarray, "frames"]) -> None:
    """Check the times at which frames are shown.

    Raises:
        ValueError: no frame, or times that are not finite or do not ascend.
    """
    if not len(times_sec) or not np.isfinite(times_sec).all() or (np.diff(times_sec) <= 0).any():
        raise ValueError("frame times must be finite and ascending, at least one")


def score_frames(
    scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], block: int = 4096
) -> Iterator[FrameScores]:
    """Every frame's probabilities: the mean of the windows `[start, end)` that contain its time.

    A frame in no window gets those of the nearest one (the earlier of two equally near), with support 0. Times ascend,
    at a constant rate or not. The size of the blocks does not affect the result.

    Raises:
        ValueError: times that are not finite or do not ascend.
    """
    check_times(times_sec)
    for at in range(0, len(times_sec), block):
        times = times_sec[at : at + block]
        # Starts and ends both ascend, so the windows that cover a frame are neighbours: first ≤ window < last.
        first = np.searchsorted(scores.end_sec, times, side="right")
        last = np.searchsorted(scores.start_sec, times, side="right")
        support = np.maximum(last - first, 0)
        first, last = np.where(support > 0, (first, last), _nearest(scores, times, last))
        yield FrameScores(scores.labels, times, _means(scores.probabilities, first, last), support.astype(np.int64))


def smooth(blocks: Iterable[FrameScores], smooth_sec: float) -> Iterator[FrameScores]:
    """Average each frame's probabilities with those of all frames within half of `smooth_sec` before and after it.

    The blocks returned may be of other sizes than those received; sizes do not affect the values.

    Raises:
        ValueError: blocks whose times do not ascend from one to the next.
    """
    if smooth_sec <= 0:
        yield from blocks
        return
    reach_sec = smooth_sec / 2 + _EQUAL_SEC
    pending: FrameScores | None = None  # frames that need later ones, after the context that they need
    done = 0  # frames of `pending` that are already smoothed
    for block in blocks:
        pending = block if pending is None else _join(pending, block)
        ready = int(np.searchsorted(pending.times_sec, pending.times_sec[-1] - reach_sec, side="left"))
        if ready > done:
            yield _average(pending, done, ready, reach_sec)
            needed = int(np.searchsorted(pending.times_sec, pending.times_sec[ready] - reach_sec, side="left"))
            pending, done = _cut(pending, needed), ready - needed
    if pending is not None:
        yield _average(pending, done, len(pending.times_sec), reach_sec)


def _nearest(
    scores: WindowScores, times: Float64[np.ndarray, "frames"], last: Int64[np.ndarray, "frames"]
) -> tuple[Int64[np.ndarray, "frames"], Int64[np.ndarray, "frames"]]:
    """The nearest window of each frame that is between two, as first ≤ window < last."""
    before = np.maximum(last - 1, 0)
    after = np.minimum(last, len(scores.start_sec) - 1)
    since = np.where(last > 0, times - scores.end_sec[before], np.inf)
    until = np.where(last < len(scores.start_sec), scores.start_sec[after] - times, np.inf)
    nearest = np.where(since <= until, before, after)
    return nearest, nearest + 1


def _means(
    values: Float32[np.ndarray, "rows labels"], first: Int64[np.ndarray, "frames"], last: Int64[np.ndarray, "frames"]
) -> Float32[np.ndarray, "frames labels"]:
    """For each frame the mean of rows first ≤ row < last, from running sums over only the rows that are used.

    Consecutive frames often share their rows, so each distinct range is summed once.
    """
    changes = np.flatnonzero((np.diff(first) != 0) | (np.diff(last) != 0)) + 1
    heads = np.concatenate(([0], changes))
    low, high = first[heads], last[heads]
    base = int(low.min())
    sums = np.zeros((int(high.max()) - base + 1, values.shape[1]))
    np.cumsum(values[base : int(high.max())], axis=0, dtype=np.float64, out=sums[1:])
    means = sums[high - base]
    means -= sums[low - base]
    means /= (high - low)[:, None]
    return np.repeat(means.astype(np.float32), np.diff(np.append(heads, len(first))), axis=0)


def _average(scores: FrameScores, first: int, last: int, reach_sec: float) -> FrameScores:
    times = scores.times_sec[first:last]
    low = np.searchsorted(scores.times_sec, times - reach_sec, side="left")
    high = np.searchsorted(scores.times_sec, times + reach_sec, side="right")
    probabilities = _means(scores.probabilities, low, high)
    return FrameScores(scores.labels, times, probabilities, scores.support[first:last])


def _join(left: FrameScores, right: FrameScores) -> FrameScores:
    return FrameScores(
        left.labels,
        np.concatenate((left.times_sec, right.times_sec)),
        np.concatenate((left.probabilities, right.probabilities)),
        np.concatenate((left.support, right.support)),
    )


def _cut(scores: FrameScores, first: int) -> FrameScores:
    return FrameScores(scores.labels, scores.times_sec[first:], scores.probabilities[first:], scores.support[first:])
