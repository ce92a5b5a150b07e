import os
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

from har.datasets import open_dataset
from har.datasets.folder import open_folder
from har.errors import DatasetError, DatasetMissing


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


@pytest.mark.parametrize(
    ("table", "groups"),
    [
        ("class,file,group,x\nrun,a_g01.mp4,anna,1\nrun,b.mp4,ben,2\njump,b.mp4,cid,3\n", ("anna", "ben", "cid", None)),
        (  # paths as far as they are needed
            "file,group\nrun/b.mp4,anna\n.\\jump\\b.mp4,ben\n/home/me/set/jump/c.mp4,cid\nelsewhere/a_g01.mp4,dan\n",
            ("g01", "anna", "ben", "cid"),
        ),
        ("file,group\nrun/b.mp4,anna\nb.mp4,ben\n", ("g01", "anna", "ben", None)),  # a path outranks a name
        ("\ufeffFile;Group\nc.mp4;anna\n", ("g01", None, None, "anna")),  # of a spreadsheet
    ],
)
def test_a_table_of_groups_overrides_file_names(tmp_path: Path, table: str, groups: tuple[str | None, ...]) -> None:
    folder = tmp_path / "set"
    names = ("run/a_g01.mp4", "run/b.mp4", "jump/b.mp4", "jump/c.mp4")
    create(folder, *names)
    (folder / "groups.csv").write_text(table, encoding="utf-8")
    dataset = open_folder(folder)
    of_name = {f"{video.label}/{video.path.name}": video.group for video in dataset.videos}
    assert tuple(of_name[name] for name in names) == groups
    assert dataset.notes == ()


@pytest.mark.parametrize("table", [b"name,group\na.mp4,anna\n", b"\xff\xfe\x00\x01", b"file\na.mp4\n"])
def test_an_invalid_table_is_refused(tmp_path: Path, table: bytes) -> None:
    create(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_bytes(table)
    with pytest.raises(DatasetError, match=r"groups\.csv"):
        open_folder(tmp_path)


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


def test_other_files_are_ignored_and_videos_that_cannot_be_used_are_skipped_with_a_reason(tmp_path: Path) -> None:
    create(tmp_path, "run/notes.txt", "run/._a.mp4", ".cache/b.mp4", "__MACOSX/run/a.mp4", "Thumbs.db", "run/e.srt")
    create(tmp_path, "run/a.MP4", "run/b.divx", "run/c.rmvb", "run/d.MXF", "loose.mp4", "v_Dive_g01_c01.avi")
    dataset = open_folder(tmp_path)
    found = [(video.label, video.path.name) for video in dataset.videos]
    assert found == [("Dive", "v_Dive_g01_c01.avi"), ("run", "a.MP4"), ("run", "b.divx")]
    reasons = {skipped.name: skipped.reason for skipped in dataset.skipped}
    assert reasons.keys() == {"loose.mp4", "run/c.rmvb", "run/d.MXF"}
    assert "convert it" in reasons["run/c.rmvb"]
    assert reasons["loose.mp4"] == "no label in its folder or its name"


def test_a_folder_without_videos_is_refused_with_the_expected_layout(tmp_path: Path) -> None:
    create(tmp_path, "loose.mp4")
    with pytest.raises(DatasetMissing, match=r"loose\.mp4.*Each label needs a folder"):
        open_dataset(str(tmp_path))
    (tmp_path / "loose.mp4").unlink()
    with pytest.raises(DatasetMissing, match="has no videos"):
        open_dataset(str(tmp_path))
    with pytest.raises(DatasetMissing, match="nowhere"):
        open_dataset(str(tmp_path / "nowhere"))


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


@pytest.mark.parametrize("inside", ["", "KTH/all/"])
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
    [("ucf101_10", 10, 777, 15), ("ucf_pushups", 1, 101, 25), ("fights", 2, 120, 0), ("kth", 6, 6, 1)],
)
def test_real_sets_can_be_opened(shared: Path, name: str, label_count: int, clip_count: int, group_count: int) -> None:
    folder = shared / "data" / name
    dataset = open_folder(folder)
    assert (len(dataset.labels), len(dataset.videos), len(dataset.groups)) == (label_count, clip_count, group_count)
    assert Counter(video.label for video in dataset.videos) == {
        path.name: len(list(path.iterdir())) for path in folder.iterdir() if path.is_dir()
    }
    assert all((video.group is None) is (group_count == 0) for video in dataset.videos)
    assert dataset.skipped == ()
