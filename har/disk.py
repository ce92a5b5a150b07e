"""Room on the disk: how much there is, what takes it, and what goes when it is short."""

import errno
import math
import shutil
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from io import BufferedIOBase
from pathlib import Path

from har.errors import UploadRefused
from har.settings import MIB, settings

SPARED_SEC = 600.0  # what was changed or shown so lately may be on somebody's page
_BLOCK_BYTES = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_shown: dict[str, float] = {}  # names of folders, and when they were last shown by this process


def free_bytes() -> int:
    """What is left on the disk that holds `HAR_HOME`."""
    home = settings().home.absolute()
    return shutil.disk_usage(next(path for path in (home, *home.parents) if path.exists())).free


def sizes() -> dict[str, int]:
    """Bytes of the files in each folder of `HAR_HOME`, by its name."""
    home = settings().home
    with suppress(FileNotFoundError):
        return {folder.name: _size(folder) for folder in sorted(home.iterdir()) if folder.is_dir()}
    return {}


def copy_in(source: BufferedIOBase, path: Path, limit_bytes: int) -> None:
    """Write what somebody brings to a file, which is there whole or not at all.

    Args:
        source: is read to its end, but no further than the limit.
        path: a new file; its folder is there.
        limit_bytes: that it may have.

    Raises:
        UploadRefused: it has more, or the disk is full.
    """
    try:
        with path.open("xb") as file:
            while block := source.read(_BLOCK_BYTES):
                if file.tell() + len(block) > limit_bytes:
                    raise _too_large(limit_bytes)
                file.write(block)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise UploadRefused(
                "The server's disk is full.", "There must be room for the file.", "Try again later, or a smaller file."
            ) from error
        raise


def make_room(in_use: Collection[str]) -> tuple[int, int]:
    """Remove things until `min_free_bytes` are free: first what can be made again, then results and uploads.

    Each kind the longest unused first. Data sets for everybody, classifiers and training runs stay.

    Args:
        in_use: names of folders of jobs and of visitors' own data sets that are needed.

    Returns:
        How many files of caches, and how many folders of visitors, were removed.
    """
    file_count = folder_count = 0
    for path in _unused_files():
        if _enough():
            break
        with suppress(FileNotFoundError):
            path.unlink()
            file_count += 1
    for folder in _unused_folders(in_use):
        if _enough():
            break
        shutil.rmtree(folder, ignore_errors=True)
        folder_count += 1
    return file_count, folder_count


def note_use(name: str) -> None:
    """Say that a folder of that name is on somebody's page.

    Kept in memory: changing times of files would make them younger, and some systems take a mere look for a use.
    """
    now = time.monotonic()
    for other in [other for other, used_at in _shown.items() if used_at < now - SPARED_SEC]:
        _shown.pop(other, None)
    _shown[name] = now


def _too_large(limit_bytes: int) -> UploadRefused:
    return UploadRefused(
        f"The file has more than {limit_bytes / MIB:.0f} MB.", "No more are taken here.", "Bring a smaller one."
    )


def _was_shown(name: str) -> bool:
    return time.monotonic() - _shown.get(name, -math.inf) < SPARED_SEC


def _enough() -> bool:
    return free_bytes() >= settings().min_free_bytes


def _unused_files() -> Iterator[Path]:
    """Files of caches, the longest unused first. Nothing is looked at while there is room."""
    if not _enough():
        found = []
        for cache in (settings().clips, settings().features, settings().previews):
            found += [(_changed_at(path), path) for path in cache.glob("*/*") if path.is_file()]
        yield from _older(found)


def _unused_folders(in_use: Collection[str]) -> Iterator[Path]:
    """What visitors brought and got, the longest unchanged first."""
    if not _enough():
        found = []
        for parent in (settings().jobs, settings().own_datasets):
            found += [
                (_inside_changed_at(folder), folder)
                for folder in parent.glob("[!.]*")  # what begins with a dot is being filled
                if folder.name not in in_use and not _was_shown(folder.name)
            ]
        yield from _older(found)


def _older(found: list[tuple[float, Path]]) -> Iterator[Path]:
    return (path for used_at, path in sorted(found) if used_at < time.time() - SPARED_SEC)


def _inside_changed_at(folder: Path) -> float:
    """When a folder, or what lies directly in it, was last changed."""
    with suppress(OSError):
        return max([folder.stat().st_mtime, *map(_changed_at, folder.iterdir())])
    return time.time()  # somebody else is just removing it


def _changed_at(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return time.time()


def _size(folder: Path) -> int:
    size_bytes = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # it may go while we look
            facts = path.lstat()
            size_bytes += facts.st_size if stat.S_ISREG(facts.st_mode) else 0
    return size_bytes
