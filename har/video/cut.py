"""A section of a video as a small video of its own."""

import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from har.errors import NoFrames
from har.storage.atomic import replacing
from har.video.ffmpeg import input_arguments
from har.video.fit import centre
from har.video.frames import NOT_SEEKABLE, frame_times
from har.video.info import VideoInfo
from har.video.picture import deinterlace, scale_to_write
from har.video.preview import preview_size
from har.video.sound import clock_output
from har.video.write import NO_METADATA, duration_arguments, h264_arguments, run_ffmpeg

_EARLY_SEC = 0.001  # much less than a frame lasts: times are rounded on the way
_EXTRA_SEC = 1.0
_HELD_SEC = 0.15  # a frame that is shown longer, and than 1.5 usual ones, is held
_LEAD_SEC = 20.0  # more than between two key frames of broadcasts and discs
_WRITTEN = "written"


@dataclass(frozen=True)
class _Section:
    start_sec: float
    end_sec: float
    held_sec: float | None = None  # when the frame that is shown at the start has begun; None: one begins there


def cut_clip(
    info: VideoInfo, start_sec: float, end_sec: float, out: Path, times_sec: Float64[np.ndarray, "frames"] | None = None
) -> None:
    """Write the frames of `[start_sec, end_sec)` as an MP4 (H.264, no sound), no larger than a preview.

    It is written whole or not at all. The intervals between frames stay; the file's metadata does not. A frame that is
    held at the start or at the end is part of the clip for as long as it is shown within it. `times_sec`, when each
    frame of the video is shown, saves reading the video again.

    Raises:
        EncodingFailed: it could not be written, or not within the limits of `settings()`.
        NoFrames: no frame of the section could be decoded.
    """
    if start_sec >= info.duration_sec:
        raise _no_frames(info, start_sec, end_sec)
    section = _Section(start_sec, end_sec) if times_sec is None else _section(info, start_sec, end_sec, times_sec)
    with replacing(out) as temporary:
        written = _write(info, section, temporary, _seek_sec(info, section, times_sec is not None))
        if times_sec is None and not _is_complete(info, section, written):
            times_sec = frame_times(info, end_sec)
            section = _section(info, start_sec, end_sec, times_sec)
            written = _write(info, section, temporary, 0.0)
        elif times_sec is not None and len(written) != _count(section, times_sec):
            written = _write(info, section, temporary, 0.0)
        if not len(written):
            raise _no_frames(info, start_sec, end_sec)


def _seek_sec(info: VideoInfo, section: _Section, is_checked: bool) -> float:
    """Where to seek to; 0: nowhere, all is read from the beginning."""
    first_sec = section.start_sec if section.held_sec is None else section.held_sec
    if info.container not in NOT_SEEKABLE:
        return max(0.0, first_sec - _EARLY_SEC)
    return max(0.0, first_sec - _LEAD_SEC) if is_checked else 0.0


def _write(info: VideoInfo, section: _Section, out: Path, read_from_sec: float) -> Float64[np.ndarray, "written"]:
    """Write a section, and return when its frames are shown, from its start on.

    ffmpeg seeks to `read_from_sec`; 0: it reads from the beginning.
    """
    begin_sec = max(0.0, section.start_sec - _EARLY_SEC)
    first_sec = begin_sec if section.held_sec is None else max(0.0, section.held_sec - _EARLY_SEC)
    end_sec = section.end_sec - _EARLY_SEC
    seek = ["-ss", f"{read_from_sec:.6f}"] if read_from_sec > 0 else []
    # `trim` ends the clip by the clock. `-t` counts from the first frame, and only saves reading further.
    seek += ["-t", f"{end_sec - read_from_sec + _EXTRA_SEC:.6f}"]
    skipped = f"start={first_sec - read_from_sec:.6f}:" if first_sec > read_from_sec else ""
    filters = [f"trim={skipped}end={end_sec - read_from_sec:.6f}"]
    if begin_sec > read_from_sec:
        filters.append(f"setpts='max(0,PTS-round({begin_sec - read_from_sec:.6f}/TB))'")
    width, height = preview_size(info.width, info.height)
    filters = [*deinterlace(info), *filters, *scale_to_write(info, width, height)]
    filters += ["setsar=1", "format=yuv420p", centre(width, height)]
    picture = ["-map", info.stream, "-vf", ",".join(filters), *h264_arguments(), "-fps_mode", "passthrough"]
    picture += duration_arguments(min(end_sec, info.duration_sec) - begin_sec)
    container = ["-enc_time_base", "demux", "-movflags", "+faststart", *NO_METADATA, "-f", "mp4"]
    looked_at = ["-stats_enc_pre:v:0", _WRITTEN, "-stats_enc_pre_fmt:v:0", "{pts} {tb}"]
    with tempfile.TemporaryDirectory(prefix="har-cut-") as name:
        run_ffmpeg(
            [
                *input_arguments(info.path, *seek),
                *picture,
                *container,
                *looked_at,
                "-y",
                f"file:{out.absolute()}",
                *(clock_output(info) if info.container in NOT_SEEKABLE else []),
            ],
            cwd=Path(name),
        )
        lines = (Path(name) / _WRITTEN).read_text(encoding="ascii").split("\n")
    return np.array([float(int(line.split()[0]) * Fraction(line.split()[1])) for line in lines if line])


def _is_complete(info: VideoInfo, section: _Section, written: Float64[np.ndarray, "written"]) -> bool:
    """Whether frames were written from about the start to about the end: none is held there, and none is missing."""
    held_sec, length_sec = _held_sec(info), section.end_sec - section.start_sec
    return len(written) > 0 and bool(written[0] <= held_sec and length_sec - written[-1] <= held_sec)


def _held_sec(info: VideoInfo) -> float:
    return min(_HELD_SEC, 1.5 / float(info.fps))


def _section(info: VideoInfo, start_sec: float, end_sec: float, times_sec: Float64[np.ndarray, "frames"]) -> _Section:
    """With what is held at its start and end."""
    first, last = np.searchsorted(times_sec, [start_sec - _EARLY_SEC, end_sec - _EARLY_SEC])
    begins_sec = times_sec[first] if first < last else end_sec
    is_held = first > 0 and begins_sec - start_sec > _held_sec(info)
    return _Section(start_sec, end_sec, float(times_sec[first - 1]) if is_held else None)


def _count(section: _Section, times_sec: Float64[np.ndarray, "frames"]) -> int:
    begin_sec = section.start_sec if section.held_sec is None else section.held_sec
    first, last = np.searchsorted(times_sec, [begin_sec - _EARLY_SEC, section.end_sec - _EARLY_SEC])
    return int(last - first)


def _no_frames(info: VideoInfo, start_sec: float, end_sec: float) -> NoFrames:
    return NoFrames(
        f"No frame of {info.path.name} from second {start_sec:g} to second {end_sec:g} could be decoded.",
        "A clip has at least one frame.",
        "Choose another section, or convert the video to MP4 (H.264) first.",
    )
