"""Find out what a file contains, by decoding one of its frames."""

import re
import tempfile
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from har.errors import FrameTooLarge, NoFrames, NotAVideo, NoVideoStream, VideoStalled
from har.settings import settings
from har.video.checks import MAX_FRAMES, check_file, too_long
from har.video.combs import find_fields
from har.video.ffmpeg import CONTAINERS, Ffmpeg, input_arguments
from har.video.formats import plays_in_browsers
from har.video.header import Header, HeaderReader
from har.video.info import Fields, VideoInfo
from har.video.packets import Stream, parse_packets, split_lines
from har.video.picture import HDR_REMARK, is_hdr
from har.video.sound import choose_sound, left_out

_AUDIO_CONTAINERS = ("mp3", "wav", "flac", "aac")  # accepted for a better error message
_MAX_PIXEL_ASPECT = 4  # anamorphic lenses need 2; beyond this the file is wrong
_Y4M = re.compile(rb"YUV4MPEG2 W(?P<width>\d+) H(?P<height>\d+) F(?P<fps>\d+:\d+) I(?P<fields>\S) A(?P<aspect>\d+:\d+)")
_MARKED_BY_FRAME = frozenset(
    {"h264", "hevc", "mpeg2video", "vc1"}
)  # whose interlaced files may have progressive frames
_TRUNCATED = re.compile(
    r"partial file|ended prematurely|packet corrupt|corrupt input packet|truncat|^\[in#.*\[error\]", re.I
)


def probe(path: Path) -> VideoInfo:
    """Find out what a file is, its size, rate and length.

    Raises:
        VideoMissing, VideoEmpty, VideoTooLarge, PlaylistRefused, NotAVideo, NoVideoStream, FrameTooLarge, VideoTooLong,
        NoFrames: as their names say.
        VideoStalled: it took longer than `settings().probe_sec`.
    """
    size_bytes = check_file(path)
    header, picture, packets = _read(path)
    audio_stream, remark = choose_sound(header.audio)
    if header.codec is None or not header.containers:
        raise _no_video(path, header)
    if header.size:
        _check_size(path, *header.size)
    width, height, estimated_fps, is_interlaced = _first_frame(path, picture)
    _check_size(path, width, height)
    ticks = packets.stream.ticks()
    fps, variable_rate = _rate(ticks, packets.stream.tick, estimated_fps)
    duration_sec = _duration_sec(packets.stream, ticks, fps, header)
    sound = None if audio_stream is None else header.audio[audio_stream]
    if sound is not None and not packets.has_sound:
        remark, sound = left_out(sound, empty=True), None
    container, warning = _container(path, header), _truncation(packets, header, fps)
    marked = is_interlaced or (header.fields is not None and header.codec in _MARKED_BY_FRAME)
    fields: Fields | None = "auto" if marked else header.fields or find_fields(path, header, fps)
    info = VideoInfo(
        path=path.absolute(),
        width=width,
        height=height,
        fps=fps,
        duration_sec=duration_sec,
        frame_count=len(packets.stream.pts) or None,
        has_audio=sound is not None,
        codec=header.codec,
        container=container,
        variable_rate=variable_rate,
        size_bytes=size_bytes,
        warning=warning,
        progressive=header.progressive and fields is None,
        audio_stream=audio_stream or 0,
        audio_layout=(sound and sound.layout) or "",
        pixel_format=header.pixel_format,
        colour=header.colour,
        fields=fields,
        remarks=(remark,) if remark else (),
    )
    plays = warning is None and plays_in_browsers(header, container, sound.codec if sound else None)
    return replace(
        info,
        plays_in_browsers=plays and info.fields is None and not is_hdr(info),
        remarks=(*info.remarks, HDR_REMARK) if is_hdr(info) else info.remarks,
    )


@dataclass(frozen=True)
class _Packets:
    stream: Stream  # the picture
    end_sec: float  # of picture and sound
    has_sound: bool  # any packet of it
    messages: list[str]


def _read(path: Path) -> tuple[Header, bytes, _Packets]:
    """Decode one frame and copy all packets, in one run: starting ffmpeg costs more than a short file does.

    Only where another sound track than the first one must be read, there is a second run.

    Returns:
        The header, the beginning of the first frame as YUV4MPEG, and the packets.
    """
    read = _read_streams(path, 0)
    audio_stream, _ = choose_sound(read[0].audio)
    return _read_streams(path, audio_stream) if read[0].audio and audio_stream != 0 else read


def _read_streams(path: Path, audio_stream: int | None) -> tuple[Header, bytes, _Packets]:
    with tempfile.TemporaryDirectory(prefix="har-probe-") as folder:
        picture, reader = Path(folder) / "first.y4m", HeaderReader()
        one_frame = ["-map", "0:V:0", "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", f"file:{picture}"]
        sound = [] if audio_stream is None else ["-map", f"0:a:{audio_stream}?"]
        all_packets = ["-map", "0:V:0", *sound, "-c", "copy", "-f", "framecrc", "pipe:1"]
        source = input_arguments(path, containers=(*CONTAINERS, *_AUDIO_CONTAINERS))
        arguments = ["-nostats", "-loglevel", "level+info", *source, *one_frame, *all_packets]
        with Ffmpeg(arguments, limit_sec=settings().probe_sec, keep=reader.is_complaint) as ffmpeg:
            packets = _packets(path, ffmpeg)
        if ffmpeg.stalled:
            raise VideoStalled(
                f"Opening {path.name} took longer than {settings().probe_sec:g} seconds.",
                "An intact file opens in a moment.",
                "Try again, or convert it to MP4 (H.264) first.",
            )
        beginning = b""
        if picture.is_file():
            with picture.open("rb") as file:
                beginning = file.read(512)
        return reader.header(), beginning, packets


def _packets(path: Path, ffmpeg: Ffmpeg) -> _Packets:
    stream, end_sec, has_sound = Stream(), 0.0, False
    for index, current in parse_packets(split_lines(ffmpeg.chunks())):
        end_sec = max(end_sec, current.end_sec)
        has_sound = has_sound or index == 1
        if index == 0:
            stream = current
            _check_length(path, stream)
    ffmpeg.finish()
    return _Packets(stream, end_sec, has_sound, ffmpeg.messages.lines())


def _first_frame(path: Path, picture: bytes) -> tuple[int, int, Fraction, bool]:
    """Width and height as displayed, in square pixels, ffmpeg's estimate of the rate, and whether it is interlaced."""
    match = _Y4M.match(picture)
    if match is None or b"\nFRAME" not in picture:
        raise NoFrames(
            f"No frame of {path.name} could be decoded.",
            "A video has at least one frame.",
            "Check that it plays, or convert it to MP4 (H.264) first.",
        )
    width, height = int(match["width"]), int(match["height"])
    fps, aspect = _ratio(match["fps"]) or Fraction(25), _ratio(match["aspect"]) or Fraction(1)
    if 1 <= aspect <= _MAX_PIXEL_ASPECT:  # the squeezed side is stretched, so that no detail is lost
        width = round(width * aspect)
    elif Fraction(1, _MAX_PIXEL_ASPECT) <= aspect < 1:
        height = round(height / aspect)
    return width, height, fps, match["fields"] in (b"t", b"b")


def _ratio(text: bytes) -> Fraction | None:
    numerator, denominator = (int(part) for part in text.split(b":"))
    return Fraction(numerator, denominator) if numerator and denominator else None


def _rate(ticks: Int64[np.ndarray, "packets"], tick: Fraction, estimate: Fraction) -> tuple[Fraction, bool]:
    """Frames per second, and whether the rate varies."""
    if len(ticks) < 2 or ticks[-1] == ticks[0]:
        return estimate, False
    steps = len(ticks) - 1
    mean = Fraction(steps) / (int(ticks[-1] - ticks[0]) * tick)
    intervals = np.diff(ticks)
    is_coarse = np.median(intervals) <= 2  # a clock hardly finer than the frames
    # Otherwise frames of a constant rate are on a grid, up to the clock's rounding.
    if intervals.min() != intervals.max() if is_coarse else _grid_error(ticks, mean, tick) > 1.01:
        usual = np.abs(intervals * float(tick * estimate) - 1) < 0.5
        return (estimate if usual.mean() > 0.9 else mean.limit_denominator(1001)), True
    return (estimate if _grid_error(ticks, estimate, tick) < 1.51 else mean.limit_denominator(1001)), False


def _grid_error(ticks: Int64[np.ndarray, "packets"], fps: Fraction, tick: Fraction) -> float:
    """The largest distance, in ticks, between a frame and its time at a constant rate."""
    return float(np.abs(ticks - ticks[0] - np.arange(len(ticks)) / float(fps * tick)).max())


def _duration_sec(stream: Stream, ticks: Int64[np.ndarray, "packets"], fps: Fraction, header: Header) -> float:
    if not len(ticks):
        return header.duration_sec or float(1 / fps)
    last_sec = float(int(ticks[-1]) * stream.tick)
    return stream.end_sec if stream.end_sec > last_sec else last_sec + float(1 / fps)


def _truncation(packets: _Packets, header: Header, fps: Fraction) -> str | None:
    """A sentence for users if the file ends early."""
    announced_sec = header.duration_sec if header.duration_sec and not header.has_more else 0.0
    # Some containers count their duration from their first timestamp, some from 0.
    if announced_sec - max(header.start_sec, 0.0) - packets.end_sec > max(0.5, float(3 / fps)):
        return (
            f"The file is truncated: it announces {announced_sec:.1f} seconds and holds {packets.end_sec:.1f}. "
            "The readable part is used."
        )
    if any(_TRUNCATED.search(line) for line in packets.messages):
        return "The file is damaged or truncated; the readable part is used."
    return None


def _container(path: Path, header: Header) -> str:
    suffix = path.suffix.lower().lstrip(".")
    return suffix if suffix in header.containers else header.containers[0]


def _check_size(path: Path, width: int, height: int) -> None:
    limit = settings().max_frame_pixels
    if width * height > limit:
        raise FrameTooLarge(
            f"The frames of {path.name} have {width}×{height} pixels.",
            f"At most {limit / 1e6:.1f} million pixels are allowed.",
            "Scale it down; HAR_MAX_FRAME_PIXELS raises the limit.",
        )


def _check_length(path: Path, stream: Stream) -> None:
    if stream.end_sec > settings().max_video_sec or len(stream.pts) > MAX_FRAMES:
        raise too_long(path)


def _no_video(path: Path, header: Header) -> NoVideoStream | NotAVideo:
    if header.containers:
        return NoVideoStream(
            f"{path.name} contains {'sound but no' if header.audio else 'neither sound nor'} video.",
            "It must contain a video.",
            "Choose another file.",
        )
    with path.open("rb") as file:
        is_mp4 = file.read(8)[4:] == b"ftyp"
    if is_mp4:
        return NotAVideo(
            f"{path.name} is an MP4 file whose index, often its last part, is missing or damaged.",
            "Without the index, no frame can be found in the file.",
            "Copy or download it again.",
        )
    return NotAVideo(
        f"{path.name} is not a video, or its format is not supported.",
        "MP4, MOV, WebM, MKV, AVI, MPG, TS, WMV, FLV, OGV and GIF files can be read.",
        "Choose another file, or convert it to MP4 (H.264) first.",
    )
