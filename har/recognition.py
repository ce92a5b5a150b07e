"""A classifier slides over a video: one set of probabilities for each window."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from har.classifier import Classifier
from har.clips import ClipSpec, Samples, stride_samples, windows
from har.errors import StopRequested
from har.timeline import Scored, WindowScores
from har.video import VideoInfo, read_frames

T = TypeVar("T")

_BATCH_VALUES = 2_500_000  # pixel values in a batch of clips: one of I3D's, ten of others'; more are no quicker
_LEAST_SEC = 1e-6  # between two times that must differ
_ENCODER_BATCH = 32  # frames at once through the first half of a network
_HEAD_BATCH = 64  # windows at once through the second


@dataclass(frozen=True)
class Scoring:
    """An event: the windows up to a moment of the video have been scored."""

    done_sec: float
    total_sec: float  # as far as the file tells


def score(
    info: VideoInfo,
    classifier: Classifier,
    stride_sec: float | None = None,
    on_event: Callable[[Scoring], None] = lambda event: None,
    keep: Callable[[Callable[[], WindowScores]], None] | None = None,
) -> Scored:
    """Slide the classifier over the whole video, in memory that does not grow with its length.

    A window spans what a training clip spanned, sampled at the same rate; it is scored once. Where the network has a
    part for single frames, that runs once a sampled frame, whatever the overlap of the windows.

    Args:
        info: the video.
        classifier: what to recognise.
        stride_sec: seconds between two windows, taken to the nearest sample; the card's own by default.
        on_event: told of each batch. `StopRequested` raised out of it ends the work and keeps what is scored.
        keep: given, after each batch, what gives the scores of all windows so far.

    Raises:
        NoFrames: nothing in the video can be decoded.
        OptionsError: a stride that is not positive.
        StopRequested: asked to stop before the first window was scored.
    """
    spec = classifier.card.spec
    stride = stride_samples(spec, stride_sec if stride_sec is not None else classifier.card.stride_sec)
    samples = Samples(info, spec, collect_times=True)
    starts: list[int] = []
    rows: list[Float32[np.ndarray, "batch labels"]] = []
    stopped = False
    try:
        for batch_starts, probabilities in answers(encoded(samples, classifier), classifier, stride):
            starts.extend(batch_starts)
            rows.append(probabilities)
            if keep is not None:
                keep(lambda: _windows_so_far(classifier.card.labels, starts, rows, spec))
            done_sec = float((starts[-1] + spec.frames) / spec.rate)
            on_event(Scoring(min(done_sec, info.duration_sec), info.duration_sec))
    except StopRequested:
        if not starts:
            raise
        stopped = True
    times_sec = samples.times_sec if not stopped else _times_until(info, float((starts[-1] + spec.frames) / spec.rate))
    times_sec = _ascending(times_sec)
    duration_sec = float(times_sec[-1]) + _frame_sec(info, times_sec)
    scores = _window_scores(classifier.card.labels, starts, rows, spec, duration_sec)
    return Scored(scores, times_sec, duration_sec, stopped, samples.warning)


def encoded(samples: Iterable[UInt8[np.ndarray, "height width 3"]], classifier: Classifier) -> Iterator[np.ndarray]:
    """What the network's windows consist of: features of moments, or the frames themselves where it has no such part.

    Args:
        samples: frames of the network's size at its rate, as `har.clips.Samples` gives them.
        classifier: whose encoder looks at them.
    """
    if not classifier.has_halves:
        yield from samples
        return
    if classifier.moment_frames > 1:
        spec = replace(classifier.card.spec, frames=classifier.moment_frames)
        samples = (moment for _, moment in windows(samples, spec, 1))
    for chunk in _chunks(samples, _ENCODER_BATCH):
        yield from classifier.encode(np.stack(chunk))


def answers(
    rows: Iterable[np.ndarray],
    classifier: Classifier,
    stride: int,
    ordered: Callable[[np.ndarray], np.ndarray] = lambda window: window,
) -> Iterator[tuple[list[int], Float32[np.ndarray, "batch labels"]]]:
    """Window after window, in flat memory.

    Args:
        rows: of `encoded`.
        classifier: who answers.
        stride: samples between the starts of two windows.
        ordered: from a window's rows in time to the order in which they are looked at.

    Yields:
        Indices of the windows' first samples, and probabilities.
    """
    spec, answer = classifier.card.spec, classifier.classify if classifier.has_halves else classifier
    size = _HEAD_BATCH if classifier.has_halves else max(1, _BATCH_VALUES // int(np.prod(spec.shape)))
    in_window = replace(spec, frames=spec.frames + 1 - classifier.moment_frames)
    for chunk in _chunks(windows(rows, in_window, stride), size):
        yield [start for start, _ in chunk], answer(np.stack([ordered(window) for _, window in chunk]))


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _windows_so_far(
    labels: tuple[str, ...], starts: list[int], rows: list[Float32[np.ndarray, "batch labels"]], spec: ClipSpec
) -> WindowScores:
    start_sec = np.array(starts) / float(spec.rate)
    return WindowScores(labels, start_sec, start_sec + spec.span_sec, np.concatenate(rows))


def _window_scores(
    labels: tuple[str, ...],
    starts: list[int],
    rows: list[Float32[np.ndarray, "batch labels"]],
    spec: ClipSpec,
    duration_sec: float,
) -> WindowScores:
    so_far = _windows_so_far(labels, starts, rows, spec)
    start_sec, end_sec = so_far.start_sec, so_far.end_sec
    # Samples end up to half a step before or after the video does.
    end_sec = np.minimum(end_sec, max(duration_sec, start_sec[-1] + _LEAST_SEC))
    end_sec[-1] = max(duration_sec, start_sec[-1] + _LEAST_SEC)
    return replace(so_far, end_sec=end_sec)


def _times_until(info: VideoInfo, end_sec: float) -> Float64[np.ndarray, "frames"]:
    with read_frames(info, size=(2, 2), end_sec=end_sec, collect_times=True) as reader:
        for _ in reader:
            pass
    return reader.times_sec


def _ascending(times_sec: Float64[np.ndarray, "frames"]) -> Float64[np.ndarray, "frames"]:
    """Damaged files show two frames at one time, or one before its forerunner: such a frame comes just after it."""
    steps = np.arange(len(times_sec)) * _LEAST_SEC
    ascending: Float64[np.ndarray, "frames"] = np.maximum.accumulate(times_sec - steps) + steps
    return ascending


def _frame_sec(info: VideoInfo, times_sec: Float64[np.ndarray, "frames"]) -> float:
    return float(np.median(np.diff(times_sec))) if info.variable_rate and len(times_sec) > 1 else float(1 / info.fps)
