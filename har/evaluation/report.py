"""Predictions for labelled clips, and what they add up to."""

from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Int

from har.datasets import Skipped


@dataclass(frozen=True)
class Proportion:
    """How many of a number of clips are correct."""

    right: int
    count: int  # at least one

    @property
    def value(self) -> float:
        """From 0 to 1."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953)."""
        z = 1.959964  # standard deviations that hold 95 % of a normal distribution
        centre = self.value + z**2 / (2 * self.count)
        half = z * np.sqrt(self.value * (1 - self.value) / self.count + z**2 / (4 * self.count**2))
        scale = 1 + z**2 / self.count
        return max(0.0, float((centre - half) / scale)), min(1.0, float((centre + half) / scale))


@dataclass(frozen=True)
class ClipPrediction:
    """What a classifier predicts for a clip."""

    path: str
    label: str  # the true one, in the classifier's spelling
    predicted: str
    confidence: float  # mean probability of the predicted label over the clip's windows
    group: str | None = None  # the recording it was cut from


@dataclass(frozen=True)
class Report:
    """A classifier's predictions for labelled clips."""

    labels: tuple[str, ...]  # of rows and columns
    clips: tuple[ClipPrediction, ...]  # at least one
    left_out: int  # clips that were used in training
    skipped: tuple[Skipped, ...] = ()  # clips that could not be read

    @cached_property
    def confusion(self) -> Int[np.ndarray, "labels labels"]:
        """Confusion matrix: number of clips, rows true, columns predicted."""
        index = {label: number for number, label in enumerate(self.labels)}
        confusion = np.zeros((len(self.labels), len(self.labels)), int)
        for clip in self.clips:
            confusion[index[clip.label], index[clip.predicted]] += 1
        return confusion

    @property
    def share(self) -> Proportion:
        """Correct clips, of all."""
        return Proportion(int(np.trace(self.confusion)), len(self.clips))

    @property
    def accuracy(self) -> float:
        """The same as a number from 0 to 1."""
        return self.share.value

    @property
    def interval(self) -> tuple[float, float]:
        """95 % confidence interval of the accuracy."""
        return self.share.interval

    @property
    def baseline(self) -> Proportion:
        """What always predicting the most frequent label of these clips would get right."""
        return Proportion(max(Counter(clip.label for clip in self.clips).values()), len(self.clips))

    def recall(self) -> dict[str, Proportion]:
        """Correct clips of each label; labels without clips are left out."""
        totals = self.confusion.sum(axis=1)
        return {
            label: Proportion(int(self.confusion[row, row]), int(totals[row]))
            for row, label in enumerate(self.labels)
            if totals[row]
        }

    def to_json(self) -> dict[str, Any]:
        """The report as plain lists and numbers."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "left_out": self.left_out,
            "skipped": [asdict(item) for item in self.skipped],
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            "clips": [asdict(clip) for clip in self.clips],
        }
