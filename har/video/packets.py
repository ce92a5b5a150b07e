"""Frame times from the output of ffmpeg's `framecrc`: one line per packet, times in ticks."""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64

HIDDEN = re.compile(r"F=0x[0-9a-f]*[4-7c-f]\b")  # decoded since others refer to it, but trimmed: never shown
NO_TIME = -(1 << 63)  # ffmpeg's value for a packet without a presentation time


@dataclass
class Stream:
    """The packets of one stream, in file order."""

    tick: Fraction = Fraction(1, 1000)  # seconds
    pts: "array[int]" = field(default_factory=lambda: array("q"))  # presentation
    dts: "array[int]" = field(default_factory=lambda: array("q"))  # decoding
    sizes: "array[int]" = field(default_factory=lambda: array("q"))  # bytes
    last: int = NO_TIME  # when the packet that is shown last is shown
    end: int = 0  # of that packet
    hidden: int = NO_TIME  # when the last packet would be shown that an edit list hides

    def keep(self, kept: Iterable[bool]) -> None:
        """Forget the other packets, of which none is the last one."""
        numbers = [number for number, is_kept in enumerate(kept) if is_kept]
        for name in ("pts", "dts", "sizes"):
            setattr(self, name, array("q", [getattr(self, name)[number] for number in numbers]))

    def ticks(self) -> Int64[np.ndarray, "packets"]:
        """Sorted presentation times, or decoding times where there are no others (AVI); empty without either."""
        for times in (self.pts, self.dts):
            ticks = np.array(times, np.int64)
            if not (ticks == NO_TIME).any():
                return np.sort(ticks)
        return np.empty(0, np.int64)

    @property
    def last_sec(self) -> float:
        """When the packet that is shown last is shown; 0 if no time is known."""
        return float(max(self.last, 0) * self.tick)

    @property
    def end_sec(self) -> float:
        """When that packet ends. Durations of others are not used: MP4 stores them in decoding order."""
        return float(self.end * self.tick)

    @property
    def is_reordered(self) -> bool:
        """Whether packets are decoded in another order than they are shown in."""
        pts = np.array(self.pts, np.int64)
        return bool((np.diff(pts) < 0).any())


def parse_packets(lines: Iterable[str]) -> Iterator[tuple[int, Stream]]:
    """Parse framecrc's lines; after each packet, yield the index of its stream and that stream so far."""
    streams: dict[int, Stream] = {}
    for line in lines:
        if line.startswith("#tb "):
            index, tick = line[4:].split(":", 1)
            streams[int(index)] = Stream(Fraction(tick.strip()))
        elif line and line[0] != "#":
            number, dts, pts, duration, size, rest = line.split(",", 5)
            stream = streams[int(number)]
            if HIDDEN.search(rest):
                stream.hidden = max(stream.hidden, int(pts))
                continue
            if number == "0":  # single times are needed for the picture only
                stream.dts.append(int(dts))
                stream.pts.append(int(pts))
                stream.sizes.append(int(size))
            shown = max(int(dts), int(pts))  # whichever exists; presentation is never before decoding
            if shown != NO_TIME and shown >= stream.last:
                stream.end = max(stream.end, shown + int(duration)) if shown == stream.last else shown + int(duration)
                stream.last = shown
            yield int(number), stream


def split_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Join chunks and split them into lines."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode("ascii", "replace") for line in lines)


def read_times(path: Path, start_sec: float) -> Float64[np.ndarray, "frames"]:
    """Presentation time of each frame in seconds, in the order in which they are shown, from framecrc's output.

    It calls `start_sec` 0, and has rounded that to its clock, which is undone here.
    """
    with path.open(encoding="ascii") as lines:
        stream = Stream()
        for _, stream in parse_packets(lines):  # noqa: B007  # the last one is complete
            pass
    tick = float(stream.tick)
    return np.round(np.array(stream.pts, np.int64) + start_sec / tick) * tick
