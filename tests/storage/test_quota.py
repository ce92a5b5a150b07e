import errno
import io
import os
import time
from pathlib import Path

import pytest

from har.errors import DiskFull, TooMuchStored, UploadTooLarge
from har.storage import owners, quota

HOUR = 3600


@pytest.fixture
def home(tmp_path, override, monkeypatch):
    monkeypatch.setattr(quota, "_shown", {})  # other tests have shown folders of the same names
    return override(home=tmp_path, min_free_bytes=1000)


@pytest.fixture
def lack(home, monkeypatch):
    """Makes a disk that has too few free bytes, by the given number, until files are removed."""

    def lack(size_bytes):
        total = sum(quota.sizes().values())
        monkeypatch.setattr(quota, "free_bytes", lambda: 1000 - size_bytes + total - sum(quota.sizes().values()))

    return lack


def set_age(path, hours):
    changed_at = time.time() - hours * HOUR
    os.utime(path, (changed_at, changed_at))


def file(path, hours, size_bytes=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size_bytes)
    set_age(path, hours)
    return path


def folder(parent, name, hours):
    file(parent / name / "notes.json", hours)
    set_age(parent / name, hours)
    return parent / name


def test_nothing_is_removed_while_there_is_room(home, lack):
    kept = [file(home.clips / "ab" / "key", 5), folder(home.jobs, "a", 9)]
    lack(-1)
    assert quota.make_room(()) == (0, 0)
    assert all(path.exists() for path in kept)


@pytest.mark.promise("jobs", "Caches are removed first when the disk is full")
def test_caches_are_removed_first_least_recently_used_before_others(home, lack):
    newer, older = file(home.features / "ab" / "newer", 2), file(home.previews / "ab" / "older", 3)
    result = folder(home.jobs, "a", 9)
    lack(100)
    assert quota.make_room(()) == (1, 0)
    assert [path.exists() for path in (newer, older, result)] == [True, False, True]


def test_then_results_and_uploads_are_removed_oldest_first(home, lack):
    cached = file(home.clips / "ab" / "key", 1)
    newer, older, oldest = folder(home.jobs, "b", 2), folder(home.jobs, "a", 3), folder(home.own_datasets, "own-x", 4)
    lack(250)
    quota.make_room(())
    assert [path.exists() for path in (cached, oldest, older, newer)] == [False, False, False, True]


@pytest.mark.promise("jobs", "When the disk is full, the visitors who use most lose their oldest files first")
def test_nobody_can_evict_the_files_of_others(home, lack):
    mine = folder(home.jobs, "mine", 20)
    theirs = [folder(home.own_datasets, f"own-{number}", 9 - number) for number in range(3)]
    quota.claim("mine", "me")
    for each in theirs:
        quota.claim(each.name, "stranger")
    lack(2 * 100)
    quota.make_room(())
    assert [path.exists() for path in (mine, *theirs)] == [True, False, False, True]


@pytest.mark.promise("jobs", "The disk space of a visitor is limited")
def test_a_visitor_who_uses_too_much_can_store_no_more(home, override):
    override(max_visitor_bytes=250)
    for name in ("a", "b"):
        quota.claim(name, "me")
        folder(home.jobs, name, 1)
    quota.claim("c", "me")
    file(home.runs / "run" / "owner.txt", 1).write_text("me")
    file(home.runs / "run" / "weights.npz", 1)
    with pytest.raises(TooMuchStored, match="Your files"):
        quota.claim("d", "me")
    quota.claim("d", "another")
    assert [owners.owner_of(home.jobs / name) for name in "abcd"] == ["me", "me", "me", "another"]


def test_owners_of_folders_that_are_gone_are_forgotten(home):
    for name in ("there", "gone", "to-come"):
        quota.claim(name, "me")
    folder(home.jobs, "there", 1)
    for name in ("there", "gone"):
        set_age(home.owners / name, 25)
    quota.remove_expired(())
    assert {path.name for path in home.owners.iterdir()} == {"there", "to-come"}


@pytest.mark.promise("jobs", "Files in use are never removed")
def test_folders_in_use_recent_ones_and_shared_ones_stay(home, lack):
    kept = [
        folder(home.jobs, "waiting", 9),
        folder(home.own_datasets, "own-trained-on", 9),
        folder(home.own_datasets, ".incoming-x", 9),
        folder(home.jobs, "just-ended", 0),
        file(home.clips / "ab" / "just-read", 0),
        folder(home.runs, "a-run", 99),
        folder(home.classifiers, "mine", 99),
        folder(home.datasets, "ucf101", 99),
        folder(home.jobs, "shown", 9),
        folder(home.own_datasets, "own-shown", 9),
    ]
    quota.mark_shown("shown")
    quota.mark_shown("own-shown")
    removed = folder(home.jobs, "removed", 8)
    lack(10**6)
    assert quota.make_room({"waiting", "own-trained-on"}) == (0, 1)
    assert all(path.exists() for path in kept)
    assert not removed.exists()


@pytest.mark.promise("private", "Uploads, results and visitors' data sets are removed when they expire")
def test_uploads_and_results_are_removed_when_expired(home):
    kept = [folder(home.jobs, "new", 23), folder(home.own_datasets, "own-new", 23), folder(home.jobs, "waits", 25)]
    kept += [folder(home.runs, "a-run", 99), folder(home.datasets, "ucf101", 99), file(home.uploads / "held", 23)]
    gone = [folder(home.jobs, "old", 25), folder(home.own_datasets, "own-old", 25), folder(home.jobs, ".incoming", 25)]
    gone += [file(home.uploads / "left", 25)]
    quota.remove_expired({"waits"})
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in gone)


@pytest.mark.promise("jobs", "A clock that jumps removes nothing in use")
@pytest.mark.parametrize("days", [1.1, -1.1])
def test_clock_that_jumps_removes_nothing_in_use(home, lack, monkeypatch, days):
    kept = [folder(home.jobs, name, 0) for name in ("on-a-page", "waits", ".in")]
    quota.mark_shown("on-a-page")
    now = time.time()
    monkeypatch.setattr(quota.time, "time", lambda: now + days * 24 * HOUR)
    quota.remove_expired({"waits", ".in"})
    lack(10**6)
    quota.make_room({"waits", ".in"})
    assert all(path.exists() for path in kept)


def test_folder_that_another_process_removes_meanwhile_is_no_error(home, monkeypatch):
    monkeypatch.setattr(quota, "_visitor_folders", lambda: iter([home.jobs / "gone"]))
    quota.remove_expired(())


@pytest.mark.promise("jobs", "A full disk gives a plain message")
def test_full_disk_is_reported_and_other_errors_are_not_taken_for_it():
    with pytest.raises(DiskFull, match="disk is full"), quota.raising_disk_full():
        raise OSError(errno.ENOSPC, "No space left on device", "/a/secret/path")
    with pytest.raises(PermissionError), quota.raising_disk_full():
        raise PermissionError(errno.EACCES, "Permission denied")


def test_shown_folders_are_spared_only_for_a_while(home, lack, monkeypatch):
    shown = folder(home.jobs, "shown-before", 9)
    quota.mark_shown("shown-before")
    now = time.monotonic()
    monkeypatch.setattr(quota.time, "monotonic", lambda: now + quota.RECENT_SEC + 1)
    quota.mark_shown("shown-now")
    assert set(quota._shown) == {"shown-now"}
    lack(10**6)
    quota.make_room(())
    assert not shown.exists()


def test_free_space_and_sizes_of_a_home_that_does_not_exist_yet(tmp_path, override):
    missing = override(home=tmp_path / "a" / "b")
    assert quota.free_bytes() > 0
    assert quota.sizes() == {}
    file(missing.clips / "ab" / "key", 1, 500)
    assert 500 <= quota.sizes()["clips"] < 20_000


def test_upload_is_written_completely_and_never_replaces_a_file(tmp_path):
    data = bytes(range(256)) * 9000  # more than a block
    quota.save_upload(io.BytesIO(data), tmp_path / "a.mp4", len(data))
    with pytest.raises(FileExistsError):
        quota.save_upload(io.BytesIO(b"x"), tmp_path / "a.mp4", 1000)
    assert (tmp_path / "a.mp4").read_bytes() == data


def test_too_large_an_upload_leaves_nothing(tmp_path):
    with pytest.raises(UploadTooLarge, match="larger than 1 MB"):
        quota.save_upload(io.BytesIO(bytes((1 << 20) + 1)), tmp_path / "a.mp4", 1 << 20)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_upload_to_a_full_disk_leaves_nothing(tmp_path, monkeypatch):
    def open_on_full_disk(path, mode):
        path.touch()
        return open("/dev/full", "wb", buffering=0)

    monkeypatch.setattr(Path, "open", open_on_full_disk)
    with pytest.raises(DiskFull):
        quota.save_upload(io.BytesIO(b"x" * 100), tmp_path / "a.mp4", 1000)
    assert not list(tmp_path.iterdir())
