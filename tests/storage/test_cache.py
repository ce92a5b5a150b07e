import os
import time
from pathlib import Path

import pytest

from har.storage.cache import FileCache, cache_key


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_other_processes_find_what_is_written(tmp_path: Path) -> None:
    FileCache(tmp_path, 1000).write(cache_key("a"), b"data")
    assert FileCache(tmp_path, 1000).read(cache_key("a")) == b"data"
    assert FileCache(tmp_path, 1000).read(cache_key("b")) is None


def test_key_depends_on_every_part() -> None:
    assert len({cache_key("a", "b"), cache_key("ab"), cache_key("a", "b", ""), cache_key("a", "c")}) == 4


def test_unfinished_file_never_appears(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    with pytest.raises(ValueError, match="in the middle"), cache.writing("abc") as path:  # noqa: PT012
        path.write_bytes(b"half")
        assert cache.find("abc") is None
        raise ValueError("in the middle")
    assert cache.find("abc") is None
    assert not files(tmp_path)


def test_least_recently_used_files_are_removed_first(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    for number in range(10):
        path = cache.write(f"{number}", bytes(100))
        os.utime(path, (number + 1, number + 1))
    assert cache.find("0")  # used again, so no longer the oldest
    cache.write("10", bytes(100))
    assert {path.name for path in files(tmp_path)} == {"0", "3", "4", "5", "6", "7", "8", "9", "10"}


def test_scan_counts_files_of_other_processes(tmp_path: Path) -> None:
    for number in range(10):
        os.utime(FileCache(tmp_path, 10**6).write(f"{number}", bytes(100)), (1, 1))
    FileCache(tmp_path, 300).write("new", bytes(100))  # the first write always scans
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 300
    assert (tmp_path / "ne/new").exists()


def test_unfinished_files_of_killed_processes_are_removed_after_an_hour(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    folder.mkdir()
    old, fresh = folder / ".old.part", folder / ".fresh.part"
    for path in (old, fresh):
        path.write_bytes(bytes(10))
    os.utime(old, (time.time() - 7200,) * 2)
    FileCache(tmp_path, 1000).write("abc", b"")
    assert not old.exists()
    assert fresh.exists()
