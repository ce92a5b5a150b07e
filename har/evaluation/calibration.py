"""Calibration: whether probabilities match accuracy, and the threshold below which a label is 'unsure'."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from har.classifier import with_temperature

_BINS = 10
_TEMPERATURES = np.geomspace(0.2, 5, 161)  # candidates: a grid is exact enough, and cannot diverge
_PRIOR_DEVIATION = 0.35  # of a temperature's logarithm
_TARGET_PRECISION = 0.9  # of the labels at or above the threshold
_MIN_THRESHOLD = 0.4
_MIN_COVERAGE = 0.5  # share of clips at or above the threshold: a classifier that is mostly unsure is of no use
_EPSILON = 1e-7  # added to a probability before its logarithm is taken

Windows = Sequence[Float[np.ndarray, "_ labels"]]  # for each clip, one row per window
Probabilities = Float[np.ndarray, "_ labels"]
Targets = Int[np.ndarray, "_"]


@dataclass(frozen=True)
class Bin:
    """Clips whose confidence lies in `(low, high]`."""

    low: float
    high: float
    count: int
    confidence: float  # mean; the centre of the bin if the count is 0
    accuracy: float  # 0 if the count is 0


class Fit(NamedTuple):
    """Temperature and threshold, fitted on validation clips."""

    temperature: float
    threshold: float  # below it, 'unsure'
    answered: float  # share of the clips at or above the threshold
    right: float  # share of these that are correct


@dataclass(frozen=True)
class Calibration:
    """Temperature and threshold fitted on validation clips, and their effect on test clips."""

    temperature: float  # fitted on validation clips
    threshold: float  # below it, 'unsure'; chosen on validation clips
    answered: float  # share of the validation clips at or above the threshold
    right: float  # share of these that are correct
    ece_before: float  # of the test clips, without the temperature
    ece_after: float  # and with it
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]


def clip_means(windows: Windows, temperature: float) -> Probabilities:
    """Probabilities of each clip: the mean over its windows, with the temperature applied."""
    starts = np.cumsum([0, *(len(rows) for rows in windows[:-1])])
    sums = np.add.reduceat(with_temperature(np.concatenate(windows).astype(np.float64), temperature), starts, axis=0)
    return np.asarray(sums / np.array([[len(rows)] for rows in windows]))


def fit_temperature(windows: Windows, targets: Targets) -> float:
    """The temperature with the lowest cross-entropy.

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599. A normal prior on its logarithm keeps it
    near 1 if there are few clips; if these all happen to be correct, the likelihood alone would make it extreme.
    """
    rows = np.arange(len(targets))
    losses = [
        -np.log(clip_means(windows, each)[rows, targets] + _EPSILON).sum() + (np.log(each) / _PRIOR_DEVIATION) ** 2 / 2
        for each in _TEMPERATURES
    ]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 4)


def choose_threshold(probabilities: Probabilities, targets: Targets) -> tuple[float, float, float]:
    """The lowest threshold at which nine of ten labels are correct; at least half of the clips stay above it.

    It is never below 0.4, however good the classifier: later it will see actions that none of its labels describes.

    Returns:
        The threshold, the share of clips at or above it, and the share of these that are correct.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    best = None
    for threshold in np.arange(_MIN_THRESHOLD, 1.0, 0.01):
        above = confidence >= threshold
        if above.mean() < _MIN_COVERAGE:
            break
        candidate = (float(round(threshold, 2)), float(above.mean()), float(right[above].mean()))
        if best is None or candidate[2] > best[2]:
            best = candidate
        if candidate[2] >= _TARGET_PRECISION:
            return candidate
    above = confidence >= _MIN_THRESHOLD
    return best or (_MIN_THRESHOLD, float(above.mean()), float(right[above].mean()) if above.any() else 0.0)


def bins(probabilities: Probabilities, targets: Targets) -> tuple[Bin, ...]:
    """Clips by confidence, in ten bins of equal width, for a reliability diagram."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    bin_of = np.clip(np.ceil(confidence * _BINS).astype(int) - 1, 0, _BINS - 1)
    result = []
    for index in range(_BINS):
        inside = bin_of == index
        low, high, count = index / _BINS, (index + 1) / _BINS, int(inside.sum())
        mean = float(confidence[inside].mean()) if count else (low + high) / 2
        result.append(Bin(low, high, count, mean, float(right[inside].mean()) if count else 0.0))
    return tuple(result)


def calibration_error(of: tuple[Bin, ...]) -> float:
    """Expected calibration error: the mean difference between confidence and accuracy (Naeini et al. 2015).

    https://doi.org/10.1609/aaai.v29i1.9602
    """
    total = sum(each.count for each in of)
    return sum(each.count * abs(each.confidence - each.accuracy) for each in of) / total


def fit(windows: Windows, targets: Targets) -> Fit:
    """Fit temperature and threshold on validation clips.

    Each clip has the probabilities of its windows, without a temperature; targets are indices of labels.
    """
    temperature = fit_temperature(windows, targets)
    return Fit(temperature, *choose_threshold(clip_means(windows, temperature), targets))


def measure(fitted: Fit, windows: Windows, targets: Targets) -> Calibration:
    """Measure the effect of the temperature on test clips, given as for `fit`."""
    before, after = (bins(clip_means(windows, each), targets) for each in (1.0, fitted.temperature))
    return Calibration(*fitted, calibration_error(before), calibration_error(after), before, after)
