"""A classifier slides over a video: probabilities for each window."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Float32, Float64, UInt8

from har.classifier import Classifier
from har.classifier.novelty import neighbours, smoothed
from har.clips import ClipSpec, Samples, stride_samples, windows
from har.errors import StopRequested
from har.progress import OnProgress, Progress, Stage, ignore
from har.timeline import Scored, WindowScores
from har.video import Cut, VideoInfo, frame_times

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
    find_cuts: bool = True,
) -> Scored:
    """Slide the classifier over the whole video, in memory that does not grow with its length.

    A window spans what a training clip spans, sampled at the same rate, and never crosses a cut: an edited video
    is scored shot by shot. Shots that are much shorter have no window. A frame encoder runs once for each sampled
    frame, however much the windows overlap; so does a network that can run over a whole video, if the windows overlap
    by whole steps.

    Args:
        info: the video.
        classifier: any.
        stride_sec: seconds between two windows, rounded to the nearest sample; the card's own by default.
        on_progress: called first and after each batch. `StopRequested` raised out of it ends the work and keeps the
            scores.
        on_scores: called after each batch with a function that returns the scores so far.
        find_cuts: False: the video is treated as a single shot.

    Raises:
        NoFrames: nothing in the video can be decoded.
        OptionsError: a stride that is not positive.
        StopRequested: raised before the first window was scored.
    """
    spec = classifier.card.spec
    stride = stride_samples(spec, stride_sec if stride_sec is not None else classifier.card.stride_sec)
    samples = Samples(info, spec, collect_times=True, find_cuts=find_cuts)
    may_be_novel = classifier.card.novelty is not None
    scored = _Windows(classifier.card.labels, spec, neighbours(spec, stride) if may_be_novel else 0)
    stopped = False
    try:
        on_progress(Progress(Stage.SCORE, 0.0, info.duration_sec))
        placed = _windows_of_shots(samples, classifier, stride)
        for places, batch, rows in _classify(placed, classifier, _runs_over_video(classifier, stride)):
            scored.add(places, rows, classifier.novelty(batch, rows))
            if on_scores is not None:
                on_scores(lambda: scored.scores(_times_of(samples.cuts)))
            on_progress(Progress(Stage.SCORE, min(scored.end_sec, info.duration_sec), info.duration_sec))
    except StopRequested:
        if not scored.starts:
            raise
        stopped = True
    if not scored.starts:  # no shot is long enough
        scored.add([(0, 0)], np.zeros((1, len(classifier.card.labels)), np.float32), np.zeros(1))
    cuts_sec = _times_of(samples.cuts)
    times_sec = samples.times_sec
    if stopped:
        times_sec = frame_times(info, min([scored.end_sec, *cuts_sec[scored.shots[-1] :].tolist()]))
    times_sec = _ascending(times_sec)
    duration_sec = _end_sec(info, times_sec)
    return Scored(
        scored.scores(_on_frames(cuts_sec, times_sec), duration_sec), times_sec, duration_sec, stopped, samples.warning
    )


@dataclass
class _Windows:
    labels: tuple[str, ...]
    spec: ClipSpec
    neighbours: int  # windows before and after that decide whether one is novel
    starts: list[int] = field(default_factory=list)  # of each, its first sample
    shots: list[int] = field(default_factory=list)  # of each, the number of its shot
    rows: list[Float32[np.ndarray, "batch labels"]] = field(default_factory=list)
    novelty: list[Float[np.ndarray, "batch"]] = field(default_factory=list)  # of each, see `Classifier.novelty`

    def add(
        self,
        places: list[tuple[int, int]],
        rows: Float32[np.ndarray, "batch labels"],
        novelty: Float[np.ndarray, "batch"],
    ) -> None:
        """Add windows by first sample and shot."""
        self.starts.extend(start for start, _ in places)
        self.shots.extend(shot for _, shot in places)
        self.rows.append(rows)
        self.novelty.append(novelty)

    @property
    def end_sec(self) -> float:
        """Where the last window ends, if its shot is not shorter."""
        return float((self.starts[-1] + self.spec.frames) / self.spec.rate)

    def scores(self, cuts_sec: Float64[np.ndarray, "cuts"], duration_sec: float | None = None) -> WindowScores:
        """The scores. The windows of a shot cover it from its first frame, and if it has been read, to its end.

        Novel windows have rows of zeros. Until the video has been read, when `duration_sec` is None, those without all
        neighbours are left out. `cuts_sec` are those found so far.
        """
        shots, number = np.array(self.shots), np.arange(len(self.shots))
        is_first, is_last = np.diff(shots, prepend=-1) > 0, np.diff(shots, append=np.inf) > 0
        number -= np.maximum.accumulate(np.where(is_first, number, 0))  # of a window within its shot
        start_sec = np.array(self.starts) / float(self.spec.rate)
        end_sec = start_sec + self.spec.span_sec
        # The first and last samples of a shot are up to half a step before or after its ends.
        shot_start_sec = np.append(0.0, cuts_sec)[shots]
        start_sec = np.where(is_first, shot_start_sec, np.maximum(start_sec, shot_start_sec + number * _EPSILON_SEC))
        known_sec = np.inf if duration_sec is None else max(duration_sec, start_sec[-1] + _EPSILON_SEC)
        shot_end_sec = np.minimum(np.append(cuts_sec, np.inf)[shots], known_sec)
        is_last[-1] &= duration_sec is not None
        end_sec = np.where(is_last, shot_end_sec, np.minimum(end_sec, shot_end_sec))
        cuts_sec = cuts_sec[cuts_sec < known_sec]
        novel = smoothed(np.concatenate(self.novelty), shots, self.neighbours) > 1
        rows = np.where(novel[:, None], np.float32(0), np.concatenate(self.rows))
        count = len(rows) if duration_sec is not None else max(1, len(rows) - self.neighbours)
        return WindowScores(self.labels, start_sec[:count], end_sec[:count], rows[:count], cuts_sec)


def encode_frames(
    samples: Iterable[UInt8[np.ndarray, "height width 3"]], classifier: Classifier
) -> Iterator[np.ndarray]:
    """The steps that the classifier's windows consist of: features of frames or stacks, or the frames themselves.

    `samples` are frames of the network's size and rate, as `har.clips.Samples` yields them.
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
    videos: Iterable[Iterable[np.ndarray]],
    classifier: Classifier,
    stride: int,
    reorder: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Iterator[Float32[np.ndarray, "windows labels"]]:
    """All windows of one video after another; batches do not end with a video.

    Args:
        videos: for each, the steps of `encode_frames`.
        classifier: the same as there.
        stride: samples between the starts of two windows.
        reorder: changes the order of a window's steps; each window is then classified alone.
    """
    over_video = reorder is None and _runs_over_video(classifier, stride)
    placed = (
        (number, window if reorder is None else reorder(window))
        for number, steps in enumerate(videos)
        for _, window in _windows_of_steps(steps, classifier, stride, over_video)
    )
    batches = _classify(placed, classifier, over_video)
    scored = chain.from_iterable(zip(numbers, rows, strict=True) for numbers, _, rows in batches)
    for _, of_video in groupby(scored, key=itemgetter(0)):
        yield np.stack([row for _, row in of_video])


def _runs_over_video(classifier: Classifier, stride: int) -> bool:
    """Whether windows that overlap by whole steps are to be classified by a network that can run over a video."""
    size = classifier.step_samples
    return size is not None and stride % size == 0 and stride < classifier.card.spec.frames


def _windows_of_steps(
    steps: Iterable[np.ndarray], classifier: Classifier, stride: int, over_video: bool
) -> Iterator[tuple[int, np.ndarray]]:
    spec, size = classifier.card.spec, classifier.step_samples or 1
    if not over_video:
        return windows(steps, replace(spec, frames=spec.frames + 1 - classifier.stack_size), stride)
    found = windows(classifier.steps(steps), replace(spec, frames=spec.frames // size), stride // size)
    return ((start * size, window) for start, window in found)


def _windows_of_shots(
    samples: Samples, classifier: Classifier, stride: int
) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Windows with the index of their first sample and the number of their shot."""
    over_video = _runs_over_video(classifier, stride)
    for shot in samples.shots():
        steps = encode_frames(shot.frames, classifier)
        for start, window in _windows_of_steps(steps, classifier, stride, over_video):
            yield (shot.first + start, shot.number), window


def _classify(
    placed: Iterable[tuple[T, np.ndarray]], classifier: Classifier, over_video: bool
) -> Iterator[tuple[list[T], np.ndarray, Float32[np.ndarray, "batch labels"]]]:
    """Windows and their probabilities, in batches, after what came with each window."""
    encoded = classifier.has_frame_encoder
    classify = classifier.classify_steps if over_video else classifier.classify if encoded else classifier
    batch_size = _HEAD_BATCH if encoded else max(1, _BATCH_VALUES // int(np.prod(classifier.card.spec.shape)))
    for chunk in _chunks(placed, batch_size):
        batch = np.stack([window for _, window in chunk])
        yield [place for place, _ in chunk], batch, classify(batch)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _times_of(cuts: Iterable[Cut]) -> Float64[np.ndarray, "cuts"]:
    return np.array([cut.time_sec for cut in cuts], np.float64)


def _on_frames(
    cuts_sec: Float64[np.ndarray, "cuts"], times_sec: Float64[np.ndarray, "frames"]
) -> Float64[np.ndarray, "cuts"]:
    """The same cuts, with exactly the times of frames, which rounding has changed."""
    frames = np.searchsorted(times_sec, cuts_sec - _EPSILON_SEC / 2)
    nearest = np.append(times_sec, np.inf)[frames]
    return np.where(np.abs(nearest - cuts_sec) < _EPSILON_SEC, nearest, cuts_sec)


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
