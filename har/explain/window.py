"""The window around a moment of a video: exactly the clip that recognition has scored, or would score."""

import math
from collections import deque
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float64, UInt8

from har.clips import ClipSpec, Samples, read_as
from har.errors import NoFrames, OptionsError
from har.video import VideoInfo

_FAR_SEC = 20.0  # what begins later is sought, not read up to
_LEAD_SEC = 1.0  # read before it then: the first sample after a seek may be another than on the way


@dataclass(frozen=True)
class Window:
    """One clip of a video."""

    frames: UInt8[np.ndarray, "time height width 3"]  # the network's input
    times_sec: Float64[np.ndarray, "time"]  # for which moments of the video they stand


def nearest_start(starts_sec: Float64[np.ndarray, "windows"], span_sec: float, at_sec: float, end_sec: float) -> int:
    """Of the windows that were scored, the index of the one whose middle is nearest to a moment.

    Args:
        starts_sec: when each begins.
        span_sec: seconds that each covers.
        at_sec: the moment.
        end_sec: of what was scored.

    Raises:
        OptionsError: a moment outside.
    """
    check_moment(at_sec, end_sec)
    return int(np.abs(starts_sec + span_sec / 2 - at_sec).argmin())


def check_moment(at_sec: float, end_sec: float) -> None:
    """Refuse a moment that a video does not have.

    Raises:
        OptionsError: it is no number, before the first frame or after the last.
    """
    if not 0 <= at_sec <= end_sec:
        raise OptionsError(
            f"Second {at_sec:g} was to be explained.",
            f"What was looked at goes from second 0 to {end_sec:.2f}.",
            "Choose a moment in between.",
        )


def read_window(info: VideoInfo, spec: ClipSpec, start: int, *, may_seek: bool = True) -> Window:
    """The samples of one window.

    Args:
        info: the video.
        spec: size, rate and number.
        start: number of the first sample. Where the video ends too early for it, the last window is read, as
            recognition has it.
        may_seek: go straight to a window far from the beginning. Where a sample falls just between two frames that
            may give the other one; then all before it must be read.

    Raises:
        NoFrames: nothing in the video can be decoded.
        VideoStalled: ffmpeg stood still.
    """
    if may_seek and start / spec.rate > _FAR_SEC:
        try:
            found = _sought(info, spec, start)
        except NoFrames:  # after a seek, in a damaged file
            found = []
        if len(found) == spec.frames:
            return Window(np.stack(found), (start + np.arange(spec.frames)) / float(spec.rate))
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


def _sought(info: VideoInfo, spec: ClipSpec, start: int) -> list[UInt8[np.ndarray, "height width 3"]]:
    lead = math.ceil(_LEAD_SEC * spec.rate)
    begin_sec = float((start - lead) / spec.rate)
    with read_as(info, spec, fps=spec.rate, start_sec=begin_sec) as reader:
        return list(islice(reader, lead, lead + spec.frames))
