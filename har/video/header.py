"""Parse what `ffmpeg -i` prints about a file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Grouped streams are indented by two more spaces. A file's own tags can be made to look like such a line; that changes
# no more than what pages show, since every limit is enforced again while frames are read.
_INPUT = re.compile(r"^Input #0, (?P<names>\S+), from ")
_DURATION = re.compile(
    r"^  Duration: (?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>[\d.]+)(?:, start: (?P<start>-?[\d.]+))?"
)
_STREAM = re.compile(r"^ {2,4}Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (?P<kind>\w+): (?P<rest>.*)$")
_SIZE = re.compile(r", (?P<width>\d+)x(?P<height>\d+)(?=[ ,]|$)")
_COMMON_PIXELS = re.compile(r", yuvj?420p[(,]")
_PROGRESSIVE = re.compile(r", \w+\((?:[\w/. -]+, )*progressive(?:, [\w/. -]+)*\), ")
_TOO_BIG = re.compile(r"Picture size (?P<width>\d+)x(?P<height>\d+) (?:exceeds specified max pixel count|is invalid)")
_COVER_ART = ("(attached pic)", "(timed thumbnails)")
_END = re.compile(r"^(?:Stream mapping:|Output #)")  # from here on it describes the output
_PARSED = (_INPUT, _DURATION, _STREAM, _TOO_BIG)


def strip_level(line: str) -> str:
    """Remove the `[info] ` that ffmpeg prints with `-loglevel level`."""
    return line.removeprefix("[info] ")


def ends_header(line: str) -> bool:
    """Whether the description of the input ends before this line."""
    return _END.match(line) is not None


def is_header(line: str) -> bool:
    """Whether `parse_header` uses this line; others may be thousands of complaints about a damaged file."""
    return any(pattern.search(line) for pattern in _PARSED)


@dataclass(frozen=True)
class Header:
    """A file's description of itself."""

    containers: tuple[str, ...]  # ffmpeg's names of the demuxer that opened it; empty: none did
    codec: str | None  # of the first video stream that is not cover art; None: there is none
    size: tuple[int, int] | None  # width and height as coded
    common_pixels: bool  # yuv420p, 8 bits: what every decoder supports
    progressive: bool  # not interlaced; False also where unknown
    has_audio: bool  # that can be decoded
    audio_codec: str | None  # of the first audio stream
    has_more: bool  # captions or data, which may last longer than the picture
    duration_sec: float | None
    start_sec: float  # the first timestamp in the file, which ffmpeg calls second 0


def parse_header(lines: Iterable[str]) -> Header:
    """Parse ffmpeg's standard error."""
    containers: tuple[str, ...] = ()
    codec, size, too_big = None, None, None
    common_pixels, progressive, audio_codec = False, False, None
    has_audio, has_more, duration_sec, start_sec = False, False, None, 0.0
    for line in lines:
        if match := _INPUT.match(line):
            containers = tuple(match["names"].split(","))
        elif match := _DURATION.match(line):
            duration_sec = int(match["hours"]) * 3600 + int(match["minutes"]) * 60 + float(match["seconds"])
            start_sec = float(match["start"] or 0.0)
        elif match := _STREAM.match(line):
            has_audio |= match["kind"] == "Audio" and not match["rest"].startswith("none")
            has_more |= match["kind"] not in ("Audio", "Video")
            if match["kind"] == "Audio" and audio_codec is None:
                audio_codec = _codec(match["rest"])
            if match["kind"] == "Video" and codec is None and not match["rest"].endswith(_COVER_ART):
                codec, size = _codec(match["rest"]), _size(_SIZE.search(match["rest"]))
                common_pixels = _COMMON_PIXELS.search(match["rest"]) is not None
                progressive = _PROGRESSIVE.search(match["rest"]) is not None
        elif match := _TOO_BIG.search(line):
            too_big = _size(match)
    size = size or too_big
    return Header(
        containers, codec, size, common_pixels, progressive, has_audio, audio_codec, has_more, duration_sec, start_sec
    )


def _codec(rest: str) -> str:
    return rest.split()[0].rstrip(",")


def _size(match: re.Match[str] | None) -> tuple[int, int] | None:
    return (int(match["width"]), int(match["height"])) if match else None
