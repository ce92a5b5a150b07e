"""One clip from the middle of a video, beside the video's own frames: to show people what a network gets."""

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from jaxtyping import Float64, UInt8

from har.clips.samples import ClipSpec, Samples
from har.video import VideoInfo

_LATEST_SEC = 20.0  # where the middle of a long video is further away, the clip begins here: all before it is read


@dataclass(frozen=True)
class MiddleClip:
    """What a network gets, and what it gets it from."""

    frames: UInt8[np.ndarray, "time height width 3"]  # as training and recognition have them
    originals: UInt8[np.ndarray, "time high wide 3"]  # the same moments, in the video's own shape
    times_sec: Float64[np.ndarray, "time"]
    spread: bool  # the video is shorter than the span, and is spread over all frames


def middle_clip(info: VideoInfo, spec: ClipSpec, high: int) -> MiddleClip:
    """The clip from the middle of a video, or from second 20 of a long one. Memory does not grow with the video.

    Args:
        info: the video.
        spec: what the network gets.
        high: height of the originals in pixels.

    Raises:
        NoFrames: nothing in the video can be decoded.
        VideoStalled: ffmpeg stood still.
    """
    wide = max(1, round(high * info.width / info.height))
    frames, first, spread = _window(info, spec)
    originals, _, _ = _window(info, replace(spec, height=high, width=wide, fit="stretch", zoom=1.0))
    if spread:
        last_sec = max(0.0, info.duration_sec - float(1 / info.fps))
        times_sec = np.linspace(0.0, last_sec, spec.frames)
    else:
        times_sec = (first + np.arange(spec.frames)) / float(spec.rate)
    return MiddleClip(frames, originals, times_sec, spread)


def _window(info: VideoInfo, spec: ClipSpec) -> tuple[UInt8[np.ndarray, "time height width 3"], int, bool]:
    """The window's frames, the number of its first sample, and whether the video is spread.

    A video may hold less than it announces; then the window ends with it.
    """
    expected = round(info.duration_sec * spec.rate)
    first = min(max(0, expected - spec.frames) // 2, int(_LATEST_SEC * spec.rate))
    samples = Samples(info, spec)
    last: deque[UInt8[np.ndarray, "height width 3"]] = deque(maxlen=spec.frames)
    count = 0
    for frame in islice(samples, first + spec.frames):
        last.append(frame)
        count += 1
    return np.stack(last), count - spec.frames, samples.spread
