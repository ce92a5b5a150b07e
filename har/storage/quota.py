"""Disk space: how much is free, what uses it, and what is removed when it runs out."""

import errno
import math
import os
import shutil
import stat
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import BufferedIOBase
from pathlib import Path

from har.errors import DiskFull, TooMuchStored, UploadTooLarge
from har.settings import GIB, MIB, settings
from har.storage import owners

RECENT_SEC = 600.0  # what was changed or shown within this time may be open on a page
REPLACEABLE = "imported"  # a file in the folder of a run that its owner can import again
_DRAFT = ".draft"  # a file in the folder of a data set or run, see `touch_draft`
_BLOCK_BYTES = 1 << 20
_shown: dict[str, float] = {}  # names of folders, and when this process last showed them


def free_bytes() -> int:
    """Free space on the disk that holds `HAR_HOME`."""
    home = settings().home.absolute()
    return shutil.disk_usage(next(path for path in (home, *home.parents) if path.exists())).free


@contextmanager
def raising_disk_full() -> Iterator[None]:
    """Turn the system's error into ours when the disk is full.

    Raises:
        DiskFull: instead of the OSError.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull(
            "This server's disk is full.",
            "Your request needs some disk space.",
            "Try again in a few minutes: the oldest files are being removed.",
        ) from error


def sizes() -> dict[str, int]:
    """Bytes of the files in each folder of `HAR_HOME`, by its name."""
    with suppress(FileNotFoundError):
        return {folder.name: _size(folder) for folder in sorted(settings().home.iterdir()) if folder.is_dir()}
    return {}


def save_upload(source: BufferedIOBase, path: Path, limit_bytes: int) -> None:
    """Write an upload, read to its end, to a new file in an existing folder: completely or not at all.

    Raises:
        UploadTooLarge: it is larger than `limit_bytes`.
        DiskFull: there is no room for it.
    """
    with raising_disk_full(), path.open("xb") as file:
        try:
            while block := source.read(_BLOCK_BYTES):
                if file.tell() + len(block) > limit_bytes:
                    raise UploadTooLarge(
                        f"The file is larger than {limit_bytes / MIB:.0f} MB.",
                        "That is the limit for uploads here.",
                        "Choose a smaller file.",
                    )
                file.write(block)
            file.flush()
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@raising_disk_full()
def claim(name: str, owner: str) -> None:
    """Record that a folder of a job or a data set, which may not exist yet, belongs to a visitor.

    Raises:
        TooMuchStored: they store as much as allowed, or more.
        DiskFull: there is no room for the record.
    """
    limit = settings().max_visitor_bytes
    if (used := sum(_size(folder) for folder in _all_folders() if owners.owner_of(folder) == owner)) >= limit:
        raise TooMuchStored(
            f"Your files on this server take {used / GIB:.1f} GiB.",
            f"At most {limit / GIB:.1f} GiB are allowed.",
            f"Delete runs, or wait: uploads and results are removed after {settings().job_hours:g} hours.",
        )
    owners.record(name, owner)


def make_room(in_use: Collection[str]) -> tuple[int, int]:
    """Remove files until `min_free_bytes` are free: first caches, then results, uploads and imported runs.

    Of these, the visitors who use most lose their oldest first, so that no visitor can evict the files of others.
    Shared data sets, classifiers and runs that were trained here stay, and the folders whose names are `in_use`.

    Returns:
        How many cached files, and how many folders of visitors, were removed.
    """
    file_count = folder_count = 0
    for path in _removable_files():
        if _enough():
            break
        with suppress(FileNotFoundError):
            path.unlink()
            file_count += 1
    for folder in _removable_folders(in_use):
        if _enough():
            break
        shutil.rmtree(folder, ignore_errors=True)
        folder_count += 1
    return file_count, folder_count


def remove_expired(in_use: Collection[str]) -> None:
    """Remove uploads and results `job_hours` after their last change, and drafts `draft_minutes` after theirs.

    Uploads that no job has are removed with their tab; these are of web processes that were killed. Folders whose names
    are `in_use` stay regardless of their age, since the clock may have been set.
    """
    oldest = time.time() - settings().job_hours * 3600
    oldest_unfinished = time.time() - settings().max_data_job_sec - RECENT_SEC  # of a job whose worker has died
    for folder in _visitor_folders():
        with suppress(FileNotFoundError):  # another process removes them too
            limit = max(oldest, oldest_unfinished) if folder.name.startswith(".") else oldest
            if folder.name in in_use or _was_shown(folder.name):
                continue
            if folder.stat().st_mtime < limit or ((until := draft_until(folder)) is not None and until < time.time()):
                shutil.rmtree(folder, ignore_errors=True)
    for path in settings().uploads.glob("*"):
        if _changed_at(path) < oldest:
            path.unlink(missing_ok=True)
    owners.forget_old({folder.name for folder in _visitor_folders()}, oldest)


def mark_shown(name: str) -> None:
    """Record that a folder of that name is open on a page.

    This is kept in memory: changing file times would extend how long files are kept.
    """
    now = time.monotonic()
    for other in [other for other, shown_at in list(_shown.items()) if shown_at < now - RECENT_SEC]:
        _shown.pop(other, None)
    _shown[name] = now


@raising_disk_full()
def touch_draft(folder: Path) -> None:
    """Make the folder of a data set or run a draft, which is removed soon; or keep a draft for longer.

    Pages do so again and again while they show it.

    Raises:
        DiskFull: there is no room for the mark.
    """
    (folder / _DRAFT).touch()


def keep_draft(folder: Path) -> None:
    """From now on the folder is kept as long as any other; nothing changes if it was no draft."""
    (folder / _DRAFT).unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        os.utime(folder)


def draft_until(folder: Path) -> float | None:
    """When a draft is removed, in seconds since 1970; None: it is no draft."""
    try:
        return (folder / _DRAFT).stat().st_mtime + 60 * settings().draft_minutes
    except FileNotFoundError:
        return None


def _was_shown(name: str) -> bool:
    return time.monotonic() - _shown.get(name, -math.inf) < RECENT_SEC


def _enough() -> bool:
    return free_bytes() >= settings().min_free_bytes


def _removable_files() -> Iterator[Path]:
    """Cached files, the least recently used first. Nothing is scanned while there is room."""
    if not _enough():
        folders = (settings().clips, settings().features, settings().previews)
        files = (path for folder in folders for path in folder.glob("*/*") if path.is_file())
        yield from _oldest_first((_changed_at(path), path) for path in files)


def _visitor_folders() -> Iterator[Path]:
    """Folders of visitors' jobs and data sets, including those being written."""
    for parent in (settings().jobs, settings().own_datasets):
        yield from parent.glob("*")


def _removable_folders(in_use: Collection[str]) -> Iterator[Path]:
    """Of the visitor who uses most, the oldest; and so on. Each folder of an unknown owner counts as a visitor."""
    if _enough():
        return
    used: Counter[str] = Counter()
    theirs: defaultdict[str, list[tuple[float, int, Path]]] = defaultdict(list)
    for folder in _all_folders():
        owner, size_bytes = owners.owner_of(folder) or folder.name, _size(folder)
        used[owner] += size_bytes
        changed_at = _newest_change(folder)
        if (
            not folder.name.startswith(".")  # being written
            and folder.name not in in_use
            and not _was_shown(folder.name)
            and (folder.parent != settings().runs or (folder / REPLACEABLE).exists())
            and changed_at < time.time() - RECENT_SEC
        ):
            theirs[owner].append((changed_at, size_bytes, folder))
    while theirs:
        owner = max(theirs, key=lambda each: (used[each], -min(theirs[each])[0]))
        oldest = min(theirs[owner])
        theirs[owner].remove(oldest)
        if not theirs[owner]:
            del theirs[owner]
        used[owner] -= oldest[1]
        yield oldest[2]


def _all_folders() -> Iterator[Path]:
    yield from _visitor_folders()
    yield from settings().runs.glob("*")


def _oldest_first(paths: Iterator[tuple[float, Path]]) -> Iterator[Path]:
    return (path for changed_at, path in sorted(paths) if changed_at < time.time() - RECENT_SEC)


def _newest_change(folder: Path) -> float:
    """When a folder, or anything directly in it, was last changed."""
    with suppress(OSError):
        return max([folder.stat().st_mtime, *map(_changed_at, folder.iterdir())])
    return time.time()  # it is just being removed


def _changed_at(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return time.time()


def _size(folder: Path) -> int:
    size_bytes = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # removed meanwhile
            status = path.lstat()
            size_bytes += status.st_size if stat.S_ISREG(status.st_mode) else 0
    return size_bytes
