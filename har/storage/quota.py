"""Room on the disk: how much there is, what takes it, and what goes when it is short."""

import errno
import math
import shutil
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

from har.errors import DiskFull, UploadRefused
from har.settings import MIB, settings

SPARED_SEC = 600.0  # what was changed or shown so lately may be on somebody's page
_BLOCK_BYTES = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
_shown: dict[str, float] = {}  # names of folders, and when they were last shown by this process


def free_bytes() -> int:
    """What is left on the disk that holds `HAR_HOME`."""
    home = settings().home.absolute()
    return shutil.disk_usage(next(path for path in (home, *home.parents) if path.exists())).free


@contextmanager
def telling() -> Iterator[None]:
    """Say in words that the disk is full, where something is to be kept in this block.

    Raises:
        DiskFull: it is.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise DiskFull(
            "There is no room left on this server's disk.",
            "What you asked for has to be kept while it is worked on.",
            "Try again in some minutes: what is needed least is removed meanwhile.",
        ) from error


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
        UploadRefused: it has more.
        DiskFull: there is no room for it.
    """
    with telling(), path.open("xb") as file:
        try:
            while block := source.read(_BLOCK_BYTES):
                if file.tell() + len(block) > limit_bytes:
                    raise _too_large(limit_bytes)
                file.write(block)
            file.flush()
        except BaseException:
            path.unlink(missing_ok=True)
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


def sweep(in_use: Collection[str]) -> None:
    """Remove what visitors brought and got, when its time is up: `job_hours` after the last change.

    Args:
        in_use: names of folders that are needed whatever the clock says, which may have been set anew.
    """
    oldest = time.time() - settings().job_hours * 3600
    for folder in _brought():
        with suppress(FileNotFoundError):  # somebody else sweeps too
            if folder.name not in in_use and not _was_shown(folder.name) and folder.stat().st_mtime < oldest:
                shutil.rmtree(folder, ignore_errors=True)


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


def _brought() -> Iterator[Path]:
    """Folders of visitors' jobs and data sets, those that are being filled too."""
    for parent in (settings().jobs, settings().own_datasets):
        yield from parent.glob("*")


def _unused_folders(in_use: Collection[str]) -> Iterator[Path]:
    """What visitors brought and got, the longest unchanged first."""
    if not _enough():
        found = [
            (_inside_changed_at(folder), folder)
            for folder in _brought()
            if not folder.name.startswith(".")  # being filled
            and folder.name not in in_use
            and not _was_shown(folder.name)
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
