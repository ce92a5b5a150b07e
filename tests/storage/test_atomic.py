import json
import os
from pathlib import Path

import pytest

from har.errors import LocationError
from har.storage import atomic


def test_file_is_written(tmp_path):
    atomic.write_bytes(tmp_path / "scores.npz", b"first")
    atomic.write_bytes(tmp_path / "scores.npz", b"second")
    assert (tmp_path / "scores.npz").read_bytes() == b"second"
    assert [path.name for path in tmp_path.iterdir()] == ["scores.npz"]


def test_readers_never_see_an_unfinished_file(tmp_path):
    path = tmp_path / "video.mp4"
    with atomic.replacing(path) as temporary:
        temporary.write_bytes(b"half")
        assert not path.exists()
        assert temporary.parent == tmp_path  # so it can be renamed
        assert temporary.suffix == ".mp4"  # so ffmpeg and numpy choose the right format
        assert temporary.name.startswith(".")  # so no glob takes it for a finished file
        temporary.write_bytes(b"whole")
    assert path.read_bytes() == b"whole"


def test_two_writers_do_not_share_a_temporary_file(tmp_path):
    with atomic.replacing(tmp_path / "a.csv") as one, atomic.replacing(tmp_path / "a.csv") as other:
        assert one != other
        one.touch()
        other.touch()


@pytest.mark.promise("jobs", "Files are written completely or not at all")
@pytest.mark.parametrize("before", [None, b"before"])
@pytest.mark.parametrize("written", [None, b"half"])
def test_after_an_error_the_old_file_stays_and_no_temporary_one(tmp_path, before, written):
    path = tmp_path / "timeline.csv"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(KeyboardInterrupt), atomic.replacing(path) as temporary:  # noqa: PT012
        if written is not None:
            temporary.write_bytes(written)
        raise KeyboardInterrupt
    assert [entry.read_bytes() for entry in tmp_path.iterdir()] == ([] if before is None else [before])


def test_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "timeline.csv"
    atomic.write_text(path, "first")

    def write(self, data):
        self.touch()
        raise OSError("no room")

    monkeypatch.setattr(Path, "write_bytes", write)
    with pytest.raises(OSError, match="no room"):
        atomic.write_text(path, "second")
    assert path.read_text("utf-8") == "first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["timeline.csv"]


def test_a_link_stays_and_its_target_is_written(tmp_path):
    (tmp_path / "link.csv").symlink_to(tmp_path / "folder" / "target.csv")
    (tmp_path / "folder").mkdir()
    for text in ("first", "second"):
        atomic.write_text(tmp_path / "link.csv", text)
        assert (tmp_path / "link.csv").is_symlink()
        assert (tmp_path / "folder" / "target.csv").read_text("utf-8") == text


def test_what_is_no_file_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to("/dev/null")
    for name in ("pipe.csv", "link.csv"):
        with pytest.raises(LocationError, match="is not a file"):
            atomic.write_text(tmp_path / name, "text")
    assert (tmp_path / "pipe.csv").is_fifo()


def test_an_error_names_the_file_and_not_the_temporary_one(tmp_path):
    with pytest.raises(FileNotFoundError) as error:
        atomic.write_text(tmp_path / "missing" / "a.txt", "text")
    assert error.value.filename == str(tmp_path / "missing" / "a.txt")


def test_bytes_of_a_file_name_that_are_no_text_survive_in_json(tmp_path):
    name = os.fsdecode(b"\xfcber \xc3\xbc.mp4")
    atomic.write_text(tmp_path / "notes.json", json.dumps({"name": name}, ensure_ascii=False))
    text = (tmp_path / "notes.json").read_text("utf-8")
    assert "\\udcfcber ü" in text
    assert os.fsencode(json.loads(text)["name"]) == b"\xfcber \xc3\xbc.mp4"
