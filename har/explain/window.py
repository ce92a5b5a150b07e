"""The window around a time of a video: exactly the clip that recognition scores."""

import math
from collections import deque
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float64, UInt8

from har.clips import ClipSpec, Samples, read_for_spec
from har.errors import NoFrames, OptionsError
from har.video import VideoInfo

_SEEK_AFTER_SEC = 20.0  # later windows are found by seeking instead of reading all frames before them
_LEAD_SEC = 1.0  # read before the window then: the first sample after a seek can differ from that of a full read


@dataclass(frozen=True)
class Window:
    """One clip of a video."""

    frames: UInt8[np.ndarray, "time height width 3"]  # the network's input
    times_sec: Float64[np.ndarray, "time"]  # of the frames, in the video


def nearest_window(starts_sec: Float64[np.ndarray, "windows"], span_sec: float, at_sec: float, end_sec: float) -> int:
    """The index of the scored window with its centre nearest to a time.

    Args:
        starts_sec: of the windows.
        span_sec: of each window.
        at_sec: the time.
        end_sec: of the scored part.

    Raises:
        OptionsError: a time outside the scored part.
    """
    check_time(at_sec, end_sec)
    return int(np.abs(starts_sec + span_sec / 2 - at_sec).argmin())


def check_time(at_sec: float, end_sec: float) -> None:
    """Refuse a time outside a video.

    Raises:
        OptionsError: not a number, negative, or after the end.
    """
    if not 0 <= at_sec <= end_sec:
        raise OptionsError(
            f"An explanation at {at_sec:g} s was requested.",
            f"The time must be between 0 and {end_sec:.2f} s.",
            "Choose another time.",
        )


def read_window(info: VideoInfo, spec: ClipSpec, start: int, *, may_seek: bool = True) -> Window:
    """The samples of one window.

    Args:
        info: the video.
        spec: size, rate and number of samples.
        start: index of the first sample. If the video ends too early for it, the last window is read, as in
            recognition.
        may_seek: seek to a window far from the beginning. For a sample halfway between two frames this may return the
            other one; without seeking, all frames before the window are decoded.

    Raises:
        NoFrames: nothing in the video can be decoded.
        VideoStalled: ffmpeg made no progress.
    """
    if may_seek and start / spec.rate > _SEEK_AFTER_SEC:
        try:
            frames = _read_after_seek(info, spec, start)
        except NoFrames:  # after a seek, in a damaged file
            frames = []
        if len(frames) == spec.frames:
            return Window(np.stack(frames), (start + np.arange(spec.frames)) / float(spec.rate))
    samples = Samples(info, spec)
    last: deque[np.ndarray] = deque(maxlen=spec.frames)
    count = 0
    for frame in islice(samples, start + spec.frames):
        last.append(frame)
        count += 1
    if samples.spread:
        times_sec = np.linspace(0.0, max(0.0, info.duration_sec - float(1 / info.fps)), spec.frames)
    else:
        times_sec = (count - spec.frames + np.arange(spec.frames)) / float(spec.rate)
    return Window(np.stack(last), times_sec)


def _read_after_seek(info: VideoInfo, spec: ClipSpec, start: int) -> list[UInt8[np.ndarray, "height width 3"]]:
    lead = math.ceil(_LEAD_SEC * spec.rate)
    begin_sec = float((start - lead) / spec.rate)
    with read_for_spec(info, spec, fps=spec.rate, start_sec=begin_sec) as reader:
        return list(islice(reader, lead, lead + spec.frames))
