"""Files that can be made again, kept on disk while there is room: the least recently used go first.

Plain files and no database, so that several processes, and machines with a folder in common, can share one.
"""

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from har.settings import settings

_LOOK_EVERY = 200  # files written between two looks at the whole folder: other processes write there too
_ABANDONED_SEC = 3600  # a file still under its temporary name after so long belongs to a process that was killed
_SPARE = 0.9  # what is kept when the limit is passed, so that it is not passed again at once


def key_of(*parts: object) -> str:
    """A file name for whatever `str` tells apart: 32 hexadecimal digits."""
    return hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=16).hexdigest()


class FileCache:
    """Files under keys in one folder.

    Args:
        folder: made when the first file is written.
        limit_bytes: of all files together; passed by a few files at most, and not for long.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder = folder
        self.limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._size_bytes = 0  # as of the last look, and what was written here since
        self._until_look = 0

    def find(self, key: str) -> Path | None:
        """The file under a key, which counts as its use. It may be gone at any time; what was opened stays readable."""
        path = self._path(key)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def read(self, key: str) -> bytes | None:
        """What the file under a key holds."""
        path = self.find(key)
        with suppress(FileNotFoundError):
            return path.read_bytes() if path else None
        return None

    @contextmanager
    def writing(self, key: str) -> Iterator[Path]:
        """A temporary name to write to; the file appears under its key when all went well, and only then."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            size_bytes = beside.stat().st_size
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        self._count(size_bytes)

    def write(self, key: str, data: bytes) -> Path:
        """Keep some bytes under a key.

        Returns:
            Where they are.
        """
        with self.writing(key) as path:
            path.write_bytes(data)
        return self._path(key)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _count(self, size_bytes: int) -> None:
        with self._lock:
            self._size_bytes += size_bytes
            self._until_look -= 1
            if self._until_look <= 0 or self._size_bytes > self.limit_bytes:
                self._size_bytes = self._make_room()
                self._until_look = _LOOK_EVERY

    def _make_room(self) -> int:
        """Remove what was not used for longest, if there is too much; bytes that are left."""
        files = []
        for path in self.folder.glob("*/*"):
            with suppress(FileNotFoundError):  # somebody else makes room as well
                files.append((path.stat().st_mtime, path.stat().st_size, path))
        abandoned = [file for file in files if file[2].name[0] == "." and file[0] < time.time() - _ABANDONED_SEC]
        for _, _, path in abandoned:
            path.unlink(missing_ok=True)
        kept = sorted((file for file in files if file[2].name[0] != "."), key=lambda file: file[0])
        left = sum(size for _, size, _ in kept)
        if left <= self.limit_bytes:
            return left
        for _, size, path in kept:
            if left <= _SPARE * self.limit_bytes:
                break
            path.unlink(missing_ok=True)
            left -= size
        return left


def kept_clips() -> FileCache:
    """Decoded clips."""
    return _cache(settings().clips, settings().clip_cache_bytes)


def kept_features() -> FileCache:
    """What pretrained networks made of clips."""
    return _cache(settings().features, settings().feature_cache_bytes)


def kept_previews() -> FileCache:
    """Small copies, pictures and facts, of videos and of networks."""
    return _cache(settings().previews, settings().preview_cache_bytes)


@cache
def _cache(folder: Path, limit_bytes: int) -> FileCache:
    return FileCache(folder, limit_bytes)
