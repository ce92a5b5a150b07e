"""Cuts, at which the shots of an edited video end, found while its frames are decoded for something else.

ffmpeg writes a small copy of every frame into a second pipe, and the frame's time into a file. Both are read between
the frames that the video is decoded for; a thread for that would take time from the network, which uses all cores.
"""

import math
import os
from array import array
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float64, UInt8

T = TypeVar("T")
_Picture = UInt8[np.ndarray, "height width 3"]

# Chosen on joined clips: `benchmarks/cuts.py`, and for few frames per second `benchmarks/joined.py`.
_HEIGHT, _WIDTH = 36, 64
_SCALER = "fast_bilinear"
_MIN_RATIO = 4.5  # of a frame's difference from the one before it to the mean difference of its neighbours
_MIN_DIFFERENCE = 10.0  # mean of hue, saturation and brightness
# With few frames per second, neighbours differ as well, but hardly as much as scenes do.
_FEW_FPS = 12
_LARGE_DIFFERENCE, _MIN_LARGE_RATIO = 40.0, 2.4
_NEIGHBOURS = 2  # on each side
_MAX_CORRELATION = 0.85  # of the brightness of a frame and the one before it
_MIN_SHOT_SEC = 0.2
_DECIDED = -_NEIGHBOURS - 1  # place of the frame that is decided among the recent ones

_TIMES = "cut-times"  # a file that ffmpeg writes, of all frames


@dataclass(frozen=True)
class Cut:
    """Where a shot begins, other than the first."""

    frame: int  # its first, among all frames of the video
    time_sec: float  # when that is shown
    sample: int  # the first that shows this frame or a later one


class _Frame(NamedTuple):
    picture: _Picture
    time_sec: float
    sample: int


class CutFinder:
    """Finds the cuts of a video from a further output of the ffmpeg that decodes it: an `Aside`.

    `sample_of` gives, for a frame's time in seconds, the first sample that shows it unless a later frame replaces it.
    """

    def __init__(self, fps: Fraction, sample_of: Callable[[Fraction], int]) -> None:
        self.cuts: list[Cut] = []  # found so far, in order
        self.known_samples: float = 0  # no further cut will be found before this sample
        self.ended = True  # until ffmpeg has been started
        self._times: array[float] = array("d")
        self._fps = fps
        self._sample_of = sample_of
        self._shot_sec = 0.0  # when the current shot begins
        # Around the frame that is decided, which `_DECIDED` finds.
        self._recent: deque[_Frame] = deque(maxlen=2 * _NEIGHBOURS + 2)

    @contextmanager
    def output(self, stream: str, folder: Path) -> Iterator[tuple[list[str], int]]:
        """While ffmpeg is started: arguments for it, and the file descriptor that it must inherit.

        It writes a file into `folder`, its working folder.
        """
        read_end, write_end = os.pipe()
        times = ["-enc_time_base", "demux", "-stats_enc_pre:v:0", _TIMES, "-stats_enc_pre_fmt:v:0", "{pts} {tb}"]
        small = f"scale={_WIDTH}:{_HEIGHT}:flags={_SCALER},format=bgr24"
        arguments = ["-map", stream, "-fps_mode", "passthrough", "-vf", small, *times, "-f", "rawvideo"]
        try:
            yield [*arguments, f"pipe:{write_end}"], write_end
        except BaseException:
            os.close(read_end)
            raise
        finally:
            os.close(write_end)
        os.set_blocking(read_end, False)
        self._pipe = os.fdopen(read_end, "rb", buffering=0)
        self._search = self._find(folder / _TIMES)
        next(self._search)
        self.ended = False

    @property
    def times_sec(self) -> Float64[np.ndarray, "frames"]:
        """When the frames so far are shown."""
        return np.array(self._times)

    def fileno(self) -> int:
        """Of the pipe, so that it can be waited for."""
        return self._pipe.fileno()

    def read(self) -> None:
        """Search what is there."""
        data = self._pipe.read(1 << 20)
        if data:
            self._search.send(data)
        elif data is not None:
            self.known_samples = math.inf
            self.close()

    def close(self) -> None:
        """Close the pipe. May be called twice."""
        if not self.ended:
            self.ended = True
            self._search.close()
            self._pipe.close()

    def hold(self, samples: Iterable[T], read_rest: Callable[[], None]) -> Iterator[T]:
        """Yield each sample once all cuts up to it are known; later ones are read meanwhile.

        `read_rest` is called after the last one, to call `read` until the end.
        """
        held: deque[T] = deque()
        yielded = 0
        for sample in samples:
            held.append(sample)
            while held and yielded < self.known_samples:
                yield held.popleft()
                yielded += 1
        read_rest()
        yield from held

    def _find(self, path: Path) -> Generator[None, bytes, None]:
        """Receives pieces of the output."""
        from scenedetect import AdaptiveDetector, FrameTimecode  # takes a fifth of a second

        detector = AdaptiveDetector(
            adaptive_threshold=_MIN_LARGE_RATIO if self._fps <= _FEW_FPS else _MIN_RATIO,
            min_content_val=_MIN_DIFFERENCE,
            window_width=_NEIGHBOURS,
            min_scene_len=0,
        )
        size, data = _HEIGHT * _WIDTH * 3, bytearray(b"")
        times: Iterator[tuple[Fraction, float]] = iter(())
        number, time = 0, (Fraction(0), 0.0)
        while True:
            data += yield
            pictures = np.frombuffer(bytes(data[: len(data) // size * size]), np.uint8)
            del data[: len(pictures)]
            for picture in pictures.reshape(-1, _HEIGHT, _WIDTH, 3):
                times = times if number else _read_times(path)
                own_time = next(times)
                self._times.append(own_time[1])
                time = max(time, own_time)  # in damaged files, frames can be out of order
                self._recent.append(_Frame(picture, time[1], self._sample_of(time[0])))
                if detector.process_frame(FrameTimecode(number, float(self._fps)), picture):
                    self._add_cut(number - _NEIGHBOURS)
                if len(self._recent) > 1 - _DECIDED:
                    self.known_samples = self._recent[_DECIDED + 1].sample
                number += 1

    def _add_cut(self, frame: int) -> None:
        before, first = self._recent[_DECIDED - 1], self._recent[_DECIDED]
        if (
            first.time_sec - self._shot_sec >= _MIN_SHOT_SEC
            and not _same_scene(before.picture, first.picture)
            and self._differs_enough()
        ):
            self.cuts.append(Cut(frame, first.time_sec, first.sample))
            self._shot_sec = first.time_sec

    def _differs_enough(self) -> bool:
        """Whether the decided frame differs from the one before it by much, or by far more than its neighbours do."""
        differences = [_difference(one.picture, other.picture) for one, other in pairwise(self._recent)]
        difference = differences.pop(_DECIDED)
        return difference >= min(_LARGE_DIFFERENCE, _MIN_RATIO * float(np.mean(differences)))


def _difference(one: _Picture, other: _Picture) -> float:
    """As PySceneDetect computes it."""
    import cv2

    left, right = (cv2.cvtColor(picture, cv2.COLOR_BGR2HSV).astype(np.int16) for picture in (one, other))
    return float(np.abs(left - right).mean())


def _same_scene(before: _Picture, after: _Picture) -> bool:
    """Whether light and dark are in the same places, as with flashes, faded colours and skipped frames."""
    left, right = (picture.mean(axis=2) - picture.mean() for picture in (before, after))
    alike: np.bool = (left * right).sum() > _MAX_CORRELATION * np.sqrt((left**2).sum() * (right**2).sum())
    return bool(alike)


def _read_times(path: Path) -> Iterator[tuple[Fraction, float]]:
    """Times of frames in seconds, exact and as `read_times` rounds them; each is written before its frame."""
    with path.open("rb") as lines:
        while line := lines.readline():
            ticks, tick = line.split()
            exact = Fraction(tick.decode())
            yield int(ticks) * exact, int(ticks) * float(exact)
