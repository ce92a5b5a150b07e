"""Unpacking an archive of videos. Everything in it is hostile until proven otherwise."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from har.datasets.dataset import Skipped
from har.datasets.fetching.archive_entries import Damaged, Entry, reading, safe_parts, too_many
from har.datasets.fetching.limits import Checking, OnEvent, Unpacking, check_disk_space, ignore
from har.datasets.folder import SUFFIXES
from har.errors import ArchiveRefused, DownloadFailed, HarError
from har.settings import GIB, MIB, settings
from har.video import probe

_TABLE = "groups.csv"
_TABLE_BYTES = MIB
_LISTED = 200  # files left out that are named; the rest is counted
_LONGEST_NAME_BYTES = 240  # file systems take 255; some room for a number
_TOLD_EVERY = 10  # entries between two events
_RATIO_FROM_BYTES = 10 * MIB  # small things may shrink as much as they like


def unpack(archive: Path, folder: Path, on_event: OnEvent = ignore) -> tuple[Skipped, ...]:
    """Unpack the videos of an archive into a folder that is not there yet.

    Folders of the archive stay folders, so that `open_folder` finds the classes. Only regular files that ffmpeg can
    look at as videos are kept, and tables of groups; nothing is written outside the folder.

    Args:
        archive: zip, tar, rar, 7z.
        folder: appears when everything is in it, and not before.
        on_event: told of progress. `StopRequested` raised out of it leaves nothing behind.

    Returns:
        What was left out that looked like a video or could not be trusted.

    Raises:
        ArchiveRefused: damaged, over a limit, of a kind that cannot be read here, or without a video; too little room
            on the disk; or the folder is there.
    """
    if folder.exists():
        raise ArchiveRefused(f"{folder.name} is there already.", "A new folder was expected.", "Choose another name.")
    with _telling(archive.name), _beside(folder) as target:
        unpacking = _Unpacking(archive, target)
        with reading(archive) as entries:
            for number, entry in enumerate(entries, start=1):
                if number > settings().max_archive_entries:
                    raise too_many(archive.name)
                unpacking.take(entry)
                if number % _TOLD_EVERY == 1:
                    on_event(Unpacking(number, 0))
        skipped = [*unpacking.skipped, *keep_videos(unpacking.written, on_event)]
        if not any(path.exists() for path in unpacking.written):
            reasons = f" Left out: {skipped[0].name}: {skipped[0].reason}." if skipped else ""
            raise ArchiveRefused(
                f"{archive.name} holds no video that can be used.{reasons}",
                "A folder for each label with its videos in it was expected.",
                "Check what is in the archive.",
            )
        _drop_empty_folders(target)
        target.replace(folder)
    return _shortened(skipped)


def keep_videos(paths: list[Path], on_event: OnEvent) -> list[Skipped]:
    """Look at each file, remove what is not a video, and say which and why."""
    skipped: dict[Path, Skipped] = {}
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        futures = {pool.submit(_problem, path): path for path in paths}
        for done, future in enumerate(as_completed(futures), start=1):
            path = futures[future]
            if (problem := future.result()) is not None:
                path.unlink()
                at_top = path.parent.name.startswith(".")  # where archives are unpacked
                skipped[path] = Skipped(path.name if at_top else f"{path.parent.name}/{path.name}", problem)
            on_event(Checking(done, len(futures)))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [skipped[path] for path in paths if path in skipped]


def sized(name: str) -> str:
    """A file name that every file system takes: not longer than 240 bytes, its ending kept."""
    stem, suffix = os.path.splitext(name)
    if len(suffix.encode()) > 20:
        stem, suffix = name, ""
    room = _LONGEST_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore") + suffix


class NoRoom(ArchiveRefused):
    """An archive that the disk cannot take, or not now; nothing is wrong with it."""


@dataclass
class _Unpacking:
    """Writes entries below a folder, and counts what it writes."""

    archive: Path
    target: Path
    written: list[Path] = field(default_factory=list)  # looks like videos
    skipped: list[Skipped] = field(default_factory=list)
    total_bytes: int = 0
    numbers: dict[Path, int] = field(default_factory=dict)  # the last one given to files that want one name
    seen_bytes: int = 0  # of archives packed as a whole, which are decompressed even where nothing is written

    def take(self, entry: Entry) -> None:
        """Write an entry, pass it over, or refuse the archive."""
        if entry.packed_bytes is None:
            self.seen_bytes += entry.size_bytes or 0
            self._check_bytes(self.seen_bytes)
        if entry.kind == "folder":
            return
        parts = safe_parts(entry.name)
        suffix = os.path.splitext(entry.name)[1].lower()
        is_table = entry.name.replace("\\", "/").rsplit("/", 1)[-1] == _TABLE
        if isinstance(parts, str) or entry.kind == "other":
            self._skip(entry, parts if isinstance(parts, str) else "a link or a device")
        elif any(part.startswith((".", "__MACOSX")) for part in parts) or not (suffix in SUFFIXES or is_table):
            return  # somebody's notes, a system's droppings
        elif entry.problem is not None:
            self._skip(entry, entry.problem)
        elif (entry.size_bytes or 0) > (limit := _TABLE_BYTES if is_table else settings().max_video_bytes):
            self._skip(entry, f"more than {limit / MIB:.0f} MB")
        else:
            self._check_announced(entry)
            self._write(entry, self._path(parts), limit, is_table)

    def _write(self, entry: Entry, path: Path, limit: int, is_table: bool) -> None:
        problem = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                problem = self._copy(entry, file, limit)
        except (FileExistsError, NotADirectoryError):  # a folder is wanted where a file has been written
            self._skip(entry, "a file and a folder of one name")
            return
        except Damaged:
            problem = "damaged"
        if problem is not None:
            path.unlink()
            self._skip(entry, problem)
        elif not is_table:
            self.written.append(path)

    def _copy(self, entry: Entry, file: BinaryIO, limit: int) -> str | None:
        """Write what an entry holds; or why not all of it was written."""
        size_bytes = 0
        for block in entry.blocks():
            size_bytes += len(block)
            self.total_bytes += len(block)
            self._check_bytes(self.total_bytes)
            check_disk_space(0, self.target, self.archive.name)
            if size_bytes > limit:
                return f"more than {limit / MIB:.0f} MB"
            file.write(block)
        return None

    def _path(self, parts: tuple[str, ...]) -> Path:
        *folders, name = (sized(part) for part in parts)
        wanted = path = self.target.joinpath(*folders, name)
        while path.exists() or path.is_symlink():
            number = self.numbers[wanted] = self.numbers.get(wanted, 1) + 1
            path = path.with_name(f"{os.path.splitext(name)[0]}-{number}{os.path.splitext(name)[1]}")
        return path

    def _check_announced(self, entry: Entry) -> None:
        size_bytes, packed_bytes = entry.size_bytes or 0, entry.packed_bytes
        shrunk = packed_bytes is not None and size_bytes > settings().max_compression_ratio * max(packed_bytes, 1)
        if shrunk and size_bytes > _RATIO_FROM_BYTES:
            raise self._bomb()
        if self.total_bytes + size_bytes > settings().max_unpacked_bytes:
            raise self._too_much()

    def _check_bytes(self, size_bytes: int) -> None:
        if size_bytes > settings().max_unpacked_bytes:
            raise self._too_much()
        limit = max(_RATIO_FROM_BYTES, settings().max_compression_ratio * self.archive.stat().st_size)
        if size_bytes > limit:
            raise self._bomb()

    def _skip(self, entry: Entry, reason: str) -> None:
        self.skipped.append(Skipped("".join(sign if sign.isprintable() else "?" for sign in entry.name[:300]), reason))

    def _too_much(self) -> ArchiveRefused:
        return ArchiveRefused(
            f"{self.archive.name} unpacks to more than {settings().max_unpacked_bytes / GIB:.1f} GB.",
            "So much is allowed.",
            "Divide it; HAR_MAX_UNPACKED_BYTES raises the limit.",
        )

    def _bomb(self) -> ArchiveRefused:
        return ArchiveRefused(
            f"{self.archive.name} unpacks to more than {settings().max_compression_ratio:g} times its size.",
            "Videos hardly shrink when they are packed, so this is no archive of videos.",
            "Pack the videos themselves; HAR_MAX_COMPRESSION_RATIO raises the limit.",
        )


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """A hidden folder to fill, on the same disk; gone afterwards unless it was renamed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        target.chmod(0o755)
        yield target
    finally:
        shutil.rmtree(target, ignore_errors=True)


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Turns what disks do into ArchiveRefused."""
    try:
        yield
    except DownloadFailed as error:  # too little room
        raise NoRoom(error.received, error.expected, error.remedy) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise NoRoom(
            f"{name} could not be unpacked: {'the disk is full' if full else error.strerror or type(error).__name__}.",
            "There must be room for all of it.",
            "Free some space, or unpack it elsewhere.",
        ) from error


def _problem(path: Path) -> str | None:
    try:
        probe(path)
    except HarError as error:
        return error.received.rstrip(".")
    return None


def _drop_empty_folders(target: Path) -> None:
    for path, _, _ in os.walk(target, topdown=False):
        if path != str(target) and not os.listdir(path):
            os.rmdir(path)


def _shortened(skipped: list[Skipped]) -> tuple[Skipped, ...]:
    if len(skipped) <= _LISTED:
        return tuple(skipped)
    return (*skipped[:_LISTED], Skipped(f"{len(skipped) - _LISTED} more", "as those above"))
