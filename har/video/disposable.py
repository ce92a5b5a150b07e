"""Frames that nobody asks for and that no other frame is decoded from: left out before they are decoded.

In H.264 a picture that no other refers to says so (`nal_ref_idc` is 0, ITU-T H.264, 7.4.1); with B-frames it is often
every other one. Where some of many frames are sampled, most of these need not be decoded, and the samples stay the same
to the last bit.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from jaxtyping import Bool, Float64, Int64

from har.settings import settings
from har.video.info import VideoInfo
from har.video.packets import HIDDEN, NO_TIME, in_lines
from har.video.process import Ffmpeg, input_arguments

_CONTAINERS = frozenset({"mp4", "mov", "matroska"})  # that know when each frame is shown
_WORTH_PIXELS = 200_000_000  # of all frames; with fewer, to look for such frames takes as long as to decode them
_NEAR_SEC = 0.001  # so far may ffmpeg's rounding move a frame past the moment of a sample
_LAST = 8  # frames that stay: they tell how long the video is
_MOST = 2_500  # that are left out, of a long video the first: they are named in an argument, which has at most 128 KiB
_LONGEST = 50_000  # frames; of a video with more, that would be next to nothing


@dataclass(frozen=True)
class _Packets:
    """A video's frames in the order of the file."""

    shown_sec: Float64[np.ndarray, "packets"]
    size: Int64[np.ndarray, "packets"]  # bytes
    referred_to: Bool[np.ndarray, "packets"]  # or perhaps
    hidden: Bool[np.ndarray, "packets"]  # never shown


def leaving_out(info: VideoInfo, fps: Fraction, early_sec: float) -> list[str]:
    """Options of ffmpeg's input that keep such frames from the decoder; none where that gains little, or in doubt.

    Args:
        info: the video.
        fps: samples a second, from second 0 on. Sample k is the last frame that is shown by second
            `k / fps + early_sec`.
        early_sec: see there.
    """
    count = info.frame_count or 0
    worth = count * info.width * info.height >= _WORTH_PIXELS and count <= _LONGEST and 3 * fps <= 2 * info.fps
    # Of two fields that make one frame, each may be a packet of its own.
    if info.codec != "h264" or info.container not in _CONTAINERS or not info.progressive or not worth:
        return []
    packets = _look(info, count)
    if packets is None:
        return []
    spare = ~(packets.referred_to | packets.hidden)
    spare[_sampled(packets, fps, early_sec)] = False
    numbers = np.flatnonzero(spare)[:_MOST].tolist()
    return ["-bsf:V:0", f"noise=drop='{_among(numbers, packets.size)}'"] if numbers else []


def _sampled(packets: _Packets, fps: Fraction, early_sec: float) -> Int64[np.ndarray, "sampled"]:
    """Numbers of the frames that may be asked for, and of the last ones."""
    visible = np.flatnonzero(~packets.hidden)
    order = visible[np.argsort(packets.shown_sec[visible])]
    shown = packets.shown_sec[order] - early_sec
    moments = np.arange(shown[-1] * float(fps) + 2) / float(fps) if len(order) else np.empty(0)
    found = [np.searchsorted(shown, moments + near, side="right") - 1 for near in (-_NEAR_SEC, _NEAR_SEC)]
    return np.unique(np.concatenate([order[np.maximum(np.concatenate(found), 0)], order[-_LAST:]]))


def _among(numbers: list[int], size: Int64[np.ndarray, "packets"]) -> str:
    """An expression that is 1 for packet `n` if it is one of these and as large as it should be, found by halving."""
    middle = len(numbers) // 2
    if middle == 0:
        return f"eq(n,{numbers[0]})*eq(size,{size[numbers[0]]})"
    return f"if(lt(n,{numbers[middle]}),{_among(numbers[:middle], size)},{_among(numbers[middle:], size)})"


def _look(info: VideoInfo, count: int) -> _Packets | None:
    """Read the file without decoding it, twice beside each other: as it is, and without such frames.

    None: something is odd about it, or ffmpeg cannot leave packets out of an input (it is asked to leave out none).
    """
    pictures = ["-map", "0:V:0", "-map", "0:V:0", *(["-map", "0:a:0"] if info.has_audio else [])]
    copied = ["-c", "copy", "-copyinkf", "-bsf:v:1", "filter_units=discard=nonref", "-f", "framecrc", "pipe:1"]
    arguments = [*input_arguments(info.path, "-bsf:V:0", "noise=drop=0"), *pictures, *copied]
    tick, rows, needed = 0.0, [], set()
    with Ffmpeg(["-nostats", "-loglevel", "error", *arguments], limit_sec=settings().probe_sec) as ffmpeg:
        for line in in_lines(ffmpeg.chunks()):
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
