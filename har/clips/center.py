"""A clip from the middle of a video, with the original frames, to show what a network receives."""

from collections import deque
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from jaxtyping import Float64, UInt8

from har.clips.samples import ClipSpec, Samples
from har.video import VideoInfo

_LATEST_SEC = 20.0  # of the start in a long video: everything before it has to be read


@dataclass(frozen=True)
class CenterClip:
    """A network's input, and the frames it is made from."""

    frames: UInt8[np.ndarray, "time height width 3"]  # as in training and recognition
    originals: UInt8[np.ndarray, "time high wide 3"]  # at the same times, in the video's aspect ratio
    times_sec: Float64[np.ndarray, "time"]
    spread: bool  # the video is shorter than the span, and spread over all frames


def center_clip(info: VideoInfo, spec: ClipSpec, high: int) -> CenterClip:
    """The clip from the middle of a video, or from second 20 of a long one, in constant memory.

    `high` is the height of the originals in pixels.

    Raises:
        NoFrames: nothing in the video can be decoded.
        VideoStalled: ffmpeg stalled.
    """
    wide = max(1, round(high * info.width / info.height))
    frames, first, spread = _window(info, spec)
    originals, _, _ = _window(info, replace(spec, height=high, width=wide, fit="stretch", zoom=1.0))
    if spread:
        last_sec = max(0.0, info.duration_sec - float(1 / info.fps))
        times_sec = np.linspace(0.0, last_sec, spec.frames)
    else:
        times_sec = (first + np.arange(spec.frames)) / float(spec.rate)
    return CenterClip(frames, originals, times_sec, spread)


def _window(info: VideoInfo, spec: ClipSpec) -> tuple[UInt8[np.ndarray, "time height width 3"], int, bool]:
    """The window's frames, the index of its first sample, and whether the video is spread.

    If the video is shorter than announced, the window ends with it.
    """
    expected = round(info.duration_sec * spec.rate)
    first = min(max(0, expected - spec.frames) // 2, int(_LATEST_SEC * spec.rate))
    samples = Samples(info, spec)
    recent: deque[UInt8[np.ndarray, "height width 3"]] = deque(maxlen=spec.frames)
    count = 0
    for frame in islice(samples, first + spec.frames):
        recent.append(frame)
        count += 1
    return np.stack(recent), count - spec.frames, samples.spread
