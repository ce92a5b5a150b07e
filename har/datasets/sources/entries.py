"""An archive's entries, read without trust, whatever kind of archive it is.

A zip is read by Python itself, so that one can be unpacked on every machine; tar, rar and 7z by the system's
libarchive.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from har.errors import ArchiveRefused
from har.settings import settings

_BLOCK_BYTES = 1 << 20
_CENTRAL_ENTRY_BYTES = 46  # the least that a zip's directory spends on an entry

# What zipfile raises for bytes that are not what they should be, or packed in a way it does not know.
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)


@dataclass(frozen=True)
class Entry:
    """One thing in an archive."""

    name: str  # as the archive has it
    kind: Literal["file", "folder", "other"]  # other: a link, a device, a pipe
    size_bytes: int | None  # as announced
    packed_bytes: int | None  # None: the archive is packed as a whole
    encrypted: bool
    blocks: Callable[[], Iterator[bytes]]  # its content, until the next entry is asked for; ArchiveRefused: damaged


@contextmanager
def reading(archive: Path) -> Iterator[Iterator[Entry]]:
    """Open an archive and go through its entries in order.

    Raises:
        ArchiveRefused: while it is opened or gone through: it is damaged, has too many entries, or is of a kind that
            cannot be read here.
    """
    if not archive.is_file() or archive.stat().st_size == 0:
        raise ArchiveRefused(f"{archive.name} is not there or empty.", "An archive was expected.", "Check the file.")
    if zipfile.is_zipfile(archive):
        yield _zip_entries(archive)
    else:
        yield _other_entries(archive)


def check_zip_directory(archive: Path) -> None:
    """Refuse a zip whose directory announces more entries than are allowed, before it is read into memory.

    Raises:
        ArchiveRefused: too many, or no directory that can be understood.
    """
    try:
        with archive.open("rb") as file:
            end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    except (OSError, zipfile.BadZipFile) as error:
        raise damaged(archive.name) from error
    if end is None:
        raise damaged(archive.name)
    announced, directory_bytes = end[4], end[5]  # entries in all; size of the directory
    # What is announced may be a lie, the directory's size may not: entries that it has no room for cannot be there.
    if max(announced, 0) > settings().max_archive_entries or directory_bytes > directory_limit():
        raise too_many(archive.name)


class Damaged(ArchiveRefused):
    """An archive, or something in one, that cannot be read to its end."""


def damaged(name: str) -> Damaged:
    """The same with its sentences."""
    return Damaged(
        f"{name} is damaged, cut off, or no archive.",
        "A zip, tar, rar or 7z archive was expected.",
        "Copy or download it once more, or pack it anew as a zip.",
    )


def too_many(name: str) -> ArchiveRefused:
    """An archive with more entries than are allowed."""
    return ArchiveRefused(
        f"{name} has too many entries.",
        f"At most {settings().max_archive_entries:,} are allowed.",
        "Divide it; HAR_MAX_ARCHIVE_ENTRIES raises the limit.",
    )


def safe_parts(name: str) -> tuple[str, ...] | str:
    """A name as folders and a file below the target, or why it cannot be one.

    Names are taken as written with slashes; a backslash is one too, for some programs on Windows write them.
    """
    if any(ord(sign) < 32 or ord(sign) == 127 for sign in name):
        return "control characters in its name"
    plain = name.replace("\\", "/")
    path = PurePosixPath(plain)
    if path.is_absolute() or (len(plain) > 1 and plain[1] == ":"):
        return "an absolute path"
    if ".." in path.parts:
        return "leads outside"
    parts = tuple(part for part in path.parts if part != ".")
    return parts or "no name"


def directory_limit() -> int:
    """Bytes a directory of the most entries may have: names are rarely longer than 200 bytes."""
    return settings().max_archive_entries * (_CENTRAL_ENTRY_BYTES + 400)


def _zip_entries(archive: Path) -> Iterator[Entry]:
    check_zip_directory(archive)
    try:
        with zipfile.ZipFile(archive) as packed:
            for info in packed.infolist():
                yield zip_entry(packed, info)
    except ZIP_ERRORS as error:
        raise damaged(archive.name) from error


def zip_entry(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    """An entry of an open zip."""
    mode = info.external_attr >> 16
    kind: Literal["file", "folder", "other"] = "folder" if info.is_dir() else "file"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "other"

    def blocks() -> Iterator[bytes]:
        try:
            with packed.open(info) as file:  # checks the CRC at its end
                while block := file.read(_BLOCK_BYTES):
                    yield block
        except ZIP_ERRORS as error:
            raise damaged(info.filename) from error

    return Entry(info.filename, kind, info.file_size, info.compress_size, bool(info.flag_bits & 1), blocks)


def _other_entries(archive: Path) -> Iterator[Entry]:
    try:
        import libarchive
        from libarchive.exception import ArchiveError
    # No library found, one that cannot be loaded, or one without what the package looks for.
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise ArchiveRefused(
            f"{archive.name} is no zip, and other archives cannot be read on this machine.",
            "Tar, rar and 7z need the system library libarchive (on Debian: apt install libarchive13).",
            "Install it, or pack the videos as a zip.",
        ) from error
    try:
        with libarchive.file_reader(str(archive)) as entries:
            for entry in entries:
                kind: Literal["file", "folder", "other"] = (
                    "file" if entry.isreg and not entry.islnk else "folder" if entry.isdir else "other"
                )

                def blocks(entry: Any = entry) -> Iterator[bytes]:
                    try:
                        yield from entry.get_blocks()
                    except (ArchiveError, OSError) as error:
                        raise damaged(archive.name) from error

                yield Entry(entry.pathname or "", kind, entry.size, None, False, blocks)
    except (ArchiveError, OSError, ValueError) as error:
        raise damaged(archive.name) from error
