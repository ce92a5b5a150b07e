"""Find out what a file contains, by decoding one of its frames."""

import math
import re
import tempfile
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from har.errors import FrameTooLarge, NotAVideo, NoVideoStream, VideoStalled
from har.settings import settings
from har.video.checks import MAX_FRAMES, check_file, no_frames, too_long
from har.video.combs import find_fields
from har.video.ffmpeg import CONTAINERS, ONE_THREAD, Ffmpeg, input_arguments
from har.video.fit import MAX_PIXEL_ASPECT
from har.video.formats import plays_in_browsers
from har.video.header import Film, Header, HeaderReader
from har.video.info import Fields, VideoInfo
from har.video.packets import NO_TIME, Stream, parse_packets, split_lines
from har.video.picture import HDR_REMARK, is_hdr
from har.video.sound import choose_sound, left_out

_AUDIO_CONTAINERS = ("mp3", "wav", "flac", "aac")  # accepted for a better error message
_TELL_TRUNCATION = frozenset({"mov", "matroska"})  # containers of which ffmpeg reports when they end early
_Y4M = re.compile(rb"YUV4MPEG2 W(?P<width>\d+) H(?P<height>\d+) F(?P<fps>\d+:\d+) I(?P<fields>\S) A(?P<aspect>\d+:\d+)")
_MARKED_BY_FRAME = frozenset({"h264", "hevc", "mpeg2video", "vc1"})  # interlaced files may have progressive frames
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
    if not header.films or not header.containers:
        raise _no_video(path, header)
    film = header.films[0]
    if len(header.films) > 1:
        film, end_sec = _main_film(path, header.films)
        if film != header.films[0]:
            header, picture, packets = _read(path, film.stream)
        packets = replace(packets, end_sec=max(packets.end_sec, end_sec))
    if size := film.size or header.too_large:
        _check_size(path, *size)
    if film.codec == "vp8" and packets.stream.hidden == NO_TIME:
        packets.stream.keep(_shown_by_vp8(path, film, packets.stream))
    width, height, estimated_fps, is_interlaced = _first_frame(path, picture)
    _check_size(path, width, height)
    ticks = packets.stream.ticks()
    fps, variable_rate = _rate(ticks, packets.stream.tick, estimated_fps)
    _check_length(path, packets.stream.last_sec)
    held_until_sec = _held_until_sec(packets, header, fps)
    duration_sec = held_until_sec or _duration_sec(packets.stream, ticks, fps, header)
    _check_length(path, duration_sec)
    sound = None if audio_stream is None else header.audio[audio_stream]
    if sound is not None and not packets.has_sound:
        remark, sound = left_out(sound, empty=True), None
    container = _container(path, header)
    warning = None if held_until_sec else _truncation(packets, header, fps)
    marked = is_interlaced or (film.fields is not None and film.codec in _MARKED_BY_FRAME)
    fields: Fields | None = "auto" if marked else film.fields or find_fields(path, film, fps)
    info = VideoInfo(
        path=path.absolute(),
        width=width,
        height=height,
        fps=fps,
        duration_sec=duration_sec,
        frame_count=len(packets.stream.pts) or None,
        has_audio=sound is not None,
        codec=film.codec,
        container=container,
        variable_rate=variable_rate,
        size_bytes=size_bytes,
        warning=warning,
        progressive=film.progressive and fields is None,
        audio_stream=audio_stream or 0,
        audio_layout=(sound and sound.layout) or "",
        pixel_format=film.pixel_format,
        colour=film.colour,
        fields=fields,
        stream=film.stream if film != header.films[0] else "0:V:0",
        last_frame_sec=packets.stream.last_sec if len(ticks) else None,
        remarks=(remark,) if remark else (),
    )
    plays = warning is None and plays_in_browsers(film, container, sound.codec if sound else None)
    plays = plays and not _is_edited_inside(packets.stream, ticks, fps)
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


def _read(path: Path, film: str = "0:V:0") -> tuple[Header, bytes, _Packets]:
    """Decode one frame and copy all packets, in one run: starting ffmpeg costs more than a short file does.

    Only where another sound track than the first one must be read, there is a second run.

    Returns:
        The header, the beginning of the first frame as YUV4MPEG, and the packets.
    """
    read = _read_streams(path, film, 0)
    audio_stream, _ = choose_sound(read[0].audio)
    return _read_streams(path, film, audio_stream) if read[0].audio and audio_stream != 0 else read


def _read_streams(path: Path, film: str, audio_stream: int | None) -> tuple[Header, bytes, _Packets]:
    with tempfile.TemporaryDirectory(prefix="har-probe-") as folder:
        picture, reader = Path(folder) / "first.y4m", HeaderReader()
        one_frame = ["-map", film, "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "yuv4mpegpipe", f"file:{picture}"]
        sound = [] if audio_stream is None else ["-map", f"0:a:{audio_stream}?"]
        all_packets = ["-map", film, *sound, "-c", "copy", "-f", "framecrc", "pipe:1"]
        source = input_arguments(path, *ONE_THREAD, containers=(*CONTAINERS, *_AUDIO_CONTAINERS))
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
            _check_length(path, stream.last_sec, len(stream.pts))
    ffmpeg.finish()
    return _Packets(stream, end_sec, has_sound, ffmpeg.messages.lines())


def _main_film(path: Path, films: list[Film]) -> tuple[Film, float]:
    """The film that players would show, and when the last of all films ends.

    Cameras and editors put a thumbnail or a small copy before the film. So a picture alone does not count, nor a film
    less than half as long as the longest. Of the others the one that the file marks is chosen, unless it is the first,
    which is marked by default; else the one with the largest frames.
    """
    streams: dict[int, Stream] = {}
    maps = [part for film in films for part in ("-map", film.stream)]
    arguments = ["-nostats", "-loglevel", "error", *input_arguments(path), *maps, "-c", "copy"]
    counts = [0] * len(films)
    with Ffmpeg([*arguments, "-f", "framecrc", "pipe:1"], limit_sec=settings().probe_sec) as ffmpeg:
        for index, stream in parse_packets(split_lines(ffmpeg.chunks())):
            streams[index] = stream
            counts[index] += 1
        ffmpeg.finish()
    ends_sec = [streams[index].end_sec if index in streams else 0.0 for index in range(len(films))]
    moving = [index for index, count in enumerate(counts) if count > 1] or list(range(len(films)))
    long = [index for index in moving if ends_sec[index] >= max(ends_sec[other] for other in moving) / 2]
    marked = [index for index in long if films[index].is_default]
    if len(marked) == 1 and marked[0] > 0:
        return films[marked[0]], max(ends_sec)
    return films[max(long, key=lambda index: math.prod(films[index].size or (0,)))], max(ends_sec)


def _shown_by_vp8(path: Path, film: Film, stream: Stream) -> list[bool]:
    """Which packets are shown: the others are only referred to, and nothing but their own first byte says so.

    It is bit 4 (show_frame in RFC 6386, 9.1).
    """
    shown: list[bool] = []
    left = 0  # of the packet being read
    arguments = ["-nostats", "-loglevel", "error", *input_arguments(path), "-map", film.stream, "-c", "copy"]
    with Ffmpeg([*arguments, "-f", "data", "pipe:1"], limit_sec=settings().probe_sec) as ffmpeg:
        for chunk in ffmpeg.chunks():
            at = left
            while at < len(chunk) and len(shown) < len(stream.sizes):
                size = stream.sizes[len(shown)]
                shown.append(not size or chunk[at] & 0x10 != 0)
                at += size
            left = at - len(chunk)
        ffmpeg.finish()
    return [*shown, *([True] * (len(stream.sizes) - len(shown)))]


def _first_frame(path: Path, picture: bytes) -> tuple[int, int, Fraction, bool]:
    """Width and height as displayed, in square pixels, ffmpeg's estimate of the rate, and whether it is interlaced."""
    match = _Y4M.match(picture)
    if match is None or b"\nFRAME" not in picture:
        raise no_frames(path)
    width, height = int(match["width"]), int(match["height"])
    fps, aspect = _ratio(match["fps"]) or Fraction(25), _ratio(match["aspect"]) or Fraction(1)
    if 1 <= aspect <= MAX_PIXEL_ASPECT:  # the squeezed side is stretched, so that no detail is lost
        width = round(width * aspect)
    elif Fraction(1, MAX_PIXEL_ASPECT) <= aspect < 1:
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
    return stream.end_sec if stream.end_sec > stream.last_sec else stream.last_sec + float(1 / fps)


def _announced_sec(header: Header) -> float:
    """When the last frame or sound ends by the file's own words; 0 if it does not say."""
    announced_sec = header.duration_sec if header.duration_sec and not header.has_more else 0.0
    # Some containers count their duration from their first timestamp, some from 0.
    return announced_sec - max(header.start_sec, 0.0)


def _is_damaged(packets: _Packets) -> bool:
    return any(_TRUNCATED.search(line) for line in packets.messages)


def _held_until_sec(packets: _Packets, header: Header, fps: Fraction) -> float | None:
    """When the last frame ends, where only the duration of the file shows it; otherwise None.

    These containers report when they are truncated, so one that is whole and announces more than its packets holds its
    last frame until then. If on the other hand frames are stored in another order than they are shown, the last one's
    duration in the file may be that of a pause much earlier.
    """
    announced_sec = _announced_sec(header)
    if not set(header.containers) & _TELL_TRUNCATION or _is_damaged(packets) or not packets.stream.pts:
        return None
    stream, frame_sec = packets.stream, float(1 / fps)
    # The last packet of sound may last a little longer than it says.
    least_sec = max(0.5, 3 * frame_sec) if header.audio else max(0.1, frame_sec / 4)
    is_all = len(header.audio) <= 1  # of further tracks, no packet was looked at
    if is_all and announced_sec - packets.end_sec > least_sec and announced_sec <= settings().max_video_sec:
        return announced_sec
    if announced_sec and stream.end_sec > announced_sec + 1.5 * frame_sec and stream.is_reordered:
        return max(announced_sec, stream.last_sec + frame_sec)
    return None


def _is_edited_inside(stream: Stream, ticks: Int64[np.ndarray, "packets"], fps: Fraction) -> bool:
    """Whether an edit list hides more than the frames before the first one shown: copies of the streams lose that."""
    if stream.hidden == NO_TIME or not len(ticks):
        return False
    return bool(stream.hidden > ticks[0] or int(ticks[0]) * stream.tick > 1 / fps)


def _truncation(packets: _Packets, header: Header, fps: Fraction) -> str | None:
    """A sentence for users if the file ends early."""
    announced_sec = _announced_sec(header)
    if announced_sec - packets.end_sec > max(0.5, float(3 / fps)):
        return (
            f"The file is truncated: it announces {announced_sec:.1f} seconds and holds {packets.end_sec:.1f}. "
            "The readable part is used."
        )
    if _is_damaged(packets):
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


def _check_length(path: Path, end_sec: float, frame_count: int = 0) -> None:
    if end_sec > settings().max_video_sec or frame_count > MAX_FRAMES:
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
