"""A classifier slides over a video: probabilities for each window."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from har.classifier import Classifier
from har.clips import ClipSpec, Samples, stride_samples, windows
from har.errors import StopRequested
from har.progress import OnProgress, Progress, Stage, ignore
from har.timeline import Scored, WindowScores
from har.video import VideoInfo, read_frames

T = TypeVar("T")

_BATCH_VALUES = 2_500_000  # pixel values in a batch of clips: one of I3D's, ten of others'; larger ones are no faster
_EPSILON_SEC = 1e-6  # least difference between two times
_ENCODER_BATCH = 32  # frames, or stacks of frames
_HEAD_BATCH = 64  # windows


def score(
    info: VideoInfo,
    classifier: Classifier,
    stride_sec: float | None = None,
    on_progress: OnProgress = ignore,
    on_scores: Callable[[Callable[[], WindowScores]], None] | None = None,
) -> Scored:
    """Slide the classifier over the whole video, in memory that does not grow with its length.

    A window spans what a training clip spans, sampled at the same rate. A frame encoder runs once for each sampled
    frame, however much the windows overlap.

    Args:
        info: the video.
        classifier: any.
        stride_sec: seconds between two windows, rounded to the nearest sample; the card's own by default.
        on_progress: called first and after each batch. `StopRequested` raised out of it ends the work and keeps the
            scores.
        on_scores: called after each batch with a function that returns the scores so far.

    Raises:
        NoFrames: nothing in the video can be decoded.
        OptionsError: a stride that is not positive.
        StopRequested: raised before the first window was scored.
    """
    spec = classifier.card.spec
    stride = stride_samples(spec, stride_sec if stride_sec is not None else classifier.card.stride_sec)
    samples = Samples(info, spec, collect_times=True)
    starts: list[int] = []
    rows: list[Float32[np.ndarray, "batch labels"]] = []
    stopped = False
    try:
        on_progress(Progress(Stage.SCORE, 0.0, info.duration_sec))
        for batch_starts, probabilities in window_probabilities(encode_frames(samples, classifier), classifier, stride):
            starts.extend(batch_starts)
            rows.append(probabilities)
            if on_scores is not None:
                on_scores(lambda: _windows_so_far(classifier.card.labels, starts, rows, spec))
            done_sec = float((starts[-1] + spec.frames) / spec.rate)
            on_progress(Progress(Stage.SCORE, min(done_sec, info.duration_sec), info.duration_sec))
    except StopRequested:
        if not starts:
            raise
        stopped = True
    times_sec = samples.times_sec if not stopped else _times_until(info, float((starts[-1] + spec.frames) / spec.rate))
    times_sec = _ascending(times_sec)
    duration_sec = _end_sec(info, times_sec)
    scores = _window_scores(classifier.card.labels, starts, rows, spec, duration_sec)
    return Scored(scores, times_sec, duration_sec, stopped, samples.warning)


def encode_frames(
    samples: Iterable[UInt8[np.ndarray, "height width 3"]], classifier: Classifier
) -> Iterator[np.ndarray]:
    """The steps that the classifier's windows consist of: features of frames or stacks, or the frames themselves.

    Args:
        samples: frames of the network's size and rate, as `har.clips.Samples` yields them.
        classifier: its encoder is used, if it takes less than a whole clip.
    """
    if not classifier.has_frame_encoder:
        yield from samples
        return
    if classifier.stack_size > 1:
        spec = replace(classifier.card.spec, frames=classifier.stack_size)
        samples = (stack for _, stack in windows(samples, spec, 1))
    encode = classifier.start_encoding()
    for chunk in _chunks(samples, _ENCODER_BATCH):
        yield from encode(np.stack(chunk))


def window_probabilities(
    steps: Iterable[np.ndarray],
    classifier: Classifier,
    stride: int,
    reorder: Callable[[np.ndarray], np.ndarray] = lambda window: window,
) -> Iterator[tuple[list[int], Float32[np.ndarray, "batch labels"]]]:
    """Score window after window in constant memory.

    Args:
        steps: of `encode_frames`.
        classifier: the same as there.
        stride: samples between the starts of two windows.
        reorder: changes the order of a window's steps.

    Yields:
        Indices of the windows' first samples, and probabilities.
    """
    spec, encoded = classifier.card.spec, classifier.has_frame_encoder
    classify = classifier.classify if encoded else classifier
    batch_size = _HEAD_BATCH if encoded else max(1, _BATCH_VALUES // int(np.prod(spec.shape)))
    step_spec = replace(spec, frames=spec.frames + 1 - classifier.stack_size)
    for chunk in _chunks(windows(steps, step_spec, stride), batch_size):
        yield [start for start, _ in chunk], classify(np.stack([reorder(window) for _, window in chunk]))


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
    # The last sample is up to half a step before or after the end of the video.
    end_sec = np.minimum(end_sec, max(duration_sec, start_sec[-1] + _EPSILON_SEC))
    end_sec[-1] = max(duration_sec, start_sec[-1] + _EPSILON_SEC)
    return replace(so_far, end_sec=end_sec)


def _times_until(info: VideoInfo, end_sec: float) -> Float64[np.ndarray, "frames"]:
    with read_frames(info, size=(2, 2), end_sec=end_sec, collect_times=True) as reader:
        for _ in reader:
            pass
    return reader.times_sec


def _ascending(times_sec: Float64[np.ndarray, "frames"]) -> Float64[np.ndarray, "frames"]:
    """Make times strictly increasing: in damaged files, frames can have equal times or be out of order."""
    steps = np.arange(len(times_sec)) * _EPSILON_SEC
    ascending: Float64[np.ndarray, "frames"] = np.maximum.accumulate(times_sec - steps) + steps
    return ascending


def _end_sec(info: VideoInfo, times_sec: Float64[np.ndarray, "frames"]) -> float:
    """When the last of these frames ends: as the file says, if it is the video's last one and held."""
    last_sec, usual_sec = float(times_sec[-1]), float(1 / info.fps)
    is_last = info.last_frame_sec is not None and last_sec > info.last_frame_sec - usual_sec / 2
    if is_last and info.last_frame_is_held and info.duration_sec > last_sec:
        return info.duration_sec
    if info.variable_rate and len(times_sec) > 1:
        usual_sec = float(np.median(np.diff(times_sec)))
    return last_sec + usual_sec
