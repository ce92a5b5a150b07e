"""How often a classifier is right, on videos it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from har.classifier import Card, Classifier
from har.datasets import Dataset, LabelledVideo, normal_label
from har.datasets.facts import info_of
from har.errors import DatasetError, DatasetTooSmall
from har.recognition import score
from har.timeline import verdict


@dataclass(frozen=True)
class ClipScored:
    """An event: another clip has its verdict."""

    done: int
    total: int


@dataclass(frozen=True)
class ClipVerdict:
    """What a classifier said of a clip."""

    path: str
    label: str  # the true one, in the classifier's spelling
    predicted: str
    confidence: float  # mean probability of the predicted label over the clip's windows


@dataclass(frozen=True)
class Report:
    """A classifier's verdicts on labelled clips, counted."""

    labels: tuple[str, ...]  # of rows and columns
    confusion: Int[np.ndarray, "labels labels"]  # rows true, columns predicted
    clips: tuple[ClipVerdict, ...]
    left_out: int  # clips that training had seen

    @property
    def accuracy(self) -> float:
        """Share of the clips that are right."""
        return float(np.trace(self.confusion) / self.confusion.sum())

    @property
    def interval(self) -> tuple[float, float]:
        """Where the accuracy lies with 95 % certainty, as far as so few clips tell (Wilson 1927)."""
        return wilson(int(np.trace(self.confusion)), int(self.confusion.sum()))

    def recall(self) -> dict[str, float]:
        """Share of each label's clips that are right; labels without clips are left out."""
        totals = self.confusion.sum(axis=1)
        return {
            label: float(self.confusion[row, row] / totals[row]) for row, label in enumerate(self.labels) if totals[row]
        }

    def to_json(self) -> dict[str, Any]:
        """The report as plain lists and numbers."""
        return {
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "left_out": self.left_out,
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            "clips": [asdict(clip) for clip in self.clips],
        }


def evaluate(
    classifier: Classifier,
    dataset: Dataset,
    include_seen: bool = False,
    on_event: Callable[[ClipScored], None] = lambda event: None,
) -> Report:
    """Ask for a verdict on every clip, as recognition gives it: the mean over windows at the card's own stride.

    Args:
        classifier: what to measure.
        dataset: clips with their labels, in any spelling of the classifier's.
        include_seen: whether to score also the clips that the classifier was trained or validated on.
        on_event: told of each clip.

    Raises:
        DatasetError: labels that the classifier does not have.
        DatasetTooSmall: no clips are left.
        VideoError: a clip that cannot be read.
        StopRequested: raised by `on_event`; half a report would mislead, so there is none.
    """
    card = classifier.card
    truth = _truth(card, dataset)
    videos = dataset.videos if include_seen else unseen(card, dataset)
    if not videos:
        raise DatasetTooSmall(
            f"{card.title} was trained or validated on every clip of {dataset.title}.",
            "Clips it has not seen are needed for figures worth having.",
            "Choose other clips, or ask for all of them knowing that the figures flatter.",
        )
    clips = []
    for done, video in enumerate(videos, start=1):
        scored = score(info_of(video), classifier)
        predicted, confidence = verdict(scored.scores, 1)[0]
        clips.append(ClipVerdict(str(video.path), truth[video.label], predicted, confidence))
        on_event(ClipScored(done, len(videos)))
    return Report(card.labels, _confusion(card.labels, clips), tuple(clips), len(dataset.videos) - len(videos))


def unseen(card: Card, dataset: Dataset) -> tuple[LabelledVideo, ...]:
    """The clips that a classifier was neither trained nor validated on, by content.

    Generated clips are told apart by group, since another machine's encoder may give their files other bytes.
    """
    contents = {video.content for video in card.data.seen}
    groups = {video.group for video in card.data.seen} if dataset.name == card.data.name == "figures" else set()
    return tuple(video for video in dataset.videos if video.content not in contents and video.group not in groups)


def wilson(right: int, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927, https://doi.org/10.1080/01621459.1927.10502953)."""
    z = 1.959964  # standard deviations that hold 95 % of a normal distribution
    share = right / count
    centre = share + z**2 / (2 * count)
    half = z * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    scale = 1 + z**2 / count
    return max(0.0, float((centre - half) / scale)), min(1.0, float((centre + half) / scale))


def _truth(card: Card, dataset: Dataset) -> dict[str, str]:
    """The classifier's spelling of each of the data set's labels."""
    known = {normal_label(label): label for label in card.labels}
    unknown = [label for label in dataset.labels if normal_label(label) not in known]
    if unknown:
        raise DatasetError(
            f"{card.title} does not know {', '.join(unknown)}.",
            f"It knows: {', '.join(card.labels[:20])}{' …' if len(card.labels) > 20 else ''}.",
            "Leave these labels out, or rename their folders.",
        )
    return {label: known[normal_label(label)] for label in dataset.labels}


def _confusion(labels: tuple[str, ...], clips: Sequence[ClipVerdict]) -> Int[np.ndarray, "labels labels"]:
    confusion = np.zeros((len(labels), len(labels)), int)
    for clip in clips:
        confusion[labels.index(clip.label), labels.index(clip.predicted)] += 1
    return confusion
