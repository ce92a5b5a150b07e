"""'None of these': windows that are unlike all training clips (novelty detection, open-set recognition).

A network whose head was trained here on a published encoder can also say what the published network itself sees: a
distribution over hundreds of other actions. A window counts as novel if its distribution is far from those of the
training clips of the label that the head gives it. The distance is the Kullback-Leibler divergence of a clip's
distribution from the window's, averaged over neighbouring windows. Its limit is what training clips have with other
recordings of their label (docs/decisions/0043-movinet.md).
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from har.clips import ClipSpec

_NEAREST = 5  # training clips that a window is compared with
_LOST = 0.075  # share of the training clips' windows that lie beyond the limit
_KEPT = 12  # of a distribution's probabilities: the others hardly count
_MAX_CLIPS = 100  # of a label that are kept
_DIGITS = 3
_MIN_PROBABILITY = 1e-9  # before its logarithm is taken

Distributions = Float[np.ndarray, "_ _"]  # one row each over the published labels, or the first of them


class KnownClip(NamedTuple):
    """A training clip as the published network sees it."""

    label: int  # index in the card's labels
    published: tuple[int, ...]  # indices of the most probable published labels
    probabilities: tuple[float, ...]  # theirs


@dataclass(frozen=True)
class Novelty:
    """What training clips look like, and how far from them is too far. Part of a card."""

    limit: float  # divergence beyond which a window is none of the labels
    clips: tuple[KnownClip, ...]

    def distances(self, published: Distributions, labels: Int[np.ndarray, "_"]) -> Float[np.ndarray, "_"]:
        """How far windows are from the training clips of the label that the head gives them, in limits.

        Windows have their probabilities of the published labels.
        """
        known = self._known
        distances = _divergences(published, known)
        distances[labels[:, None] != known.labels] = np.inf
        return _mean_of_nearest(distances) / self.limit

    def without(self, label: int) -> "Novelty":
        """The same without the clips of a label."""
        return replace(self, clips=tuple(clip for clip in self.clips if clip.label != label))

    @cached_property
    def _known(self) -> "_Known":
        rows = np.zeros((len(self.clips), 1 + max(max(clip.published) for clip in self.clips)))
        for row, clip in zip(rows, self.clips, strict=True):
            row[list(clip.published)] = clip.probabilities
        rows /= rows.sum(axis=1, keepdims=True)
        entropies = -(rows * np.log(np.maximum(rows, _MIN_PROBABILITY))).sum(axis=1)
        return _Known(rows, entropies, np.array([clip.label for clip in self.clips]))


class _Known(NamedTuple):
    rows: Distributions  # over the first published labels
    entropies: Float[np.ndarray, "clips"]
    labels: Int[np.ndarray, "clips"]


def neighbours(spec: ClipSpec, stride: int) -> int:
    """How many windows before and after count: those that begin at most half a window earlier or later."""
    return spec.frames // 2 // stride


def smoothed(
    distances: Float[np.ndarray, "windows"], shots: Int[np.ndarray, "windows"], count: int
) -> Float[np.ndarray, "windows"]:
    """Means over `count` neighbouring windows before and after, of the same shot; shots are numbered in order."""
    places = np.arange(len(distances))
    first = np.maximum(places - count, np.searchsorted(shots, shots))
    last = np.minimum(places + count + 1, np.searchsorted(shots, shots, side="right"))
    sums = np.concatenate([[0.0], np.cumsum(distances, dtype=np.float64)])
    return np.asarray((sums[last] - sums[first]) / (last - first))


def fit_novelty(
    clips: Sequence[Distributions], labels: Sequence[int], recordings: Sequence[Hashable], count: int
) -> Novelty | None:
    """Choose the limit: 7.5 % of the training clips' windows are further from other recordings of their label.

    Each clip has its windows' probabilities of the published labels.

    Returns:
        None if a label has too few clips of other recordings to compare with.
    """
    kept = [index for label in set(labels) for index in _spread([i for i, one in enumerate(labels) if one == label])]
    novelty = Novelty(math.inf, tuple(_known_clip(labels[index], clips[index].mean(axis=0)) for index in sorted(kept)))
    known_recordings = [recordings[index] for index in sorted(kept)]
    measured: dict[int, list[np.ndarray]] = {label: [] for label in labels}
    for windows, label, recording in zip(clips, labels, recordings, strict=True):
        other = (novelty._known.labels == label) & np.array([one != recording for one in known_recordings])
        if other.sum() >= _NEAREST:
            distances = _mean_of_nearest(_divergences(windows, novelty._known)[:, other])
            measured[label].append(smoothed(distances, np.zeros(len(distances), int), count))
    if not all(measured.values()):
        return None
    limit = np.quantile(np.concatenate([each for group in measured.values() for each in group]), 1 - _LOST)
    return replace(novelty, limit=max(round(float(limit), _DIGITS), 10**-_DIGITS))


def _spread(indices: list[int]) -> list[int]:
    """At most `_MAX_CLIPS` of them, evenly chosen."""
    return [indices[at] for at in np.linspace(0, len(indices) - 1, min(len(indices), _MAX_CLIPS)).round().astype(int)]


def _known_clip(label: int, distribution: Float[np.ndarray, "published"]) -> KnownClip:
    places = np.sort(np.argsort(-distribution, kind="stable")[:_KEPT])
    probable = [(int(place), round(float(distribution[place]), _DIGITS)) for place in places]
    published, probabilities = zip(*(each for each in probable if each[1] > 0), strict=True)
    return KnownClip(int(label), published, probabilities)


def _divergences(windows: Distributions, known: _Known) -> Float[np.ndarray, "windows clips"]:
    """Kullback-Leibler divergence of each clip's distribution from each window's."""
    logs = np.log(np.maximum(windows, _MIN_PROBABILITY, dtype=np.float64))
    shared = min(windows.shape[1], known.rows.shape[1])
    return np.asarray(-logs[:, :shared] @ known.rows[:, :shared].T - known.entropies)


def _mean_of_nearest(distances: Float[np.ndarray, "windows clips"]) -> Float[np.ndarray, "windows"]:
    count = min(_NEAREST, distances.shape[1])
    return np.asarray(np.partition(distances, count - 1, axis=1)[:, :count].mean(axis=1))
