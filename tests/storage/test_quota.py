import errno
import io
import os
import time
from pathlib import Path

import pytest

from har.errors import DiskFull, UploadRefused
from har.settings import settings
from har.storage import quota

HOUR = 3600


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Folders of its own, on a disk that has as many bytes too few as `lacking` says."""
    limits = settings().model_copy(update={"home": tmp_path, "min_free_bytes": 1000})
    monkeypatch.setattr(quota, "settings", lambda: limits)
    return limits


@pytest.fixture
def lacking(home, monkeypatch):
    def lack(size_bytes):
        left = sum(quota.sizes().values())
        monkeypatch.setattr(quota, "free_bytes", lambda: 1000 - size_bytes + left - sum(quota.sizes().values()))

    return lack


def old(path, hours):
    then = time.time() - hours * HOUR
    os.utime(path, (then, then))


def file(path, hours, size_bytes=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size_bytes)
    old(path, hours)
    return path


def folder(parent, name, hours):
    file(parent / name / "notes.json", hours)
    old(parent / name, hours)
    return parent / name


def test_nothing_goes_while_there_is_room(home, lacking):
    kept = [file(home.clips / "ab" / "key", 5), folder(home.jobs, "a", 9)]
    lacking(-1)
    assert quota.make_room(()) == (0, 0)
    assert all(path.exists() for path in kept)


def test_caches_go_first_the_longest_unused_before_the_others(home, lacking):
    newer, older = file(home.features / "ab" / "newer", 2), file(home.previews / "ab" / "older", 3)
    result = folder(home.jobs, "a", 9)
    lacking(100)
    assert quota.make_room(()) == (1, 0)
    assert newer.exists()
    assert not older.exists()
    assert result.exists()


def test_then_results_and_uploads_go_the_oldest_first(home, lacking):
    cached = file(home.clips / "ab" / "key", 1)
    newer, older, oldest = folder(home.jobs, "b", 2), folder(home.jobs, "a", 3), folder(home.own_datasets, "own-x", 4)
    lacking(250)
    quota.make_room(())
    assert [path.exists() for path in (cached, oldest, older, newer)] == [False, False, False, True]


def test_what_is_needed_or_was_shown_lately_stays_and_so_does_what_others_made(home, lacking):
    kept = [
        folder(home.jobs, "waiting", 9),
        folder(home.own_datasets, "own-trained-on", 9),
        folder(home.own_datasets, ".incoming-x", 9),
        folder(home.jobs, "just-ended", 0),
        file(home.clips / "ab" / "just-read", 0),
        folder(home.runs, "a-run", 99),
        folder(home.classifiers, "mine", 99),
        folder(home.datasets, "ucf101", 99),
    ]
    shown, looked_at = folder(home.jobs, "shown", 9), folder(home.own_datasets, "own-looked-at", 9)
    quota.note_use(shown.name)
    quota.note_use(looked_at.name)
    gone = folder(home.jobs, "gone", 8)
    lacking(10**6)
    assert quota.make_room({"waiting", "own-trained-on"}) == (0, 1)
    assert all(path.exists() for path in (*kept, shown, looked_at))
    assert not gone.exists()


def test_what_was_brought_goes_when_its_time_is_up(home):
    kept = [folder(home.jobs, "new", 23), folder(home.own_datasets, "own-new", 23), folder(home.jobs, "waits", 25)]
    kept += [folder(home.runs, "a-run", 99), folder(home.datasets, "ucf101", 99)]
    gone = [folder(home.jobs, "old", 25), folder(home.own_datasets, "own-old", 25), folder(home.jobs, ".incoming", 25)]
    quota.sweep({"waits"})
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)


@pytest.mark.parametrize("days", [1.1, -1.1])
def test_a_clock_that_jumps_takes_nothing_that_is_in_use(home, lacking, monkeypatch, days):
    shown, waits, filled = folder(home.jobs, "on-a-page", 0), folder(home.jobs, "waits", 0), folder(home.jobs, ".in", 0)
    quota.note_use(shown.name)
    now = time.time()
    monkeypatch.setattr(quota.time, "time", lambda: now + days * 24 * HOUR)
    quota.sweep({"waits", ".in"})
    lacking(10**6)
    quota.make_room({"waits", ".in"})
    assert all(path.exists() for path in (shown, waits, filled))


def test_what_somebody_else_removes_meanwhile_is_no_trouble(home, monkeypatch):
    gone = home.jobs / "gone"
    monkeypatch.setattr(quota, "_brought", lambda: iter([gone]))
    quota.sweep(())
    assert not gone.exists()


def test_a_full_disk_is_told_and_nothing_else_is_taken_for_one():
    with pytest.raises(DiskFull, match="no room left"), quota.telling():
        raise OSError(errno.ENOSPC, "No space left on device", "/a/secret/path")
    with pytest.raises(PermissionError), quota.telling():
        raise PermissionError(errno.EACCES, "Permission denied")


def test_what_was_shown_is_spared_only_for_a_while(home, lacking, monkeypatch):
    shown = folder(home.jobs, "shown-before", 9)
    quota.note_use("shown-before")
    now = time.monotonic()
    monkeypatch.setattr(quota.time, "monotonic", lambda: now + quota.SPARED_SEC + 1)
    quota.note_use("shown-now")
    assert set(quota._shown) == {"shown-now"}
    lacking(10**6)
    quota.make_room(())
    assert not shown.exists()


def test_free_room_and_sizes_are_told_of_a_home_that_is_not_there_yet(home, monkeypatch):
    missing = home.model_copy(update={"home": home.home / "a" / "b"})
    monkeypatch.setattr(quota, "settings", lambda: missing)
    assert quota.free_bytes() > 0
    assert quota.sizes() == {}
    file(missing.clips / "ab" / "key", 1, 500)
    assert 500 <= quota.sizes()["clips"] < 20_000


def test_what_is_brought_is_written_whole(tmp_path):
    data = bytes(range(256)) * 9000  # more than a block
    quota.copy_in(io.BytesIO(data), tmp_path / "a.mp4", len(data))
    assert (tmp_path / "a.mp4").read_bytes() == data


def test_more_than_a_box_takes_is_refused_and_nothing_stays(tmp_path):
    with pytest.raises(UploadRefused, match="more than 1 MB"):
        quota.copy_in(io.BytesIO(bytes((1 << 20) + 1)), tmp_path / "a.mp4", 1 << 20)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_refuses_what_is_brought_and_nothing_stays(tmp_path, monkeypatch):
    def on_full_disk(path, mode):
        path.touch()
        return open("/dev/full", "wb", buffering=0)

    monkeypatch.setattr(Path, "open", on_full_disk)
    with pytest.raises(DiskFull):
        quota.copy_in(io.BytesIO(b"x" * 100), tmp_path / "a.mp4", 1000)
    assert not list(tmp_path.iterdir())


def test_what_is_there_already_stays(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"somebody's")
    with pytest.raises(FileExistsError):
        quota.copy_in(io.BytesIO(b"x"), tmp_path / "a.mp4", 1000)
    assert (tmp_path / "a.mp4").read_bytes() == b"somebody's"
