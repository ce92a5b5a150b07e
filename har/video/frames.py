"""A video's frames, scaled, cropped and resampled in time on ffmpeg's side of the pipe."""

import math
import re
import tempfile
import weakref
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8

from har.errors import NoFrames, OptionsError, VideoStalled
from har.settings import settings
from har.video.checks import MAX_FRAMES, too_long
from har.video.ffmpeg import Ffmpeg, input_arguments
from har.video.info import VideoInfo
from har.video.nonreference import drop_arguments
from har.video.packets import read_times
from har.video.picture import deinterlace, to_sdr
from har.video.sound import clock_output

Fit = Literal["stretch", "crop"]

# Without an index of key frames, or with times known only by decoding from the start, seeking is off by some frames.
_NOT_SEEKABLE = frozenset({"avi", "mpeg", "mpegts", "mpegvideo", "ogg"})
_REORDER_SEC = 1.0  # how long after its time a frame is stored at most

# Errors without effect on the picture: odd headers that decoders and players tolerate.
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
    """Read a video's frames one by one, in constant memory.

    Args:
        info: the video.
        size: height and width of the frames; by default the size as displayed.
        fit: stretch the picture to `size`, or scale it to cover `size` and crop the centre.
        zoom: enlarge it further by this factor, and crop the centre.
        fps: sample in time: sample k is the frame nearest to second `start_sec + k / fps` (where rates vary: the one
            shown then, or one that starts within half a usual frame). None: every frame once.
        start_sec: where to start.
        end_sec: end before this.
        collect_times: record the presentation time of every source frame, see `FrameReader.times_sec`.

    Raises:
        OptionsError: an impossible size, rate or stretch of time.
        NoFrames: while iterating, no frame could be decoded.
        VideoStalled: while iterating, ffmpeg stalled, or exceeded a limit of `settings()`.
        VideoTooLong: while iterating, there are more frames than a video may have.
    """
    height, width = size or (info.height, info.width)
    if min(height, width) < 1 or zoom < 1 or (fps is not None and fps <= 0) or start_sec < 0:
        raise OptionsError(
            f"Frames of {width}×{height}, zoom {zoom:g}, at {fps} per second from second {start_sec} were requested.",
            "Size and rate must be positive, the start not negative, and the zoom at least 1.",
            "Choose other numbers.",
        )
    if end_sec is not None and end_sec <= start_sec:
        raise OptionsError(
            f"Frames from second {start_sec} to second {end_sec} were requested.",
            "The end must come after the start.",
            "Choose other times.",
        )
    seek, trim = _seek(info, start_sec, end_sec)
    filters = [*deinterlace(info), *trim, *_resample(info, fps), *_scale(info, height, width, fit, zoom)]
    arguments = [*input_arguments(info.path, *seek), "-map", "0:V:0", "-fps_mode", "passthrough"]
    arguments += ["-vf", ",".join(filters), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    arguments += clock_output(info)
    times = _times_arguments(trim) if collect_times else []
    max_frames = MAX_FRAMES if fps is None else math.ceil((settings().max_video_sec + _REORDER_SEC) * fps) + 1
    sampled_fps = None if fps is None or start_sec > 0 or end_sec is not None or collect_times else fps
    return FrameReader(info, arguments, times, (height, width), start_sec, max_frames, sampled_fps)


def _seek(info: VideoInfo, start_sec: float, end_sec: float | None) -> tuple[list[str], list[str]]:
    """Input options and filters that start at `start_sec`, call that time 0, and end before `end_sec`."""
    if start_sec > 0 and info.container in _NOT_SEEKABLE:
        end = f":end={end_sec:.6f}" if end_sec is not None else ""
        until = ["-t", f"{end_sec + _REORDER_SEC:.6f}"] if end_sec is not None else []
        return until, [f"trim=start={start_sec:.6f}{end}", "settb=1/1000000", f"setpts=PTS-{round(start_sec * 1e6)}"]
    seek = ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    return [*seek, "-t", f"{end_sec - start_sec:.6f}"] if end_sec is not None else seek, []


def _times_arguments(filters: list[str]) -> list[str]:
    """A second output of the same run with times only; the name of its file is to be appended."""
    arguments = ["-map", "0:V:0", "-fps_mode", "passthrough", "-enc_time_base", "filter" if filters else "demux"]
    arguments += ["-vf", ",".join(filters)] if filters else []
    return [*arguments, "-c:v", "wrapped_avframe", "-f", "framecrc"]


def _resample(info: VideoInfo, fps: Fraction | None) -> list[str]:
    """Filters that select, for each k, the frame nearest to k / fps.

    `fps` with `round=up` selects the last frame at or before that time. Moving frames forward by a bit less than half a
    frame makes that the nearest one, whichever way a container has rounded its timestamps.
    """
    if fps is None:
        return []
    rate = f"{fps.numerator}/{fps.denominator}"
    return ["settb=1/1000000", f"setpts=PTS-{_shift_us(info)}", f"fps=fps={rate}:start_time=0:round=up"]


def _shift_us(info: VideoInfo) -> int:
    """By how many microseconds `_resample` moves frames forward."""
    return round(0.45 * 1_000_000 / info.fps)


def _scale(info: VideoInfo, height: int, width: int, fit: Fit, zoom: float) -> list[str]:
    high, wide = height, width
    if fit == "crop":
        factor = max(Fraction(height, info.height), Fraction(width, info.width))
        high, wide = max(height, round(info.height * factor)), max(width, round(info.width * factor))
    high, wide = round(high * zoom), round(wide * zoom)
    cropped = [f"crop={width}:{height}"] if (high, wide) != (height, width) else []
    return [f"scale={wide}:{high}:flags=bilinear", *to_sdr(info), "format=rgb24", *cropped]


@dataclass(eq=False)
class FrameReader:
    """Iterates over frames, `(height, width, 3)` uint8 RGB. A context manager: leaving it ends ffmpeg.

    After the last frame:
        times_sec: with `collect_times`, when each source frame is shown, in seconds on the clock of `VideoInfo`:
            as they are in the file, whatever `fps` drops or repeats.
        warning: a sentence for users if parts of the video could not be read.
    """

    _info: VideoInfo
    _arguments: list[str]
    _times_arguments: list[str]  # of an output that writes the times; empty: not requested
    _size: tuple[int, int]
    _start_sec: float
    _max_frames: int  # whatever the file claims
    _sampled_fps: Fraction | None  # where the whole video is sampled; None: every frame may be needed
    times_sec: Float64[np.ndarray, "source_frames"] = field(init=False, default_factory=lambda: np.empty(0))
    warning: str | None = field(init=False, default=None)
    frame_count: int = field(init=False, default=0)  # returned so far
    _folder: "tempfile.TemporaryDirectory[str] | None" = field(init=False, default=None)
    _ffmpeg: Ffmpeg | None = field(init=False, default=None)
    _ended: bool = field(init=False, default=False)

    def __enter__(self) -> "FrameReader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __iter__(self) -> "FrameReader":
        return self

    def __next__(self) -> UInt8[np.ndarray, "height width 3"]:
        if self._ended:
            raise StopIteration
        if self._ffmpeg is None:
            self._ffmpeg = self._start()
            weakref.finalize(self, self._ffmpeg.close)  # for consumers that neither finish nor close
        frame = np.empty((*self._size, 3), np.uint8)
        if self._ffmpeg.read_into(frame.data.cast("B")) == frame.nbytes:
            self.frame_count += 1
            if self.frame_count > self._max_frames:
                self.close()
                raise too_long(self._info.path)
            return frame
        self._end(self._ffmpeg)
        raise StopIteration

    def close(self) -> None:
        """End ffmpeg and remove its temporary file. May be called twice."""
        self._ended = True
        if self._ffmpeg is not None:
            self._ffmpeg.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _start(self) -> Ffmpeg:
        fps, early_sec = self._sampled_fps, _shift_us(self._info) / 1e6
        drop = drop_arguments(self._info, fps, early_sec) if fps else []
        arguments = ["-nostats", "-loglevel", "level+warning", *drop, *self._arguments]
        if self._times_arguments:
            self._folder = tempfile.TemporaryDirectory(prefix="har-times-")
            arguments += [*self._times_arguments, f"file:{self._folder.name}/times"]
        return Ffmpeg(arguments)

    def _end(self, ffmpeg: Ffmpeg) -> None:
        status = ffmpeg.finish()
        lines = ffmpeg.messages.lines()
        if self._folder is not None and self.frame_count and not ffmpeg.stalled:
            self.times_sec = read_times(Path(self._folder.name) / "times", self._start_sec)
        self.close()
        if (exceeded := ffmpeg.exceeded_limit()) is not None and (ffmpeg.stalled or status < 0 or not self.frame_count):
            raise VideoStalled(
                f"Reading {self._info.path.name} was cancelled: ffmpeg {exceeded}.",
                "A frame was expected every few seconds.",
                "Try again, or convert the video to MP4 (H.264) first.",
            )
        if not self.frame_count:
            start = f" from second {self._start_sec:g} on" if self._start_sec > 0 else ""
            raise NoFrames(
                f"No frame of {self._info.path.name} could be decoded{start}.",
                "A video has at least one frame.",
                "Check that it plays, or convert it to MP4 (H.264) first.",
            )
        if status != 0 or any(_is_damage(line) for line in lines):
            self.warning = "Parts of the video are damaged or missing; everything readable was used."


def _is_damage(line: str) -> bool:
    return "corrupt" in line.lower() or ("[error]" in line and not _HARMLESS.search(line))
