"""Dividing a data set: what weights learn from, what chooses among epochs, what only measures."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from har.datasets import group_split
from har.datasets.dataset import Dataset, LabelledVideo
from har.errors import DatasetTooSmall, OptionsError

KINDS = {
    "grouped": "Whole recordings to each part",
    "random": "Clips at random",
    "ucf101-1": "UCF101's list 1",
    "ucf101-2": "UCF101's list 2",
    "ucf101-3": "UCF101's list 3",
}
_OFFICIAL_TEST = {1: range(1, 8), 2: range(8, 15), 3: range(15, 22)}  # groups
_NUMBERED = re.compile(r"g(\d+)")


@dataclass(frozen=True)
class Split:
    """Three parts of a data set that share no video."""

    train: tuple[LabelledVideo, ...]
    validation: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]
    note: str | None  # what to know before believing figures from it


def split_dataset(dataset: Dataset, kind: str, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Divide in the way that is called so.

    Args:
        dataset: what to divide.
        kind: a key of `KINDS`.
        seed: another seed, another split.
        validation: share of the videos (of those not in test, where the test groups are given).
        test: share of the videos, where it is not given.

    Raises:
        OptionsError: no such kind.
        DatasetTooSmall: as the kind's function says.
    """
    if kind == "grouped":
        return grouped(dataset, seed, validation, test)
    if kind == "random":
        return random(dataset, seed, validation, test)
    if kind in KINDS:
        return official(dataset, int(kind[-1]), seed, validation)
    raise OptionsError(f"A split {kind!r} was asked for.", f"There are: {', '.join(KINDS)}.", "Choose one of them.")


def grouped(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Whole groups to each part, so that no recording is on two sides; every label in each part where groups allow.

    Each part keeps within two clips of its share of each label, where groups allow that. A video of no known group is
    a group of its own.

    Args:
        dataset: what to divide.
        seed: another seed, another split.
        validation: share of the videos.
        test: share of the videos.

    Raises:
        DatasetTooSmall: a label with fewer than three groups, or groups that leave a part without a label.
    """
    names = [video.group if video.group is not None else f"only {video.path}" for video in dataset.videos]
    _check(dataset, names, (validation, test))
    parts = _parts(dataset, names, seed, (validation, test))
    return _split(dataset, parts, _note(dataset))


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
    names = [str(video.path) for video in dataset.videos]
    _check(dataset, names, (validation, test))
    note = "Videos of one recording are on two sides of a random split: figures flatter."
    return _split(dataset, _parts(dataset, names, seed, (validation, test)), note)


def official(dataset: Dataset, number: int, seed: int, validation: float = 0.2) -> Split:
    """UCF101's list 1, 2 or 3, by its rule: groups 1 to 7, 8 to 14 or 15 to 21 of each label test, all others train.

    The lists have no part for validation; here whole groups of the training part become one. After Soomro, Zamir, Shah
    2012 (https://arxiv.org/abs/1212.0402, section 2).

    Args:
        dataset: videos with groups called g01, g02, …
        number: of the list.
        seed: of the groups that validate.
        validation: share of the videos that are not in test.

    Raises:
        OptionsError: no such list.
        DatasetTooSmall: groups of other names, or a label that would be missing in a part.
    """
    if number not in _OFFICIAL_TEST:
        raise OptionsError(f"UCF101's list {number} was asked for.", "There are lists 1, 2 and 3.", "Choose one.")
    numbers = [_NUMBERED.fullmatch(video.group or "") for video in dataset.videos]
    if not all(numbers):
        raise DatasetTooSmall(
            f"Not all groups of {dataset.title} are numbered.",
            "UCF101's lists go by groups called g01, g02 and so on.",
            "Choose a grouped split.",
        )
    testing = _OFFICIAL_TEST[number]
    tested = [int(found[1]) in testing for found in numbers if found]
    return _leave_out(
        dataset, tested, seed, validation, f"UCF101's list {number}: groups g{testing[0]:02} to g{testing[-1]:02} test."
    )


def held_out(dataset: Dataset, groups: Collection[str], seed: int, validation: float = 0.2) -> Split:
    """Some groups test, of the others whole groups validate, the rest trains.

    Args:
        dataset: what to divide.
        groups: that test; a label may be without one of them.
        seed: of the groups that validate.
        validation: share of the videos that are not in test.

    Raises:
        DatasetTooSmall: no video to test on, or a label that would be missing in training.
    """
    tested = [video.group in groups for video in dataset.videos]
    return _leave_out(dataset, tested, seed, validation, _note(dataset), every_label=False)


def folds(dataset: Dataset, seed: int, validation: float = 0.2) -> Iterator[Split]:
    """One split for each group, in order, which tests on that group alone.

    Args:
        dataset: videos that all have a group.
        seed: of the groups that validate.
        validation: share of the videos that are not in test.

    Raises:
        DatasetTooSmall: a video of no known group, or too few groups.
    """
    if any(video.group is None for video in dataset.videos):
        raise DatasetTooSmall(
            f"Some videos of {dataset.title} have no known group.",
            "To leave out one group at a time, each video must have one.",
            "Name the groups in a groups.csv, or have them guessed.",
        )
    for group in dataset.groups:
        yield held_out(dataset, {group}, seed, validation)


def leaked(split: Split) -> tuple[LabelledVideo, ...]:
    """The test videos whose recording, as far as known, also has videos in training."""
    known = {video.group for video in split.train if video.group is not None}
    return tuple(video for video in split.test if video.group in known)


def _note(dataset: Dataset) -> str | None:
    if dataset.guessed_groups:
        return "Groups are guessed from likeness: some recordings may be on two sides, and figures may flatter."
    unknown = sum(video.group is None for video in dataset.videos)
    if unknown:
        return (
            f"{unknown} of {len(dataset.videos)} videos have no known group, so videos of one recording may be on two "
            "sides: figures may flatter."
        )
    return None


def _split(dataset: Dataset, parts: Int[np.ndarray, "videos"], note: str | None) -> Split:
    train, validation, test = (
        tuple(video for video, its in zip(dataset.videos, parts, strict=True) if its == part) for part in range(3)
    )
    return Split(train, validation, test, note)


def _leave_out(
    dataset: Dataset,
    tested: Sequence[bool],
    seed: int,
    validation: float,
    note: str | None,
    every_label: bool = True,
) -> Split:
    """Given videos test; of the others, whole groups validate."""
    test = tuple(video for video, its in zip(dataset.videos, tested, strict=True) if its)
    rest = replace(dataset, videos=tuple(v for v, its in zip(dataset.videos, tested, strict=True) if not its))
    missing = set(dataset.labels) - {video.label for video in test} if every_label else set()
    missing |= set(dataset.labels) - set(rest.labels)
    if missing or not test:
        raise DatasetTooSmall(
            f"{', '.join(sorted(missing)) or 'Every label'} would be missing on one side.",
            "Each label needs groups both to test on and to train on.",
            "Leave the label out, or choose another split.",
        )
    names = [video.group if video.group is not None else f"only {video.path}" for video in rest.videos]
    _check(rest, names, (validation,))
    inner = _split(rest, _parts(rest, names, seed, (validation,)), None)
    return Split(inner.train, inner.validation, test, note)


def _parts(dataset: Dataset, names: Sequence[str], seed: int, shares: tuple[float, ...]) -> Int[np.ndarray, "videos"]:
    """The part of each video: 0 trains, 1 validates, 2 tests (if there is a share for it)."""
    groups, group_of = np.unique(names, return_inverse=True)
    label_of = np.searchsorted(dataset.labels, [video.label for video in dataset.videos])
    counts = np.zeros((len(groups), len(dataset.labels)), int)  # videos by group and label
    np.add.at(counts, (group_of, label_of), 1)
    random = np.random.default_rng(seed)
    parts = np.zeros(len(groups), int)
    for some, labels in group_split.apart(counts):
        parts[some] = group_split.deal(counts[np.ix_(some, labels)], shares, random)
    for part in range(1 + len(shares)):
        if (counts[parts == part].sum(axis=0) == 0).any():
            raise DatasetTooSmall(
                f"The {len(groups)} groups of {dataset.title} cannot be divided so that each part has each label.",
                "Each label's videos should come from more groups.",
                "Add videos, leave out labels, or split at random.",
            )
    return parts[group_of]


def _check(dataset: Dataset, names: Sequence[str], shares: tuple[float, ...]) -> None:
    labels = dataset.labels
    if len(labels) < 2:
        raise DatasetTooSmall(
            f"All the videos are labelled {', '.join(labels) or 'nothing'}.",
            "At least two labels are needed.",
            "Add videos of another action, or choose more labels.",
        )
    if min(shares) <= 0 or sum(shares) >= 1:
        raise DatasetTooSmall(
            f"Shares of {' and '.join(f'{share:g}' for share in shares)} to validate and test were asked for.",
            "Each must be positive, and something must be left to train on.",
            "Choose smaller shares.",
        )
    of_label: dict[str, set[str]] = {label: set() for label in labels}
    for video, name in zip(dataset.videos, names, strict=True):
        of_label[video.label].add(name)
    few = [label for label in labels if len(of_label[label]) < 1 + len(shares)]
    if few:
        raise DatasetTooSmall(
            f"{', '.join(few)}: too few videos or groups to have some for training, validation and test.",
            "Each label needs three groups (or, to split at random, three videos).",
            "Add videos, or leave the label out.",
        )
