"""Parse what `ffmpeg -i` prints about a file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from har.video.ffmpeg import FirstAndLastLines
from har.video.info import UNKNOWN_COLOUR, Fields

# Grouped streams are indented by two more spaces. A file's own tags can be made to look like such a line; that changes
# no more than what pages show, since every limit is enforced again while frames are read.
_INPUT = re.compile(r"^Input #0, (?P<names>\S+), from ")
_DURATION = re.compile(
    r"^  Duration: (?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>[\d.]+)(?:, start: (?P<start>-?[\d.]+))?"
)
_STREAM = re.compile(r"^ {2,4}Stream #0:(?P<index>\d+)(?:\[0x[0-9a-f]+\])?(?:\([^)]*\))?: (?P<kind>\w+): (?P<rest>.*)$")
_SIZE = re.compile(r", (?P<width>\d+)x(?P<height>\d+)(?=[ ,]|$)")
_COMMON_PIXELS = re.compile(r", yuvj?420p[(,]")
_RATE = re.compile(r", \d+ Hz, (?!0 channels)")
_SOUND = re.compile(r", \d+ Hz, (?!0 channels)(?P<layout>[^,]+), (?:u8|s16|s32|s64|flt|dbl)p?\b")  # only with a decoder
_PIXELS = re.compile(r", (?P<format>[a-z]\w+)(?P<properties>\((?:[^()]|\([^()]*\))*\))?, \d+x\d+")
_COLOUR = re.compile(r"[(,] ?(?P<matrix>[\w-]+)/(?P<primaries>[\w-]+)/(?P<transfer>[\w-]+)[,)]")
_FIELDS = re.compile(r"[(,] ?(?P<shown>top|bottom)(?: coded)? first\b")
_PROGRESSIVE = re.compile(r", \w+\((?:[\w/. -]+, )*progressive(?:, [\w/. -]+)*\), ")
_TOO_LARGE = re.compile(r"Picture size (?P<width>\d+)x(?P<height>\d+) (?:exceeds specified max pixel count|is invalid)")
_COVER_ART = ("(attached pic)", "(timed thumbnails)")
_DEFAULT = re.compile(r" \(default\)(?: \([a-z ]+\))*$")
_END = re.compile(r"^(?:Stream mapping:|Output #)")  # from here on it describes the output
_PARSED = (_INPUT, _DURATION, _STREAM, _TOO_LARGE)
_COMPLAINT = re.compile(r"^(?:\[[^\]]* @ 0x[0-9a-f]+\] )*\[(?:warning|error|fatal|panic)\] ")


@dataclass(frozen=True)
class AudioStream:
    """A sound track."""

    codec: str  # "none": unknown
    described: bool  # its rate and channels are known
    layout: str | None  # of its channels, as ffmpeg names it; None: not described, or there is no decoder for it


@dataclass(frozen=True)
class Film:
    """A video stream that is not cover art."""

    index: int  # among all streams of the file
    codec: str
    size: tuple[int, int] | None = None  # width and height as coded
    common_pixels: bool = False  # yuv420p, 8 bits: what every decoder supports
    pixel_format: str = ""  # as ffmpeg names it
    colour: tuple[str, str, str] = UNKNOWN_COLOUR  # matrix, primaries, transfer, where they are not the same
    progressive: bool = False  # not interlaced; False also where unknown
    fields: Fields | None = None  # which one of interlaced frames is shown first; None: not interlaced, or unknown
    is_default: bool = False  # the file marks it as the one to play

    @property
    def stream(self) -> str:
        """As ffmpeg's -map names it."""
        return f"0:{self.index}"


@dataclass
class Header:
    """A file's description of itself."""

    containers: tuple[str, ...] = ()  # ffmpeg's names of the demuxer that opened it; empty: none did
    films: list[Film] = field(default_factory=list)  # in the file's order
    too_large: tuple[int, int] | None = None  # width and height that ffmpeg refused
    audio: list[AudioStream] = field(default_factory=list)  # in the file's order
    has_more: bool = False  # captions or data, which may last longer than the picture
    duration_sec: float | None = None
    start_sec: float = 0.0  # the first timestamp in the file, which ffmpeg calls second 0


class HeaderReader:
    """Separates the header that ffmpeg prints from its complaints, which may be thousands of lines."""

    def __init__(self) -> None:
        self._lines = FirstAndLastLines()
        self._complete = False

    def is_complaint(self, line: str) -> bool:
        """Keep a line that belongs to the header; return whether it is a complaint."""
        text = line.removeprefix("[info] ")  # as with `-loglevel level`
        self._complete = self._complete or _END.match(text) is not None
        if not self._complete and any(pattern.search(text) for pattern in _PARSED):
            self._lines.add(text)
        return _COMPLAINT.match(line) is not None

    def header(self) -> Header:
        """The parsed header; call after the process has ended."""
        return _parse(self._lines.lines())


def _parse(lines: Iterable[str]) -> Header:
    header = Header()
    for line in lines:
        if match := _INPUT.match(line):
            header.containers = tuple(match["names"].split(","))
        elif match := _DURATION.match(line):
            header.duration_sec = int(match["hours"]) * 3600 + int(match["minutes"]) * 60 + float(match["seconds"])
            header.start_sec = float(match["start"] or 0.0)
        elif match := _STREAM.match(line):
            _add_stream(header, int(match["index"]), match["kind"], match["rest"])
        elif match := _TOO_LARGE.search(line):
            header.too_large = _size(match)
    return header


def _add_stream(header: Header, index: int, kind: str, description: str) -> None:
    codec = description.split()[0].rstrip(",")
    header.has_more |= kind not in ("Audio", "Video")
    if kind == "Audio":
        sound = _SOUND.search(description)
        header.audio.append(
            AudioStream(codec, _RATE.search(description) is not None, sound["layout"] if sound else None)
        )
    if kind == "Video" and not description.endswith(_COVER_ART):
        header.films.append(_film(index, codec, description))


def _film(index: int, codec: str, description: str) -> Film:
    pixels = _PIXELS.search(description)
    pixel_format, properties = (pixels["format"], pixels["properties"] or "") if pixels else ("", "")
    colour, fields = _COLOUR.search(properties), _FIELDS.search(properties)
    return Film(
        index,
        codec,
        _size(_SIZE.search(description)),
        _COMMON_PIXELS.search(description) is not None,
        pixel_format,
        (colour["matrix"], colour["primaries"], colour["transfer"]) if colour else UNKNOWN_COLOUR,
        _PROGRESSIVE.search(description) is not None,
        ("tff" if fields["shown"] == "top" else "bff") if fields else None,
        _DEFAULT.search(description) is not None,
    )


def _size(match: re.Match[str] | None) -> tuple[int, int] | None:
    return (int(match["width"]), int(match["height"])) if match else None
