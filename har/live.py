"""A classifier names what a camera sees, while it sees it.

A browser sends small pictures of the size that the network takes, in bundles, with the times at which they were taken.
They become samples at the rate of the clip spec. The window that ends with the newest one is scored, and a label is
chosen as for a video, but from the past alone: the earlier half of the smoothing, and no minimum duration.
"""

import io
import math
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from har.classifier import Card, Classifier
from har.classifier.novelty import neighbours
from har.clips import stride_samples
from har.errors import FrameRefused, LiveBusy, LiveEnded
from har.jobs import Visitor
from har.networks import NETWORKS
from har.settings import settings
from har.timeline import TimelineOptions, WindowScores, check_labels, restrict
from har.timeline.frame_labels import UNSURE, top_labels, with_hysteresis

MAX_SEC = 300.0  # of a visit
IDLE_SEC = 30.0  # without a frame, after which a visit ends
BUNDLE_SEC = 2.0  # of frames in a bundle, at most
_MAX_SCORE_SEC = 0.5  # to score a second of video: slower networks would keep others waiting
_BYTES_PER_PIXEL = 3  # the most that a frame may have
_UNREADABLE = (OSError, ValueError, SyntaxError, TypeError, IndexError, struct.error, Image.DecompressionBombError)
_NEXT = 2  # further labels in an answer
_EQUAL_SEC = 1e-6  # times that differ by less are equal

Frame = tuple[float, bytes]  # second at which it was taken, on the visitor's clock, and a JPEG or WebP


@dataclass(frozen=True)
class LiveLabel:
    """What is shown from a sample on."""

    time_sec: float  # of the sample, on the visitor's clock
    label: str | None  # None: unsure
    confidence: float  # probability of the label; of the most probable one where unsure
    others: tuple[tuple[str, float], ...]  # the next most probable labels


@dataclass(frozen=True)
class LiveAnswer:
    """What a bundle of frames led to."""

    labels: tuple[LiveLabel, ...]  # in the order of time; none before the first window is full
    filled: float  # the share of a window that there is, from 0 to 1
    dropped: int  # frames that came faster than the classifier takes them


@dataclass(frozen=True)
class _Taken:
    """A frame that becomes one or more samples."""

    time_sec: float
    picture: UInt8[np.ndarray, "height width 3"]
    count: int  # of samples: more than one where frames are missing before it
    restart: bool  # whether so many are missing that what was before does not count


def is_quick(card: Card) -> bool:
    """Whether a classifier's network is quick enough to be tried live."""
    entry = NETWORKS.get(card.network)
    return entry is not None and entry.score_sec <= _MAX_SCORE_SEC


class LivePlace:
    """A visit: one of the places of a room, until it ends. Used by one thread at a time."""

    def __init__(self, visitor: Visitor, clock: Callable[[], float]) -> None:
        self._visitor, self._clock = visitor, clock
        self._began_sec = self._last_sec = clock()
        self._left = False

    @property
    def running_sec(self) -> float:
        """Since the visit began."""
        return self._clock() - self._began_sec

    @property
    def ended(self) -> bool:
        """Whether the place is free again."""
        idle_sec = self._clock() - self._last_sec
        return self._left or self.running_sec > MAX_SEC or idle_sec > IDLE_SEC or not self._visitor.is_connected()

    def leave(self) -> None:
        """End the visit."""
        self._left = True

    def use(self) -> None:
        """Go on with the visit.

        Raises:
            LiveEnded: it has ended.
        """
        if self.ended:
            raise LiveEnded(
                "This live session has ended.",
                f"It lasts at most {MAX_SEC / 60:g} minutes, in one tab of a browser, and while pictures arrive.",
                "Start it again.",
            )
        self._last_sec = self._clock()


class LiveRoom:
    """The visits of this process, at most `settings().max_live_visitors` at a time; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[str, LivePlace] = {}  # by visitor

    def enter(self, visitor: Visitor) -> LivePlace:
        """Begin a visit. An earlier one of the same visitor ends.

        Raises:
            LiveBusy: all places are taken.
        """
        with self._lock:
            self._places = {key: place for key, place in self._places.items() if not place.ended}
            if (earlier := self._places.pop(visitor.id, None)) is not None:
                earlier.leave()
            if len(self._places) >= (limit := settings().max_live_visitors):
                longest_sec = max(place.running_sec for place in self._places.values())
                minutes = max(1, math.ceil((MAX_SEC - longest_sec) / 60))
                raise LiveBusy(
                    f"{limit} other {'visitor is' if limit == 1 else 'visitors are'} trying a classifier live.",
                    "With more of them, everybody would wait for the answers.",
                    f"Please try again soon: a place is free in {minutes} {'minute' if minutes == 1 else 'minutes'} at "
                    "the latest.",
                )
            place = self._places[visitor.id] = LivePlace(visitor, self._clock)
            return place

    @property
    def visitor_count(self) -> int:
        """How many visits there are."""
        with self._lock:
            return sum(not place.ended for place in self._places.values())


class LiveSession:
    """What a classifier that `is_quick` makes of one camera. Its memory does not grow. Used by one thread at a time.

    Frames are taken at the rate of the clip spec and no faster, by this computer's clock; those that are missing are
    replaced by the next one. After a gap of more than half a window it begins again. Only `labels` are considered, see
    `har.timeline.restrict`; None: all.

    Raises:
        LabelsError: no label, or one that the classifier lacks.
    """

    def __init__(
        self,
        classifier: Classifier,
        options: TimelineOptions,
        labels: Sequence[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        spec = classifier.card.spec
        self.labels = tuple(labels or classifier.card.labels)  # all that there may be in an answer
        check_labels(self.labels, classifier.card.labels)
        self._classifier, self._options, self._clock = classifier, options, clock
        self._rate = float(spec.rate)
        self.max_bundle = math.ceil(BUNDLE_SEC * self._rate)  # frames
        self._began_sec = clock()
        self._sample_count = 0  # computed so far
        self._first_sec: float | None = None  # time of sample 0
        self._newest = -1  # sample
        # A frame encoder's work is shared by all windows; without one, each window costs as much as a clip.
        by_frame = classifier.has_frame_encoder
        self._stride = 1 if by_frame else stride_samples(spec, classifier.card.stride_sec)
        self._begin()

    def _begin(self) -> None:
        """Forget what was seen."""
        classifier = self._classifier
        self._encode = classifier.start_encoding() if classifier.has_frame_encoder else None
        self._recent: list[np.ndarray] = []  # frames, of which the next stack consists
        self._steps: deque[np.ndarray] = deque(maxlen=classifier.card.spec.frames + 1 - classifier.stack_size)
        self._rows: deque[tuple[float, np.ndarray]] = deque()  # probabilities of the windows that are averaged
        # As many windows as are averaged in a file, but earlier ones; at first no fewer than at the edge of a file.
        near = neighbours(classifier.card.spec, self._stride)
        self._novelty: deque[float] = deque(maxlen=2 * near + 1)
        self._fewest = near + 1
        self._label = UNSURE
        self._since = self._stride  # samples since the last window

    def add(self, frames: Sequence[Frame]) -> LiveAnswer:
        """Take the next frames, in the order of time.

        Raises:
            FrameRefused: too many at once, or one that is no JPEG or WebP of the right size. None of them is taken.
        """
        if len(frames) > self.max_bundle:
            raise FrameRefused(
                f"{len(frames)} frames came at once.", f"At most {self.max_bundle} are taken.", "Send fewer."
            )
        taken = self._take(frames)
        labels: list[LiveLabel] = []
        since_restart: list[_Taken] = []
        for frame in taken:
            if frame.restart:
                labels += self._score(since_restart)
                self._begin()
                since_restart = []
            since_restart.append(frame)
        labels += self._score(since_restart)
        filled = len(self._steps) / (self._steps.maxlen or 1)
        return LiveAnswer(tuple(labels), filled, len(frames) - len(taken))

    def _take(self, frames: Sequence[Frame]) -> list[_Taken]:
        """The frames that arrive no faster than they may. Nothing changes if one of them is refused."""
        allowed = (self._clock() - self._began_sec) * self._rate + self.max_bundle
        first_sec, newest, count = self._first_sec, self._newest, self._sample_count
        taken: list[_Taken] = []
        for time_sec, jpeg in frames:
            begun_sec = time_sec if first_sec is None else first_sec
            samples = (time_sec - begun_sec) * self._rate
            if not math.isfinite(samples):
                continue
            first_sec, sample = begun_sec, math.floor(samples + 0.5)
            step = sample - newest
            restart = step > self._classifier.card.spec.frames // 2
            cost = 1 if restart else step
            if step < 1 or count + cost > allowed:
                continue
            taken.append(_Taken(time_sec, self._decoded(jpeg), cost, restart))
            newest, count = sample, count + cost
        self._first_sec, self._newest, self._sample_count = first_sec, newest, count
        return taken

    def _decoded(self, data: bytes) -> UInt8[np.ndarray, "height width 3"]:
        card = self._classifier.card
        width, height = card.spec.width, card.spec.height
        if len(data) > (limit := width * height * _BYTES_PER_PIXEL):
            raise FrameRefused(f"A frame has {len(data)} bytes.", f"At most {limit} are taken.", "Send smaller ones.")
        size = _webp_size(data)
        try:
            if size is None or size == (width, height):
                with Image.open(io.BytesIO(data), formats=("JPEG",) if size is None else ("WEBP",)) as image:
                    size = image.size
                    if size == (width, height):
                        return np.asarray(image.convert("RGB"))
        except _UNREADABLE as error:
            raise FrameRefused(
                "A frame cannot be read.", f"A JPEG or WebP of {width}×{height} pixels was expected.", "Start again."
            ) from error
        raise FrameRefused(
            f"A frame has {size[0]}×{size[1]} pixels.", f"{card.title} takes {width}×{height}.", "Reload the page."
        )

    def _score(self, frames: Sequence[_Taken]) -> list[LiveLabel]:
        """Labels from these frames on: one for each after which a window is due."""
        steps = iter(self._encoded([frame.picture for frame in frames for _ in range(frame.count)]))
        windows: list[np.ndarray] = []
        times_sec: list[float] = []
        for frame in frames:
            self._steps.extend(step for step in islice(steps, frame.count) if step is not None)
            self._since += frame.count
            if len(self._steps) == self._steps.maxlen and self._since >= self._stride:
                self._since = 0
                windows.append(np.stack(self._steps))
                times_sec.append(frame.time_sec)
        if not windows:
            return []
        batch = np.stack(windows)
        rows = (self._classifier.classify if self._encode else self._classifier)(batch)
        for place, distance in enumerate(self._classifier.novelty(batch, rows).tolist()):
            self._novelty.append(distance)
            if len(self._novelty) >= self._fewest and sum(self._novelty) > len(self._novelty):  # none of the labels
                rows[place] = 0
        rows = self._considered(rows)
        return [self._labelled(row, time_sec) for row, time_sec in zip(rows, times_sec, strict=True)]

    def _considered(self, rows: Float32[np.ndarray, "windows all"]) -> Float32[np.ndarray, "windows labels"]:
        starts_sec = np.arange(len(rows), dtype=np.float64)  # any
        scores = WindowScores(self._classifier.card.labels, starts_sec, starts_sec + 1, rows)
        return restrict(scores, self.labels).probabilities

    def _encoded(self, frames: list[np.ndarray]) -> Sequence[np.ndarray | None]:
        """For each frame, the step of a window that it completes: features, or itself; None before the first stack."""
        if self._encode is None or not frames:
            return frames
        if (size := self._classifier.stack_size) == 1:
            return list(self._encode(np.stack(frames)))
        joined = [*self._recent, *frames]
        self._recent = joined[1 - size :]
        stacks = [np.stack(joined[first : first + size]) for first in range(len(joined) + 1 - size)]
        features = self._encode(np.stack(stacks)) if stacks else ()
        return [*[None] * (len(frames) - len(stacks)), *features]

    def _labelled(self, row: Float32[np.ndarray, "labels"], time_sec: float) -> LiveLabel:
        self._rows.append((time_sec, row))
        while self._rows[0][0] < time_sec - self._options.smooth_sec / 2 - _EQUAL_SEC:
            self._rows.popleft()
        mean = np.stack([recent for _, recent in self._rows]).mean(axis=0, dtype=np.float64).astype(np.float32)[None]
        (top,), (values,) = top_labels(mean)
        self._label = int(with_hysteresis(mean, top[:1], self._label, self._options)[0])
        labels = self.labels
        name = None if self._label == UNSURE else labels[self._label]
        ranked = [
            (labels[index], value) for index, value in zip(top.tolist(), values.tolist(), strict=True) if index >= 0
        ]
        others = tuple(pair for pair in ranked if pair[0] != name)[:_NEXT]
        return LiveLabel(time_sec, name, float(values[0] if name is None else mean[0, self._label]), others)


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP, as its header says: reading it takes memory for as much. None: it is another file.

    Of https://developers.google.com/speed/webp/docs/riff_container the lossy formats, the only ones that browsers send.
    """
    kind = data[12:16] if data[:4] == b"RIFF" and data[8:12] == b"WEBP" else b""
    if kind == b"VP8 ":
        return (int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF)
    if kind == b"VP8X":
        return (int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1)
    return None
