"""When frames are shown, out of what ffmpeg's `framecrc` writes: a line a packet, times in ticks."""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

HIDDEN = re.compile(r"F=0x[0-9a-f]*[4-7c-f]\b")  # decoded, since others need it, but cut away: never shown
NO_TIME = -(1 << 63)  # ffmpeg's mark for a packet that carries no presentation time


@dataclass
class Stream:
    """Packets of one stream, in the order of the file."""

    tick: Fraction = Fraction(1, 1000)  # seconds
    pts: "array[int]" = field(default_factory=lambda: array("q"))  # presentation
    dts: "array[int]" = field(default_factory=lambda: array("q"))  # decoding
    end: int = 0  # the latest moment that a packet of it reaches to

    def ticks(self) -> Int64[np.ndarray, "packets"]:
        """Presentation times in order; decoding times where the container has no others (AVI); none without either."""
        for times in (self.pts, self.dts):
            ticks = np.array(times, np.int64)
            if not (ticks == NO_TIME).any():
                return np.sort(ticks)
        return np.empty(0, np.int64)

    @property
    def end_sec(self) -> float:
        """The latest moment that a packet reaches to."""
        return float(self.end * self.tick)


def parse(lines: Iterable[str]) -> Iterator[tuple[int, Stream]]:
    """Read framecrc's lines; after each packet, the index of its stream and that stream as far as it is known."""
    streams: dict[int, Stream] = {}
    for line in lines:
        if line.startswith("#tb "):
            index, tick = line[4:].split(":", 1)
            streams[int(index)] = Stream(Fraction(tick.strip()))
        elif line and line[0] != "#":
            number, dts, pts, duration, rest = line.split(",", 4)
            if HIDDEN.search(rest):
                continue
            stream = streams[int(number)]
            if number == "0":  # only the pictures' times are needed one by one
                stream.dts.append(int(dts))
                stream.pts.append(int(pts))
            shown = max(int(dts), int(pts))  # the one that there is, or presentation, which is never before decoding
            if shown != NO_TIME:
                stream.end = max(stream.end, shown + int(duration))
            yield int(number), stream


def in_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """What comes in pieces, line by line."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("ascii", "replace") for line in lines)


def read_times(path: Path, start_sec: float) -> Float64[np.ndarray, "frames"]:
    """Presentation time in seconds of each frame, in the order in which they are shown.

    Args:
        path: what framecrc wrote.
        start_sec: what it calls 0; it has rounded that to its clock, which is undone here.
    """
    with path.open(encoding="ascii") as lines:
        stream = Stream()
        for _, stream in parse(lines):  # noqa: B007  # the last one knows all
            pass
    tick = float(stream.tick)
    return np.round(np.array(stream.pts, np.int64) + start_sec / tick) * tick
