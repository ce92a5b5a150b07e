"""All that the report on a training says: test accuracy, whether probabilities can be believed, what motion is for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from har.classifier import Classifier, cooled
from har.datasets import LabelledVideo
from har.evaluation.calibration import Calibration, calibrate, choose_threshold, clip_means, fit_temperature
from har.evaluation.evaluate import ClipScored, reordered_probabilities, rows_of, verdict_on, window_probabilities
from har.evaluation.report import Report, Share

Order = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Examination:
    """What is known of a classifier's worth."""

    report: Report  # on the test clips as they are, with the temperature in place
    calibration: Calibration
    orders: dict[str, Share]  # right answers on the test clips with the frames of each window in another order


def shuffled(window: np.ndarray) -> np.ndarray:
    """The frames of a window in a random order, the same for all windows of that length."""
    return window[np.random.default_rng(0).permutation(len(window))]


def mirrored_in_time(window: np.ndarray) -> np.ndarray:
    """The last frame first."""
    return window[::-1]


def frozen(window: np.ndarray) -> np.ndarray:
    """The middle frame all the time."""
    return np.repeat(window[len(window) // 2][None], len(window), axis=0)


ORDERS: dict[str, Order] = {"shuffled": shuffled, "reversed": mirrored_in_time, "frozen": frozen}


def examine(
    classifier: Classifier,
    validation: Sequence[LabelledVideo],
    test: Sequence[LabelledVideo],
    on_event: Callable[[ClipScored], None] = lambda event: None,
) -> Examination:
    """Look at a freshly trained classifier from all sides.

    Temperature and threshold are fitted on the validation clips; putting them into the card is the caller's part.

    Args:
        classifier: whose labels are spelt as the videos', and whose card has no temperature yet.
        validation: clips that chose the epoch.
        test: clips that training never saw.
        on_event: told of each clip. `StopRequested` raised out of it ends the work without a report.

    Raises:
        VideoError: a clip that cannot be read.
    """
    labels, total = classifier.card.labels, len(validation) + len(test)
    known, windows = [], []
    right = dict.fromkeys(ORDERS, 0)
    for video in validation:
        known.append(window_probabilities(classifier, rows_of(classifier, video)))
        on_event(ClipScored(len(known), total))
    for video in test:
        rows = rows_of(classifier, video)
        windows.append(window_probabilities(classifier, rows))
        for name, order in ORDERS.items():
            said = verdict_on(video, video.label, labels, reordered_probabilities(classifier, video, rows, order))
            right[name] += said.predicted == video.label
        on_event(ClipScored(len(known) + len(windows), total))
    calibration = calibrate(known, _targets(labels, validation), windows, _targets(labels, test))
    clips = [
        verdict_on(video, video.label, labels, cooled(each, calibration.temperature))
        for video, each in zip(test, windows, strict=True)
    ]
    orders = {name: Share(count, len(test)) for name, count in right.items()}
    return Examination(Report(labels, tuple(clips), 0), calibration, orders)


def settle(
    classifier: Classifier,
    validation: Sequence[LabelledVideo],
    on_event: Callable[[ClipScored], None] = lambda event: None,
) -> tuple[float, float]:
    """Temperature and threshold alone, where no clips are left to measure anything with.

    Raises:
        VideoError: a clip that cannot be read.
    """
    known = []
    for video in validation:
        known.append(window_probabilities(classifier, rows_of(classifier, video)))
        on_event(ClipScored(len(known), len(validation)))
    targets = _targets(classifier.card.labels, validation)
    temperature = fit_temperature(known, targets)
    return temperature, choose_threshold(clip_means(known, temperature), targets)[0]


def _targets(labels: tuple[str, ...], videos: Sequence[LabelledVideo]) -> Int[np.ndarray, "videos"]:
    return np.array([labels.index(video.label) for video in videos])
