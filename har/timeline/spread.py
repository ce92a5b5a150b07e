"""Window scores spread over a video's frames, and smoothed, in blocks of frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64

from har.timeline.scores import WindowScores

_SAME_INSTANT_SEC = 1e-6  # times a video's clock cannot tell apart


@dataclass(frozen=True)
class FrameScores:
    """Probabilities for a block of consecutive frames.

    Raises:
        ValueError: shapes that do not fit each other, or times that do not ascend.
    """

    labels: tuple[str, ...]
    times_sec: Float64[np.ndarray, "frames"]
    probabilities: Float32[np.ndarray, "frames labels"]
    support: Int64[np.ndarray, "frames"]  # windows that cover the frame; 0: taken from the nearest window

    def __post_init__(self) -> None:
        count = len(self.times_sec)
        if self.probabilities.shape != (count, len(self.labels)) or self.support.shape != (count,):
            raise ValueError(
                f"{count} times, {self.probabilities.shape} probabilities, {self.support.shape} supports and "
                f"{len(self.labels)} labels do not fit each other"
            )
        check_times(self.times_sec)


def check_times(times_sec: Float64[np.ndarray, "frames"]) -> None:
    """Frames are shown one after the other.

    Raises:
        ValueError: no frame, or times that are not finite or do not ascend.
    """
    if not len(times_sec) or not np.isfinite(times_sec).all() or (np.diff(times_sec) <= 0).any():
        raise ValueError("frame times must be there, finite, and ascend")


def frames(scores: WindowScores, times_sec: Float64[np.ndarray, "frames"], block: int = 4096) -> Iterator[FrameScores]:
    """Every frame's probabilities: the mean of the windows `[start, end)` that its time lies in.

    A frame in no window takes the nearest one's (the earlier of two equally near), with support 0.

    Args:
        scores: of windows.
        times_sec: when each frame is shown, ascending, at any rate or none.
        block: frames at a time; the result does not depend on it.

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
    """Each frame's probabilities averaged with those of all frames within half of `smooth_sec` before and after it.

    Blocks may come out with other borders than they came in with; what they hold does not depend on the borders.

    Raises:
        ValueError: blocks whose times do not ascend from one to the next.
    """
    if smooth_sec <= 0:
        yield from blocks
        return
    reach = smooth_sec / 2 + _SAME_INSTANT_SEC
    held: FrameScores | None = None  # context of frames already given, and frames that wait for what follows them
    done = 0  # frames of `held` that are already given
    for block in blocks:
        held = block if held is None else _join(held, block)
        ready = int(np.searchsorted(held.times_sec, held.times_sec[-1] - reach, side="left"))
        if ready > done:
            yield _average(held, done, ready, reach)
            needed = int(np.searchsorted(held.times_sec, held.times_sec[ready] - reach, side="left"))
            held, done = _cut(held, needed), ready - needed
    if held is not None:
        yield _average(held, done, len(held.times_sec), reach)


def _nearest(
    scores: WindowScores, times: Float64[np.ndarray, "frames"], last: Int64[np.ndarray, "frames"]
) -> tuple[Int64[np.ndarray, "frames"], Int64[np.ndarray, "frames"]]:
    """The nearest window of each frame that lies between two, as first ≤ window < last."""
    before = np.maximum(last - 1, 0)
    after = np.minimum(last, len(scores.start_sec) - 1)
    past = np.where(last > 0, times - scores.end_sec[before], np.inf)
    ahead = np.where(last < len(scores.start_sec), scores.start_sec[after] - times, np.inf)
    nearest = np.where(past <= ahead, before, after)
    return nearest, nearest + 1


def _means(
    values: Float32[np.ndarray, "rows labels"], first: Int64[np.ndarray, "frames"], last: Int64[np.ndarray, "frames"]
) -> Float32[np.ndarray, "frames labels"]:
    """For each frame the mean of rows first ≤ row < last, from running sums over only the rows that are touched.

    Frames in a row often share their rows, so each different range is summed once.
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


def _average(held: FrameScores, first: int, last: int, reach: float) -> FrameScores:
    times = held.times_sec[first:last]
    low = np.searchsorted(held.times_sec, times - reach, side="left")
    high = np.searchsorted(held.times_sec, times + reach, side="right")
    probabilities = _means(held.probabilities, low, high)
    return FrameScores(held.labels, times, probabilities, held.support[first:last])


def _join(left: FrameScores, right: FrameScores) -> FrameScores:
    return FrameScores(
        left.labels,
        np.concatenate((left.times_sec, right.times_sec)),
        np.concatenate((left.probabilities, right.probabilities)),
        np.concatenate((left.support, right.support)),
    )


def _cut(held: FrameScores, first: int) -> FrameScores:
    return FrameScores(held.labels, held.times_sec[first:], held.probabilities[first:], held.support[first:])
