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
from har.evaluation.calibration import Calibration, calibrate, choose_threshold, clip_means, fit_temperature
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


def evaluate_splits(
    classifier: Classifier,
    validation: Sequence[LabelledVideo],
    test: Sequence[LabelledVideo],
    on_progress: OnProgress = ignore,
    refit: Callable[[], None] | None = None,
) -> Evaluation:
    """Calibrate on the validation clips, and evaluate on the test clips, also with their frames in other orders.

    The card, without a temperature yet, stays as it is: applying temperature and threshold is up to the caller. Test
    clips that cannot be read are left out, and named in the report. `refit` lets the classifier learn from the
    validation clips as well, once it is calibrated.

    Raises:
        DatasetMissing: no test clip can be read.
        VideoError: a validation clip cannot be read.
        StopRequested: raised by `on_progress`.
    """
    labels, total = classifier.card.labels, len(validation) + len(test)
    validation_windows = _all_windows(classifier, validation, on_progress, total)
    if refit is not None:
        refit()

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

    predicted = map_files(predict, test, os.cpu_count(), Stage.EVALUATE, on_progress, len(validation))
    skipped = [each for each in predicted if isinstance(each, Skipped)]
    results = [(video, *each) for video, each in zip(test, predicted, strict=True) if not isinstance(each, Skipped)]
    tested, test_windows = [video for video, _, _ in results], [windows for _, windows, _ in results]
    right = {name: sum(labels_of[name] == video.label for video, _, labels_of in results) for name in ORDERS}
    if not tested:
        raise none_readable("the test part", skipped)
    calibration = calibrate(validation_windows, _targets(labels, validation), test_windows, _targets(labels, tested))
    clips = [
        predict_clip(video, video.label, labels, with_temperature(windows, calibration.temperature))
        for video, windows in zip(tested, test_windows, strict=True)
    ]
    orders = {name: Proportion(count, len(tested)) for name, count in right.items()}
    return Evaluation(Report(labels, tuple(clips), 0, tuple(skipped)), calibration, orders)


def fit_calibration(
    classifier: Classifier, validation: Sequence[LabelledVideo], on_progress: OnProgress = ignore
) -> tuple[float, float]:
    """Temperature and threshold alone, if there are no test clips.

    Raises:
        VideoError: a clip that cannot be read.
        StopRequested: raised by `on_progress`.
    """
    windows = _all_windows(classifier, validation, on_progress, len(validation))
    targets = _targets(classifier.card.labels, validation)
    temperature = fit_temperature(windows, targets)
    return temperature, choose_threshold(clip_means(windows, temperature), targets)[0]


def _all_windows(
    classifier: Classifier, videos: Sequence[LabelledVideo], on_progress: OnProgress, total: int
) -> list[np.ndarray]:
    def encoded() -> Iterator[list[np.ndarray]]:
        for done, video in enumerate(videos, start=1):
            yield encode_clip(classifier, video)
            on_progress(Progress(Stage.EVALUATE, done, total))

    return list(probabilities_of_clips(classifier, encoded()))


def _targets(labels: tuple[str, ...], videos: Sequence[LabelledVideo]) -> Int[np.ndarray, "videos"]:
    return np.array([labels.index(video.label) for video in videos])
