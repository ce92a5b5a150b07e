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


def made(counts: dict[str, dict[str | None, int]]) -> Dataset:
    """Videos by label and group."""
    videos = [
        LabelledVideo(Path(f"{label}/{group}-{n}.mp4"), label, group)
        for label, groups in counts.items()
        for group, count in groups.items()
        for n in range(count)
    ]
    return Dataset("made", "Made", tuple(videos))


ACTORS = made({label: {f"g{g:02}": 4 for g in range(1, 26)} for label in "abcd"})


def parts(split: Split) -> list[tuple[LabelledVideo, ...]]:
    return [split.train, split.validation, split.test]


def test_every_video_is_in_one_part() -> None:
    split = splits.grouped(ACTORS, seed=0)
    assert sorted(sum(parts(split), ()), key=str) == sorted(ACTORS.videos, key=str)


def test_no_group_is_on_two_sides() -> None:
    split = splits.grouped(ACTORS, seed=0)
    train, validation, test = ({video.group for video in part} for part in parts(split))
    assert len(train | validation | test) == len(train) + len(validation) + len(test) == 25


def test_shares_are_as_asked() -> None:
    split = splits.grouped(ACTORS, seed=0, validation=0.2, test=0.4)
    assert [len(part) for part in parts(split)] == [160, 80, 160]


def test_a_seed_gives_the_same_split_and_another_one_another() -> None:
    assert splits.grouped(ACTORS, seed=1) == splits.grouped(ACTORS, seed=1)
    assert splits.grouped(ACTORS, seed=1) != splits.grouped(ACTORS, seed=2)
    backwards = replace(ACTORS, videos=ACTORS.videos[::-1])
    assert set(splits.grouped(backwards, seed=1).test) == set(splits.grouped(ACTORS, seed=1).test)


def test_uneven_groups_still_give_every_part_every_label() -> None:
    uneven = made({"a": {"g1": 20, "g2": 1, "g3": 1}, "b": {"g1": 1, "g2": 5, "g3": 5, "g4": 30}})
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
def test_whatever_the_groups_parts_do_not_overlap_and_lack_no_label(
    counts: dict[str, dict[str | None, int]], seed: int
) -> None:
    dataset = made(counts)
    try:
        split = splits.grouped(dataset, seed)
    except DatasetTooSmall:
        return  # groups that share too many labels
    groups = [{video.group for video in part} for part in parts(split)]
    assert sum(map(len, groups)) == len(set().union(*groups))
    assert all({video.label for video in part} == set(dataset.labels) for part in parts(split))


def test_videos_of_no_known_group_are_divided_one_by_one_and_the_note_says_so() -> None:
    split = splits.grouped(made({"a": {None: 10}, "b": {None: 10}}), seed=0)
    assert [Counter(video.label for video in part) for part in parts(split)] == [
        {"a": 6, "b": 6},
        {"a": 2, "b": 2},
        {"a": 2, "b": 2},
    ]
    assert split.note is not None
    assert "20 of 20 videos have no known group" in split.note
    assert splits.grouped(ACTORS, seed=0).note is None


def test_a_random_split_has_groups_on_two_sides_and_says_so() -> None:
    split = splits.random(ACTORS, seed=0)
    assert {video.group for video in split.train} & {video.group for video in split.test}
    assert Counter(video.label for video in split.test) == dict.fromkeys("abcd", 20)
    assert split.note is not None


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({}, "labelled nothing"),
        ({"a": {"g1": 50}}, "At least two labels"),
        ({"a": {"g1": 50}, "b": {"g1": 9, "g2": 9, "g3": 9}}, r"^a: too few"),
        ({"a": {"g1": 9, "g2": 9}, "b": {"g1": 9, "g2": 9, "g3": 9}}, r"^a: too few"),
        (
            {"a": {"g1": 1, "g2": 1, "g3": 1}, "b": {"g1": 1, "g2": 1, "g4": 1}, "c": {"g3": 1, "g4": 1, "g1": 1}},
            "cannot be divided",
        ),
    ],
    ids=["empty", "one label", "one group", "two groups", "entangled"],
)
def test_too_little_to_divide_is_refused(counts: dict[str, dict[str | None, int]], said: str) -> None:
    with pytest.raises(DatasetTooSmall, match=said):
        splits.grouped(made(counts), seed=0)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.0, 0.2), (0.2, -0.1)])
def test_impossible_shares_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(DatasetTooSmall, match=r"[Ss]hare"):
        splits.grouped(ACTORS, 0, *shares)


def test_real_groups_of_uneven_sizes_are_divided_fairly_whatever_the_seed(shared: Path) -> None:
    dataset = open_dataset(str(shared / "data/ucf101_10"))
    counts = Counter(video.label for video in dataset.videos)
    different = set()
    for seed in range(1000):
        split = splits.grouped(dataset, seed)
        groups = [frozenset(video.group for video in part) for part in parts(split)]
        assert sum(map(len, groups)) == len(frozenset().union(*groups)) == 15
        for part, share in zip(parts(split), (0.6, 0.2, 0.2), strict=True):
            held = Counter(video.label for video in part)
            assert all(held[label] > 0 and abs(held[label] - share * count) <= 2 for label, count in counts.items())
        different.add(tuple(groups))
    assert len(different) > 20


@given(st.lists(st.integers(1, 3), min_size=15, max_size=40), st.integers(0, 1000))
def test_small_groups_of_a_label_are_divided_to_within_two_clips(sizes: list[int], seed: int) -> None:
    dataset = made({label: {f"{label}{n}": size for n, size in enumerate(sizes)} for label in "ab"})
    for part, share in zip(parts(splits.grouped(dataset, seed)), (0.6, 0.2, 0.2), strict=True):
        held = Counter(video.label for video in part)
        assert all(abs(held[label] - share * sum(sizes)) <= 2 for label in "ab")


NUMBERED = made({label: {f"g{g:02}": 4 for g in range(1, 26)} for label in "abc"})


@pytest.mark.parametrize(("number", "tested"), [(1, range(1, 8)), (2, range(8, 15)), (3, range(15, 22))])
def test_official_lists_go_by_group(number: int, tested: range) -> None:
    split = splits.split_dataset(NUMBERED, f"ucf101-{number}", seed=0, validation=0.2)
    assert {video.group for video in split.test} == {f"g{group:02}" for group in tested}
    assert not {video.group for video in split.validation} & {video.group for video in split.train}
    assert len(split.train) + len(split.validation) == 18 * 4 * 3
    assert abs(len(split.validation) - 0.2 * 18 * 4 * 3) <= 2 * 3
    assert splits.leaked(split) == ()


def test_official_lists_need_numbered_groups_on_both_sides() -> None:
    with pytest.raises(DatasetTooSmall, match="numbered"):
        splits.official(made({"a": {"anna": 9}, "b": {"ben": 9}}), 1, seed=0)
    with pytest.raises(DatasetTooSmall, match=r"^a, b would be missing"):
        splits.official(made({label: {f"g{g}": 4 for g in (8, 9, 22, 23)} for label in "ab"}), 1, seed=0)
    with pytest.raises(OptionsError):
        splits.official(NUMBERED, 4, seed=0)
    with pytest.raises(OptionsError, match="grouped"):
        splits.split_dataset(NUMBERED, "by moonlight", seed=0)


def test_every_group_is_left_out_once() -> None:
    actors = made({label: dict.fromkeys(("ann", "ben", "cid", "dan", "eve"), 3) for label in "ab"})
    folds = list(splits.folds(actors, seed=0))
    assert [{video.group for video in fold.test} for fold in folds] == [{"ann"}, {"ben"}, {"cid"}, {"dan"}, {"eve"}]
    for fold in folds:
        groups = [{video.group for video in part} for part in parts(fold)]
        assert sum(map(len, groups)) == 5
        assert all({video.label for video in part} == {"a", "b"} for part in parts(fold))


def test_folds_need_groups() -> None:
    with pytest.raises(DatasetTooSmall, match="no known group"):
        next(splits.folds(made({"a": {None: 9}, "b": {"g1": 9}}), seed=0))


def test_leaked_clips_are_those_whose_recording_was_trained_on() -> None:
    split = splits.random(ACTORS, seed=0)
    trained = {video.group for video in split.train}
    assert set(splits.leaked(split)) == {video for video in split.test if video.group in trained}
    assert len(splits.leaked(split)) > 0.9 * len(split.test)
    assert splits.leaked(splits.grouped(ACTORS, seed=0)) == ()
    assert splits.leaked(splits.grouped(made({"a": {None: 9}, "b": {None: 9}}), seed=0)) == ()


def test_every_kind_can_be_chosen_in_a_recipe() -> None:
    assert get_args(SplitKind) == tuple(splits.KINDS)
    for kind in splits.KINDS:
        split = splits.split_dataset(NUMBERED, kind, seed=0)
        assert sorted(sum(parts(split), ()), key=str) == sorted(NUMBERED.videos, key=str)


def test_guessed_groups_are_told() -> None:
    note = splits.grouped(replace(ACTORS, guessed_groups=True), seed=0).note
    assert note is not None
    assert "guessed" in note
