"""'None of these': its limit, fitted on training clips, and its effect on test clips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import tee

import numpy as np
from jaxtyping import Float

from har.classifier import Classifier
from har.classifier.novelty import Novelty, fit_novelty, neighbours, smoothed
from har.clips import stride_samples
from har.datasets import LabelledVideo
from har.errors import VideoError
from har.evaluation.predictions import clip_probabilities, encode_clip, probabilities_of_clips
from har.evaluation.report import Proportion

_EPSILON = 1e-12  # a sum of probabilities that is less counts as that

Probabilities = Float[np.ndarray, "_ _"]  # of windows


@dataclass(frozen=True)
class NoveltyEvaluation:
    """What becomes of test clips of a classifier that may say 'none of these'."""

    kept: Proportion  # of the clips that are correct and sure without it: those that still are
    named: Proportion  # of all clips, with their own label withheld from the classifier: those that get another one

    def describe(self) -> str:
        """Two sentences for reports."""
        return (
            f"Clips that look unlike the training clips are 'none of these': {self.kept.right} of {self.kept.count} "
            f"correct labels remain. When the right label was withheld, {self.named.right} of {self.named.count} clips "
            "got a wrong one."
        )


def novelty_of(classifier: Classifier, videos: Sequence[LabelledVideo]) -> Novelty | None:
    """The `Novelty` of a classifier from the clips that it was trained and validated on.

    Returns:
        None for a network that cannot tell, or if there are too few clips or recordings.

    Raises:
        VideoError: a clip that cannot be read.
    """
    published = classifier.as_published()
    if published is None:
        return None
    labels = classifier.card.labels
    return fit_novelty(
        list(probabilities_of_clips(published, (encode_clip(published, video) for video in videos))),
        [labels.index(video.label) for video in videos],
        [video.group or video.content for video in videos],
        _neighbours(classifier),
    )


def evaluate_novelty(classifier: Classifier, videos: Sequence[LabelledVideo]) -> NoveltyEvaluation | None:
    """Measure what 'none of these' costs, and estimate what it is good for, on clips that the classifier has not seen.

    Its card has temperature, threshold and `Novelty`. Clips that cannot be read are left out. How clips of other
    actions fare is estimated with one label at a time withheld, though the network was trained with it;
    `benchmarks/novelty.py` trains without it.

    Returns:
        None if no clip is correct and sure.
    """
    novelty, published = classifier.card.novelty, classifier.as_published()
    if novelty is None or published is None:
        raise ValueError("expected a classifier that may say 'none of these'")
    labels, threshold = classifier.card.labels, classifier.card.threshold or 0.0
    count_near = _neighbours(classifier)
    without = [novelty.without(label) for label in range(len(labels))]
    targets = list[int]()

    def encoded() -> Iterator[list[np.ndarray]]:
        for video in videos:
            try:
                rows = encode_clip(classifier, video)
            except VideoError:
                continue
            targets.append(labels.index(video.label))
            yield rows

    sure = kept = named = 0
    both = [probabilities_of_clips(*each) for each in zip((classifier, published), tee(encoded()), strict=True)]
    for clip, (windows, seen) in enumerate(zip(*both, strict=True)):
        label = targets[clip]
        if _label(windows, threshold) == label:
            sure += 1
            kept += _label(_without_novel(windows, seen, novelty, count_near), threshold) == label
        withheld = windows * (np.arange(len(labels)) != label)
        withheld /= np.maximum(withheld.sum(axis=1, keepdims=True), _EPSILON)
        named += _label(_without_novel(withheld, seen, without[label], count_near), threshold) is not None
    return NoveltyEvaluation(Proportion(kept, sure), Proportion(named, len(targets))) if sure else None


def known_probabilities(classifier: Classifier, rows: list[np.ndarray]) -> Probabilities:
    """Probabilities for the windows of a clip; zeros for those that are none of the labels, as in recognition."""
    windows, published = clip_probabilities(classifier, rows), classifier.as_published()
    novelty = classifier.card.novelty
    if novelty is None or published is None:
        return windows
    return _without_novel(windows, clip_probabilities(published, rows), novelty, _neighbours(classifier))


def _neighbours(classifier: Classifier) -> int:
    card = classifier.card
    return neighbours(card.spec, stride_samples(card.spec, card.stride_sec))


def _without_novel(windows: Probabilities, seen: Probabilities, novelty: Novelty, count: int) -> Probabilities:
    distances = novelty.distances(seen, windows.argmax(axis=1))
    novel = smoothed(distances, np.zeros(len(distances), int), count) > 1
    return np.where(novel[:, None], 0, windows)


def _label(windows: Probabilities, threshold: float) -> int | None:
    """The label with the highest mean probability over windows; None if it does not reach the threshold."""
    mean = windows.mean(axis=0)
    return int(mean.argmax()) if mean.max() >= threshold else None
