"""Drop frames before decoding that are neither sampled nor referred to by other frames.

H.264 marks pictures that no other refers to (`nal_ref_idc` is 0, ITU-T H.264, 7.4.1); with B-frames that is often every
other one. Where few of many frames are sampled, most of these need not be decoded, and the samples stay identical.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float64, Int64

from har.settings import settings
from har.video.ffmpeg import Ffmpeg, input_arguments
from har.video.info import VideoInfo
from har.video.packets import HIDDEN, NO_TIME, split_lines
from har.video.sound import sound_map

_CONTAINERS = frozenset({"mp4", "mov", "matroska"})  # that store the time of each frame
_MIN_PIXELS = 200_000_000  # of all frames; with fewer, looking for frames to drop takes as long as decoding them
_ROUNDING_SEC = 0.001  # how far ffmpeg's rounding may move a frame past the time of a sample
_KEPT_AT_END = 8  # frames, which determine the length of the video
_MAX_DROPPED = 2_500  # frames, the first of a long video: they are listed in an argument, limited to 128 KiB
_MAX_FRAMES = 50_000  # of a longer video, `_MAX_DROPPED` would be next to nothing


@dataclass(frozen=True)
class _Packets:
    """A video's frames in file order."""

    shown_sec: Float64[np.ndarray, "packets"]
    size: Int64[np.ndarray, "packets"]  # bytes
    referred_to: Bool[np.ndarray, "packets"]  # possibly
    hidden: Bool[np.ndarray, "packets"]  # trimmed: never shown


def drop_arguments(info: VideoInfo, fps: Fraction, early_sec: float) -> list[str]:
    """Options of ffmpeg's input that drop such frames before the decoder; empty where that gains little, or in doubt.

    Sample k, of `fps` per second from second 0 on, is the last frame at or before second `k / fps + early_sec`.
    """
    count = info.frame_count or 0
    pays = count * info.width * info.height >= _MIN_PIXELS and count <= _MAX_FRAMES and 3 * fps <= 2 * info.fps
    # Of interlaced video, each of a frame's two fields may be a packet. The option is for the first film.
    if (
        info.stream != "0:V:0"
        or info.codec != "h264"
        or info.container not in _CONTAINERS
        or not info.progressive
        or not pays
    ):
        return []
    packets = _read_packets(info, count)
    if packets is None:
        return []
    dropped = ~(packets.referred_to | packets.hidden)
    dropped[_sampled(packets, fps, early_sec)] = False
    numbers = np.flatnonzero(dropped)[:_MAX_DROPPED].tolist()
    return ["-bsf:V:0", f"noise=drop='{_match_expression(numbers, packets.size)}'"] if numbers else []


def _sampled(packets: _Packets, fps: Fraction, early_sec: float) -> Int64[np.ndarray, "sampled"]:
    """Numbers of the frames that may be sampled, and of the last ones."""
    visible = np.flatnonzero(~packets.hidden)
    order = visible[np.argsort(packets.shown_sec[visible])]
    shown = packets.shown_sec[order] - early_sec
    times = np.arange(shown[-1] * float(fps) + 2) / float(fps) if len(order) else np.empty(0)
    last = [np.searchsorted(shown, times + error, side="right") - 1 for error in (-_ROUNDING_SEC, _ROUNDING_SEC)]
    return np.unique(np.concatenate([order[np.maximum(np.concatenate(last), 0)], order[-_KEPT_AT_END:]]))


def _match_expression(numbers: list[int], size: Int64[np.ndarray, "packets"]) -> str:
    """A binary search as an ffmpeg expression: 1 if packet `n` is one of `numbers` and has the expected size."""
    middle = len(numbers) // 2
    if middle == 0:
        return f"eq(n,{numbers[0]})*eq(size,{size[numbers[0]]})"
    below, above = (_match_expression(half, size) for half in (numbers[:middle], numbers[middle:]))
    return f"if(lt(n,{numbers[middle]}),{below},{above})"


def _read_packets(info: VideoInfo, count: int) -> _Packets | None:
    """Read the file without decoding, as two outputs of one run: all packets, and those that others refer to.

    None: the file is odd, or this ffmpeg cannot drop packets of an input (it is asked to drop none).
    """
    streams = ["-map", info.stream, "-map", info.stream, *sound_map(info)]
    copies = ["-c", "copy", "-copyinkf", "-bsf:v:1", "filter_units=discard=nonref", "-f", "framecrc", "pipe:1"]
    arguments = [*input_arguments(info.path, "-bsf:V:0", "noise=drop=0"), *streams, *copies]
    tick, rows, needed = 0.0, [], set()
    with Ffmpeg(["-nostats", "-loglevel", "error", *arguments], limit_sec=settings().probe_sec) as ffmpeg:
        for line in split_lines(ffmpeg.chunks()):
            if line.startswith("#tb 0:"):
                tick = float(Fraction(line[6:].strip()))
            elif line.startswith("0,"):
                _, _, pts, _, size, rest = line.split(",", 5)
                rows.append((int(pts), int(size), HIDDEN.search(rest) is not None))
            elif line.startswith("1,"):
                needed.add(int(line.split(",", 3)[2]))
            if len(rows) > count:
                return None
        status = ffmpeg.finish()
    if status or ffmpeg.messages.lines() or not rows:
        return None
    times = [row[0] for row in rows]
    if NO_TIME in times or len(set(times)) < len(times) or not needed.issubset(times):
        return None
    return _Packets(
        np.array(times, np.float64) * tick,
        np.array([row[1] for row in rows], np.int64),
        np.array([row[0] in needed for row in rows]),
        np.array([row[2] for row in rows]),
    )
