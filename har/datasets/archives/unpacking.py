"""Unpacking archives of videos, which are not trusted."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from har.datasets.archives.entries import (
    Damaged,
    Entry,
    LimitExceeded,
    open_archive,
    safe_parts,
    too_many_entries,
)
from har.datasets.dataset import Note, Skipped
from har.datasets.parallel import map_files
from har.downloads.limits import check_disk_space
from har.errors import ArchiveRefused, DownloadFailed, HarError
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import GIB, MIB, settings
from har.video import probe
from har.video.formats import NOT_READ, OTHER_VIDEO_SUFFIXES, VIDEO_SUFFIXES

_TABLE = "groups.csv"
_MAX_TABLE_BYTES = MIB
_MAX_LISTED = 200  # skipped files that are named; the others are counted
_MAX_NAME_BYTES = 240  # file systems allow 255; this leaves room for a number
_REPORT_EVERY = 10  # entries
_ARCHIVE = re.compile(r"(?P<stem>.+)\.(zip|rar|7z|tar|tgz|tbz2?|txz|tzst|tar\.(gz|bz2|xz|lzma|zst))", re.IGNORECASE)
_MIN_RATIO_BYTES = 10 * MIB  # smaller files may be compressed by any ratio


def unpack(archive: Path, folder: Path, on_progress: OnProgress = ignore) -> tuple[Skipped | Note, ...]:
    """Unpack the videos of an archive (zip, tar, rar or 7z) into a new folder.

    The folders of the archive are kept, so `open_folder` finds the classes. Only tables of groups, and regular files
    that ffmpeg can read as videos, are unpacked. Nothing is written outside the folder. An archive in the archive is
    unpacked into a folder of its name, within the same limits; one inside that is skipped. The folder appears when it
    is complete; `StopRequested` raised out of `on_progress` ends the work and leaves nothing behind.

    Returns:
        Files that were skipped because they only look like videos, or are not safe; a note if names had to be guessed.

    Raises:
        ArchiveRefused: it is damaged, over a limit, without a video, or of a kind that cannot be read here; or there is
            no disk space, or the folder exists.
    """
    if folder.exists():
        raise ArchiveRefused(f"{folder.name} already exists.", "A new folder was expected.", "Choose another name.")
    with _raising_archive_refused(archive.name), temporary_folder(folder) as target:
        unpacker = _Unpacker(archive, target, on_progress)
        unpacker.unpack(archive)
        skipped = [*unpacker.skipped, *remove_non_videos(unpacker.written, on_progress)]
        if not any(path.exists() for path in unpacker.written):
            reasons = f" Skipped: {skipped[0].name}: {skipped[0].reason}." if skipped else ""
            raise ArchiveRefused(
                f"{archive.name} has no usable video.{reasons}",
                "One folder per label, with its videos in it, was expected.",
                "Check the contents of the archive.",
            )
        _remove_empty_folders(target)
        target.replace(folder)
    return (*unpacker.notes(), *_shortened(skipped))


def remove_non_videos(paths: Sequence[Path], on_progress: OnProgress) -> list[Skipped]:
    """Probe each file and remove those that are not videos."""
    errors = map_files(_video_error, paths, os.cpu_count(), Stage.CHECK_VIDEOS, on_progress)
    skipped = []
    for path, error in zip(paths, errors, strict=True):
        if error is not None:
            path.unlink()
            at_top = path.parent.name.startswith(".")  # in the temporary folder itself
            skipped.append(Skipped(path.name if at_top else f"{path.parent.name}/{path.name}", error))
    return skipped


def shorten_name(name: str) -> str:
    """A file name that every file system accepts: at most 240 bytes, its suffix kept."""
    stem, suffix = os.path.splitext(name)
    if len(suffix.encode()) > 20:
        stem, suffix = name, ""
    max_bytes = _MAX_NAME_BYTES - len(suffix.encode())
    return stem.encode()[:max_bytes].decode(errors="ignore") + suffix


class NotEnoughSpace(ArchiveRefused):
    """The archive is fine, but the disk has no room for it now."""


@dataclass
class _Unpacker:
    """Writes entries below a folder, within the limits."""

    archive: Path
    target: Path
    on_progress: OnProgress
    written: list[Path] = field(default_factory=list)  # files that may be videos
    skipped: list[Skipped] = field(default_factory=list)
    total_bytes: int = 0
    numbers: dict[Path, int] = field(default_factory=dict)  # the last one appended to files of the same name
    seen_bytes: int = 0  # of archives compressed as a whole, which are decompressed even where nothing is written
    entry_count: int = 0
    encodings: set[str] = field(default_factory=set)  # guessed ones

    def unpack(self, archive: Path, inside: tuple[str, ...] = ()) -> None:
        """Process all entries of the archive, or of one in it, whose files get into the folder `inside`."""
        with open_archive(archive) as entries:
            for entry in entries:
                self.entry_count += 1
                if self.entry_count > settings().max_archive_entries:
                    raise too_many_entries(self.archive.name)
                self.process(entry, inside)
                if self.entry_count % _REPORT_EVERY == 1:
                    self.on_progress(Progress(Stage.UNPACK, self.entry_count))

    def notes(self) -> list[Note]:
        """What the owner of the archive should check."""
        reason = (
            "does not state the encoding of its file names, which were read as {}; if labels look wrong, pack it again"
        )
        return [Note(self.archive.name, reason.format(encoding)) for encoding in sorted(self.encodings)]

    def process(self, entry: Entry, inside: tuple[str, ...] = ()) -> None:
        """Write an entry, skip it, or refuse the archive."""
        if entry.packed_bytes is None:
            self.seen_bytes += entry.size_bytes or 0
            self._check_total(self.seen_bytes)
        if entry.kind == "folder":
            return
        parts = safe_parts(entry.name)
        suffix = os.path.splitext(entry.name)[1].lower()
        is_archive = _ARCHIVE.fullmatch(parts[-1]) is not None if not isinstance(parts, str) else False
        is_table = entry.name.replace("\\", "/").rsplit("/", 1)[-1] == _TABLE
        if isinstance(parts, str) or entry.kind == "other":
            self._skip(entry, parts if isinstance(parts, str) else "a link or a device")
        elif any(part.startswith((".", "__MACOSX")) for part in parts):
            return
        elif suffix in OTHER_VIDEO_SUFFIXES:
            self._skip(entry, NOT_READ)
        elif suffix not in VIDEO_SUFFIXES and not is_table and not is_archive:
            return  # other files are left out without notice
        elif entry.problem is not None:
            self._skip(entry, entry.problem)
        elif is_archive:
            self._check_announced_size(entry)
            self._unpack_inner(entry, (*inside, *parts), is_nested=bool(inside))
        elif (entry.size_bytes or 0) > (limit := _MAX_TABLE_BYTES if is_table else settings().max_video_bytes):
            self._skip(entry, f"more than {limit / MIB:.0f} MB")
        else:
            self._check_announced_size(entry)
            if entry.guessed_encoding:
                self.encodings.add(entry.guessed_encoding)
            self._write(entry, self._free_path((*inside, *parts)), limit, is_table)

    def _unpack_inner(self, entry: Entry, parts: tuple[str, ...], is_nested: bool) -> None:
        *folders, name = parts
        match = _ARCHIVE.fullmatch(name)
        if is_nested or match is None:
            self._skip(entry, "an archive inside an archive inside the archive: unpack it first")
            return
        with temporary_folder(self.target) as temporary:
            path = temporary / shorten_name(name)
            try:
                with path.open("xb") as file:
                    self._copy(entry, file, settings().max_unpacked_bytes)
                self.unpack(path, (*folders, match["stem"]))
            except LimitExceeded:
                raise
            except ArchiveRefused as error:  # the other files can be used
                self._skip(entry, error.received.rstrip("."))

    def _write(self, entry: Entry, path: Path, limit: int, is_table: bool) -> None:
        error = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                error = self._copy(entry, file, limit)
        except (FileExistsError, NotADirectoryError):  # the folder would have the name of a file already written
            self._skip(entry, "a file and a folder have the same name")
            return
        except Damaged:
            error = "damaged"
        if error is not None:
            path.unlink()
            self._skip(entry, error)
        elif not is_table:
            self.written.append(path)

    def _copy(self, entry: Entry, file: BinaryIO, limit: int) -> str | None:
        """Write the content of an entry; the reason if not all of it was written."""
        size_bytes = 0
        for block in entry.blocks():
            size_bytes += len(block)
            self.total_bytes += len(block)
            self._check_total(self.total_bytes)
            check_disk_space(0, self.target, self.archive.name)
            if size_bytes > limit:
                return f"more than {limit / MIB:.0f} MB"
            file.write(block)
        return None

    def _free_path(self, parts: tuple[str, ...]) -> Path:
        *folders, name = (shorten_name(part) for part in parts)
        first = path = self.target.joinpath(*folders, name)
        while path.exists() or path.is_symlink():
            number = self.numbers[first] = self.numbers.get(first, 1) + 1
            path = path.with_name(f"{os.path.splitext(name)[0]}-{number}{os.path.splitext(name)[1]}")
        return path

    def _check_announced_size(self, entry: Entry) -> None:
        size_bytes, packed_bytes = entry.size_bytes or 0, entry.packed_bytes
        ratio_exceeded = packed_bytes is not None and size_bytes > settings().max_compression_ratio * max(
            packed_bytes, 1
        )
        if ratio_exceeded and size_bytes > _MIN_RATIO_BYTES:
            raise self._ratio_error()
        if self.total_bytes + size_bytes > settings().max_unpacked_bytes:
            raise self._size_error()

    def _check_total(self, size_bytes: int) -> None:
        if size_bytes > settings().max_unpacked_bytes:
            raise self._size_error()
        if size_bytes > max(_MIN_RATIO_BYTES, settings().max_compression_ratio * self.archive.stat().st_size):
            raise self._ratio_error()

    def _skip(self, entry: Entry, reason: str) -> None:
        name = "".join(character if character.isprintable() else "?" for character in entry.name[:300])
        self.skipped.append(Skipped(name, reason))

    def _size_error(self) -> LimitExceeded:
        return LimitExceeded(
            f"{self.archive.name} unpacks to more than {settings().max_unpacked_bytes / GIB:.1f} GB.",
            "That is the limit.",
            "Split it; HAR_MAX_UNPACKED_BYTES raises the limit.",
        )

    def _ratio_error(self) -> LimitExceeded:
        return LimitExceeded(
            f"{self.archive.name} unpacks to more than {settings().max_compression_ratio:g} times its size.",
            "Videos can hardly be compressed, so this is not an archive of videos.",
            "Pack only videos; HAR_MAX_COMPRESSION_RATIO raises the limit.",
        )


@contextmanager
def temporary_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder next to another one, so on the same disk; removed at the end unless it was renamed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    target = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder.parent))
    try:
        yield target
    finally:
        shutil.rmtree(target, ignore_errors=True)


@contextmanager
def _raising_archive_refused(name: str) -> Iterator[None]:
    """Turns errors of the disk into `NotEnoughSpace`."""
    try:
        yield
    except DownloadFailed as error:  # from `check_disk_space`
        raise NotEnoughSpace(error.received, error.expected, error.remedy) from error
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise NotEnoughSpace(
            f"{name} could not be unpacked: {'the disk is full' if full else error.strerror or type(error).__name__}.",
            "There must be enough disk space for all its files.",
            "Free some disk space and try again.",
        ) from error


def _video_error(path: Path) -> str | None:
    try:
        probe(path)
    except HarError as error:
        return error.received.rstrip(".")
    return None


def _remove_empty_folders(target: Path) -> None:
    for path, _, _ in os.walk(target, topdown=False):
        if path != str(target) and not os.listdir(path):
            os.rmdir(path)


def _shortened(skipped: list[Skipped]) -> tuple[Skipped, ...]:
    if len(skipped) <= _MAX_LISTED:
        return tuple(skipped)
    return (*skipped[:_MAX_LISTED], Skipped(f"{len(skipped) - _MAX_LISTED} more", "for reasons like those above"))
