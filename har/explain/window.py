"""The window around a time of a video: exactly the clip that recognition scores."""

import math
from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np
from jaxtyping import Float64, UInt8

from har.clips import ClipSpec, Samples, back_and_forth, read_for_spec
from har.errors import NoFrames, OptionsError
from har.timeline import WindowScores
from har.video import VideoInfo, first_sample

_SEEK_AFTER_SEC = 20.0  # later windows are found by seeking instead of reading all frames before them
_LEAD_SEC = 1.0  # read before the window then: the first sample after a seek can differ from that of a full read


@dataclass(frozen=True)
class Window:
    """One clip of a video."""

    frames: UInt8[np.ndarray, "time height width 3"]  # the network's input
    times_sec: Float64[np.ndarray, "time"]  # of the frames, in the video


def nearest_window(scores: WindowScores, span_sec: float, at_sec: float, end_sec: float) -> int:
    """The index of the scored window with its centre nearest to a time, if possible in the same shot.

    Raises:
        OptionsError: a time outside the scored part.
    """
    check_time(at_sec, end_sec)
    in_other_shot = scores.shot_of(scores.start_sec) != scores.shot_of(at_sec)
    return int(np.lexsort((np.abs(scores.start_sec + span_sec / 2 - at_sec), in_other_shot))[0])


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


def scored_samples(info: VideoInfo, spec: ClipSpec, scores: WindowScores, window: int) -> tuple[int, int | None]:
    """Where `read_window` finds a scored window: the index of its first sample, and in an edited video their number."""
    start_sec, cuts_sec = float(scores.start_sec[window]), scores.cuts_sec
    if not len(cuts_sec):
        return round(start_sec * spec.rate), None
    shot = int(scores.shot_of(start_sec))
    bounds = [first_sample(info, spec.rate, Fraction(cut_sec)) for cut_sec in cuts_sec.tolist()]
    start = bounds[shot - 1] if shot and start_sec == cuts_sec[shot - 1] else round(start_sec * spec.rate)
    return start, min([spec.frames, *(bound - start for bound in bounds[shot : shot + 1])])


def read_window(
    info: VideoInfo, spec: ClipSpec, start: int, count: int | None = None, *, may_seek: bool = True
) -> Window:
    """The samples of one window.

    Args:
        info: the video.
        spec: size, rate and number of samples.
        start: index of the first sample.
        count: of samples, at most; if there are fewer than in a clip, they are played back and forth. None: those of a
            clip; if the video ends too early for it, the last window is read, as in recognition.
        may_seek: seek to a window far from the beginning. For a sample halfway between two frames this may return the
            other one; without seeking, all frames before the window are decoded.

    Raises:
        NoFrames: nothing in the video can be decoded.
        VideoStalled: ffmpeg made no progress.
    """
    wanted = spec.frames if count is None else count
    if may_seek and start / spec.rate > _SEEK_AFTER_SEC:
        try:
            frames = _read_after_seek(info, spec, start, wanted)
        except NoFrames:  # after a seek, in a damaged file
            frames = []
        if len(frames) == wanted:
            return _clip(frames, start, spec)
    if count is not None:
        with read_for_spec(info, spec, fps=spec.rate) as reader:
            return _clip(list(islice(reader, start, start + count)), start, spec)
    samples = Samples(info, spec)
    last: deque[np.ndarray] = deque(maxlen=spec.frames)
    read = 0
    for frame in islice(samples, start + spec.frames):
        last.append(frame)
        read += 1
    if not samples.spread:
        return _clip(list(last), read - spec.frames, spec)
    return Window(np.stack(last), np.linspace(0.0, max(0.0, info.duration_sec - float(1 / info.fps)), spec.frames))


def _clip(frames: list[UInt8[np.ndarray, "height width 3"]], start: int, spec: ClipSpec) -> Window:
    if not frames:
        raise NoFrames(
            f"The video ends before second {float(start / spec.rate):.2f}.",
            "A scored window was expected there.",
            "Annotate the video again.",
        )
    times_sec = ((start + np.arange(len(frames))) / float(spec.rate)).tolist()
    return Window(np.stack(back_and_forth(frames, spec.frames)), np.array(back_and_forth(times_sec, spec.frames)))


def _read_after_seek(
    info: VideoInfo, spec: ClipSpec, start: int, count: int
) -> list[UInt8[np.ndarray, "height width 3"]]:
    lead = math.ceil(_LEAD_SEC * spec.rate)
    begin_sec = float((start - lead) / spec.rate)
    with read_for_spec(info, spec, fps=spec.rate, start_sec=begin_sec) as reader:
        return list(islice(reader, lead, lead + count))
