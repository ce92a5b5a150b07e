"""The evaluation of a freshly trained classifier: test accuracy, calibration, and whether it uses motion."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from har.classifier import Classifier, with_temperature
from har.datasets import LabelledVideo, Skipped
from har.datasets.facts import none_readable, unreadable
from har.datasets.parallel import map_files
from har.errors import VideoError
from har.evaluation.calibration import Calibration, Fit, fit, measure
from har.evaluation.novelty import NoveltyEvaluation
from har.evaluation.predictions import (
    clip_probabilities,
    encode_clip,
    predict_clip,
    probabilities_of_clips,
    reordered_probabilities,
)
from har.evaluation.report import Proportion, Report
from har.progress import OnProgress, Progress, Stage, ignore

Order = Callable[[np.ndarray], np.ndarray]
Windows = Float32[np.ndarray, "windows labels"]


@dataclass(frozen=True)
class Evaluation:
    """How good a trained classifier is."""

    report: Report  # on the test clips, with the temperature applied
    calibration: Calibration
    orders: dict[str, Proportion]  # correct test clips with the frames of each window in another order: see `ORDERS`
    novelty: NoveltyEvaluation | None = None  # None: every window gets one of the labels


def _shuffle(window: np.ndarray) -> np.ndarray:
    """A random order, the same for all windows of that length."""
    return window[np.random.default_rng(0).permutation(len(window))]


def _freeze(window: np.ndarray) -> np.ndarray:
    return np.repeat(window[len(window) // 2][None], len(window), axis=0)


ORDERS: dict[str, Order] = {"shuffled": _shuffle, "reversed": np.flipud, "frozen": _freeze}


def fit_calibration(
    classifier: Classifier, validation: Sequence[LabelledVideo], on_progress: OnProgress = ignore, more: int = 0
) -> Fit:
    """Temperature and threshold from the validation clips; the card, which has none yet, is not changed.

    The progress counts `more` clips that will be tested.

    Raises:
        VideoError: a clip that cannot be read.
        StopRequested: raised by `on_progress`.
    """

    def encoded() -> Iterator[list[np.ndarray]]:
        for done, video in enumerate(validation, start=1):
            yield encode_clip(classifier, video)
            on_progress(Progress(Stage.EVALUATE, done, len(validation) + more))

    windows = list(probabilities_of_clips(classifier, encoded()))
    return fit(windows, _targets(classifier.card.labels, validation))


def evaluate_test_clips(
    classifier: Classifier,
    fitted: Fit,
    test: Sequence[LabelledVideo],
    on_progress: OnProgress = ignore,
    done: int = 0,
) -> Evaluation:
    """Evaluate on the test clips, also with their frames in other orders.

    The card has no temperature yet: that of `fitted` is applied here. Clips that cannot be read are left out, and named
    in the report. The progress counts on from `done`.

    Raises:
        DatasetMissing: no clip can be read.
        StopRequested: raised by `on_progress`.
    """
    labels = classifier.card.labels

    def predict(video: LabelledVideo) -> tuple[Windows, dict[str, str]] | Skipped:
        """Probabilities of a clip's windows, and the label that each of the other orders gives."""
        try:
            rows = encode_clip(classifier, video)
            reordered = {
                name: reordered_probabilities(classifier, video, rows, order) for name, order in ORDERS.items()
            }
        except VideoError as error:
            return unreadable(video, error)
        predictions = {
            name: predict_clip(video, video.label, labels, windows).predicted for name, windows in reordered.items()
        }
        return clip_probabilities(classifier, rows), predictions

    predicted = map_files(predict, test, os.cpu_count(), Stage.EVALUATE, on_progress, done)
    skipped = [each for each in predicted if isinstance(each, Skipped)]
    results = [(video, *each) for video, each in zip(test, predicted, strict=True) if not isinstance(each, Skipped)]
    tested, test_windows = [video for video, _, _ in results], [windows for _, windows, _ in results]
    right = {name: sum(labels_of[name] == video.label for video, _, labels_of in results) for name in ORDERS}
    if not tested:
        raise none_readable("the test part", skipped)
    clips = [
        predict_clip(video, video.label, labels, with_temperature(windows, fitted.temperature))
        for video, windows in zip(tested, test_windows, strict=True)
    ]
    orders = {name: Proportion(count, len(tested)) for name, count in right.items()}
    measured = measure(fitted, test_windows, _targets(labels, tested))
    return Evaluation(Report(labels, tuple(clips), 0, tuple(skipped)), measured, orders)


def _targets(labels: tuple[str, ...], videos: Sequence[LabelledVideo]) -> Int[np.ndarray, "videos"]:
    return np.array([labels.index(video.label) for video in videos])
