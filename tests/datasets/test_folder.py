import csv
import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from har.datasets import open_dataset
from har.datasets.folder import open_folder
from har.errors import DatasetError, DatasetMissing, LabelsError


def create(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def labels_and_groups(folder: Path) -> dict[str, tuple[str, str | None]]:
    """Label and group by file name."""
    return {video.path.name: (video.label, video.group) for video in open_folder(folder).videos}


def test_labels_are_folders_and_groups_are_in_file_names(tmp_path: Path) -> None:
    create(tmp_path, "TaiChi/v_TaiChi_g07_c02.avi", "Squat/v_Squat_g11_c01.mp4", "Squat/mug3.mp4")
    assert labels_and_groups(tmp_path) == {
        "v_TaiChi_g07_c02.avi": ("TaiChi", "g07"),
        "v_Squat_g11_c01.mp4": ("Squat", "g11"),
        "mug3.mp4": ("Squat", None),
    }


def test_a_table_of_groups_overrides_file_names(tmp_path: Path) -> None:
    create(tmp_path, "run/a_g01.mp4", "run/b.mp4", "jump/b.mp4", "jump/c.mp4")
    (tmp_path / "groups.csv").write_text(
        "class,file,group,more\nrun,a_g01.mp4,anna,1\nrun,b.mp4,ben,2\njump,b.mp4,cid,3\n"
    )
    groups = {f"{video.label}/{video.path.name}": video.group for video in open_folder(tmp_path).videos}
    assert groups == {"run/a_g01.mp4": "anna", "run/b.mp4": "ben", "jump/b.mp4": "cid", "jump/c.mp4": None}


@pytest.mark.parametrize("table", [b"name,group\na.mp4,anna\n", b"\xff\xfe\x00\x01", b"file\na.mp4\n"])
def test_an_invalid_table_is_refused(tmp_path: Path, table: bytes) -> None:
    create(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_bytes(table)
    with pytest.raises(DatasetError, match=r"groups\.csv"):
        open_folder(tmp_path)


def test_a_table_may_give_paths_as_far_as_they_are_needed(tmp_path: Path) -> None:
    create(tmp_path, "set/run/a.mp4", "set/jump/a.mp4", "set/jump/b.mp4", "set/jump/c.mp4")
    (tmp_path / "set/groups.csv").write_text(
        "file,group\nrun/a.mp4,anna\n.\\jump\\a.mp4,ben\n/home/me/set/jump/b.mp4,cid\nelsewhere/c.mp4,dan\n"
    )
    dataset = open_folder(tmp_path / "set")
    groups = {f"{video.label}/{video.path.name}": video.group for video in dataset.videos}
    assert groups == {"run/a.mp4": "anna", "jump/a.mp4": "ben", "jump/b.mp4": "cid", "jump/c.mp4": None}
    assert dataset.notes == ()


def test_a_path_outranks_a_name_in_a_table(tmp_path: Path) -> None:
    create(tmp_path, "run/a.mp4", "jump/a.mp4")
    (tmp_path / "groups.csv").write_text("file,group\nrun/a.mp4,anna\na.mp4,ben\n")
    assert {video.label: video.group for video in open_folder(tmp_path).videos} == {"run": "anna", "jump": "ben"}


def test_tables_of_spreadsheets_are_read(tmp_path: Path) -> None:
    create(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_text("\ufeffFile;Group\nrun/a.mp4;anna\n", encoding="utf-8")
    assert open_folder(tmp_path).groups == ("anna",)


@pytest.mark.parametrize("table", ["file,group\nrun/b.mp4,anna\n", "class,file,group\njump,a.mp4,anna\n"])
def test_it_is_noted_if_a_table_lists_no_video_of_the_set(tmp_path: Path, table: str) -> None:
    create(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_text(table)
    dataset = open_folder(tmp_path)
    assert dataset.groups == ()
    [note] = dataset.notes
    assert note.name == "groups.csv"
    assert "no video of the set" in note.reason


def test_composed_and_decomposed_names_are_one_label(tmp_path: Path) -> None:
    composed, decomposed = (unicodedata.normalize(form, "Liegestütz") for form in ("NFC", "NFD"))
    create(tmp_path, f"{decomposed}/{decomposed}1.mp4", f"{composed}/2.mp4")
    (tmp_path / "groups.csv").write_text(f"class,file,group\n{decomposed},{composed}1.mp4,anna\n", encoding="utf-8")
    dataset = open_folder(tmp_path)
    assert dataset.labels == (composed,)
    assert dataset.groups == ("anna",)
    assert dataset.notes == ()


def test_labels_that_differ_in_spelling_are_one_and_this_is_noted(tmp_path: Path) -> None:
    create(tmp_path, "Run/a.mp4", "run/b.mp4", "run/c.mp4", "long jump/d.mp4", "LongJump/e.mp4")
    dataset = open_folder(tmp_path)
    assert dataset.labels == ("LongJump", "run")
    assert {(note.name, note.reason) for note in dataset.notes} == {
        ("Run", "the same label as 'run', but for its spelling"),
        ("long jump", "the same label as 'LongJump', but for its spelling"),
    }


def test_hidden_files_and_other_kinds_of_files_are_ignored(tmp_path: Path) -> None:
    create(tmp_path, "run/a.MP4", "run/notes.txt", "run/._a.mp4", ".cache/b.mp4", "__MACOSX/run/a.mp4", "Thumbs.db")
    dataset = open_folder(tmp_path)
    assert [video.path.name for video in dataset.videos] == ["a.MP4"]
    assert dataset.skipped == ()


def test_videos_in_formats_that_are_not_read_are_skipped_with_a_reason(tmp_path: Path) -> None:
    create(tmp_path, "run/a.m2ts", "run/b.divx", "run/c.rmvb", "run/d.MXF", "run/e.srt")
    dataset = open_folder(tmp_path)
    assert [video.path.name for video in dataset.videos] == ["a.m2ts", "b.divx"]
    assert [skipped.name for skipped in dataset.skipped] == ["run/c.rmvb", "run/d.MXF"]
    assert "convert it" in dataset.skipped[0].reason


def test_a_video_without_a_label_is_skipped_with_a_reason(tmp_path: Path) -> None:
    create(tmp_path, "run/a.mp4", "loose.mp4", "v_Dive_g01_c01.avi")
    dataset = open_folder(tmp_path)
    assert dataset.labels == ("Dive", "run")
    assert [(skipped.name, skipped.reason) for skipped in dataset.skipped] == [
        ("loose.mp4", "no label in its folder or its name")
    ]


def test_a_folder_without_videos_is_refused_with_the_expected_layout(tmp_path: Path) -> None:
    create(tmp_path, "loose.mp4")
    with pytest.raises(DatasetMissing, match=r"loose\.mp4.*Each label needs a folder"):
        open_dataset(str(tmp_path))
    (tmp_path / "loose.mp4").unlink()
    with pytest.raises(DatasetMissing, match="has no videos"):
        open_dataset(str(tmp_path))
    with pytest.raises(DatasetMissing, match="nowhere"):
        open_dataset(str(tmp_path / "nowhere"))


def test_labels_of_a_folder_can_be_selected(tmp_path: Path) -> None:
    create(tmp_path, "TaiChi/a.mp4", "Squat/b.mp4")
    assert open_dataset(str(tmp_path), ["tai chi"]).labels == ("TaiChi",)
    with pytest.raises(LabelsError):
        open_dataset(str(tmp_path), ["swim"])


def test_class_folders_may_be_at_any_depth(tmp_path: Path) -> None:
    create(tmp_path, "UCF50/TaiChi/v_TaiChi_g07_c02.avi", "x/train/run/a.mp4", "x/test/run/b.mp4")
    assert labels_and_groups(tmp_path) == {
        "v_TaiChi_g07_c02.avi": ("TaiChi", "g07"),
        "a.mp4": ("run", None),
        "b.mp4": ("run", None),
    }


def test_the_folder_of_a_recording_is_the_group_and_the_one_above_it_the_label(tmp_path: Path) -> None:
    create(
        tmp_path,
        "UCF11/basketball/v_shooting_01/v_shooting_01_01.mpg",
        "UCF11/basketball/v_shooting_01/Annotation/v_shooting_01_01.xgtf",
        "UCF11/walk_dog/v_walk_dog_25/v_walk_dog_25_04.mpg",
        "cook/g07/first_g01.mp4",
        "g08/unknown.mp4",
    )
    assert labels_and_groups(tmp_path) == {
        "v_shooting_01_01.mpg": ("basketball", "v_shooting_01"),
        "v_walk_dog_25_04.mpg": ("walk_dog", "v_walk_dog_25"),
        "first_g01.mp4": ("cook", "g07"),
    }
    assert [skipped.name for skipped in open_folder(tmp_path).skipped] == ["g08/unknown.mp4"]


@pytest.mark.parametrize("inside", ["", "KTH/", "KTH/all/"])
def test_labels_are_in_file_names_if_all_videos_are_in_one_folder(tmp_path: Path, inside: str) -> None:
    create(
        tmp_path,
        f"{inside}v_TaiChi_g01_c01.avi",
        f"{inside}person15_boxing_d1_uncomp.avi",
        f"{inside}lena_walk2.avi",
        f"{inside}holiday.avi",
    )
    assert labels_and_groups(tmp_path) == {
        "v_TaiChi_g01_c01.avi": ("TaiChi", "g01"),
        "person15_boxing_d1_uncomp.avi": ("boxing", "person15"),
        "lena_walk2.avi": ("walk", "lena"),
    }
    assert [skipped.name for skipped in open_folder(tmp_path).skipped] == [f"{inside}holiday.avi"]


def test_a_folder_is_the_label_if_its_file_names_have_only_one(tmp_path: Path) -> None:
    create(tmp_path, "Handstand/v_HandStand_g01_c01.avi", "Handstand/mine.avi")
    assert open_folder(tmp_path).labels == ("Handstand",)


def test_folders_for_training_and_tests_are_not_labels(tmp_path: Path) -> None:
    create(tmp_path, *(f"{part}/v_{label}_g01_c01.avi" for part in ("train", "test") for label in ("Run", "Dive")))
    create(tmp_path, "train/v_Walk_g01_c01.avi", "loose.mp4")
    assert open_folder(tmp_path).labels == ("Dive", "Run", "Walk")


def test_folders_that_share_no_label_in_file_names_are_labels(tmp_path: Path) -> None:
    create(tmp_path, "indoors/v_Yoga_g01_c01.avi", "indoors/v_Chess_g01_c01.avi")
    create(tmp_path, "outdoors/v_Golf_g01_c01.avi", "outdoors/v_Dive_g01_c01.avi")
    assert open_folder(tmp_path).labels == ("indoors", "outdoors")


def test_films_of_hmdb_are_groups_across_labels(tmp_path: Path) -> None:
    create(tmp_path, "brush_hair/April_09_brush_hair_u_nm_np1_ba_goo_0.avi", "wave/April_09_wave_f_cm_np2_le_bad_3.avi")
    assert {video.group for video in open_folder(tmp_path).videos} == {"April_09"}


def test_videos_are_sorted_by_folder_and_name(tmp_path: Path) -> None:
    create(tmp_path, "b/2.mp4", "b/1.mp4", "a/3.mp4", "a/deep/0.mp4", "a-b/4.mp4")
    paths = [video.path for video in open_folder(tmp_path).videos]
    assert paths == sorted(paths)
    assert paths[0] == tmp_path / "a" / "3.mp4"


def test_the_nearest_table_next_to_label_folders_counts(tmp_path: Path) -> None:
    create(tmp_path, "set/run/a.mp4", "set/run/b_g01.mp4", "set/jump/a.mp4", "other/run/a.mp4")
    (tmp_path / "set" / "groups.csv").write_text("class,file,group\nrun,a.mp4,anna\n")
    (tmp_path / "groups.csv").write_text("file,group\na.mp4,ben\n")
    groups = {"/".join(video.path.parts[-3:]): video.group for video in open_folder(tmp_path).videos}
    assert groups == {
        "set/run/a.mp4": "anna",
        "set/run/b_g01.mp4": "g01",
        "set/jump/a.mp4": "ben",
        "other/run/a.mp4": "ben",
    }


def test_links_outside_the_folder_are_skipped_with_a_reason(tmp_path: Path) -> None:
    outside = create(tmp_path / "outside", "secret/a.mp4", "b.mp4", "groups.csv")
    folder = create(tmp_path / "set", "run/a.mp4")
    (folder / "run" / "link.mp4").symlink_to(outside / "b.mp4")
    (folder / "jump").symlink_to(outside / "secret", target_is_directory=True)
    (folder / "groups.csv").symlink_to(outside / "groups.csv")
    (folder / "run" / "gone.mp4").symlink_to(folder / "gone.mp4")
    (folder / "run" / "round.mp4").symlink_to(folder / "run" / "round.mp4")
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (folder / "run" / "same.mp4").symlink_to(folder / "run" / "a.mp4")
    assert set(labels_and_groups(folder)) == {"a.mp4", "same.mp4"}
    assert {(skipped.name, skipped.reason) for skipped in open_folder(folder).skipped} == {
        ("run/link.mp4", "leads outside"),
        ("jump", "leads outside"),
        ("groups.csv", "leads outside"),
        ("run/gone.mp4", "not a file"),
        ("run/round.mp4", "not a file"),
    }


def test_unusual_names_are_handled(tmp_path: Path) -> None:
    create(tmp_path, "C:\\clips\\run/a b\n.mp4", "übung 1/…(1).MP4", "run\\d.mp4", "run/.mp4", "run/CON.avi")
    (tmp_path / os.fsdecode(b"run/\xff\xfe.mp4")).write_bytes(b"")
    dataset = open_folder(tmp_path)
    assert dataset.labels == ("C:\\clips\\run", "run", "übung 1")
    assert {skipped.name for skipped in dataset.skipped} == {"run\\d.mp4", "run/\ufffd\ufffd.mp4"}


def test_files_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create(tmp_path, "run/a.mp4", "jump/b.mp4")

    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("opened")

    monkeypatch.setattr(Path, "open", refuse)
    assert len(open_folder(tmp_path).videos) == 2


@pytest.mark.parametrize(
    ("name", "label_count", "clip_count", "group_count"),
    [
        ("ucf101_10", 10, 777, 15),
        ("ucf101_raw", 3, 7, 3),
        ("ucf_pushups", 1, 101, 25),
        ("weizmann_silhouettes", 10, 93, 9),
        ("weizmann_rgb64", 4, 36, 9),
        ("yoga6", 6, 97, 16),
        ("fights", 2, 120, 0),
        ("kth", 6, 6, 1),
    ],
)
def test_real_sets_can_be_opened(shared: Path, name: str, label_count: int, clip_count: int, group_count: int) -> None:
    folder = shared / "data" / name
    dataset = open_folder(folder)
    assert (len(dataset.labels), len(dataset.videos), len(dataset.groups)) == (label_count, clip_count, group_count)
    assert set(dataset.labels) == {path.name for path in folder.iterdir() if path.is_dir()}
    assert Counter(video.label for video in dataset.videos) == {
        label: len(list((folder / label).iterdir())) for label in dataset.labels
    }
    assert all((video.group is None) is (group_count == 0) for video in dataset.videos)
    assert dataset.skipped == ()


def test_groups_of_real_sets_are_in_names_and_tables(shared: Path) -> None:
    data = shared / "data"
    assert open_folder(data / "ucf101_10").groups == tuple(f"g{number}" for number in range(11, 26))
    assert Counter(video.label for video in open_folder(data / "ucf101_raw").videos) == {
        "BenchPress": 5,
        "Biking": 1,
        "Punch": 1,
    }
    assert open_folder(data / "kth").groups == ("person15",)
    with (data / "ucf_pushups" / "groups.csv").open() as table:
        listed = {row["file"]: row["group"] for row in csv.DictReader(table)}
    assert {video.path.name: video.group for video in open_folder(data / "ucf_pushups").videos} == listed


def test_labels_and_actors_of_silhouettes_are_parsed_from_names(shared: Path, tmp_path: Path) -> None:
    by_label = open_folder(shared / "data" / "weizmann_silhouettes")
    for video in by_label.videos:
        (tmp_path / video.path.name).touch()
    assert labels_and_groups(tmp_path) == {video.path.name: (video.label, video.group) for video in by_label.videos}
