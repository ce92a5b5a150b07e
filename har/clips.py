"""From a video's frames to a network's input, in one place for training, evaluation and recognition.

A video is sampled at `ClipSpec.rate` frames a second, sample k standing for second k / rate. A clip is
`ClipSpec.frames` samples in a row. A video that is shorter than the span gives one clip, spread evenly from its
first frame to its last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from jaxtyping import Int, UInt8

from har.errors import OptionsError
from har.video import VideoInfo, read_frames

Fit = Literal["stretch", "crop"]


@dataclass(frozen=True)
class ClipSpec:
    """A network's input, `(frames, height, width, 3)`, and the stretch of time it covers."""

    frames: int = 20  # a clip
    height: int = 64
    width: int = 64
    span_sec: float = 2.0  # seconds from the first frame of a clip to the first one after it
    fit: Fit = "stretch"  # stretch the picture to size, or scale its shorter side and crop the middle

    def __post_init__(self) -> None:
        if min(self.frames, self.height, self.width) < 1 or not 0 < self.span_sec < 3600:
            raise OptionsError(
                f"A clip of {self.frames} frames of {self.width}×{self.height} over {self.span_sec} s was asked for.",
                "Each number must be positive, and the span less than an hour.",
                "Choose other numbers.",
            )

    @property
    def rate(self) -> Fraction:
        """Sampled frames a second."""
        return self.frames / Fraction(self.span_sec).limit_denominator(10_000)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """`(frames, height, width, 3)`."""
        return (self.frames, self.height, self.width, 3)


def stride_samples(spec: ClipSpec, stride_sec: float) -> int:
    """Samples between the starts of two windows: the stride, to the nearest whole sample, at least one.

    Raises:
        OptionsError: a stride that is not positive.
    """
    if not 0 < stride_sec < 3600:
        raise OptionsError(f"A stride of {stride_sec} s was asked for.", "It must be positive.", "Choose another.")
    return max(1, round(stride_sec * spec.rate))


def window_starts(sample_count: int, spec: ClipSpec, stride: int) -> Int[np.ndarray, "windows"]:
    """Index of the first sample of each window; the last window ends with the video."""
    last = sample_count - spec.frames
    starts = np.arange(0, last + 1, stride)
    if last > 0 and starts[-1] != last:
        starts = np.append(starts, last)
    return starts


def sample(info: VideoInfo, spec: ClipSpec) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """A video's frames at the spec's size and rate, never fewer than one clip.

    Raises:
        NoFrames: nothing in it can be decoded.
    """
    size = (spec.height, spec.width)
    head: list[UInt8[np.ndarray, "height width 3"]] = []
    with read_frames(info, size=size, fit=spec.fit, fps=spec.rate) as reader:
        for frame in reader:
            if len(head) < spec.frames:
                head.append(frame)
                if len(head) == spec.frames:
                    yield from head
            else:
                yield frame
    if len(head) < spec.frames:
        yield from _spread(info, spec)


def decode(info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "samples height width 3"]:
    """All samples of a (short) video at once: what training draws its clips from."""
    return np.stack(list(sample(info, spec)))


def _spread(info: VideoInfo, spec: ClipSpec) -> UInt8[np.ndarray, "frames height width 3"]:
    """The whole of a video shorter than the span: evenly from its first frame to its last."""
    with read_frames(info, size=(spec.height, spec.width), fit=spec.fit) as reader:
        frames = np.stack(list(reader))
    return frames[np.linspace(0, len(frames) - 1, spec.frames).round().astype(int)]
