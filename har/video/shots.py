"""Cuts, at which the shots of an edited video end, found while its frames are decoded for something else.

ffmpeg writes a small copy of every frame into a second pipe, and the frame's time into a file. A thread reads both.
"""

import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, NamedTuple, TypeVar

import numpy as np
from jaxtyping import UInt8

T = TypeVar("T")
_Picture = UInt8[np.ndarray, "height width 3"]

# Chosen on joined clips, see `benchmarks/cuts.py`.
_HEIGHT, _WIDTH = 36, 64
_SCALER = "fast_bilinear"
_MIN_RATIO = 4.5  # of a frame's difference from the one before it to the mean difference of its neighbours
_MIN_DIFFERENCE = 10.0  # mean of hue, saturation and brightness
_NEIGHBOURS = 2  # on each side
_MAX_CORRELATION = 0.85  # of the brightness of a frame and the one before it
_MIN_SHOT_SEC = 0.2

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
    """Finds the cuts of a video from a further output of the ffmpeg that decodes it.

    Args:
        fps: of the video.
        sample_of: for a frame's time in seconds, the first sample that shows it unless a later frame replaces it.
    """

    def __init__(self, fps: Fraction, sample_of: Callable[[Fraction], int]) -> None:
        self.cuts: list[Cut] = []  # found so far, in order
        self.known_samples: float = 0  # no further cut will be found before this sample
        self._fps = fps
        self._sample_of = sample_of
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @contextmanager
    def output(self, stream: str, folder: Path) -> Iterator[tuple[list[str], int]]:
        """While ffmpeg is started: arguments for it, and the file descriptor that it must inherit.

        Args:
            stream: of the video, as in `VideoInfo`.
            folder: ffmpeg's working folder, into which it writes a file.
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
        self._thread = threading.Thread(target=self._run, args=(read_end, folder / _TIMES), daemon=True)
        self._thread.start()

    def join(self) -> None:
        """Wait for the end, which comes with the end of ffmpeg."""
        if self._thread is not None:
            self._thread.join()

    def hold(self, samples: Iterable[T], waiting: Callable[[], AbstractContextManager[None]]) -> Iterator[T]:
        """Yield each sample once all cuts up to it are known.

        Meanwhile later ones are read, since ffmpeg writes small frames only as long as its samples are read.

        Args:
            samples: as decoded.
            waiting: as of `Ffmpeg`.
        """
        held: deque[T] = deque()
        yielded = 0
        for sample in samples:
            held.append(sample)
            while held and yielded < self.known_samples:
                yield held.popleft()
                yielded += 1
        with waiting():
            self.join()
        if self._error is not None:
            raise self._error
        yield from held

    def _run(self, read_end: int, times: Path) -> None:
        with os.fdopen(read_end, "rb") as small:
            try:
                self._find(_pictures(small), times)
            except Exception as error:  # noqa: BLE001  # raised again in the thread that needs the cuts
                self._error = error

    def _find(self, pictures: Iterator[_Picture], path: Path) -> None:
        from scenedetect import AdaptiveDetector, FrameTimecode  # takes a fifth of a second

        detector = AdaptiveDetector(
            adaptive_threshold=_MIN_RATIO,
            min_content_val=_MIN_DIFFERENCE,
            window_width=_NEIGHBOURS,
            min_scene_len=0,
        )
        shot_sec = 0.0  # when the current shot begins
        recent: deque[_Frame] = deque(maxlen=_NEIGHBOURS + 2)  # of these, the detector has just decided on the second
        times: Iterator[tuple[Fraction, float]] = iter(())
        time = (Fraction(0), 0.0)
        for number, picture in enumerate(pictures):
            times = times if number else _read_times(path)
            time = max(time, next(times))  # in damaged files, frames can be out of order
            recent.append(_Frame(picture, time[1], self._sample_of(time[0])))
            if detector.process_frame(FrameTimecode(number, float(self._fps)), picture):
                before, first = recent[0], recent[1]
                if first.time_sec - shot_sec >= _MIN_SHOT_SEC and not _same_scene(before.picture, first.picture):
                    self.cuts.append(Cut(number - _NEIGHBOURS, first.time_sec, first.sample))
                    shot_sec = first.time_sec
            if len(recent) == recent.maxlen:
                self.known_samples = recent[2].sample
        self.known_samples = math.inf


def _pictures(small: IO[bytes]) -> Iterator[_Picture]:
    size = _HEIGHT * _WIDTH * 3
    while len(data := small.read(size)) == size:
        yield np.frombuffer(data, np.uint8).reshape(_HEIGHT, _WIDTH, 3)


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
