from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from har.datasets import Dataset, LabelledVideo, open_dataset, splits
from har.datasets.splits import Split
from har.errors import DatasetTooSmall, OptionsError
from har.recipe import SplitKind


def dataset_of(counts: dict[str, dict[str | None, int]]) -> Dataset:
    """Videos by label and group."""
    videos = [
        LabelledVideo(Path(f"{label}/{group}-{n}.mp4"), label, group)
        for label, groups in counts.items()
        for group, count in groups.items()
        for n in range(count)
    ]
    return Dataset("made", "Made", tuple(videos))


ACTORS = dataset_of({label: {f"g{g:02}": 4 for g in range(1, 26)} for label in "abcd"})


def parts(split: Split) -> list[tuple[LabelledVideo, ...]]:
    return [split.train, split.validation, split.test]


@pytest.mark.promise("numbers", "No recording is in two parts of a grouped split")
def test_no_group_is_in_two_parts() -> None:
    split = splits.grouped(ACTORS, seed=0)
    train, validation, test = ({video.group for video in part} for part in parts(split))
    assert len(train | validation | test) == len(train) + len(validation) + len(test) == 25


def test_parts_have_their_shares() -> None:
    split = splits.grouped(ACTORS, seed=0, validation=0.2, test=0.4)
    assert [len(part) for part in parts(split)] == [160, 80, 160]


def test_the_split_depends_on_the_seed_only() -> None:
    assert splits.grouped(ACTORS, seed=1) == splits.grouped(ACTORS, seed=1)
    assert splits.grouped(ACTORS, seed=1) != splits.grouped(ACTORS, seed=2)
    backwards = replace(ACTORS, videos=ACTORS.videos[::-1])
    assert set(splits.grouped(backwards, seed=1).test) == set(splits.grouped(ACTORS, seed=1).test)


def test_every_part_has_every_label_with_uneven_groups() -> None:
    uneven = dataset_of({"a": {"g1": 20, "g2": 1, "g3": 1}, "b": {"g1": 1, "g2": 5, "g3": 5, "g4": 30}})
    for part in parts(splits.grouped(uneven, seed=0)):
        assert {video.label for video in part} == {"a", "b"}


@given(
    st.dictionaries(
        st.sampled_from("abcde"),
        st.dictionaries(st.sampled_from([f"g{n}" for n in range(12)]), st.integers(1, 6), min_size=6),
        min_size=2,
    ),
    st.integers(0, 100),
)
def test_parts_share_no_group_and_have_every_label(counts: dict[str, dict[str | None, int]], seed: int) -> None:
    dataset = dataset_of(counts)
    try:
        split = splits.grouped(dataset, seed)
    except DatasetTooSmall:
        return  # the groups share too many labels
    groups = [{video.group for video in part} for part in parts(split)]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert all({video.label for video in part} == set(dataset.labels) for part in parts(split))


def test_unknown_groups_are_split_one_by_one_and_they_and_guessed_ones_are_in_the_note() -> None:
    split = splits.grouped(dataset_of({"a": {None: 10}, "b": {None: 10}}), seed=0)
    counted = [Counter(video.label for video in part) for part in parts(split)]
    assert counted == [{"a": count, "b": count} for count in (6, 2, 2)]
    assert split.note is not None
    assert "20 of 20 videos have no known group" in split.note
    assert splits.grouped(ACTORS, seed=0).note is None
    assert "guessed" in (splits.grouped(replace(ACTORS, guessed_groups=True), seed=0).note or "")


def test_a_random_split_shares_groups_between_parts_and_has_a_note() -> None:
    split = splits.random(ACTORS, seed=0)
    assert {video.group for video in split.train} & {video.group for video in split.test}
    assert Counter(video.label for video in split.test) == dict.fromkeys("abcd", 20)
    assert split.note is not None


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "no videos"),
        ({"a": {"g1": 50}}, "At least two labels"),
        ({"a": {"g1": 50}, "b": {"g1": 9, "g2": 9, "g3": 9}}, r"^a: too few"),
        ({"a": {"g1": 9, "g2": 9}, "b": {"g1": 9, "g2": 9, "g3": 9}}, r"^a: too few"),
        (
            {"a": {"g1": 1, "g2": 1, "g3": 1}, "b": {"g1": 1, "g2": 1, "g4": 1}, "c": {"g3": 1, "g4": 1, "g1": 1}},
            "cannot be split",
        ),
    ],
    ids=["empty", "one label", "one group", "two groups", "entangled"],
)
def test_data_sets_too_small_to_split_are_refused(counts: dict[str, dict[str | None, int]], words: str) -> None:
    with pytest.raises(DatasetTooSmall, match=words):
        splits.grouped(dataset_of(counts), seed=0)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.0, 0.2), (0.2, -0.1)])
def test_impossible_shares_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(DatasetTooSmall, match=r"[Ss]hare"):
        splits.grouped(ACTORS, 0, *shares)


def test_real_groups_of_uneven_sizes_are_split_fairly_with_any_seed(shared: Path) -> None:
    dataset = open_dataset(str(shared / "data/ucf101_10"))
    counts = Counter(video.label for video in dataset.videos)
    different = set()
    for seed in range(30):
        split = splits.grouped(dataset, seed)
        groups = [frozenset(video.group for video in part) for part in parts(split)]
        assert sum(map(len, groups)) == len(frozenset().union(*groups)) == 15
        for part, share in zip(parts(split), (0.6, 0.2, 0.2), strict=True):
            counted = Counter(video.label for video in part)
            assert all(
                counted[label] > 0 and abs(counted[label] - share * count) <= 2 for label, count in counts.items()
            )
        different.add(tuple(groups))
    assert len(different) > 15


@given(st.lists(st.integers(1, 3), min_size=15, max_size=40), st.integers(0, 1000))
def test_small_groups_are_split_within_two_clips_of_the_shares(sizes: list[int], seed: int) -> None:
    dataset = dataset_of({label: {f"{label}{n}": size for n, size in enumerate(sizes)} for label in "ab"})
    for part, share in zip(parts(splits.grouped(dataset, seed)), (0.6, 0.2, 0.2), strict=True):
        counted = Counter(video.label for video in part)
        assert all(abs(counted[label] - share * sum(sizes)) <= 2 for label in "ab")


NUMBERED = dataset_of({label: {f"g{g:02}": 4 for g in range(1, 26)} for label in "abc"})


@pytest.mark.parametrize(("number", "tested"), [(1, range(1, 8)), (2, range(8, 15)), (3, range(15, 22))])
def test_official_lists_test_on_their_groups(number: int, tested: range) -> None:
    split = splits.split_dataset(NUMBERED, f"ucf101-{number}", seed=0, validation=0.2)
    assert {video.group for video in split.test} == {f"g{group:02}" for group in tested}
    assert not {video.group for video in split.validation} & {video.group for video in split.train}
    assert len(split.train) + len(split.validation) == 18 * 4 * 3
    assert abs(len(split.validation) - 0.2 * 18 * 4 * 3) <= 2 * 3
    assert splits.leaked(split) == ()


def test_official_lists_need_numbered_groups_for_training_and_test() -> None:
    with pytest.raises(DatasetTooSmall, match="have no number"):
        splits.official(dataset_of({"a": {"anna": 9}, "b": {"ben": 9}}), 1, seed=0)
    with pytest.raises(DatasetTooSmall, match=r"^a, b would be missing"):
        splits.official(dataset_of({label: {f"g{g}": 4 for g in (8, 9, 22, 23)} for label in "ab"}), 1, seed=0)
    with pytest.raises(OptionsError):
        splits.official(NUMBERED, 4, seed=0)
    with pytest.raises(OptionsError, match="grouped"):
        splits.split_dataset(NUMBERED, "unknown", seed=0)


def test_folds_leave_out_each_group_once() -> None:
    actors = dataset_of({label: dict.fromkeys(("ann", "ben", "cid", "dan", "eve"), 3) for label in "ab"})
    folds = list(splits.folds(actors, seed=0))
    assert [{video.group for video in fold.test} for fold in folds] == [{"ann"}, {"ben"}, {"cid"}, {"dan"}, {"eve"}]
    for fold in folds:
        groups = [{video.group for video in part} for part in parts(fold)]
        assert sum(map(len, groups)) == 5
        assert all({video.label for video in part} == {"a", "b"} for part in parts(fold))


def test_folds_need_groups() -> None:
    with pytest.raises(DatasetTooSmall, match="no known group"):
        next(splits.folds(dataset_of({"a": {None: 9}, "b": {"g1": 9}}), seed=0))


def test_leaked_clips_are_of_recordings_in_training() -> None:
    split = splits.random(ACTORS, seed=0)
    trained = {video.group for video in split.train}
    assert set(splits.leaked(split)) == {video for video in split.test if video.group in trained}
    assert len(splits.leaked(split)) > 0.9 * len(split.test)
    assert splits.leaked(splits.grouped(ACTORS, seed=0)) == ()
    assert splits.leaked(splits.grouped(dataset_of({"a": {None: 9}, "b": {None: 9}}), seed=0)) == ()


def test_every_kind_is_an_option_of_recipes() -> None:
    assert get_args(SplitKind) == tuple(splits.KINDS)
    for kind in splits.KINDS:
        split = splits.split_dataset(NUMBERED, kind, seed=0)
        assert sorted(sum(parts(split), ()), key=str) == sorted(NUMBERED.videos, key=str)


def test_all_clips_train_or_validate_where_none_are_to_be_tested() -> None:
    few = dataset_of({"a": {"g01": 8}, "b": {"g01": 8}})
    split = splits.split_dataset(few, "all", seed=0, validation=0.2)
    assert [len(part) for part in parts(split)] == [12, 4, 0]
    assert {video.label for video in split.train} == {video.label for video in split.validation} == {"a", "b"}
    with pytest.raises(DatasetTooSmall, match="two videos"):
        splits.split_dataset(dataset_of({"a": {"g01": 8}, "b": {"g01": 1}}), "all", seed=0)
    assert "all" not in splits.kinds_for(ACTORS)


def test_of_two_groups_one_can_be_held_out_if_single_videos_validate() -> None:
    two = dataset_of({"a": {"g01": 4, "g02": 4}, "b": {"g01": 4, "g02": 4}})
    with pytest.raises(DatasetTooSmall):
        splits.held_out(two, {"g02"}, seed=0)
    split = splits.held_out(two, {"g02"}, seed=0, by_group=False)
    assert {video.group for video in split.test} == {"g02"}
    assert {video.group for video in split.train + split.validation} == {"g01"}
    assert {video.label for video in split.train} == {video.label for video in split.validation} == {"a", "b"}
    assert len(list(splits.folds(two, 0, by_group=False))) == 2
