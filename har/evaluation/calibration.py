"""Whether a probability can be believed, and below which one it is better to say 'unsure'."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from har.classifier import cooled

_BINS = 10
_TEMPERATURES = np.geomspace(0.2, 5, 161)  # of which the best is taken: exact enough, and cannot run away
_USUAL = 0.35  # standard deviation of a temperature's logarithm, before any clip is seen
_WANTED_RIGHT = 0.9  # of the answers that are given
_LOWEST = 0.4
_LEAST_ANSWERED = 0.5  # of the clips: a classifier that hardly ever speaks is of no use
_LEAST = 1e-7  # probability, before its logarithm is taken

Windows = Sequence[Float[np.ndarray, "_ labels"]]  # of each clip, one row a window
Probabilities = Float[np.ndarray, "_ labels"]
Targets = Int[np.ndarray, "_"]


@dataclass(frozen=True)
class Bin:
    """Clips whose confidence lies in `(low, high]`."""

    low: float
    high: float
    count: int
    confidence: float  # mean; where the count is 0, the middle of the bin
    accuracy: float  # 0 where the count is 0


@dataclass(frozen=True)
class Calibration:
    """What was fitted on validation clips, and what that made of the test clips."""

    temperature: float  # fitted on validation clips
    threshold: float  # below it, 'unsure'; chosen on validation clips
    answered: float  # share of the validation clips at or above the threshold
    right: float  # share of these that are right
    ece_before: float  # of the test clips, without the temperature
    ece_after: float  # and with it
    before: tuple[Bin, ...]
    after: tuple[Bin, ...]


def clip_means(windows: Windows, temperature: float) -> Probabilities:
    """Each clip's probabilities: the mean over its windows, each at that temperature."""
    starts = np.cumsum([0, *(len(rows) for rows in windows[:-1])])
    sums = np.add.reduceat(cooled(np.concatenate(windows).astype(np.float64), temperature), starts, axis=0)
    means: Probabilities = sums / np.array([[len(rows)] for rows in windows])
    return means


def fit_temperature(windows: Windows, targets: Targets) -> float:
    """The temperature under which clips of known labels are the least surprising (smallest cross-entropy).

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599. Few clips that all happen to be right, or
    wrong, would ask for an extreme one; so it takes evidence to leave 1: its logarithm is expected to be small.
    """
    rows = np.arange(len(targets))
    losses = [
        -np.log(clip_means(windows, each)[rows, targets] + _LEAST).sum() + (np.log(each) / _USUAL) ** 2 / 2
        for each in _TEMPERATURES
    ]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 4)


def choose_threshold(probabilities: Probabilities, targets: Targets) -> tuple[float, float, float]:
    """The lowest threshold at which nine of ten answers are right, but none that leaves half of the clips unanswered.

    None is below 0.4 either, however good the classifier: later it will see actions that are none of its labels.

    Returns:
        The threshold, the share of the clips that get an answer, and the share of these that are right.
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    best = None
    for threshold in np.arange(_LOWEST, 1.0, 0.01):
        given = confidence >= threshold
        if given.mean() < _LEAST_ANSWERED:
            break
        found = (float(round(threshold, 2)), float(given.mean()), float(right[given].mean()))
        if best is None or found[2] > best[2]:
            best = found
        if found[2] >= _WANTED_RIGHT:
            return found
    return best if best is not None else (_LOWEST, float((confidence >= _LOWEST).mean()), float(right.mean()))


def bins(probabilities: Probabilities, targets: Targets) -> tuple[Bin, ...]:
    """Clips by confidence, in ten bins of equal width: a reliability diagram."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == targets
    place = np.clip(np.ceil(confidence * _BINS).astype(int) - 1, 0, _BINS - 1)
    found = []
    for index in range(_BINS):
        inside = place == index
        low, high, count = index / _BINS, (index + 1) / _BINS, int(inside.sum())
        mean = float(confidence[inside].mean()) if count else (low + high) / 2
        found.append(Bin(low, high, count, mean, float(right[inside].mean()) if count else 0.0))
    return tuple(found)


def calibration_error(of: tuple[Bin, ...]) -> float:
    """Expected calibration error: the mean distance of confidence from accuracy (Naeini et al. 2015).

    https://doi.org/10.1609/aaai.v29i1.9602
    """
    total = sum(each.count for each in of)
    return sum(each.count * abs(each.confidence - each.accuracy) for each in of) / total


def calibrate(validation: Windows, validation_targets: Targets, test: Windows, test_targets: Targets) -> Calibration:
    """Fit temperature and threshold on validation clips, and measure on test clips what the temperature changes.

    Args:
        validation: probabilities of each clip's windows, as the network gives them.
        validation_targets: index of each clip's label.
        test: the same of clips that are only measured.
        test_targets: theirs.
    """
    temperature = fit_temperature(validation, validation_targets)
    threshold, answered, right = choose_threshold(clip_means(validation, temperature), validation_targets)
    before, after = (bins(clip_means(test, each), test_targets) for each in (1.0, temperature))
    return Calibration(
        temperature, threshold, answered, right, calibration_error(before), calibration_error(after), before, after
    )
