"""A video's frames, scaled, cropped and resampled in time on ffmpeg's side of the pipe."""

import math
import re
import tempfile
import weakref
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8

from har.errors import NoFrames, OptionsError, VideoStalled
from har.settings import settings
from har.video.checks import MAX_FRAMES, too_long
from har.video.disposable import leaving_out
from har.video.info import VideoInfo
from har.video.packets import read_times
from har.video.process import Ffmpeg, input_arguments

Fit = Literal["stretch", "crop"]

# Without an index of key frames, or with times that only decoding from the start tells, a seek misses by some frames.
_SOUGHT_BY_READING = frozenset({"avi", "mpeg", "mpegts", "mpegvideo", "ogg"})
_LATE_SEC = 1.0  # a frame that is shown before some moment is stored at most so long after it

# Errors that say nothing of the pictures: odd bookkeeping of encoders, which decoders and players put up with.
_HARMLESS = re.compile(r"monoton|mmco|co located|sei type|Application provided", re.IGNORECASE)


def read_frames(
    info: VideoInfo,
    *,
    size: tuple[int, int] | None = None,
    fit: Fit = "stretch",
    zoom: float = 1.0,
    fps: Fraction | None = None,
    start_sec: float = 0.0,
    end_sec: float | None = None,
    collect_times: bool = False,
) -> "FrameReader":
    """Read a video's frames one by one; memory stays flat however long it is.

    Args:
        info: the video.
        size: height and width of what comes out; by default the size as displayed.
        fit: stretch the picture to `size`, or scale it to cover `size` and crop the middle.
        zoom: enlarge it by so much more, and crop the middle.
        fps: sample in time: sample k is the frame nearest to second `start_sec + k / fps` (where rates vary: the one
            shown then, or that begins within half a usual frame). None: every frame once.
        start_sec: begin here.
        end_sec: end before this.
        collect_times: note the presentation time of every source frame on the way, see `FrameReader.times_sec`.

    Raises:
        OptionsError: a size, rate or stretch of time that makes no sense.
        NoFrames: while iterating, not one frame could be decoded.
        VideoStalled: while iterating, ffmpeg stood still, or went beyond a limit of `settings()`.
        VideoTooLong: while iterating, there is more than the file announced and than a video may have.
    """
    height, width = size or (info.height, info.width)
    if min(height, width) < 1 or zoom < 1 or (fps is not None and fps <= 0) or start_sec < 0:
        raise OptionsError(
            f"Frames of {width}×{height}, zoom {zoom:g}, at {fps} a second from second {start_sec} were asked for.",
            "Size and rate must be positive, the start not negative, and the zoom at least 1.",
            "Choose other numbers.",
        )
    if end_sec is not None and end_sec <= start_sec:
        raise OptionsError(
            f"Frames from second {start_sec} to second {end_sec} were asked for.",
            "The end must come after the start.",
            "Choose other times.",
        )
    stretch, first_filters = _stretch(info, start_sec, end_sec)
    filters = [*first_filters, *_in_time(info, fps), *_in_space(info, height, width, fit, zoom)]
    arguments = [*input_arguments(info.path, *stretch), "-map", "0:V:0", "-fps_mode", "passthrough"]
    arguments += ["-vf", ",".join(filters), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    if info.has_audio:  # in some containers it takes part in where second 0 is
        arguments += ["-map", "0:a:0", "-c", "copy", "-f", "null", "-"]
    times = _times_arguments(first_filters) if collect_times else []
    most_frames = MAX_FRAMES if fps is None else math.ceil((settings().max_video_sec + _LATE_SEC) * fps) + 1
    sparse = None if fps is None or start_sec > 0 or end_sec is not None or collect_times else fps
    return FrameReader(info, arguments, times, (height, width), start_sec, most_frames, sparse)


def _stretch(info: VideoInfo, start_sec: float, end_sec: float | None) -> tuple[list[str], list[str]]:
    """Input options and filters that begin at `start_sec`, call that moment 0, and end before `end_sec`."""
    if start_sec > 0 and info.container in _SOUGHT_BY_READING:
        end = f":end={end_sec:.6f}" if end_sec is not None else ""
        until = ["-t", f"{end_sec + _LATE_SEC:.6f}"] if end_sec is not None else []
        return until, [f"trim=start={start_sec:.6f}{end}", "settb=1/1000000", f"setpts=PTS-{round(start_sec * 1e6)}"]
    seek = ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    return [*seek, "-t", f"{end_sec - start_sec:.6f}"] if end_sec is not None else seek, []


def _times_arguments(filters: list[str]) -> list[str]:
    """A second output of the same run, to which the name of a file is to be added: times only, no pixels."""
    arguments = ["-map", "0:V:0", "-fps_mode", "passthrough", "-enc_time_base", "filter" if filters else "demux"]
    arguments += ["-vf", ",".join(filters)] if filters else []
    return [*arguments, "-c:v", "wrapped_avframe", "-f", "framecrc"]


def _in_time(info: VideoInfo, fps: Fraction | None) -> list[str]:
    """Filters that pick, for each k, the frame nearest to k / fps.

    `fps` with `round=up` picks the last frame at or before that moment. Frames moved forward by a bit less than half
    a frame make that the nearest one, and timestamps that a container has rounded cannot tip it over.
    """
    if fps is None:
        return []
    rate = f"{fps.numerator}/{fps.denominator}"
    return ["settb=1/1000000", f"setpts=PTS-{_early(info)}", f"fps=fps={rate}:start_time=0:round=up"]


def _early(info: VideoInfo) -> int:
    """Microseconds by which frames are moved forward."""
    return round(0.45 * 1_000_000 / info.fps)


def _in_space(info: VideoInfo, height: int, width: int, fit: Fit, zoom: float) -> list[str]:
    high, wide = height, width
    if fit == "crop":
        factor = max(Fraction(height, info.height), Fraction(width, info.width))
        high, wide = max(height, round(info.height * factor)), max(width, round(info.width * factor))
    high, wide = round(high * zoom), round(wide * zoom)
    cropped = [f"crop={width}:{height}"] if (high, wide) != (height, width) else []
    return [f"scale={wide}:{high}:flags=bilinear", "format=rgb24", *cropped]


class FrameReader:
    """Iterates over frames, `(height, width, 3)` uint8 RGB. A context manager: leaving it early ends ffmpeg.

    After the last frame:
        times_sec: with `collect_times`, when each source frame is shown, in seconds on the clock of `VideoInfo`:
            frames dropped or repeated by `fps` count as the file has them, variable rates stay.
        warning: a sentence to show if parts of the video could not be read.
    """

    times_sec: Float64[np.ndarray, "source_frames"]
    warning: str | None

    def __init__(
        self,
        info: VideoInfo,
        arguments: list[str],
        times: list[str],
        size: tuple[int, int],
        start_sec: float,
        most_frames: int,
        sparse: Fraction | None,
    ) -> None:
        self.times_sec = np.empty(0)
        self.warning = None
        self.frame_count = 0  # given out so far
        self._info = info
        self._arguments = arguments
        self._shape = (*size, 3)
        self._start_sec = start_sec
        self._most_frames = most_frames  # what was announced may be a lie
        self._sparse = sparse  # so many a second, of all of the video; None: each frame may be asked for
        self._times = times  # arguments that write the times; none: not asked for
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._ffmpeg: Ffmpeg | None = None
        self._ended = False

    def __enter__(self) -> "FrameReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> "FrameReader":
        return self

    def __next__(self) -> UInt8[np.ndarray, "height width 3"]:
        if self._ended:
            raise StopIteration
        if self._ffmpeg is None:
            self._ffmpeg = self._start()
            weakref.finalize(self, self._ffmpeg.close)  # for those who neither finish nor close
        frame = np.empty(self._shape, np.uint8)
        if self._ffmpeg.read_into(frame.data.cast("B")) == frame.nbytes:
            self.frame_count += 1
            if self.frame_count > self._most_frames:
                self.close()
                raise too_long(self._info.path)
            return frame
        self._end(self._ffmpeg)
        raise StopIteration

    def close(self) -> None:
        """End ffmpeg and remove what it wrote. May be called twice."""
        self._ended = True
        if self._ffmpeg is not None:
            self._ffmpeg.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self) -> Ffmpeg:
        spare = leaving_out(self._info, self._sparse, _early(self._info) / 1e6) if self._sparse else []
        arguments = ["-nostats", "-loglevel", "level+warning", *spare, *self._arguments]
        if self._times:
            self._folder = tempfile.TemporaryDirectory(prefix="har-times-")
            arguments += [*self._times, f"file:{self._folder.name}/times"]
        return Ffmpeg(arguments)

    def _end(self, ffmpeg: Ffmpeg) -> None:
        status = ffmpeg.finish()
        lines = ffmpeg.messages.lines()
        if self._folder is not None and self.frame_count and not ffmpeg.stalled:
            self.times_sec = read_times(Path(self._folder.name) / "times", self._start_sec)
        self.close()
        if (over := ffmpeg.over()) is not None and (ffmpeg.stalled or status < 0 or not self.frame_count):
            raise VideoStalled(
                f"Reading {self._info.path.name} came to a standstill: ffmpeg {over}.",
                "A frame is expected every few seconds at the least.",
                "Try again, or convert the video to MP4 (H.264) first.",
            )
        if not self.frame_count:
            raise NoFrames(
                f"No frame of {self._info.path.name} could be decoded{_from(self._start_sec)}.",
                "A video has at least one picture that can be shown.",
                "Check that it plays, or convert it to MP4 (H.264) first.",
            )
        if status != 0 or any(_tells_damage(line) for line in lines):
            self.warning = "Parts of the video are damaged or missing; everything that could be read was used."


def _tells_damage(line: str) -> bool:
    return "corrupt" in line.lower() or ("[error]" in line and not _HARMLESS.search(line))


def _from(start_sec: float) -> str:
    return f" from second {start_sec:g} on" if start_sec > 0 else ""
