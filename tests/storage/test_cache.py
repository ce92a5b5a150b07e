import os
import time
from pathlib import Path

import pytest

from har.storage.cache import FileCache, key_of


def test_what_is_written_is_found_by_another_process_too(tmp_path: Path) -> None:
    FileCache(tmp_path, 1000).write(key_of("a"), b"data")
    assert FileCache(tmp_path, 1000).read(key_of("a")) == b"data"
    assert FileCache(tmp_path, 1000).read(key_of("b")) is None


def test_keys_are_told_apart_by_every_part() -> None:
    assert len({key_of("a", "b"), key_of("ab"), key_of("a", "b", ""), key_of("a", "c")}) == 4


def test_a_file_that_was_not_finished_never_appears(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    with pytest.raises(ValueError, match="in the middle"), cache.writing("abc") as path:  # noqa: PT012
        path.write_bytes(b"half")
        assert cache.find("abc") is None
        raise ValueError("in the middle")
    assert cache.find("abc") is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    for number in range(10):
        path = cache.write(f"{number}", bytes(100))
        os.utime(path, (number + 1, number + 1))
    assert cache.find("0")  # used again, so not the oldest any more
    cache.write("10", bytes(100))
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"0", "3", "4", "5", "6", "7", "8", "9", "10"}


def test_files_of_other_processes_count_when_it_looks(tmp_path: Path) -> None:
    for number in range(10):
        os.utime(FileCache(tmp_path, 10**6).write(f"{number}", bytes(100)), (1, 1))
    FileCache(tmp_path, 300).write("new", bytes(100))  # the first write always looks
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) <= 300
    assert (tmp_path / "ne/new").exists()


def test_what_a_killed_process_left_goes_after_an_hour(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    folder.mkdir()
    old, fresh = folder / ".part-old", folder / ".part-fresh"
    for path in (old, fresh):
        path.write_bytes(bytes(10))
    os.utime(old, (time.time() - 7200,) * 2)
    FileCache(tmp_path, 1000).write("abc", b"")
    assert not old.exists()
    assert fresh.exists()
