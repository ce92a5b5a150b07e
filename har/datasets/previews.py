"""Sprite sheets and small copies of videos for pages, made once and cached."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

from har.datasets.dataset import LabelledVideo
from har.datasets.facts import video_info
from har.errors import NoFrames
from har.settings import settings
from har.storage import atomic, quota
from har.storage.cache import cache_key, preview_cache
from har.video import VideoInfo, input_arguments, make_preview, probe, run_ffmpeg
from har.video.checks import check_file
from har.video.fit import centre, fitted_size
from har.video.picture import deinterlace, to_sdr

SPRITE_COUNT = 12  # in a sprite sheet, in one row
SPRITE_WIDTH, SPRITE_HEIGHT = 160, 120  # pixels
SPRITE_FPS = 5  # shows them at the speed of the video

STORED_SHEET = "preview.jpg"  # the sprite sheet of a visitor's video, next to it

_VERSION = 2  # to be raised when sprite sheets look different
_JPEG = "out_range=full:out_color_matrix=bt601"  # as all JPEG
_QUALITY = 7  # of JPEG in ffmpeg: 2 is best, 31 is worst


@quota.raising_disk_full()
def sprite_sheet(video: LabelledVideo) -> Path:
    """A JPEG of `SPRITE_COUNT` frames in one row: 2.4 seconds from the middle of a video.

    A shorter video is spread over all sprites, and so moves slower at `SPRITE_FPS`. A generated one should be drawn
    (`har.datasets.ensure_drawn`).

    Returns:
        A cached file, which may be deleted when space is needed: read it soon. That of a visitor's result is next to
        the video, so that it is deleted with it.

    Raises:
        VideoMissing: there is no such file.
        VideoError: it cannot be read.
        DiskFull: the disk is full.
    """
    check_file(video.path)
    if cached := find_sprite_sheet(video):
        return cached
    if _is_of_visitor(video.path):
        with unchanged(video.path.parent), atomic.replacing(video.path.with_name(STORED_SHEET)) as path:
            _write_sheet(probe(video.path), path)
        return video.path.with_name(STORED_SHEET)
    key = _key(video.path, "strip")
    with preview_cache().writing(key) as path:
        _write_sheet(video_info(video), path)
    return path.with_name(key)


def find_sprite_sheet(video: LabelledVideo) -> Path | None:
    """The sprite sheet of a video if it is cached: fast, for pages of hundreds of videos."""
    if _is_of_visitor(video.path):
        stored = video.path.with_name(STORED_SHEET)
        return stored if stored.exists() else None
    try:
        key = _key(video.path, "strip")
    except FileNotFoundError:
        return None
    return preview_cache().find(key)


def _is_of_visitor(path: Path) -> bool:
    """Whether a file is in the folder of a job: what is made of it must not be kept longer than the video."""
    return path.parent.parent == settings().jobs


@contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Leave a folder's time as it is, which says when it is deleted."""
    before = folder.stat()
    yield
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def _write_sheet(info: VideoInfo, path: Path) -> None:
    length_sec = min(SPRITE_COUNT / SPRITE_FPS, info.duration_sec)
    write_sprites(info, (info.duration_sec - length_sec) / 2, length_sec, path)
    if path.stat().st_size == 0:  # a damaged file may end before the middle of its announced duration
        write_sprites(info, 0.0, length_sec, path)
    if path.stat().st_size == 0:
        raise NoFrames(
            f"No frame of {info.path.name} could be decoded.",
            "A video needs at least one frame.",
            "Check that it plays, or convert it to MP4 (H.264) first.",
        )


@quota.raising_disk_full()
def playable_copy(video: LabelledVideo) -> Path:
    """A small MP4 copy of a video, which every browser plays. See `sprite_sheet` for arguments and errors."""
    check_file(video.path)
    key = _key(video.path, "playable", settings().preview_short_side)
    if cached := preview_cache().find(key):
        return cached
    with preview_cache().writing(key) as path:
        make_preview(video_info(video), path, mark=key)
    return path.with_name(key)


def write_sprites(
    info: VideoInfo,
    start_sec: float,
    length_sec: float,
    out: Path,
    *,
    count: int = SPRITE_COUNT,
    size: tuple[int, int] = (SPRITE_WIDTH, SPRITE_HEIGHT),
    key_frames_only: bool = False,
) -> None:
    """Write a JPEG of `count` frames in one row, at equal intervals; an empty file if there is none to be decoded.

    They are of the part of the video from `start_sec` on, of a width and height in pixels; what does not fit is
    cropped. With `key_frames_only` others are skipped, which is much faster.

    Raises:
        EncodingFailed: ffmpeg failed.
    """
    rate = Fraction(count / length_sec).limit_denominator(10_000)
    factor = max(size[0] / info.width, size[1] / info.height)
    width, height = max(size[0], round(info.width * factor)), max(size[1], round(info.height * factor))
    filters = [
        *deinterlace(info),
        "setpts=PTS-STARTPTS",
        f"fps={rate.numerator}/{rate.denominator}",
        f"scale={fitted_size(info, width, height)}:flags=bilinear:{_JPEG}",
        *([*sdr, f"scale={_JPEG}"] if (sdr := to_sdr(info)) else []),
        centre(width, height, even=True),
        f"crop={size[0]}:{size[1]}",
        "setsar=1",
        "format=yuvj420p",
        f"tpad=stop_mode=clone:stop={count - 1}",  # rounding, or a damaged file, may give fewer
        f"tile={count}x1",
    ]
    before = ["-skip_frame", "nokey"] if key_frames_only else []
    before += ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    picture = ["-map", info.stream, "-vf", ",".join(filters), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", str(_QUALITY)]
    run_ffmpeg([*input_arguments(info.path, *before), *picture, "-f", "mjpeg", "-y", f"file:{out}"])


def _key(path: Path, *parts: object) -> str:
    """Depends on path, size and time, not on the content, so that pages of many videos are fast."""
    status = path.stat()
    return cache_key(path.absolute(), status.st_size, status.st_mtime_ns, _VERSION, *parts)
