"""What `ffmpeg -i` prints of a file, read line by line."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Streams that belong together stand two blanks further in. A file's own tags can be made to look like such a line: that
# gives its maker a wrong word on the page, no more, for every limit is held again where frames are read.
_INPUT = re.compile(r"^Input #0, (?P<names>\S+), from ")
_DURATION = re.compile(
    r"^  Duration: (?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>[\d.]+)(?:, start: (?P<start>-?[\d.]+))?"
)
_STREAM = re.compile(r"^ {2,4}Stream #0:\d+(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (?P<kind>\w+): (?P<rest>.*)$")
_SIZE = re.compile(r", (?P<width>\d+)x(?P<height>\d+)(?=[ ,]|$)")
_COMMON_PIXELS = re.compile(r", yuvj?420p[(,]")
_PROGRESSIVE = re.compile(r", \w+\((?:[\w/. -]+, )*progressive(?:, [\w/. -]+)*\), ")
_TOO_BIG = re.compile(r"Picture size (?P<width>\d+)x(?P<height>\d+) (?:exceeds specified max pixel count|is invalid)")
_PICTURES_ONLY = ("(attached pic)", "(timed thumbnails)")  # cover art: not a video


_END = re.compile(r"^(?:Stream mapping:|Output #)")  # from here on it speaks of what it writes
_WORTH = (_INPUT, _DURATION, _STREAM, _TOO_BIG)


def plain(line: str) -> str:
    """A line without the `[info] ` that ffmpeg puts before it where it is asked for levels."""
    return line.removeprefix("[info] ")


def ends(line: str) -> bool:
    """Whether all has been said of the file."""
    return _END.match(line) is not None


def tells(line: str) -> bool:
    """Whether `parse` makes anything of a line: the others may be thousands of complaints about a damaged file."""
    return any(pattern.search(line) for pattern in _WORTH)


@dataclass(frozen=True)
class Header:
    """What a file says of itself."""

    containers: tuple[str, ...]  # ffmpeg's names of the demuxer that took it; empty: none did
    codec: str | None  # of the first video stream that is no cover art; None: there is no such stream
    size: tuple[int, int] | None  # width and height as coded, where known
    common_pixels: bool  # eight bits a colour, stored for squares of four pixels: what every decoder takes
    progressive: bool  # whole frames, not fields of every other line; False also where it is not told
    has_audio: bool  # of a kind that can be decoded
    audio_codec: str | None  # of the first stream of sound
    has_more: bool  # captions or data, which may well last longer than the pictures
    duration_sec: float | None
    start_sec: float  # the first timestamp in the file, which ffmpeg makes second 0


def parse(lines: Iterable[str]) -> Header:
    """Read what ffmpeg printed on standard error."""
    containers: tuple[str, ...] = ()
    codec, size, too_big = None, None, None
    common_pixels, progressive, audio_codec = False, False, None
    has_audio, has_more, duration_sec, start_sec = False, False, None, 0.0
    for line in lines:
        if found := _INPUT.match(line):
            containers = tuple(found["names"].split(","))
        elif found := _DURATION.match(line):
            duration_sec = int(found["hours"]) * 3600 + int(found["minutes"]) * 60 + float(found["seconds"])
            start_sec = float(found["start"] or 0.0)
        elif found := _STREAM.match(line):
            has_audio |= found["kind"] == "Audio" and not found["rest"].startswith("none")
            has_more |= found["kind"] not in ("Audio", "Video")
            if found["kind"] == "Audio" and audio_codec is None:
                audio_codec = _codec(found["rest"])
            if found["kind"] == "Video" and codec is None and not found["rest"].endswith(_PICTURES_ONLY):
                codec, size = _codec(found["rest"]), _size(_SIZE.search(found["rest"]))
                common_pixels = _COMMON_PIXELS.search(found["rest"]) is not None
                progressive = _PROGRESSIVE.search(found["rest"]) is not None
        elif found := _TOO_BIG.search(line):
            too_big = _size(found)
    size = size or too_big
    return Header(
        containers, codec, size, common_pixels, progressive, has_audio, audio_codec, has_more, duration_sec, start_sec
    )


def _codec(rest: str) -> str:
    return rest.split()[0].rstrip(",")


def _size(found: re.Match[str] | None) -> tuple[int, int] | None:
    return (int(found["width"]), int(found["height"])) if found else None
