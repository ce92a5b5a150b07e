"""Labels and groups by the folders around videos, in the layouts of published data sets and of people's own."""

from pathlib import Path

import pytest

from har.datasets import Dataset
from har.datasets.folder import open_folder


def opened(folder: Path, *names: str) -> Dataset:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return open_folder(folder)


def grid(pattern: str, *, c: str = "Dive Golf", k: str = "1 2 3", n: str = "1 2") -> list[str]:
    """The pattern with each combination of `c`, `k` and `n` filled in."""
    return [pattern.format(c=a, k=b, n=d) for a in c.split() for b in k.split() for d in n.split()]


@pytest.mark.parametrize(
    "names",
    [
        grid("ucf action/{c}/00{k}/{k}0{n}-1_70.avi"),
        grid("{c}/{k}/clip{n}.mp4"),
        grid("{c}/person0{k}/clip{n}.avi"),
        grid("train/{c}/subject {k}/{n}.mp4") + grid("test/{c}/subject {k}/{n}.mp4", k="4 5 6"),
        grid("{c}/v_shooting_0{k}/0{n}.mpg"),
        grid("{c}/take_{k}/{n}.mp4"),
        grid("{c}/scene {k}/{n}.mp4", k="A B C"),
        grid("{c}/s0{k}/e0{n}/clip.mp4"),
        grid("{c}/{c}bR5j{k}/{c}bR5j{k}_00{n}.mp4"),
        grid("{c}/train/{k}{n}.mp4") + grid("{c}/test/{k}{n}.mp4"),
        grid("{c}/rgb/{k}{n}.mp4"),
    ],
)
def test_folders_inside_those_of_labels_are_not_labels(tmp_path: Path, names: list[str]) -> None:
    dataset = opened(tmp_path, *names)
    assert dataset.labels == ("Dive", "Golf")
    assert len(dataset.videos) == len(names)


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (grid("{k}/{c}/{n}.mp4", k="train val test"), ("Dive", "Golf")),
        (grid("kinetics/{k}/{c}/id{n}_000001.mp4", k="train val"), ("Dive", "Golf")),
        (grid("subject{k}/{c}/{n}.mp4"), ("Dive", "Golf")),
        (
            grid("Anomaly-Videos-Part-{k}/{c}{k}/{c}{k}0{n}_x264.mp4"),
            ("Dive1", "Dive2", "Dive3", "Golf1", "Golf2", "Golf3"),
        ),
        (
            grid("sports/{c}/{c}_{k}{n}.mp4") + grid("home/{c}/{k}{n}.mp4", c="cook clean"),
            ("Dive", "Golf", "clean", "cook"),
        ),
        (grid("data/{k}/{n}.mp4"), ("1", "2", "3")),
        (grid("data/{c}/{k}/{n}.mp4", c="train val"), ("1", "2", "3")),
        (grid("data/fold{c}/{k}/{n}.mp4", c="1 2"), ("1", "2", "3")),
        (grid("msr/s0{c}/a0{k}/{n}.avi", c="1 2"), ("a01", "a02", "a03")),
        (grid("{c}/{k}{n}.mp4", c="train car bus"), ("bus", "car", "train")),
        (["test/1.mp4"], ("test",)),
        (["UCF50/TaiChi/v_TaiChi_g07_c02.avi", "x/train/run/a.mp4", "x/test/run/b.mp4"], ("TaiChi", "run")),
        (["Handstand/v_HandStand_g01_c01.avi", "Handstand/mine.avi"], ("Handstand",)),  # the only label in file names
        ([*grid("{k}/v_{c}_g01_c01.avi", k="train test"), "train/v_Walk_g01_c01.avi"], ("Dive", "Golf", "Walk")),
        (grid("in/v_{c}_g01_c01.avi") + grid("out/v_{c}_g01_c01.avi", c="Yoga Chess"), ("in", "out")),
        (grid("wave{n}/daria_wave{n}.avi"), ("wave1", "wave2")),
    ],
)
def test_labels_are_found_in_every_layout(tmp_path: Path, names: list[str], labels: tuple[str, ...]) -> None:
    assert opened(tmp_path, *names).labels == labels


def test_numbered_folders_are_groups_and_this_is_noted(tmp_path: Path) -> None:
    dataset = opened(tmp_path, *grid("{c}/00{k}/{n}.avi"))
    assert {(video.label, video.path.parent.name, video.group) for video in dataset.videos} == {
        (label, f"00{k}", f"00{k}") for label in ("Dive", "Golf") for k in (1, 2, 3)
    }
    [note] = dataset.notes
    assert note.name == "001, 002, 003"


def test_fewer_numbered_folders_than_a_split_needs_are_not_groups(tmp_path: Path) -> None:
    dataset = opened(tmp_path, *grid("{c}/{k}/{n}.avi", k="1 2"))
    assert (dataset.labels, dataset.groups) == (("Dive", "Golf"), ())


def test_a_group_in_the_file_name_outranks_a_numbered_folder(tmp_path: Path) -> None:
    assert opened(tmp_path, *grid("{c}/00{k}/g1{k} {n}.avi")).groups == ("g11", "g12", "g13")


@pytest.mark.parametrize("pattern", ["{c}/{k}/{k}_{c}.avi", "{k}/{c}/{k}_{c}.avi"])
def test_a_folder_with_the_label_in_the_file_name_is_the_label(tmp_path: Path, pattern: str) -> None:
    dataset = opened(tmp_path, *grid(pattern, c="walk bend", k="daria ido ira", n="1"))
    assert (dataset.labels, dataset.groups) == (("bend", "walk"), ("daria", "ido", "ira"))


def test_folders_of_films_of_hmdb_are_not_labels(tmp_path: Path) -> None:
    dataset = opened(tmp_path, *grid("{c}/Film {k}/Film_{k}_{c}_u_nm_np1_ba_goo_{n}.avi", c="brush_hair clap"))
    assert (dataset.labels, dataset.groups) == (("brush_hair", "clap"), ("Film_1", "Film_2", "Film_3"))


@pytest.mark.parametrize("pattern", ["{c}/{k}/{n}.mp4", "{k}/{c}/{n}.mp4"])
def test_people_are_told_from_actions_by_their_names(tmp_path: Path, pattern: str) -> None:
    names = grid(pattern, c="walk golf-swing boxing", k="anna ben cid")
    assert opened(tmp_path, *names).labels == ("boxing", "golf-swing", "walk")


def test_it_is_noted_if_either_level_of_folders_could_be_the_labels(tmp_path: Path) -> None:
    dataset = opened(tmp_path, *grid("{c}/{k}/{n}.mp4", c="Kniebeuge Hampelmann", k="Anna Ben Cid"))
    assert dataset.labels == ("Anna", "Ben", "Cid")
    [note] = dataset.notes
    assert note.name == "Hampelmann, Kniebeuge"
    assert "Anna, Ben, Cid" in note.reason


def test_it_is_noted_if_the_outer_folders_are_named_like_actions(tmp_path: Path) -> None:
    dataset = opened(tmp_path, *grid("walking/{c}/{n}.mp4", c="Anna Ben"), *grid("boxing/{c}/{n}.mp4", c="Cid Dan"))
    assert dataset.labels == ("Anna", "Ben", "Cid", "Dan")
    assert [note.name for note in dataset.notes] == ["boxing, walking"]
    assert opened(tmp_path / "a", *grid("sports/{c}/{n}.mp4"), *grid("home/{c}/{n}.mp4", c="cook rest")).notes == ()


def test_parts_of_a_split_without_labels_are_not_labels(tmp_path: Path) -> None:
    dataset = opened(tmp_path, "train/1.mp4", "test/2.mp4", "test/v_Dive_g01_c01.avi")
    assert dataset.labels == ("Dive",)
    assert [skipped.name for skipped in dataset.skipped] == ["test/2.mp4", "train/1.mp4"]


def test_a_folder_with_videos_of_its_own_is_the_label_of_numbered_ones_in_it(tmp_path: Path) -> None:
    assert opened(tmp_path, "walk/a.mp4", *grid("walk/0{k}/{n}.mp4")).labels == ("walk",)
