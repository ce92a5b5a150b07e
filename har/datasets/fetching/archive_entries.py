"""An archive's entries, read without trust, whatever kind of archive it is.

A zip is read by Python itself, so that one can be unpacked on every machine; tar, rar and 7z by the system's
libarchive.
"""

import stat
import struct
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
_ZIP_BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")  # an entry; the end of a directory of none
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others can be made to take memory without end
_FORMATS = ("tar", "rar", "rar5", "7zip")
_FILTERS = ("gzip", "bzip2", "xz", "lzma", "zstd")
_DEEPEST = 12  # folders, the file among them
_LONGEST_PATH_BYTES = 1000

# What zipfile raises for bytes that are not what they should be, or packed in a way it does not know.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, ValueError, RuntimeError,
    NotImplementedError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One thing in an archive."""

    name: str  # as the archive has it
    kind: Literal["file", "folder", "other"]  # other: a link, a device, a pipe
    size_bytes: int | None  # as announced
    packed_bytes: int | None  # None: the archive is packed as a whole
    problem: str | None  # why its content cannot be read
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
    with archive.open("rb") as file:
        is_zip = file.read(4) in _ZIP_BEGINNINGS
    if is_zip:
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
            if end is None:
                raise damaged(archive.name)
            announced, directory_bytes = end[4], end[5]  # entries in all; size of the directory
            if announced > settings().max_archive_entries or directory_bytes > directory_limit():
                raise too_many(archive.name)
            # Where zipfile begins to read: right before the record, or before the two that large zips have as well.
            file.seek(end[9] - directory_bytes - (76 if end[0] == b"PK\x06\x06" else 0))
            if _count(file.read(directory_bytes)) > settings().max_archive_entries:  # what is announced may be a lie
                raise too_many(archive.name)
    except ZIP_ERRORS as error:
        raise damaged(archive.name) from error


def _count(directory: bytes) -> int:
    """How many entries a zip's directory has."""
    count = at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + _CENTRAL_ENTRY_BYTES <= len(directory):
        at += _CENTRAL_ENTRY_BYTES + sum(struct.unpack_from("<HHH", directory, at + 28))  # name, extra field, comment
        count += 1
    return count


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
    if len(parts) > _DEEPEST or len(plain.encode(errors="replace")) > _LONGEST_PATH_BYTES:
        return "too deep"
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
    name = info.orig_filename  # the other is cut at a NUL
    kind: Literal["file", "folder", "other"] = "folder" if name.endswith("/") else "file"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "other"

    def blocks() -> Iterator[bytes]:
        try:
            with packed.open(info) as file:  # checks the CRC at its end
                while block := file.read(_BLOCK_BYTES):
                    yield block
        except ZIP_ERRORS as error:
            raise damaged(name) from error

    problem = "packed in an unknown way" if info.compress_type not in ZIP_METHODS else None
    problem = "encrypted" if info.flag_bits & 1 else problem
    return Entry(name, kind, info.file_size, info.compress_size, problem, blocks)


def check_libarchive(name: str) -> None:
    """Refuse what only libarchive can read, where it is missing.

    Raises:
        ArchiveRefused: it is missing.
    """
    try:
        import libarchive  # noqa: F401
    # No library found, one that cannot be loaded, or one without what the package looks for.
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise ArchiveRefused(
            f"{name} is no zip, and other archives cannot be read on this machine.",
            "Tar, rar and 7z need the system library libarchive (on Debian: apt install libarchive13).",
            "Install it, or pack the videos as a zip.",
        ) from error


@contextmanager
def _opened(archive: Path) -> Iterator[Iterator[Any]]:
    """Open with libarchive, for a few formats alone: among its others are lists of files that lie elsewhere."""
    from libarchive import ffi
    from libarchive.read import ArchiveRead, new_archive_read

    with new_archive_read(_FORMATS[0], _FILTERS[0]) as pointer:
        for name in _FORMATS[1:]:
            ffi.get_read_format_function(name)(pointer)
        for name in _FILTERS[1:]:
            ffi.get_read_filter_function(name)(pointer)
        ffi.read_open_filename_w(pointer, str(archive), _BLOCK_BYTES)
        entries = ArchiveRead(pointer)
        if len(entries.filter_names) > 1:
            raise ArchiveRefused(
                f"{archive.name} is packed more than once.", "Once is enough for videos.", "Pack the videos themselves."
            )
        yield iter(entries)


def _other_entries(archive: Path) -> Iterator[Entry]:
    check_libarchive(archive.name)
    from libarchive.exception import ArchiveError

    try:
        with _opened(archive) as entries:
            for entry in entries:
                kind: Literal["file", "folder", "other"] = (
                    "file" if entry.isreg and not entry.islnk else "folder" if entry.isdir else "other"
                )

                def blocks(entry: Any = entry) -> Iterator[bytes]:
                    try:
                        yield from entry.get_blocks()
                    except (ArchiveError, OSError) as error:
                        raise damaged(archive.name) from error

                name = entry.pathname or ""
                if isinstance(name, bytes):  # not UTF-8; so every byte is a letter
                    name = name.decode("latin-1")
                yield Entry(name, kind, entry.size, None, None, blocks)
    except (ArchiveError, OSError, ValueError) as error:
        raise damaged(archive.name) from error
