"""Dividing a data set: what weights learn from, what chooses among epochs, what only measures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from har.datasets.base import Dataset, LabelledVideo
from har.errors import DatasetTooSmall

_TRIES = 50  # orders of the groups to try; the fairest is taken
_MISSING = 100.0  # what a part without a label weighs against uneven shares


@dataclass(frozen=True)
class Split:
    """Three parts of a data set that share no video."""

    train: tuple[LabelledVideo, ...]
    validation: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]
    note: str | None  # what to know before believing figures from it


def grouped(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Whole groups to each part, so that no recording is on two sides; every label in each part where groups allow.

    A video of no known group is a group of its own.

    Args:
        dataset: what to divide.
        seed: another seed, another split.
        validation: share of the videos.
        test: share of the videos.

    Raises:
        DatasetTooSmall: a label with fewer than three groups, or groups that leave a part without a label.
    """
    groups = [video.group if video.group is not None else f"only {video.path}" for video in dataset.videos]
    unknown = sum(video.group is None for video in dataset.videos)
    note = None
    if unknown:
        note = (
            f"{unknown} of {len(groups)} videos have no known group, so videos of one recording may be on two sides: "
            "figures may flatter."
        )
    return _divide(dataset, groups, seed, (validation, test), note)


def random(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Videos to each part at random, label by label: videos of one recording end up on two sides.

    Args:
        dataset: what to divide.
        seed: another seed, another split.
        validation: share of the videos.
        test: share of the videos.

    Raises:
        DatasetTooSmall: a label with fewer than three videos.
    """
    note = "Videos of one recording are on two sides of a random split: figures flatter."
    return _divide(dataset, [str(video.path) for video in dataset.videos], seed, (validation, test), note)


def _divide(dataset: Dataset, groups: Sequence[str], seed: int, shares: tuple[float, float], note: str | None) -> Split:
    names, group_of = np.unique(groups, return_inverse=True)
    label_of = np.searchsorted(dataset.labels, [video.label for video in dataset.videos])
    counts = np.zeros((len(names), len(dataset.labels)), int)  # videos by group and label
    np.add.at(counts, (group_of, label_of), 1)
    _check(dataset.labels, counts, shares)
    share = counts / counts.sum(axis=0)  # of its label's videos that a group has
    random = np.random.default_rng(seed)
    tries = [_deal(share, random.permutation(len(names)), shares) for _ in range(_TRIES)]
    parts = min(tries, key=lambda parts: _unfairness(share, parts, shares))
    if _unfairness(share, parts, shares) >= _MISSING:
        raise DatasetTooSmall(
            f"The {len(names)} groups of {dataset.title} cannot be divided in three so that each part has each label.",
            "Each label's videos should come from more groups.",
            "Add videos, leave out labels, or split at random.",
        )
    train, validation, test = (
        tuple(video for video, group in zip(dataset.videos, group_of, strict=True) if parts[group] == part)
        for part in range(3)
    )
    return Split(train, validation, test, note)


def _deal(
    share: Float64[np.ndarray, "groups labels"], order: Int[np.ndarray, "groups"], shares: tuple[float, float]
) -> Int[np.ndarray, "groups"]:
    """Go through the groups in order; test, then validation, take those that bring them nearer to their share."""
    parts = np.zeros(len(share), int)
    for part, wanted in ((2, shares[1]), (1, shares[0])):
        held = np.zeros(share.shape[1])
        for group in order:
            with_it = held + share[group]
            if parts[group] == 0 and _distance(with_it, wanted) < _distance(held, wanted):
                parts[group], held = part, with_it
    return parts


def _distance(held: Float64[np.ndarray, "labels"], wanted: float) -> float:
    """How far a part is from its share of each label; one without any of it is far indeed."""
    return float(np.sum((held - wanted) ** 2) + _MISSING * np.sum(held == 0))


def _unfairness(
    share: Float64[np.ndarray, "groups labels"], parts: Int[np.ndarray, "groups"], shares: tuple[float, float]
) -> float:
    wanted = (1 - sum(shares), *shares)
    return sum(_distance(share[parts == part].sum(axis=0), wanted[part]) for part in range(3))


def _check(labels: tuple[str, ...], counts: Int[np.ndarray, "groups labels"], shares: tuple[float, float]) -> None:
    if len(labels) < 2:
        raise DatasetTooSmall(
            f"All the videos are labelled {', '.join(labels) or 'nothing'}.",
            "At least two labels are needed.",
            "Add videos of another action, or choose more labels.",
        )
    if min(shares) <= 0 or sum(shares) >= 1:
        raise DatasetTooSmall(
            f"Shares of {shares[0]:g} for validation and {shares[1]:g} for test were asked for.",
            "Each must be positive, and something must be left to train on.",
            "Choose smaller shares.",
        )
    few = [label for label, groups in zip(labels, (counts > 0).sum(axis=0), strict=True) if groups < 3]
    if few:
        raise DatasetTooSmall(
            f"{', '.join(few)}: too few videos or groups to have some for training, validation and test.",
            "Each label needs three groups (or, to split at random, three videos).",
            "Add videos, or leave the label out.",
        )
