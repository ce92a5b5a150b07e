"""Write videos: from frames through a pipe, or by any other run of ffmpeg that reports progress."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from har.errors import EncodingFailed, EncodingLimited, NoFrames
from har.settings import settings
from har.storage.atomic import replacing
from har.video.ffmpeg import Ffmpeg, input_arguments
from har.video.info import VideoInfo

_LOOKAHEAD_FRAMES = 3  # x264's default for the preset, ten, takes 40 MB more at 1080p and gives little
_DISK_FULL = re.compile("no space left|disk quota exceeded", re.IGNORECASE)
_EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2"  # colour is stored for squares of four pixels
_BT601 = "format=yuv420p,setparams=colorspace=smpte170m"  # ffmpeg's matrix for RGB; without the mark, browsers guess

_MP4 = ("-movflags", "+faststart", "-f", "mp4")

RAW_SOUND = ("-f", "s16le", "-ar", "48000", "-ac", "2")  # samples without a header: stereo, 16 bits

# Outputs name neither their origin (place, time, device) nor the versions of ffmpeg and its encoders.
NO_METADATA = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags", "+bitexact")


def write_video(
    path: Path,
    frames: Iterable[UInt8[np.ndarray, "height width 3"]],
    fps: Fraction,
    *,
    sound: Sequence[Path] = (),
    sound_sec: float = 0.0,
) -> None:
    """Write frames as an MP4 (H.264, yuv420p, faststart). Odd sides are padded by one line.

    Args:
        path: written whole or not at all; its folder is created if need be.
        frames: RGB, all of the first one's size.
        fps: frames per second.
        sound: files of `RAW_SOUND`, which are mixed; none: no sound.
        sound_sec: how long the sound lasts, with silence where the files end earlier.

    Raises:
        NoFrames: there are none.
        EncodingFailed: ffmpeg could not write them.
    """
    inputs = [argument for track in sound for argument in input_arguments(track, *RAW_SOUND, containers=("s16le",))]
    sources = "".join(f"[{number}:a]" for number in range(1, len(sound) + 1))
    mix = f"{sources}amix=inputs={len(sound)}:normalize=0,apad=whole_dur={sound_sec:.6f}[mixed]"
    mixed = ["-filter_complex", mix, "-map", "0:v", "-map", "[mixed]", "-c:a", "aac", "-b:a", "128k"] if sound else []
    _encode(path, frames, fps, inputs, ["-vf", f"{_EVEN},{_BT601}", *h264_arguments(), *mixed, *_MP4])


def write_gif(path: Path, frames: Iterable[UInt8[np.ndarray, "height width 3"]], fps: Fraction) -> None:
    """Write frames as a GIF that loops, with a palette of 256 colours computed from them. See `write_video`."""
    colours = "split[a][b];[a]palettegen=stats_mode=diff[palette];[b][palette]paletteuse=dither=bayer:bayer_scale=4"
    _encode(path, frames, fps, [], ["-vf", colours, "-loop", "0", "-f", "gif"])


def _encode(
    path: Path,
    frames: Iterable[UInt8[np.ndarray, "height width 3"]],
    fps: Fraction,
    inputs: Sequence[str],
    arguments: Sequence[str],
) -> None:
    """Send frames to an ffmpeg with these further inputs, and arguments of the output."""
    rest = iter(frames)
    first = next(rest, None)
    if first is None:
        raise NoFrames("There are no frames to write.", "A video needs at least one frame.", "Pass at least one frame.")
    height, width, _ = first.shape
    rate = f"{fps.numerator}/{fps.denominator}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", f"{width}x{height}", "-framerate", rate]
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        target = [*inputs, *arguments, "-y", f"file:{temporary.absolute()}"]
        with Ffmpeg(["-nostats", "-loglevel", "error", *source, "-i", "pipe:0", *target], pipe_in=True) as ffmpeg:
            _send(ffmpeg, chain([first], rest), first.shape)
            status = ffmpeg.finish()
        _check(ffmpeg, status)


def h264_arguments() -> list[str]:
    """Encoder options from `settings()`."""
    chosen = settings()
    encoder = ["-c:v", chosen.encoder, "-preset", chosen.encoder_preset, "-crf", str(chosen.encoder_crf)]
    return [*encoder, "-pix_fmt", "yuv420p"]


def transcoding_arguments() -> tuple[list[str], list[str]]:
    """Options of the input, and of the output `h264_arguments` and more, of one run that both decodes and encodes.

    With a coarser motion search (`-subq`), encoding takes a fifth less time; files of the same quality are larger by up
    to a tenth. If decoder and encoder had a thread per core each, they would wait for each other with more frames in
    memory.
    """
    cores = os.cpu_count() or 1
    is_x264 = settings().encoder == "libx264"
    fast = ["-subq", "1", "-rc-lookahead", str(_LOOKAHEAD_FRAMES), "-threads", str(cores)] if is_x264 else []
    return ["-threads", str(max(1, cores // 2))], [*h264_arguments(), *fast]


def last_duration_arguments(info: VideoInfo, *, encoded: bool = True) -> list[str]:
    """Options of an output that make its last frame last as long as the video says; none for a usual last frame.

    The output has the video's frames at their times, `encoded` or copied. Filters lose durations, MP4 stores them in
    decoding order, and Matroska only that of the whole video.
    """
    if info.last_frame_sec is None or not (info.variable_rate or info.last_frame_is_held):
        return []
    in_order = encoded and info.last_frame_is_held
    return duration_arguments(info.duration_sec, in_order=in_order)


def duration_arguments(duration_sec: float, *, in_order: bool = True) -> list[str]:
    """Options of an output whose last frame lasts until `duration_sec`.

    With `in_order` it is encoded in the order in which frames are shown, so that the last one in the file is the one
    that lasts.
    """
    # Only that of the packet decoded last counts: the rest of the video, on the clock of decoding.
    rest = f"max(1,round({duration_sec:.6f}/TB)-STARTPTS+STARTDTS-DTS)"
    return [*(["-bf", "0"] if in_order else []), "-bsf:v", f"setts=pts=PTS:dts=DTS:duration='{rest}'"]


def _send(ffmpeg: Ffmpeg, frames: Iterable[UInt8[np.ndarray, "height width 3"]], shape: tuple[int, ...]) -> None:
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
    """Run ffmpeg, whose standard output is taken, to its end.

    With the duration of the output, `on_progress` is called with the fraction done, 0 to 1. Whatever it raises ends
    ffmpeg and is raised from here.

    Raises:
        EncodingFailed: ffmpeg failed, or exceeded one of the limits in `settings()`.
    """
    head = ["-nostats", "-loglevel", "error", "-progress", "pipe:1"]
    with Ffmpeg([*head, *arguments], cwd=cwd, patient=True, tied=True) as ffmpeg:
        for done_sec in _progress_sec(ffmpeg):
            if on_progress and duration_sec:
                on_progress(min(max(done_sec / duration_sec, 0.0), 1.0))
        status = ffmpeg.finish()
    _check(ffmpeg, status)
    if on_progress:
        on_progress(1.0)


def _progress_sec(ffmpeg: Ffmpeg) -> Iterator[float]:
    """Seconds of output done, whenever ffmpeg reports: twice a second, even when it does not advance."""
    rest, report, before = b"", {}, None
    for chunk in ffmpeg.chunks():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            report[key] = value.strip()
            if key != b"progress":
                continue
            now = tuple(report.get(name) for name in (b"frame", b"out_time_us", b"total_size"))
            if now != before:
                ffmpeg.reset_stall()
            before = now
            microseconds = report.get(b"out_time_us", b"")
            if microseconds.lstrip(b"-").isdigit():  # "N/A" until the first frame is out
                yield int(microseconds) / 1e6


def _check(ffmpeg: Ffmpeg, status: int) -> None:
    if (exceeded := ffmpeg.exceeded_limit()) is not None:
        raise EncodingLimited(
            f"The video could not be written: ffmpeg {exceeded}.",
            "Encoding must stay within this server's limits.",
            "Shorten the video or scale it down, and try again.",
        )
    if status == 0:
        return
    lines = ffmpeg.messages.lines()
    if any(_DISK_FULL.search(line) for line in lines):
        raise EncodingLimited(
            "The video could not be written: the disk is full.",
            "This needs free disk space.",
            "Free some space and try again.",
        )
    raise EncodingFailed(
        f"The video could not be written: {_reason(lines) or f'ffmpeg ended with status {status}'}.",
        "A video that can be decoded was expected.",
        "Check that it plays, or convert it to MP4 (H.264) first.",
    )


def _reason(lines: list[str]) -> str:
    """The first message, usually the cause, and the last, usually its consequence."""
    messages = [re.sub(r"^(\[[^\]]*\] )+", "", line).rstrip(".") for line in lines]
    return "; ".join(dict.fromkeys((messages[0], messages[-1]))) if messages else ""
