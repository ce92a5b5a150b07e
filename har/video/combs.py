"""Find interlaced video that is not marked as such, by the combs at the edges of what moves."""

import re
from fractions import Fraction
from pathlib import Path

from har.settings import settings
from har.video.ffmpeg import Ffmpeg, input_arguments
from har.video.header import Film
from har.video.info import Fields

# Interlaced video has the formats of television and tape. Others are not searched: that would cost time on every file.
_HEIGHTS = frozenset({480, 486, 576, 1080})
_TAPE_WIDTHS = frozenset({704, 720})  # of tapes: often stored as progressive
_LOWEST_FPS, _HIGHEST_FPS = 24.9, 30.1
_NEVER = frozenset({"gif", "vp8", "vp9", "av1"})  # these codecs have no interlaced frames
_FRAMES = 24
_MIN_COMBED = 5
_COMBED_SHARE = 0.9  # of the frames with motion
_COUNTS = re.compile(r"Multi frame detection: TFF: *(?P<tff>\d+) BFF: *(?P<bff>\d+) Progressive: *(?P<progressive>\d+)")


def find_fields(path: Path, film: Film, fps: Fraction) -> Fields | None:
    """Which field is shown first, if the first frames look interlaced; None if they do not, or need no search."""
    if film.size is None or film.codec in _NEVER or not _LOWEST_FPS < fps < _HIGHEST_FPS:
        return None
    width, height = film.size
    if height not in _HEIGHTS or (film.progressive and width not in _TAPE_WIDTHS):
        return None
    search = ["-map", film.stream, "-frames:v", str(_FRAMES), "-vf", "setfield=prog,idet", "-f", "null", "-"]
    keep = _COUNTS.search
    with Ffmpeg(
        ["-nostats", *input_arguments(path), *search],
        limit_sec=settings().probe_sec,
        keep=lambda line: bool(keep(line)),
    ) as ffmpeg:
        ffmpeg.finish()
    counts = [match for line in ffmpeg.messages.lines() if (match := keep(line))]
    if not counts:
        return None
    tff, bff, progressive = (int(counts[-1][name]) for name in ("tff", "bff", "progressive"))
    if tff + bff < max(_MIN_COMBED, _COMBED_SHARE * (tff + bff + progressive)):
        return None
    return "tff" if tff > bff else "bff"
