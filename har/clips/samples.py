"""A video sampled in time: frames at a spec's size and rate, and the windows over them.

A video is sampled at `ClipSpec.rate` frames per second; sample k is at second k / rate. A clip is `ClipSpec.frames`
consecutive samples. A video shorter than the span gives one clip, spread evenly from its first frame to its last.
An edited video can be read shot by shot, so that no clip crosses a cut.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, groupby, islice
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float64, Int, UInt8

from har.errors import OptionsError
from har.video import Cut, FrameReader, VideoInfo, read_frames
from har.video.frames import Fit

T = TypeVar("T")

_MIN_SPAN_SEC = 0.001
_MAX_ZOOM = 2
_MIN_SHARE = 0.2  # of a clip, that a shot must have to be one
_SPREAD_BYTES = 64 << 20  # of frames of a short video held in memory


@dataclass(frozen=True)
class ClipSpec:
    """The shape of a network's input, `(frames, height, width, 3)`, and the time it covers."""

    frames: int = 20  # per clip
    height: int = 64
    width: int = 64
    span_sec: float = 2.0  # seconds from the first frame of a clip to the first one after it
    fit: Fit = "stretch"  # stretch the picture to size, or scale its shorter side and crop the centre
    zoom: float = 1.0  # enlarge it further by this factor, and crop the centre

    def __post_init__(self) -> None:
        if min(self.frames, self.height, self.width) < 1 or not _MIN_SPAN_SEC <= self.span_sec < 3600:
            raise OptionsError(
                f"A clip of {self.frames} frames of {self.width}×{self.height} over {self.span_sec} s was requested.",
                f"Each number must be positive, and the span must be between {_MIN_SPAN_SEC:g} seconds and an hour.",
                "Choose other numbers.",
            )
        if not 1 <= self.zoom <= _MAX_ZOOM:
            raise OptionsError(
                f"A zoom of {self.zoom:g} was requested.",
                f"It must be between 1 and {_MAX_ZOOM}.",
                "Choose another number.",
            )

    @property
    def rate(self) -> Fraction:
        """Sampled frames per second."""
        return self.frames / Fraction(self.span_sec).limit_denominator(10_000)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """`(frames, height, width, 3)`."""
        return (self.frames, self.height, self.width, 3)


def read_for_spec(info: VideoInfo, spec: ClipSpec, *, fps: Fraction | None, **options: Any) -> FrameReader:
    """Read a video's frames with a spec's size, fit and zoom; for the rest see `har.video.read_frames`."""
    return read_frames(info, size=(spec.height, spec.width), fit=spec.fit, zoom=spec.zoom, fps=fps, **options)


def stride_samples(spec: ClipSpec, stride_sec: float) -> int:
    """A stride in samples: rounded, at least one.

    Raises:
        OptionsError: a stride that is not positive.
    """
    if not 0 < stride_sec < 3600:
        raise OptionsError(
            f"A stride of {stride_sec} s was requested.",
            "More than 0 and less than 3600 s were expected.",
            "Choose another.",
        )
    return max(1, round(stride_sec * spec.rate))


def window_starts(sample_count: int, spec: ClipSpec, stride: int) -> Int[np.ndarray, "windows"]:
    """Index of the first sample of each window; the last window ends with the video."""
    last = sample_count - spec.frames
    starts = np.arange(0, last + 1, stride)
    if last > 0 and starts[-1] != last:
        starts = np.append(starts, last)
    return starts


def windows(samples: Iterable[np.ndarray], spec: ClipSpec, stride: int) -> Iterator[tuple[int, np.ndarray]]:
    """Slide a window of `spec.frames` samples (frames, or their features) over a stream, in constant memory.

    Yields:
        The index of a window's first sample, and its samples stacked along a first axis; the same windows as
        `window_starts` lists, with `stride` samples between their starts.
    """
    recent: deque[np.ndarray] = deque(maxlen=spec.frames)
    count = start = 0
    for count, item in enumerate(samples, start=1):
        recent.append(item)
        if count == start + spec.frames:
            yield start, np.stack(recent)
            start += stride
    last = count - spec.frames
    if last >= 0 and last != start - stride:
        yield last, np.stack(recent)


@dataclass(frozen=True)
class Shot:
    """The samples of a continuous part of a video: a clip or more, or none."""

    number: int  # of the cuts before it
    first: int  # index of its first sample
    frames: Iterator[UInt8[np.ndarray, "height width 3"]]  # read before the next shot


class Samples:
    """A video's frames at a spec's size and rate, at least one clip. Iterate once, over all or over `shots`.

    Raises:
        NoFrames: while iterating, nothing could be decoded.
    """

    def __init__(
        self, info: VideoInfo, spec: ClipSpec, *, collect_times: bool = False, find_cuts: bool = False
    ) -> None:
        self.info = info
        self.spec = spec
        self.collect_times = collect_times
        self.find_cuts = find_cuts
        self.cuts: Sequence[Cut] = ()  # if they are to be found: so far, at least up to the current sample
        # After the end, of every source frame, if collect_times.
        self.times_sec: Float64[np.ndarray, "source_frames"] = np.empty(0)
        self.warning: str | None = None  # after the end: what could not be read
        self.spread = False  # after the end: whether the video was shorter than the span

    def __iter__(self) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        for shot in self.shots():
            yield from shot.frames

    def shots(self) -> Iterator[Shot]:
        """The video shot by shot; as one if no cuts are to be found.

        A shot that is shorter than the span gives one clip, its samples played back and forth; if it is much shorter,
        it gives none.
        """
        with read_for_spec(
            self.info, self.spec, fps=self.spec.rate, collect_times=self.collect_times, find_cuts=self.find_cuts
        ) as reader:
            self.cuts = reader.cuts
            for number, samples in groupby(enumerate(reader), lambda sample: self._shot_of(sample[0])):
                first, frame = next(samples)
                frames = chain([frame], (frame for _, frame in samples))  # noqa: B031  # its first is taken out above
                yield Shot(number, first, self._clip_or_more(frames))
            self.warning = reader.warning
            if self.collect_times:
                self.times_sec = reader.times_sec

    def _shot_of(self, sample: int) -> int:
        return bisect_right(self.cuts, sample, key=lambda cut: cut.sample)

    def _clip_or_more(
        self, frames: Iterator[UInt8[np.ndarray, "height width 3"]]
    ) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        head = list(islice(frames, self.spec.frames))
        if len(head) == self.spec.frames:
            yield from chain(head, frames)
        elif self.cuts:
            if len(head) >= _MIN_SHARE * self.spec.frames:
                yield from back_and_forth(head, self.spec.frames)
        else:
            self.spread = True
            yield from _spread(self.info, self.spec)


def back_and_forth(items: Sequence[T], count: int) -> list[T]:
    """The items forwards, backwards and so on: in the order of `items`, if there are as many."""
    last = max(1, len(items) - 1)
    return [items[index] for index in (last - np.abs(np.arange(count) % (2 * last) - last)).clip(max=len(items) - 1)]


def decode(info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "samples height width 3"]:
    """All samples of a (short) video at once, from which training draws its clips."""
    return np.stack(list(Samples(info, spec)))


def _spread(info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "frames height width 3"]:
    """Frames spread evenly over a video that is shorter than the span."""
    max_frames = max(2 * spec.frames, _SPREAD_BYTES // int(np.prod(spec.shape[1:])))
    kept: list[UInt8[np.ndarray, "height width 3"]] = []
    step = 1
    with read_for_spec(info, spec, fps=None) as reader:
        for number, frame in enumerate(reader):
            if number % step == 0:
                kept.append(frame)
            if len(kept) > max_frames:  # thousands of frames within a second: halve the rate
                kept, step = kept[::2], 2 * step
    chosen: UInt8[np.ndarray, "frames height width 3"] = np.stack(
        [kept[index] for index in np.linspace(0, len(kept) - 1, spec.frames).round().astype(int)]
    )
    return chosen
