"""Clips of one video are one group of a data set, and are replaced together."""

from pathlib import Path

import pytest

from har.datasets import open_dataset, training_clips
from har.errors import ArchiveRefused, DatasetError
from tests.datasets.conftest import files

A, B = "a" * 32, "b" * 32


@pytest.fixture
def cut(tmp_path: Path):
    def make(*labels: str) -> list[tuple[str, Path]]:
        clips = []
        for number, label in enumerate(labels):
            path = tmp_path / f"{label.replace('/', '')}-{number}.mp4"
            path.write_bytes(f"{label} {number}".encode())
            clips.append((label, path))
        return clips

    return make


def test_each_video_is_a_group_whose_clips_are_replaced_together(tmp_path: Path, cut) -> None:
    folder = tmp_path / "set"
    assert training_clips.replace_group(folder, A, cut("tai chi", "tai chi", "wave")) == "g01"
    assert training_clips.replace_group(folder, B, cut("wave")) == "g02"
    assert files(folder).keys() == {
        "kept.json",
        "tai chi/v_TaiChi_g01_c01.mp4",
        "tai chi/v_TaiChi_g01_c02.mp4",
        "wave/v_Wave_g01_c01.mp4",
        "wave/v_Wave_g02_c01.mp4",
    }
    dataset = open_dataset(str(folder))
    assert dataset.labels == ("tai chi", "wave")
    assert [video.group for video in dataset.videos] == ["g01", "g01", "g01", "g02"]
    assert training_clips.replace_group(folder, A, cut("jump")) == "g01"
    assert files(folder).keys() == {"kept.json", "jump/v_Jump_g01_c01.mp4", "wave/v_Wave_g02_c01.mp4"}


def test_existing_groups_and_spellings_are_kept(tmp_path: Path, cut) -> None:
    folder = tmp_path / "set"
    (folder / "TaiChi").mkdir(parents=True)
    (folder / "TaiChi" / "v_TaiChi_g07_c01.mp4").write_bytes(b"x")
    assert training_clips.replace_group(folder, A, cut("tai chi")) == "g08"
    assert (folder / "TaiChi" / "v_TaiChi_g08_c01.mp4").exists()


@pytest.mark.promise("hostile", "A visitor's label never leads outside the data set")
@pytest.mark.parametrize("label", ["../../etc", "/", "a/b", ".hidden", "x" * 300, "ü" * 300, "<b>", "…", "CON", "-rf"])
def test_no_label_leads_outside_the_set(tmp_path: Path, cut, label: str) -> None:
    folder = tmp_path / "set"
    training_clips.replace_group(folder, A, [(label, path) for _, path in cut("x")])
    (clip,) = open_dataset(str(folder)).videos
    assert clip.path.parent.parent == folder
    assert clip.group == "g01"
    assert {path.name for path in tmp_path.iterdir()} == {"set"}


@pytest.mark.parametrize(
    "index",
    [
        "[]",
        "{",
        '{"a": {"group": "g01/..", "files": []}}',
        f'{{"{A}": {{"group": "g01", "files": ["../victim"]}}}}',
        f'{{"{A}": {{"group": "g01", "files": ["x/../../victim"]}}}}',
        f'{{"{A}": {{"group": "g01", "files": ["/victim"]}}}}',
    ],
)
def test_an_invalid_index_is_refused_and_removes_nothing(tmp_path: Path, cut, index: str) -> None:
    folder, victim = tmp_path / "set", tmp_path / "victim"
    folder.mkdir()
    victim.write_bytes(b"mine")
    (folder / "kept.json").write_text(index)
    with pytest.raises(DatasetError):
        training_clips.replace_group(folder, A, cut("x"))
    assert victim.exists()


def test_a_set_that_would_be_too_large_is_not_changed(tmp_path: Path, cut, home) -> None:
    home(max_unpacked_bytes=10)
    folder = tmp_path / "set"
    with pytest.raises(ArchiveRefused):
        training_clips.replace_group(folder, A, cut("a long label"))
    assert not folder.exists()
