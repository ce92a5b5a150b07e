from pathlib import Path

import pytest

from har.datasets import open_dataset
from har.datasets.folder import open_folder
from har.errors import DatasetError, DatasetMissing, LabelsError


def make(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_labels_are_folders_and_groups_stand_in_names(tmp_path: Path) -> None:
    make(tmp_path, "TaiChi/v_TaiChi_g07_c02.avi", "Squat/v_Squat_g11_c01.mp4", "Squat/mug3.mp4")
    found = {video.path.name: (video.label, video.group) for video in open_folder(tmp_path).videos}
    assert found == {
        "v_TaiChi_g07_c02.avi": ("TaiChi", "g07"),
        "v_Squat_g11_c01.mp4": ("Squat", "g11"),
        "mug3.mp4": ("Squat", None),
    }


def test_a_table_of_groups_goes_before_names(tmp_path: Path) -> None:
    make(tmp_path, "run/a_g01.mp4", "run/b.mp4", "jump/b.mp4", "jump/c.mp4")
    (tmp_path / "groups.csv").write_text(
        "class,file,group,more\nrun,a_g01.mp4,anna,1\nrun,b.mp4,ben,2\njump,b.mp4,cid,3\n"
    )
    groups = {f"{video.label}/{video.path.name}": video.group for video in open_folder(tmp_path).videos}
    assert groups == {"run/a_g01.mp4": "anna", "run/b.mp4": "ben", "jump/b.mp4": "cid", "jump/c.mp4": None}


def test_a_table_may_do_without_classes(tmp_path: Path) -> None:
    make(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_text("file,group\na.mp4,anna\n")
    assert open_folder(tmp_path).groups == ("anna",)


@pytest.mark.parametrize("table", [b"name,group\na.mp4,anna\n", b"\xff\xfe\x00\x01", b"file\na.mp4\n"])
def test_a_table_that_cannot_be_understood_is_refused(tmp_path: Path, table: bytes) -> None:
    make(tmp_path, "run/a.mp4")
    (tmp_path / "groups.csv").write_bytes(table)
    with pytest.raises(DatasetError, match=r"groups\.csv"):
        open_folder(tmp_path)


def test_what_is_no_video_or_hidden_is_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "run/a.MP4", "run/notes.txt", "run/._a.mp4", ".cache/b.mp4", "loose.mp4", "run/deeper/c.mp4")
    assert [video.path.name for video in open_folder(tmp_path).videos] == ["a.MP4"]


def test_a_folder_without_videos_says_how_they_should_lie(tmp_path: Path) -> None:
    make(tmp_path, "loose.mp4")
    with pytest.raises(DatasetMissing, match="one level down"):
        open_dataset(str(tmp_path))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing, match="nowhere"):
        open_dataset(str(tmp_path / "nowhere"))


def test_some_labels_of_a_folder(tmp_path: Path) -> None:
    make(tmp_path, "TaiChi/a.mp4", "Squat/b.mp4")
    assert open_dataset(str(tmp_path), ["tai chi"]).labels == ("TaiChi",)
    with pytest.raises(LabelsError):
        open_dataset(str(tmp_path), ["swim"])


def test_real_sets_have_their_groups(shared: Path) -> None:
    weizmann = open_folder(shared / "data/weizmann_silhouettes")
    assert len(weizmann.videos) == 93
    assert len(weizmann.groups) == 9
    assert all(video.group for video in weizmann.videos)
