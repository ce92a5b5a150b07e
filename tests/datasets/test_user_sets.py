import unicodedata
from pathlib import Path

import pytest

from har.datasets import user_sets
from har.datasets.folder import open_folder
from har.datasets.user_sets import Added
from har.errors import ArchiveRefused, DatasetMissing, LabelsError, StopRequested
from tests.datasets.conftest import MakeVideo, SetSettings, files, stop_when, zipped

pytestmark = pytest.mark.usefixtures("home")


def uploads(folder: Path, **contents: bytes) -> list[tuple[str, Path]]:
    folder.mkdir(exist_ok=True)
    files = []
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"{number}.mp4"
        path.write_bytes(content)
        files.append((f"{name}.mp4", path))
    return files


def test_clips_are_added_under_their_label(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
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
def test_a_label_may_have_vowel_signs_and_accents(tmp_path: Path, video: MakeVideo, label: str) -> None:
    name = user_sets.new_name()
    user_sets.add_clips(name, label, uploads(tmp_path / "in", a=video(1)))
    assert open_folder(user_sets.dataset_folder(name)).labels == (unicodedata.normalize("NFC", label),)


def test_duplicates_and_files_that_are_not_videos_are_skipped(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    user_sets.add_clips(name, "a", uploads(tmp_path / "in", one=video(1)))
    skipped = user_sets.add_clips(
        name, "a", uploads(tmp_path / "in", again=video(1), text=b"hello" * 99, two=video(2))
    ).left_out
    assert {item.name.split("/")[-1]: item.reason[:18] for item in skipped} == {
        "again.mp4": "already in the set",
        "text.mp4": "text.mp4 is not a ",
    }
    assert files(user_sets.dataset_folder(name)).keys() == {"a/one.mp4", "a/two.mp4"}


def test_clips_with_the_same_name_are_all_added(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    for number in (1, 2, 3):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", clip=video(number)))
    assert len(files(user_sets.dataset_folder(name))) == 3


@pytest.mark.parametrize(
    "given", ["../../etc/x.mp4", "a\\..\\b.mp4", "\x00.mp4", "a" * 300 + ".mp4", "ü" * 300 + ".mp4"]
)
def test_no_file_name_leads_outside_the_set(tmp_path: Path, video: MakeVideo, given: str) -> None:
    name = user_sets.new_name()
    [(_, path)] = uploads(tmp_path / "in", a=video(1))
    assert user_sets.add_clips(name, "a", [(given, path)]).left_out == ()
    [added] = files(user_sets.dataset_folder(name))
    assert added.startswith("a/")
    assert added.endswith(".mp4")
    assert len(Path(added).name.encode()) < 256


@pytest.mark.parametrize("label", ["", "  ", ".", "..", "../x", "a/b", "a\\b", "-x", "\x1b[31m", "x" * 61, "<b>"])
def test_a_label_must_be_a_valid_folder_name(tmp_path: Path, video: MakeVideo, label: str) -> None:
    with pytest.raises(LabelsError):
        user_sets.add_clips(user_sets.new_name(), label, uploads(tmp_path / "in", a=video(1)))


@pytest.mark.parametrize(
    "name", ["", "own-", "own-short", "../../etc", "own-" + "x" * 44, "own-aaaaaaaaaaaaaaaa/..", "x"]
)
def test_an_invalid_name_of_a_set_is_refused(name: str) -> None:
    with pytest.raises(DatasetMissing):
        user_sets.dataset_folder(name)


def test_archives_are_added_to_a_set(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    archive = zipped(tmp_path / "a.zip", {"set/run/a.mp4": video(1), "set/jump/a.mp4": video(2)})
    first = user_sets.add_archive(name, archive)
    second = user_sets.add_archive(name, zipped(tmp_path / "b.zip", {"set/run/a.mp4": video(3)}))
    assert (first.counts, second.counts) == ({"jump": 1, "run": 1}, {"run": 1})
    user_sets.add_clips(name, "run", uploads(tmp_path / "in", b=video(4)))
    videos = open_folder(user_sets.dataset_folder(name)).videos
    assert sorted(item.label for item in videos) == ["jump", "run", "run", "run"]


def test_videos_already_in_the_set_are_skipped(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    user_sets.add_archive(name, zipped(tmp_path / "a.zip", {"run/a.mp4": video(1)}))
    archive = zipped(tmp_path / "b.zip", {"jump/b.mp4": video(1), "jump/c.mp4": video(2)})
    skipped = user_sets.add_archive(name, archive).left_out
    assert [(item.name, item.reason) for item in skipped] == [("jump/b.mp4", "already in the set")]
    assert files(user_sets.dataset_folder(name)).keys() == {"run/a.mp4", "jump/c.mp4"}


def test_tables_of_groups_are_merged(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    for number, who in enumerate(("anna", "ben")):
        table = f"file,group\r\n{who}.mp4,{who}".encode()
        user_sets.add_archive(name, zipped(tmp_path / "a.zip", {f"run/{who}.mp4": video(number), "groups.csv": table}))
    assert [item.group for item in open_folder(user_sets.dataset_folder(name)).videos] == ["anna", "ben"]


def test_a_table_with_other_columns_is_skipped(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    tables = [b"file,group\na.mp4,anna\n", b"group,file\nben,b.mp4\n"]
    for number, table in enumerate(tables):
        contents = {f"run/{'ab'[number]}.mp4": video(number), "groups.csv": table}
        skipped = user_sets.add_archive(name, zipped(tmp_path / "a.zip", contents)).left_out
    assert [item.name for item in skipped] == ["groups.csv"]
    assert (user_sets.dataset_folder(name) / "groups.csv").read_bytes() == tables[0]


def test_a_folder_with_the_name_of_a_file_is_skipped(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    user_sets.add_archive(name, zipped(tmp_path / "a.zip", {"run/x.mp4": video(1)}))
    archive = zipped(tmp_path / "b.zip", {"run/x.mp4/y.mp4": video(2), "run/z.mp4": video(3)})
    [skipped] = user_sets.add_archive(name, archive).left_out
    assert skipped.name == "run/x.mp4/y.mp4"
    assert files(user_sets.dataset_folder(name)).keys() == {"run/x.mp4", "run/z.mp4"}


def test_a_set_has_a_maximum_size(tmp_path: Path, video: MakeVideo, home: SetSettings) -> None:
    name = user_sets.new_name()
    user_sets.add_clips(name, "a", uploads(tmp_path / "in", a=video(1)))
    home(max_unpacked_bytes=len(video(1)) + 10)
    with pytest.raises(ArchiveRefused, match="fewer or shorter"):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", b=video(2)))
    with pytest.raises(ArchiveRefused):
        user_sets.add_archive(name, zipped(tmp_path / "a.zip", {"run/a.mp4": video(3)}))
    assert len(files(user_sets.dataset_folder(name))) == 1


def test_cancelling_adds_nothing(tmp_path: Path, video: MakeVideo) -> None:
    name = user_sets.new_name()
    with pytest.raises(StopRequested):
        user_sets.add_clips(name, "a", uploads(tmp_path / "in", a=video(1)), stop_when())
    assert not user_sets.dataset_folder(name).exists()
    assert files(tmp_path / "home") == {}
