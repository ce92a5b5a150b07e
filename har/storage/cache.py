"""Files that can be computed again, kept on disk up to a limit: the least recently used are removed first.

They are plain files rather than a database, so several processes, and machines with a common folder, can share them.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from har.settings import settings
from har.storage import atomic

_SCAN_EVERY = 200  # files written between two scans of the folder, to which other processes write too
_ABANDONED_SEC = 3600  # an unfinished file of this age belongs to a process that was killed
_TARGET_SHARE = 0.9  # of the limit that stays when it is exceeded, so that this does not happen again at once


def cache_key(*parts: object) -> str:
    """A file name that depends on `str` of each part: 32 hexadecimal digits."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()


class FileCache:
    """Files by key in one folder, which is created with the first.

    All files together may briefly exceed `limit_bytes` by a few files.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._size_bytes = 0  # as of the last scan, and what was written here since
        self._until_scan = 0

    def find(self, key: str) -> Path | None:
        """Find the file of a key and mark it as used. It may be removed at any time; once opened it stays readable."""
        path = self._path(key)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def read(self, key: str) -> bytes | None:
        """Read the file of a key; None if there is none."""
        path = self.find(key)
        with suppress(FileNotFoundError):
            return path.read_bytes() if path else None
        return None

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """Yield a temporary path; the file appears under its key if the block succeeds."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic.replacing(path) as temporary:
            yield temporary
            size_bytes = temporary.stat().st_size
        self._count(size_bytes)

    def write(self, key: str, data: bytes) -> Path:
        """Write a file under a key and return its path."""
        with self.writing(key) as path:
            path.write_bytes(data)
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _count(self, size_bytes: int) -> None:
        with self._lock:
            self._size_bytes += size_bytes
            self._until_scan -= 1
            if self._until_scan <= 0 or self._size_bytes > self.limit_bytes:
                self._size_bytes = self._make_room()
                self._until_scan = _SCAN_EVERY

    def _make_room(self) -> int:
        """Remove the least recently used files above the limit; return how many bytes remain."""
        files = []
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):  # another process has removed it
                files.append((path.stat().st_mtime, path.stat().st_size, path))
        for changed_at, _, path in files:
            if path.name[0] == "." and changed_at < time.time() - _ABANDONED_SEC:
                path.unlink(missing_ok=True)
        complete = sorted((file for file in files if file[2].name[0] != "."), key=lambda file: file[0])
        left = sum(size for _, size, _ in complete)
        if left <= self.limit_bytes:
            return left
        for _, size, path in complete:
            if left <= _TARGET_SHARE * self.limit_bytes:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left


def clip_cache() -> FileCache:
    """Decoded clips."""
    return _cache(settings().clips, settings().clip_cache_bytes)


def feature_cache() -> FileCache:
    """Outputs of pretrained networks for clips."""
    return _cache(settings().features, settings().feature_cache_bytes)


def graph_cache() -> FileCache:
    """Classifiers that were converted for LiteRT."""
    return _cache(settings().graphs, settings().graph_cache_bytes)


def preview_cache() -> FileCache:
    """Small copies, pictures and facts of videos and networks."""
    return _cache(settings().previews, settings().preview_cache_bytes)


@cache
def _cache(folder: Path, limit_bytes: int) -> FileCache:
    return FileCache(folder, limit_bytes)
