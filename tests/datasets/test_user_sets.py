import unicodedata
from pathlib import Path

import pytest

from har.datasets import user_sets
from har.datasets.folder import open_folder
from har.datasets.user_sets import Added
from har.errors import ArchiveRefused, DatasetMissing, LabelsError, StopRequested
from tests.datasets.conftest import MakeVideo, SetSettings, files, stop_when, zipped


@pytest.fixture
def name(home: SetSettings) -> str:
    """The name of a new set."""
    return user_sets.new_name()


def uploads(folder: Path, **contents: bytes) -> list[tuple[str, Path]]:
    folder.mkdir(exist_ok=True)
    files = []
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"{number}.mp4"
        path.write_bytes(content)
        files.append((f"{name}.mp4", path))
    return files


def test_clips_are_added_under_their_label(tmp_path: Path, video: MakeVideo, name: str) -> None:
    assert user_sets.add_clips(name, " Rope   skipping ", uploads(tmp_path / "in", a=video(1), b=video(2))) == Added(
        {"Rope skipping": 2}, ()
    )
    assert user_sets.add_clips(name, "Juggling", uploads(tmp_path / "in", a=video(3))) == Added({"Juggling": 1}, ())
    dataset = open_folder(user_sets.dataset_folder(name))
    assert [(item.label, item.path.name) for item in dataset.videos] == [
        ("Juggling", "a.mp4"),
        ("Rope skipping", "a.mp4"),
        ("Rope skipping", "b.mp4"),
    ]
    assert files(tmp_path / "in") == {}


@pytest.mark.parametrize("label", ["कूदना", "กระโดด", "U\u0308bung"])
def test_a_label_may_have_vowel_signs_and_accents(tmp_path: Path, video: MakeVideo, name: str, label: str) -> None:
    user_sets.add_clips(name, label, uploads(tmp_path / "in", a=video(1)))
    assert open_folder(user_sets.dataset_folder(name)).labels == (unicodedata.normalize("NFC", label),)


def test_duplicates_and_files_that_are_not_videos_are_skipped(tmp_path: Path, video: MakeVideo, name: str) -> None:
    user_sets.add_clips(name, "a", uploads(tmp_path / "in", one=video(1)))
    given = uploads(tmp_path / "in", again=video(1), text=b"hello" * 99, two=video(2))
    skipped = user_sets.add_clips(name, "a", given).left_out
    assert {item.name.split("/")[-1]: item.reason[:18] for item in skipped} == {
        "again.mp4": "already in the set",
        "text.mp4": "text.mp4 is not a ",
    }
    assert files(user_sets.dataset_folder(name)).keys() == {"a/one.mp4", "a/two.mp4"}


def test_clips_with_the_same_name_are_all_added(tmp_path: Path, video: MakeVideo, name: str) -> None:
    for number in (1, 2, 3):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", clip=video(number)))
    assert len(files(user_sets.dataset_folder(name))) == 3


@pytest.mark.parametrize(
    "given", ["../../etc/x.mp4", "a\\..\\b.mp4", "\x00.mp4", "a" * 300 + ".mp4", "ü" * 300 + ".mp4"]
)
def test_no_file_name_leads_outside_the_set(tmp_path: Path, video: MakeVideo, name: str, given: str) -> None:
    [(_, path)] = uploads(tmp_path / "in", a=video(1))
    assert user_sets.add_clips(name, "a", [(given, path)]).left_out == ()
    [added] = files(user_sets.dataset_folder(name))
    assert added.startswith("a/")
    assert added.endswith(".mp4")
    assert len(Path(added).name.encode()) < 256


@pytest.mark.parametrize("label", ["", "  ", ".", "..", "../x", "a/b", "a\\b", "-x", "\x1b[31m", "x" * 61, "<b>"])
def test_a_label_must_be_a_valid_folder_name(tmp_path: Path, name: str, label: str) -> None:
    with pytest.raises(LabelsError):
        user_sets.add_clips(name, label, uploads(tmp_path / "in", a=b""))


@pytest.mark.parametrize(
    "name", ["", "own-", "own-short", "../../etc", "own-" + "x" * 44, "own-aaaaaaaaaaaaaaaa/..", "x"]
)
def test_an_invalid_name_of_a_set_is_refused(name: str) -> None:
    with pytest.raises(DatasetMissing):
        user_sets.dataset_folder(name)


def test_archives_are_added_to_a_set(tmp_path: Path, video: MakeVideo, name: str) -> None:
    archive = zipped(tmp_path / "a.zip", {"set/run/a.mp4": video(1), "set/jump/a.mp4": video(2)})
    first = user_sets.add_archive(name, archive)
    second = user_sets.add_archive(name, zipped(tmp_path / "b.zip", {"set/run/a.mp4": video(3)}))
    assert (first.counts, second.counts) == ({"jump": 1, "run": 1}, {"run": 1})
    user_sets.add_clips(name, "run", uploads(tmp_path / "in", b=video(4)))
    videos = open_folder(user_sets.dataset_folder(name)).videos
    assert sorted(item.label for item in videos) == ["jump", "run", "run", "run"]


def test_copies_and_files_that_would_be_folders_are_skipped(tmp_path: Path, video: MakeVideo, name: str) -> None:
    user_sets.add_archive(name, zipped(tmp_path / "a.zip", {"run/a.mp4": video(1)}))
    contents = {"jump/b.mp4": video(1), "jump/c.mp4": video(2), "run/a.mp4/y.mp4": video(3)}
    copy, folder = user_sets.add_archive(name, zipped(tmp_path / "b.zip", contents)).left_out
    assert (copy.name, copy.reason) == ("jump/b.mp4", "already in the set")
    assert folder.name == "run/a.mp4/y.mp4"
    assert files(user_sets.dataset_folder(name)).keys() == {"run/a.mp4", "jump/c.mp4"}


def test_tables_of_groups_are_merged_and_one_with_other_columns_is_skipped(
    tmp_path: Path, video: MakeVideo, name: str
) -> None:
    tables = {
        "anna": b"file,group\r\nanna.mp4,anna",
        "ben": b"file,group\r\nben.mp4,ben",
        "cid": b"group,file\ncid,cid.mp4\n",
    }
    for number, (who, table) in enumerate(tables.items()):
        contents = {f"run/{who}.mp4": video(number), "groups.csv": table}
        skipped = user_sets.add_archive(name, zipped(tmp_path / "a.zip", contents)).left_out
    assert [item.name for item in skipped] == ["groups.csv"]
    assert [item.group for item in open_folder(user_sets.dataset_folder(name)).videos] == ["anna", "ben", None]


def test_a_set_has_a_maximum_size(tmp_path: Path, video: MakeVideo, name: str, home: SetSettings) -> None:
    user_sets.add_clips(name, "a", uploads(tmp_path / "in", a=video(1)))
    home(max_unpacked_bytes=len(video(1)) + 10)
    with pytest.raises(ArchiveRefused, match="fewer or shorter"):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", b=video(2)))
    with pytest.raises(ArchiveRefused):
        user_sets.add_archive(name, zipped(tmp_path / "a.zip", {"run/a.mp4": video(3)}))
    assert len(files(user_sets.dataset_folder(name))) == 1


def test_cancelling_adds_nothing(tmp_path: Path, video: MakeVideo, name: str) -> None:
    with pytest.raises(StopRequested):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", a=video(1)), stop_when())
    assert not user_sets.dataset_folder(name).exists()
    assert files(tmp_path / "home") == {}
