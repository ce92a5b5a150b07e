"""Videos out: frames through a pipe, or any other run of ffmpeg with its progress."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from har.errors import EncodingFailed, NoFrames
from har.settings import settings
from har.video.process import Ffmpeg

_LOOKAHEAD = 3  # frames; ten, x264's own with that preset, take some 40 MB more of 1080p and are hardly better
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"  # colour is stored for squares of four pixels


@contextmanager
def under_another_name(path: Path) -> Iterator[Path]:
    """A name beside `path` to write to; renamed to `path` when all went well, removed when it did not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_video(path: Path, frames: Iterable[UInt8[np.ndarray, "height width 3"]], fps: Fraction) -> None:
    """Write frames as an MP4 (H.264, yuv420p, faststart). An odd side gets one more line.

    Args:
        path: replaced when the last frame is in, and not before.
        frames: RGB, all of the first one's size.
        fps: frames a second.

    Raises:
        NoFrames: there were none.
        EncodingFailed: ffmpeg could not write them.
    """
    rest = iter(frames)
    first = next(rest, None)
    if first is None:
        raise NoFrames("There are no frames to write.", "A video has at least one.", "Give at least one frame.")
    height, width, _ = first.shape
    rate = f"{fps.numerator}/{fps.denominator}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-framerate", rate]
    with under_another_name(path) as beside:
        encode = ["-vf", _EVEN, *h264_arguments(), "-movflags", "+faststart", "-f", "mp4", "-y", f"file:{beside}"]
        with Ffmpeg(["-nostats", "-loglevel", "error", *source, "-i", "pipe:0", *encode], pipe_in=True) as ffmpeg:
            _feed(ffmpeg, chain([first], rest), first.shape)
            status = ffmpeg.finish()
        _check(ffmpeg, status)


def h264_arguments() -> list[str]:
    """How `settings` wants videos to be encoded."""
    chosen = settings()
    encoder = ["-c:v", chosen.encoder, "-preset", chosen.encoder_preset, "-crf", str(chosen.encoder_crf)]
    return [*encoder, "-pix_fmt", "yuv420p"]


def transcoding_arguments() -> tuple[list[str], list[str]]:
    """Options of an input, and `h264_arguments` of an output, of one run that decodes a video to encode it again.

    With every core for both, each waits for the other, with more frames in memory; and x264 would have more in hand.
    """
    cores = os.cpu_count() or 1
    lean = ["-rc-lookahead", str(_LOOKAHEAD), "-threads", str(cores)] if settings().encoder == "libx264" else []
    return ["-threads", str(max(1, cores // 2))], [*h264_arguments(), *lean]


def _feed(ffmpeg: Ffmpeg, frames: Iterable[UInt8[np.ndarray, "height width 3"]], shape: tuple[int, ...]) -> None:
    for frame in frames:
        if frame.shape != shape:
            raise ValueError(f"Expected every frame to be {shape}. Received one of {frame.shape}.")
        try:
            ffmpeg.write(np.ascontiguousarray(frame).data.cast("B"))
        except BrokenPipeError:
            return  # it has ended; its exit status and messages say why


def run_ffmpeg(
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    duration_sec: float | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> None:
    """Run ffmpeg to its end.

    Args:
        arguments: inputs (see `input_arguments`) and outputs; standard output is taken.
        cwd: working folder.
        duration_sec: how long the output will be; without it no progress is told.
        on_progress: told of the share that is done, 0 to 1. What it raises ends ffmpeg and is raised from here.

    Raises:
        EncodingFailed: ffmpeg reported failure, or went beyond one of the limits in `settings()`.
    """
    head = ["-nostats", "-loglevel", "error", "-progress", "pipe:1"]
    with Ffmpeg([*head, *arguments], cwd=cwd, patient=True, tied=True) as ffmpeg:
        for done_sec in _progress(ffmpeg):
            if on_progress and duration_sec:
                on_progress(min(max(done_sec / duration_sec, 0.0), 1.0))
        status = ffmpeg.finish()
    _check(ffmpeg, status)
    if on_progress:
        on_progress(1.0)


def _progress(ffmpeg: Ffmpeg) -> Iterator[float]:
    """Seconds of output done, each time ffmpeg tells. It tells twice a second even when it stands still."""
    rest, done, before = b"", {}, None
    for chunk in ffmpeg.chunks():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            done[key] = value.strip()
            if key != b"progress":
                continue
            now = tuple(done.get(name) for name in (b"frame", b"out_time_us", b"total_size"))
            if now != before:
                ffmpeg.still_alive()
            before = now
            microseconds = done.get(b"out_time_us", b"")
            if microseconds.lstrip(b"-").isdigit():  # "N/A" until the first frame is out
                yield int(microseconds) / 1e6


def _check(ffmpeg: Ffmpeg, status: int) -> None:
    if (over := ffmpeg.over()) is not None:
        raise EncodingFailed(
            f"The video could not be written: ffmpeg {over}.",
            "A video that this machine can write is expected.",
            "Make it shorter or its frames smaller, and try again.",
        )
    if status == 0:
        return
    reason = _told(ffmpeg.messages.lines()) or f"ffmpeg ended with status {status}"
    raise EncodingFailed(
        f"The video could not be written: {reason}.",
        "There must be room on the disk, and a video that can be decoded.",
        "Free some space and try again, or convert the video to MP4 (H.264) first.",
    )


def _told(lines: list[str]) -> str:
    """The first message, which mostly names the cause, and the last, which names what came of it."""
    told = [re.sub(r"^(\[[^\]]*\] )+", "", line).rstrip(".") for line in lines]
    return "; ".join(dict.fromkeys((told[0], told[-1]))) if told else ""
