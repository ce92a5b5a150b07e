"""The training clips that a classifier takes to be most like a window.

What is compared are embeddings: what the network's last layers are given, of which its answer is a weighted sum. To
look for the training examples that are nearest in what a network has made of them is Caruana et al. 1999 ('Case-based
explanation of non-case-based learning methods'); that the answer is to be trusted less where these have other labels,
Papernot & McDaniel 2018 (https://arxiv.org/abs/1803.04765).
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from har.classifier import Classifier, SeenVideo
from har.classifier.embeddings import read_embeddings
from har.errors import ClassifierDamaged
from har.settings import settings

NEAREST = 5
_LONGEST = 300  # letters of a name: a card from elsewhere may say anything
SHIPPED = "This classifier comes with the program; the clips that trained it do not."
NONE_KEPT = (
    "Nothing was kept of the clips that trained this classifier: an earlier version trained it, or they were too many."
)
DAMAGED = "What was kept of the clips that trained this classifier cannot be read. Train it again to have them."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Alike:
    """One of the clips that trained a classifier, and how like a window it is."""

    clip: SeenVideo
    similarity: float  # from -1 to 1, which is the same; two training clips have 0 on average


def nearest(
    classifier: Classifier, clip: UInt8[np.ndarray, "time height width 3"]
) -> tuple[tuple[Alike, ...], str | None]:
    """The training clips most like a clip, the most alike first; where there are none, a sentence that says why.

    Args:
        classifier: as `har.classifier.load` gives it.
        clip: of its spec.
    """
    from har.networks.last import embedder, widths

    folder, card = classifier.folder, classifier.card
    if folder is None:
        return (), NONE_KEPT
    try:
        kept = read_embeddings(folder, card, widths(classifier.model))
    except ClassifierDamaged:  # its words name a folder, and so a run: they are not for the log
        _log.warning("Embeddings of training clips cannot be read")
        return (), DAMAGED
    if not kept or not card.data.trained:
        return (), SHIPPED if folder.absolute().is_relative_to(settings().weights.absolute()) else NONE_KEPT
    found = similarities(kept, embedder(classifier.model)(clip[None]))
    chosen = np.argsort(-found, kind="stable")[:NEAREST]
    return tuple(Alike(_shortened(card.data.trained[index]), float(found[index])) for index in chosen), None


def _shortened(clip: SeenVideo) -> SeenVideo:
    content, group, label, path = clip
    return SeenVideo(content[:_LONGEST], group and group[:_LONGEST], label[:_LONGEST], path[:_LONGEST])


def similarities(
    kept: Mapping[str, Float32[np.ndarray, "clips width"]], one: Mapping[str, Float32[np.ndarray, "1 width"]]
) -> Float32[np.ndarray, "clips"]:
    """How like each of some clips one is: the cosine of what sets them apart from the mean of all, meaned over layers.

    Without the mean taken off, all would be alike: what a ReLU gives is never negative. Layers count the same, so that
    what one sees in single frames does not drown what another makes of their order.

    Args:
        kept: of the clips, by layer.
        one: the same of one clip.
    """
    cosines = []
    for name, rows in kept.items():
        mean = rows.mean(axis=0)
        theirs, its = rows - mean, one[name][0] - mean
        lengths = np.linalg.norm(theirs, axis=1) * np.linalg.norm(its)
        cosines.append(theirs @ its / np.maximum(lengths, np.finfo(np.float32).tiny))
    total: Float32[np.ndarray, "clips"] = np.clip(np.mean(cosines, axis=0), -1, 1).astype(np.float32)
    return total
