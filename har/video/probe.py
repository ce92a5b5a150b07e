"""What a file holds, told without decoding more than one of its frames."""

import re
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from har.errors import FrameTooBig, NoFrames, NotAVideo, NoVideoStream, VideoStalled
from har.settings import settings
from har.video.browsers import plays_in_browsers
from har.video.checks import MAX_FRAMES, check_file, too_long
from har.video.header import Header, ends, parse, plain, tells
from har.video.info import VideoInfo
from har.video.packets import Stream, in_lines
from har.video.packets import parse as parse_packets
from har.video.process import CONTAINERS, Ends, Ffmpeg, input_arguments

_SOUND = ("mp3", "wav", "flac", "aac")  # let through to be told apart from what is no recording at all
_WIDEST_PIXEL = 4  # an anamorphic lens makes pixels twice as wide as high; beyond this the file is talking nonsense
_Y4M = re.compile(rb"YUV4MPEG2 W(?P<width>\d+) H(?P<height>\d+) F(?P<fps>\d+:\d+) \S+ A(?P<aspect>\d+:\d+)")
_COMPLAINT = re.compile(r"^(?:\[[^\]]* @ 0x[0-9a-f]+\] )*\[(?:warning|error|fatal|panic)\] ")
_CUT_OFF = re.compile(
    r"partial file|ended prematurely|packet corrupt|corrupt input packet|truncat|^\[in#.*\[error\]", re.I
)


def probe(path: Path) -> VideoInfo:
    """Look at a file: what it is, how large, how fast, how long.

    Args:
        path: any file.

    Raises:
        VideoMissing, VideoEmpty, VideoTooBig, PlaylistRefused, NotAVideo, NoVideoStream, FrameTooBig, VideoTooLong,
        NoFrames: as their names say.
        VideoStalled: it took longer than `settings().probe_sec` to look at it.
    """
    size_bytes = check_file(path)
    header, picture, packets = _look(path)
    if header.codec is None or not header.containers:
        raise _no_video(path, header)
    if header.size:
        _check_size(path, *header.size)
    first = _first(path, picture)
    width, height = _displayed(first)
    _check_size(path, width, height)
    ticks = packets.stream.ticks()
    fps, variable_rate = _rate(ticks, packets.stream.tick, first.fps)
    duration_sec = _duration_sec(packets.stream, ticks, fps, header)
    container, warning = _container(path, header), _cut_off(packets, header, fps)
    return VideoInfo(
        path=path.absolute(),
        width=width,
        height=height,
        fps=fps,
        duration_sec=duration_sec,
        frame_count=len(packets.stream.pts) or None,
        has_audio=header.has_audio,
        codec=header.codec,
        container=container,
        variable_rate=variable_rate,
        size_bytes=size_bytes,
        warning=warning,
        progressive=header.progressive,
        plays_in_browsers=warning is None and plays_in_browsers(header, container),
    )


@dataclass(frozen=True)
class _First:
    """The first frame as it is shown, rotated."""

    width: int
    height: int
    fps: Fraction  # what ffmpeg believes the rate to be
    aspect: Fraction  # a pixel's width by its height


@dataclass(frozen=True)
class _Packets:
    stream: Stream  # of the pictures
    end_sec: float  # of pictures and sound
    messages: list[str]


class _Said:
    """What ffmpeg prints of the file, told apart from what it complains of, which may be thousands of lines."""

    def __init__(self) -> None:
        self._kept = Ends()
        self._all = False

    def complaint(self, line: str) -> bool:
        """Take a line; whether it is a complaint."""
        self._all = self._all or ends(plain(line))
        if not self._all and tells(plain(line)):
            self._kept.add(plain(line))
        return _COMPLAINT.match(line) is not None

    def header(self) -> Header:
        """What the file says of itself; call after the process has ended."""
        return parse(self._kept.lines())


def _look(path: Path) -> tuple[Header, bytes, _Packets]:
    """Decode one frame and copy all packets, in one run: to start ffmpeg costs more than a short file does.

    Returns:
        What the file says of itself, the beginning of its first frame, and its packets.
    """
    with tempfile.TemporaryDirectory(prefix="har-probe-") as folder:
        picture, said = Path(folder) / "first.y4m", _Said()
        one_frame = ["-map", "0:V:0", "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", f"file:{picture}"]
        all_packets = ["-map", "0:V:0", "-map", "0:a:0?", "-c", "copy", "-f", "framecrc", "pipe:1"]
        file = input_arguments(path, containers=(*CONTAINERS, *_SOUND))
        arguments = ["-nostats", "-loglevel", "level+info", *file, *one_frame, *all_packets]
        with Ffmpeg(arguments, limit_sec=settings().probe_sec, worth=said.complaint) as ffmpeg:
            packets = _packets(path, ffmpeg)
        if ffmpeg.stalled:
            raise _stalled(path)
        return said.header(), _beginning(picture), packets


def _beginning(picture: Path) -> bytes:
    if not picture.is_file():
        return b""
    with picture.open("rb") as file:
        return file.read(512)


def _packets(path: Path, ffmpeg: Ffmpeg) -> _Packets:
    stream, end_sec = Stream(), 0.0
    for index, seen in parse_packets(in_lines(ffmpeg.chunks())):
        end_sec = max(end_sec, seen.end_sec)
        if index == 0:
            stream = seen
            _check_length(path, stream)
    ffmpeg.finish()
    return _Packets(stream, end_sec, ffmpeg.messages.lines())


def _first(path: Path, picture: bytes) -> _First:
    found = _Y4M.match(picture)
    if found is None or b"\nFRAME" not in picture:
        raise NoFrames(
            f"No frame of {path.name} could be decoded.",
            "A video has at least one picture that can be shown.",
            "Check that it plays, or convert it to MP4 (H.264) first.",
        )
    return _First(
        int(found["width"]),
        int(found["height"]),
        _ratio(found["fps"]) or Fraction(25),
        _ratio(found["aspect"]) or Fraction(1),
    )


def _ratio(text: bytes) -> Fraction | None:
    over, under = (int(part) for part in text.split(b":"))
    return Fraction(over, under) if over and under else None


def _displayed(first: _First) -> tuple[int, int]:
    """Width and height in square pixels; the side that is squeezed is stretched, so that nothing is lost."""
    if not Fraction(1, _WIDEST_PIXEL) <= first.aspect <= _WIDEST_PIXEL:
        return first.width, first.height
    if first.aspect >= 1:
        return round(first.width * first.aspect), first.height
    return first.width, round(first.height / first.aspect)


def _rate(ticks: Int64[np.ndarray, "packets"], tick: Fraction, guess: Fraction) -> tuple[Fraction, bool]:
    """Frames a second, and whether they vary."""
    if len(ticks) < 2 or ticks[-1] == ticks[0]:
        return guess, False
    steps = len(ticks) - 1
    mean = Fraction(steps) / (int(ticks[-1] - ticks[0]) * tick)
    apart = np.diff(ticks)
    coarse = np.median(apart) <= 2  # a clock hardly finer than the frames
    # Otherwise even frames lie on a grid, up to the clock's rounding.
    if apart.min() != apart.max() if coarse else _off_grid(ticks, mean, tick) > 1.01:
        usual = np.abs(apart * float(tick * guess) - 1) < 0.5
        return (guess if usual.mean() > 0.9 else mean.limit_denominator(1001)), True
    return (guess if _off_grid(ticks, guess, tick) < 1.51 else mean.limit_denominator(1001)), False


def _off_grid(ticks: Int64[np.ndarray, "packets"], fps: Fraction, tick: Fraction) -> float:
    """How far, in ticks, the frame that is furthest off lies from where an even rate would have it."""
    return float(np.abs(ticks - ticks[0] - np.arange(len(ticks)) / float(fps * tick)).max())


def _duration_sec(stream: Stream, ticks: Int64[np.ndarray, "packets"], fps: Fraction, header: Header) -> float:
    if not len(ticks):
        return header.duration_sec or float(1 / fps)
    shown = float(int(ticks[-1]) * stream.tick)
    return stream.end_sec if stream.end_sec > shown else shown + float(1 / fps)


def _cut_off(packets: _Packets, header: Header, fps: Fraction) -> str | None:
    """A sentence when the file ends before it should."""
    announced_sec = header.duration_sec if header.duration_sec and not header.has_more else 0.0
    # Some containers count their duration from their first timestamp, some from 0.
    if announced_sec - max(header.start_sec, 0.0) - packets.end_sec > max(0.5, float(3 / fps)):
        return (
            f"The file is cut off: it announces {announced_sec:.1f} seconds and holds {packets.end_sec:.1f}. "
            "What is there is used."
        )
    if any(_CUT_OFF.search(line) for line in packets.messages):
        return "The file is damaged or cut off; what can be read of it is used."
    return None


def _container(path: Path, header: Header) -> str:
    suffix = path.suffix.lower().lstrip(".")
    return suffix if suffix in header.containers else header.containers[0]


def _check_size(path: Path, width: int, height: int) -> None:
    limit = settings().max_frame_pixels
    if width * height > limit:
        raise FrameTooBig(
            f"The frames of {path.name} have {width}×{height} pixels.",
            f"At most {limit / 1e6:.1f} million pixels are allowed.",
            "Save it smaller; HAR_MAX_FRAME_PIXELS raises the limit.",
        )


def _check_length(path: Path, stream: Stream) -> None:
    if stream.end_sec > settings().max_video_sec or len(stream.pts) > MAX_FRAMES:
        raise too_long(path)


def _no_video(path: Path, header: Header) -> NoVideoStream | NotAVideo:
    if header.containers:
        return NoVideoStream(
            f"{path.name} holds {'sound but no moving' if header.has_audio else 'neither sound nor'} pictures.",
            "A file with a video in it is expected.",
            "Choose another file.",
        )
    if _is_mp4(path):
        return NotAVideo(
            f"{path.name} is an MP4 file whose index, often its last part, is missing or damaged.",
            "Without it no picture can be found in the file.",
            "Copy or download it once more.",
        )
    return NotAVideo(
        f"{path.name} is not a video, or of a kind that is not known here.",
        "MP4, MOV, WebM, MKV, AVI, MPG, TS, WMV, FLV, OGV and GIF files can be read.",
        "Choose another file, or convert it to MP4 (H.264) first.",
    )


def _is_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def _stalled(path: Path) -> VideoStalled:
    return VideoStalled(
        f"Looking at {path.name} took longer than {settings().probe_sec:g} seconds.",
        "An intact file is understood within moments.",
        "Try again, or convert it to MP4 (H.264) first.",
    )
