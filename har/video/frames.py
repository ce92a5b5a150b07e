"""A video's frames, scaled, cropped and resampled in time on ffmpeg's side of the pipe."""

import re
import tempfile
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8

from har.errors import NoFrames, OptionsError, VideoStalled
from har.video.info import VideoInfo
from har.video.packets import read_times
from har.video.process import Ffmpeg, input_arguments

Fit = Literal["stretch", "crop"]

_DAMAGE = re.compile(
    r"partial file|prematurely|invalid data|corrupt|conceal|error while decoding|truncat|missing picture|"
    r"error submitting packet|invalid nal|decode_slice_header error|no frame!",
    re.IGNORECASE,
)


def read_frames(
    info: VideoInfo,
    *,
    size: tuple[int, int] | None = None,
    fit: Fit = "stretch",
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
        fps: sample in time: sample k is the frame nearest to second `start_sec + k / fps`. None: every frame once.
        start_sec: begin here.
        end_sec: end before this.
        collect_times: note the presentation time of every source frame on the way, see `FrameReader.times_sec`.

    Raises:
        OptionsError: a size, rate or stretch of time that makes no sense.
        NoFrames: while iterating, not one frame could be decoded.
        VideoStalled: while iterating, ffmpeg stood still.
    """
    height, width = size or (info.height, info.width)
    if min(height, width) < 1 or (fps is not None and fps <= 0) or start_sec < 0:
        raise OptionsError(
            f"Frames of {width}×{height} at {fps} a second from second {start_sec} were asked for.",
            "Size and rate must be positive, and the start not negative.",
            "Choose other numbers.",
        )
    if end_sec is not None and end_sec <= start_sec:
        raise OptionsError(
            f"Frames from second {start_sec} to second {end_sec} were asked for.",
            "The end must come after the start.",
            "Choose other times.",
        )
    seek = ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    if end_sec is not None:
        seek += ["-t", f"{end_sec - start_sec:.6f}"]
    filters = [*_in_time(info, fps), *_in_space(info, height, width, fit)]
    arguments = [*input_arguments(info.path, *seek), "-map", "0:V:0", "-fps_mode", "passthrough"]
    arguments += ["-vf", ",".join(filters), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    return FrameReader(info, arguments, (height, width), start_sec, collect_times)


def _in_time(info: VideoInfo, fps: Fraction | None) -> list[str]:
    """Filters that pick, for each k, the frame nearest to k / fps.

    `fps` with `round=up` picks the last frame at or before that moment. Frames moved forward by a bit less than half
    a frame make that the nearest one, and timestamps that a container has rounded cannot tip it over.
    """
    if fps is None:
        return []
    early = round(0.45 * 1_000_000 / info.fps)
    rate = f"{fps.numerator}/{fps.denominator}"
    return ["settb=1/1000000", f"setpts=PTS-{early}", f"fps=fps={rate}:start_time=0:round=up"]


def _in_space(info: VideoInfo, height: int, width: int, fit: Fit) -> list[str]:
    if fit == "stretch":
        return [f"scale={width}:{height}:flags=bilinear", "format=rgb24"]
    factor = max(Fraction(height, info.height), Fraction(width, info.width))
    cover_width = max(width, round(info.width * factor))
    cover_height = max(height, round(info.height * factor))
    return [f"scale={cover_width}:{cover_height}:flags=bilinear", "format=rgb24", f"crop={width}:{height}"]


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
        self, info: VideoInfo, arguments: list[str], size: tuple[int, int], start_sec: float, collect_times: bool
    ) -> None:
        self.times_sec = np.empty(0)
        self.warning = None
        self.frame_count = 0  # given out so far
        self._info = info
        self._arguments = arguments
        self._shape = (*size, 3)
        self._start_sec = start_sec
        self._collect_times = collect_times
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
        frame = np.empty(self._shape, np.uint8)
        if self._ffmpeg.read_into(frame.data.cast("B")) == frame.nbytes:
            self.frame_count += 1
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
        arguments = ["-nostats", "-loglevel", "error", *self._arguments]
        if self._collect_times:
            self._folder = tempfile.TemporaryDirectory(prefix="har-times-")
            arguments += ["-map", "0:V:0", "-fps_mode", "passthrough", "-enc_time_base", "demux"]
            arguments += ["-c:v", "wrapped_avframe", "-f", "framecrc", f"file:{self._folder.name}/times"]
        if self._info.has_audio:  # in some containers it takes part in where second 0 is
            arguments += ["-map", "0:a", "-c", "copy", "-f", "null", "-"]
        return Ffmpeg(arguments)

    def _end(self, ffmpeg: Ffmpeg) -> None:
        status = ffmpeg.finish()
        lines = ffmpeg.messages.lines()
        if self._folder is not None and self.frame_count and not ffmpeg.stalled:
            self.times_sec = read_times(Path(self._folder.name) / "times") + self._start_sec
        self.close()
        if ffmpeg.stalled:
            raise VideoStalled(
                f"Reading {self._info.path.name} came to a standstill.",
                "A frame is expected every few seconds at the least.",
                "Try again, or convert the video to MP4 (H.264) first.",
            )
        if not self.frame_count:
            raise NoFrames(
                f"No frame of {self._info.path.name} could be decoded{_from(self._start_sec)}.",
                "A video has at least one picture that can be shown.",
                "Check that it plays, or convert it to MP4 (H.264) first.",
            )
        if status != 0 or any(_DAMAGE.search(line) for line in lines):
            self.warning = "Parts of the video are damaged or missing; everything that could be read was used."


def _from(start_sec: float) -> str:
    return f" from second {start_sec:g} on" if start_sec > 0 else ""
