"""Splitting a data set into training, validation and test.

Every function takes the seed of its random choices, the share of videos for validation (of those not in test, where the
test videos are given) and for testing.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int

from har.datasets import group_split
from har.datasets.dataset import Dataset, LabelledVideo
from har.errors import DatasetTooSmall, OptionsError

KINDS = {
    "grouped": "Keep recordings together",
    "random": "Random clips",
    "all": "All clips, none for testing",
    "ucf101-1": "UCF101 list 1",
    "ucf101-2": "UCF101 list 2",
    "ucf101-3": "UCF101 list 3",
}
OFFICIAL = tuple(kind for kind in KINDS if kind.startswith("ucf101"))
_OFFICIAL_TEST_GROUPS = {1: range(1, 8), 2: range(8, 15), 3: range(15, 22)}
_NUMBERED_GROUP = re.compile(r"g(\d+)")


@dataclass(frozen=True)
class Split:
    """Three parts of a data set that share no video."""

    train: tuple[LabelledVideo, ...]
    validation: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]
    note: str | None  # a warning for users of the results


def kinds_for(dataset: Dataset) -> list[str]:
    """Kinds of split that suit a data set and test: UCF101's lists need UCF101 and the numbers of its groups."""
    is_listed = dataset.name.startswith("ucf101") and all(
        _NUMBERED_GROUP.fullmatch(video.group or "") for video in dataset.videos
    )
    return [kind for kind in KINDS if kind != "all" and (is_listed or kind not in OFFICIAL)]


def split_dataset(dataset: Dataset, kind: str, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """The split of the given kind, a key of `KINDS`. UCF101's lists and 'all' do not use the share for testing.

    Raises:
        OptionsError: there is no such kind.
        DatasetTooSmall: as the function for the kind.
    """
    if kind == "grouped":
        return grouped(dataset, seed, validation, test)
    if kind == "random":
        return random(dataset, seed, validation, test)
    if kind == "all":
        return without_test(dataset, seed, validation)
    if kind in KINDS:
        return official(dataset, int(kind[-1]), seed, validation)
    raise OptionsError(f"There is no split {kind!r}.", f"Splits: {', '.join(KINDS)}.", "Choose one of them.")


def grouped(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Each group is in one part, so no recording is in both training and test. Each label is in each part if possible.

    Where groups allow it, each part has its share of each label, give or take two clips. A video of an unknown group is
    a group by itself.

    Raises:
        DatasetTooSmall: a label with fewer than three groups, or groups that leave a part without a label.
    """
    return _split(dataset, _assign(dataset, _group_names(dataset), seed, (validation, test)), _note(dataset))


def random(dataset: Dataset, seed: int, validation: float = 0.2, test: float = 0.2) -> Split:
    """Videos are assigned at random, label by label: clips of one recording are in several parts.

    Raises:
        DatasetTooSmall: a label with fewer than three videos.
    """
    note = "In a random split, clips of one recording are in both training and test: accuracy is inflated."
    return _split(dataset, _assign(dataset, _video_names(dataset), seed, (validation, test)), note)


def without_test(dataset: Dataset, seed: int, validation: float = 0.2) -> Split:
    """For so few videos that none can be spared for testing: some of each label validate at random, the rest trains.

    Raises:
        DatasetTooSmall: a label with fewer than two videos.
    """
    note = "No clips were left for testing."
    return _with_test(dataset, [False] * len(dataset.videos), seed, validation, note, tested=False, by_group=False)


def official(dataset: Dataset, number: int, seed: int, validation: float = 0.2) -> Split:
    """UCF101's list 1, 2 or 3: groups 1 to 7, 8 to 14 or 15 to 21 of each label test, all others train.

    The lists have no validation part; here it is taken from the groups for training. After Soomro, Zamir, Shah 2012
    (https://arxiv.org/abs/1212.0402, section 2).

    Raises:
        OptionsError: there is no such list.
        DatasetTooSmall: groups with other names, or a label would be missing in a part.
    """
    if number not in _OFFICIAL_TEST_GROUPS:
        raise OptionsError(f"UCF101 has no list {number}.", "Its lists are 1, 2 and 3.", "Choose one of them.")
    numbers = [_NUMBERED_GROUP.fullmatch(video.group or "") for video in dataset.videos]
    if not all(numbers):
        raise DatasetTooSmall(
            f"Some groups of {dataset.title} have no number.",
            "UCF101's lists need groups named g01, g02 and so on.",
            "Choose a grouped split.",
        )
    groups = _OFFICIAL_TEST_GROUPS[number]
    in_test = [int(match[1]) in groups for match in numbers if match]
    note = f"UCF101's list {number}: groups g{groups[0]:02} to g{groups[-1]:02} are for testing."
    return _with_test(dataset, in_test, seed, validation, note)


def held_out(
    dataset: Dataset, groups: Collection[str], seed: int, validation: float = 0.2, *, by_group: bool = True
) -> Split:
    """The given groups test, in which a label may be missing; some of the others validate, the rest trains.

    Whole groups validate, or with `by_group` False videos at random, where there are few groups.

    Raises:
        DatasetTooSmall: no video to test on, or a label would be missing in training.
    """
    in_test = [video.group in groups for video in dataset.videos]
    return _with_test(dataset, in_test, seed, validation, _note(dataset), every_label=False, by_group=by_group)


def folds(dataset: Dataset, seed: int, validation: float = 0.2, *, by_group: bool = True) -> Iterator[Split]:
    """One split for each group, in order, which tests on that group alone; see `held_out`.

    Raises:
        DatasetTooSmall: a video of an unknown group, or too few groups.
    """
    if any(video.group is None for video in dataset.videos):
        raise DatasetTooSmall(
            f"Some videos of {dataset.title} have no known group.",
            "To leave out one group at a time, each video must have a group.",
            "List the groups in a groups.csv, or let them be guessed by similarity.",
        )
    for group in dataset.groups:
        yield held_out(dataset, {group}, seed, validation, by_group=by_group)


def leaked(split: Split) -> tuple[LabelledVideo, ...]:
    """The test videos whose group, if known, is also in training."""
    train_groups = {video.group for video in split.train if video.group is not None}
    return tuple(video for video in split.test if video.group in train_groups)


def _note(dataset: Dataset) -> str | None:
    if dataset.guessed_groups:
        return (
            "Groups are guessed by similarity: some recordings may be in both training and test, and accuracy may be "
            "inflated."
        )
    if unknown := sum(video.group is None for video in dataset.videos):
        return (
            f"{unknown} of {len(dataset.videos)} videos have no known group, so a recording may be in both training "
            "and test: accuracy may be inflated."
        )
    return None


def _group_names(dataset: Dataset) -> list[str]:
    """The group of each video; a name of its own where it is unknown."""
    return [video.group if video.group is not None else f"only {video.path}" for video in dataset.videos]


def _video_names(dataset: Dataset) -> list[str]:
    return [str(video.path) for video in dataset.videos]


def _split(dataset: Dataset, parts: Int[np.ndarray, "videos"], note: str | None) -> Split:
    train, validation, test = (
        tuple(video for video, its_part in zip(dataset.videos, parts, strict=True) if its_part == part)
        for part in range(3)
    )
    return Split(train, validation, test, note)


def _with_test(
    dataset: Dataset,
    in_test: Sequence[bool],
    seed: int,
    validation: float,
    note: str | None,
    *,
    tested: bool = True,
    every_label: bool = True,
    by_group: bool = True,
) -> Split:
    """A split with given test videos; some groups of the others, or some videos, validate."""
    test = tuple(video for video, tested in zip(dataset.videos, in_test, strict=True) if tested)
    rest = replace(dataset, videos=tuple(v for v, tested in zip(dataset.videos, in_test, strict=True) if not tested))
    missing = set(dataset.labels) - {video.label for video in test} if tested and every_label else set()
    missing |= set(dataset.labels) - set(rest.labels)
    if missing or (tested and not test):
        raise DatasetTooSmall(
            f"{', '.join(sorted(missing)) or 'Every label'} would be missing from the training or test part.",
            "Each label needs groups for testing and for training.",
            "Leave the label out, or choose another split.",
        )
    names = _group_names(rest) if by_group else _video_names(rest)
    inner = _split(rest, _assign(rest, names, seed, (validation,)), None)
    return Split(inner.train, inner.validation, test, note)


def _assign(dataset: Dataset, names: Sequence[str], seed: int, shares: tuple[float, ...]) -> Int[np.ndarray, "videos"]:
    """The part of each video, the same for equal names: 0 train, 1 validation, 2 test (if there is a share for it)."""
    _check(dataset, names, shares)
    groups, group_of = np.unique(names, return_inverse=True)
    label_of = np.searchsorted(dataset.labels, [video.label for video in dataset.videos])
    counts = np.zeros((len(groups), len(dataset.labels)), int)  # videos by group and label
    np.add.at(counts, (group_of, label_of), 1)
    random = np.random.default_rng(seed)
    parts = np.zeros(len(groups), int)
    for rows, columns in group_split.components(counts):
        parts[rows] = group_split.assign_parts(counts[np.ix_(rows, columns)], shares, random)
    for part in range(1 + len(shares)):
        if (counts[parts == part].sum(axis=0) == 0).any():
            raise DatasetTooSmall(
                f"The {len(groups)} groups of {dataset.title} cannot be split so that every part contains every label.",
                "The videos of each label must come from more groups.",
                "Add videos, leave out labels, or use a random split.",
            )
    return parts[group_of]


def _check(dataset: Dataset, names: Sequence[str], shares: tuple[float, ...]) -> None:
    labels = dataset.labels
    if len(labels) < 2:
        raise DatasetTooSmall(
            f"All videos have the label {labels[0]}." if labels else "There are no videos.",
            "At least two labels are needed.",
            "Add videos of another action, or choose more labels.",
        )
    if min(shares) <= 0 or sum(shares) >= 1:
        raise DatasetTooSmall(
            f"The shares for validation and test are {' and '.join(f'{share:g}' for share in shares)}.",
            "Each must be positive, and some videos must be left for training.",
            "Choose smaller shares.",
        )
    names_of: dict[str, set[str]] = {label: set() for label in labels}
    for video, name in zip(dataset.videos, names, strict=True):
        names_of[video.label].add(name)
    needed = ("two", "three")[len(shares) - 1]
    if few := [label for label in labels if len(names_of[label]) < 1 + len(shares)]:
        raise DatasetTooSmall(
            f"{', '.join(few)}: too few videos or groups to split.",
            f"Each label needs {needed} groups ({needed} videos where they are split at random).",
            "Add videos, or leave the label out.",
        )
