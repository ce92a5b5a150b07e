"""A video's frames, scaled, cropped and resampled in time on ffmpeg's side of the pipe."""

import math
import re
import tempfile
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float64, UInt8

from har.errors import OptionsError, VideoStalled
from har.settings import settings
from har.video.checks import MAX_FRAMES, no_frames, too_long
from har.video.ffmpeg import ONE_THREAD, Ffmpeg, input_arguments
from har.video.fit import centre, fitted_size
from har.video.info import VideoInfo
from har.video.nonreference import drop_arguments
from har.video.packets import read_times
from har.video.picture import deinterlace, to_sdr
from har.video.shots import Cut, CutFinder
from har.video.sound import clock_output

Fit = Literal["stretch", "crop"]
_Frame = UInt8[np.ndarray, "height width 3"]

# Without an index of key frames, or with times known only by decoding from the start, seeking is off by some frames.
NOT_SEEKABLE = frozenset({"avi", "mpeg", "mpegts", "mpegvideo", "ogg"})
_SLIDES_FPS = 10  # below it, frames are shown for so long that the nearest one is not the one shown
_NUMBERS, _TIMES = "numbers", "times"  # files that ffmpeg writes, of the samples and of all frames
_NEVER = 1 << 62  # more samples than there are
_START_US = 1_000_000  # filters that begin later with their first frame are not the first ones
_CLOCK_US = 10_000  # the coarsest clock of a container, GIF's
_FEW_PIXELS = 30_000_000  # of all frames: some seconds of 320×240
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
    find_cuts: bool = False,
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
        find_cuts: find where shots begin, see `FrameReader.cuts`. Only with `fps`, of the whole video.

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
    seek, trim = _seek(info, fps, start_sec, end_sec)
    filters = [*deinterlace(info), *trim, *_resample(info, fps, end_sec), *_scale(info, height, width, fit, zoom)]
    threads = ONE_THREAD if info.width * info.height * (info.frame_count or MAX_FRAMES) <= _FEW_PIXELS else ()
    arguments = [*input_arguments(info.path, *threads, *seek), "-map", info.stream, "-fps_mode", "passthrough"]
    clock = ["-enc_time_base:v:0", "filter", "-stats_enc_pre:v:0", _NUMBERS, "-stats_enc_pre_fmt:v:0", "{pts} {tb}"]
    arguments += ["-vf", ",".join(filters), *(clock if fps else []), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    arguments += clock_output(info)
    finder = (
        CutFinder(info.fps, partial(_first_sample, _shift_us(info), fps)) if find_cuts and fps is not None else None
    )
    arguments += _times_arguments(info, trim) if collect_times and finder is None else []
    max_frames = MAX_FRAMES if fps is None else math.ceil((settings().max_video_sec + _REORDER_SEC) * fps) + 1
    all_needed = start_sec > 0 or end_sec is not None or collect_times or find_cuts
    sampled_fps = None if fps is None or all_needed else fps
    return FrameReader(
        info, arguments, collect_times, (height, width), start_sec, end_sec, max_frames, fps, sampled_fps, finder
    )


def frame_times(info: VideoInfo, end_sec: float) -> Float64[np.ndarray, "frames"]:
    """When each frame before a time is shown, in seconds, by decoding all of them."""
    with read_frames(info, size=(2, 2), end_sec=end_sec, collect_times=True) as reader:
        deque(reader, maxlen=0)
    return reader.times_sec


def first_sample(info: VideoInfo, fps: Fraction, time_sec: Fraction) -> int:
    """The first sample, of those of `read_frames`, that shows the frame of this time or a later one."""
    return _first_sample(_shift_us(info), fps, time_sec)


def _first_sample(shift_us: int, fps: Fraction, time_sec: Fraction) -> int:
    """In integers, since it is called for every frame."""
    ticks, tick = time_sec.numerator, time_sec.denominator
    moved_us = (2_000_000 * ticks + tick) // (2 * tick) - shift_us
    return max(0, -(-moved_us * fps.numerator // (1_000_000 * fps.denominator)))


def _seek(
    info: VideoInfo, fps: Fraction | None, start_sec: float, end_sec: float | None
) -> tuple[list[str], list[str]]:
    """Input options and filters that start at `start_sec`, call that time 0, and end before `end_sec`.

    A frame that is sampled at the start may have begun long before, so of frames at odd distances earlier ones are read
    as well: `_in_time` leaves out those with negative times, but the last.
    """
    with_earlier = fps is not None and (info.variable_rate or _are_slides(info, fps))
    if start_sec > 0 and info.container in NOT_SEEKABLE:
        bounds = [] if with_earlier else [f"start={start_sec:.6f}"]
        bounds += [f"end={end_sec:.6f}"] if end_sec is not None else []
        until = ["-t", f"{end_sec + _REORDER_SEC:.6f}"] if end_sec is not None else []
        trim = [f"trim={':'.join(bounds)}"] if bounds else []
        return until, ["settb=1/1000000", *trim, f"setpts=PTS-{round(start_sec * 1e6)}"]
    if start_sec > 0 and with_earlier:  # `-t` would count from the first of them
        trim = [f"trim=end={end_sec - start_sec:.6f}"] if end_sec is not None else []
        return ["-noaccurate_seek", "-ss", f"{start_sec:.6f}"], trim
    seek = ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    return [*seek, "-t", f"{end_sec - start_sec:.6f}"] if end_sec is not None else seek, []


def _times_arguments(info: VideoInfo, filters: list[str]) -> list[str]:
    """A second output of the same run with times only."""
    arguments = ["-map", info.stream, "-fps_mode", "passthrough", "-enc_time_base", "filter" if filters else "demux"]
    arguments += ["-vf", ",".join(filters)] if filters else []
    return [*arguments, "-c:v", "wrapped_avframe", "-f", "framecrc", f"file:{_TIMES}"]


def _resample(info: VideoInfo, fps: Fraction | None, end_sec: float | None) -> list[str]:
    """Filters that select, for each k, the frame nearest to k / fps, from the first frame on.

    `fps` with `round=up` selects the last frame at or before that time. Moving frames forward by a bit less than half a
    frame makes that the nearest one, whichever way a container has rounded its timestamps.
    """
    if fps is None:
        return []
    moved = f"PTS-{_shift_us(info)}"
    if _are_slides(info, fps):
        return ["settb=1/1000000", f"setpts={moved}"]
    # The first frame is also shown before its time: otherwise another one of the same sample might be.
    from_start = f"setpts='if(not(N)*lt(PTS,{_START_US}),min({moved},0),{moved})'"
    # A held frame that lasts less than from one sample to the next by its packet would not be selected at all.
    held = f"tpad=stop_mode=clone:stop={math.ceil(info.fps / fps) + 1}"
    selected = f"fps=fps={fps.numerator}/{fps.denominator}:round=up"
    is_held = info.last_frame_is_held and (end_sec is None or end_sec >= info.duration_sec)
    return ["settb=1/1000000", from_start, *([held] if is_held else []), selected]


def _are_slides(info: VideoInfo, fps: Fraction) -> bool:
    """Whether there are so few frames that each is read once, and repeated here."""
    return info.fps < _SLIDES_FPS and info.fps <= fps


def _shift_us(info: VideoInfo) -> int:
    """By how many microseconds `_resample` moves frames forward.

    Of slides, the one shown at a time counts and not the nearest: only the rounding of clocks is undone.
    """
    return round(0.45 * 1_000_000 / info.fps) if info.fps >= _SLIDES_FPS else _CLOCK_US


def _scale(info: VideoInfo, height: int, width: int, fit: Fit, zoom: float) -> list[str]:
    high, wide = height, width
    if fit == "crop":
        factor = max(Fraction(height, info.height), Fraction(width, info.width))
        high, wide = max(height, round(info.height * factor)), max(width, round(info.width * factor))
    high, wide = round(high * zoom), round(wide * zoom)
    cropped = [f"crop={width}:{height}"] if (high, wide) != (height, width) else []
    scaled = f"scale={fitted_size(info, wide, high)}:flags=bilinear"
    return [scaled, *to_sdr(info), "format=rgb24", centre(wide, high), *cropped]


@dataclass(eq=False)
class FrameReader:
    """Iterates over frames, `(height, width, 3)` uint8 RGB. A context manager: leaving it ends ffmpeg.

    After the last frame:
        times_sec: with `collect_times`, when each source frame is shown, in seconds on the clock of `VideoInfo`:
            as they are in the file, whatever `fps` drops or repeats.
        warning: a sentence for users if parts of the video could not be read.

    At any time, with `find_cuts`:
        cuts: where shots begin, all up to the last frame returned.
    """

    _info: VideoInfo
    _arguments: list[str]
    _collect_times: bool
    _size: tuple[int, int]
    _start_sec: float
    _end_sec: float | None
    _max_frames: int  # whatever the file claims
    _fps: Fraction | None  # None: every frame
    _sampled_fps: Fraction | None  # where the whole video is sampled; None: every frame may be needed
    _finder: CutFinder | None
    times_sec: Float64[np.ndarray, "source_frames"] = field(init=False, default_factory=lambda: np.empty(0))
    warning: str | None = field(init=False, default=None)
    frame_count: int = field(init=False, default=0)  # returned so far
    _folder: "tempfile.TemporaryDirectory[str]" = field(init=False)  # ffmpeg's working folder
    _ffmpeg: Ffmpeg | None = field(init=False, default=None)
    _frames: Iterator[_Frame] = field(init=False, default=iter(()))
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
            # For consumers that neither finish nor close.
            weakref.finalize(self, _release, self._ffmpeg, self._folder, self._finder)
            self._frames = _decoded(self._ffmpeg, (*self._size, 3), self._finder)
            if self._fps is not None:
                numbers = _sample_numbers(Path(self._folder.name) / _NUMBERS, self._fps)
                self._frames = _in_time(self._frames, numbers, self._held_samples(self._fps))
            if self._finder is not None:
                self._frames = self._finder.hold(self._frames, partial(self._ffmpeg.read_rest, self._finder))
        frame = next(self._frames, None)
        if frame is not None:
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
            _release(self._ffmpeg, self._folder, self._finder)

    @property
    def cuts(self) -> Sequence[Cut]:
        """See above."""
        return self._finder.cuts if self._finder is not None else ()

    def _start(self) -> Ffmpeg:
        fps, early_sec = self._sampled_fps, _shift_us(self._info) / 1e6
        drop = drop_arguments(self._info, fps, early_sec) if fps else []
        self._folder = tempfile.TemporaryDirectory(prefix="har-times-")
        arguments, folder = ["-nostats", "-loglevel", "level+warning", *drop, *self._arguments], Path(self._folder.name)
        if self._finder is None:
            return Ffmpeg(arguments, cwd=folder)
        with self._finder.output(self._info.stream, folder) as (further, pipe):
            return Ffmpeg([*arguments, *further], cwd=folder, inherit=(pipe,))

    def _held_samples(self, fps: Fraction) -> tuple[int, int]:
        """Which sample must be reached for the last frame to be held, and how many samples there are then.

        Otherwise ffmpeg ends the samples, by the duration in the last packet.
        """
        info = self._info
        end_sec = info.duration_sec if self._end_sec is None else min(info.duration_sec, self._end_sec)
        count = max(1, math.ceil(round((end_sec - self._start_sec - _shift_us(info) / 1e6) * float(fps), 6)))
        is_part, are_slides = end_sec < info.duration_sec, _are_slides(info, fps)
        if is_part and info.variable_rate and not are_slides:  # any frame may be held
            return -1, count
        if info.last_frame_sec is None or not (are_slides or (info.last_frame_is_held and not is_part)):
            return _NEVER, _NEVER
        shown_sec = min(info.last_frame_sec, end_sec) - self._start_sec - 1 / float(info.fps)
        return math.floor(shown_sec * float(fps)), count

    def _end(self, ffmpeg: Ffmpeg) -> None:
        status = ffmpeg.finish()
        lines = ffmpeg.messages.lines()
        if self._collect_times and self.frame_count and not ffmpeg.stalled:
            folder, finder = Path(self._folder.name), self._finder
            self.times_sec = read_times(folder / _TIMES, self._start_sec) if finder is None else finder.times_sec
        self.close()
        if (exceeded := ffmpeg.exceeded_limit()) is not None and (ffmpeg.stalled or status < 0 or not self.frame_count):
            raise VideoStalled(
                f"Reading {self._info.path.name} was cancelled: ffmpeg {exceeded}.",
                "A frame was expected every few seconds.",
                "Try again, or convert the video to MP4 (H.264) first.",
            )
        if not self.frame_count:
            raise no_frames(self._info.path, f" from second {self._start_sec:g} on" if self._start_sec > 0 else "")
        if status != 0 or any(_is_damage(line) for line in lines):
            self.warning = "Parts of the video are damaged or missing; everything readable was used."


def _release(ffmpeg: Ffmpeg, folder: "tempfile.TemporaryDirectory[str]", finder: CutFinder | None) -> None:
    ffmpeg.close()
    if finder is not None:
        finder.close()
    folder.cleanup()


def _decoded(ffmpeg: Ffmpeg, shape: tuple[int, ...], finder: CutFinder | None) -> Iterator[_Frame]:
    while True:
        frame = np.empty(shape, np.uint8)
        if ffmpeg.read_into(frame.data.cast("B"), finder) < frame.nbytes:
            return
        yield frame


def _in_time(frames: Iterator[_Frame], numbers: Iterator[int], held: tuple[int, int]) -> Iterator[_Frame]:
    """A frame for every sample from the first on: each is repeated until the next, the first also before its time.

    ffmpeg builds its filters again whenever a stream changes its size, pixel format or colours. They begin with the
    first frame that they get, and know nothing of the samples before. `numbers` are of the first sample that shows each
    frame, and `held` is as of `FrameReader._held_samples`.
    """
    reached, count = held
    due, shown = 0, None  # the next sample, and the frame that it shows unless a later one comes before it
    for frame in frames:
        number = next(numbers, due)
        if number >= count and due > reached:
            deque(frames, maxlen=0)  # ffmpeg waits until its last frames are read
            break
        if shown is not None:
            yield from _repeat(shown, number - due)
            due = max(due, number)
        shown = frame
    if shown is not None:
        yield from _repeat(shown, count - due if due > reached else 1)


def _repeat(frame: _Frame, count: int) -> Iterator[_Frame]:
    for number in range(count):
        yield frame if number == 0 else frame.copy()


def _sample_numbers(path: Path, fps: Fraction) -> Iterator[int]:
    """Read what `-stats_enc_pre` writes: it does so before it encodes a frame, so each line is there in time."""
    rates: dict[bytes, Fraction] = {}  # samples per tick; there is one, unless the filters change it
    with path.open("rb") as lines:
        while line := lines.readline():
            ticks, tick = line.split()
            rate = rates.get(tick) or rates.setdefault(tick, Fraction(tick.decode()) * fps)
            yield -(-int(ticks) * rate.numerator // rate.denominator)


def _is_damage(line: str) -> bool:
    return "corrupt" in line.lower() or ("[error]" in line and not _HARMLESS.search(line))
