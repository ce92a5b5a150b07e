"""The entries of untrusted archives of all kinds.

Zips are read by Python itself, so they can be unpacked on every machine; tar, rar and 7z by the system's libarchive.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from har.datasets.archives.name_encoding import guess_encoding
from har.errors import ArchiveRefused
from har.settings import settings

_BLOCK_BYTES = 1 << 20
_CENTRAL_ENTRY_BYTES = 46  # the minimum for an entry in the directory of a zip
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # an entry; the end of an empty directory
ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others can be made to take unlimited memory
_FORMATS = ("tar", "rar", "rar5", "7zip")
_FILTERS = ("gzip", "bzip2", "xz", "lzma", "zstd")
_UTF8_FLAG = 0x800  # of an entry in a zip: its name is in UTF-8
_UNICODE_PATH = 0x7075  # an extra field of an entry in a zip
_MAX_DEPTH = 12  # of folders, the file included
_MAX_PATH_BYTES = 1000

# What zipfile raises for damaged or unsupported files.
ZIP_ERRORS = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, OverflowError, ValueError, RuntimeError,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A file, folder or anything else in an archive."""

    name: str  # as in the archive
    kind: Literal["file", "folder", "other"]  # other: a link, a device, a pipe
    size_bytes: int | None  # as announced
    packed_bytes: int | None  # None: the archive is compressed as a whole
    problem: str | None  # the reason if its content cannot be read
    blocks: Callable[[], Iterator[bytes]]  # its content, until the next entry is read; raises ArchiveRefused if damaged
    guessed_encoding: str | None = None  # of its name, if that is not certain


@contextmanager
def open_archive(archive: Path) -> Iterator[Iterator[Entry]]:
    """The entries of an archive, in order.

    Raises:
        ArchiveRefused: on opening or iterating: it is damaged, has too many entries, or cannot be read here.
    """
    if not archive.is_file() or archive.stat().st_size == 0:
        raise ArchiveRefused(f"{archive.name} is missing or empty.", "An archive was expected.", "Check the file.")
    with archive.open("rb") as file:
        is_zip = file.read(4) in _ZIP_MAGIC
    if is_zip:
        yield _zip_entries(archive)
    else:
        yield _other_entries(archive)


def check_zip_directory(archive: Path) -> None:
    """Refuse a zip with more entries than allowed, before its directory is read into memory.

    Raises:
        ArchiveRefused: too many entries, or no valid directory.
    """
    try:
        with archive.open("rb") as file:
            end: Any = zipfile._EndRecData(file)  # type: ignore[attr-defined]
            if end is None:
                raise damaged_error(archive.name)
            announced, directory_bytes = end[4], end[5]  # entry count; size of the directory
            if announced > settings().max_archive_entries or directory_bytes > max_directory_bytes():
                raise too_many_entries(archive.name)
            # Where zipfile starts to read: right before the end record, or before the two more that zip64 has.
            file.seek(end[9] - directory_bytes - (76 if end[0] == b"PK\x06\x06" else 0))
            if _count_entries(file.read(directory_bytes)) > settings().max_archive_entries:  # the other may be false
                raise too_many_entries(archive.name)
    except ZIP_ERRORS as error:
        raise damaged_error(archive.name) from error


def _count_entries(directory: bytes) -> int:
    count = at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + _CENTRAL_ENTRY_BYTES <= len(directory):
        at += _CENTRAL_ENTRY_BYTES + sum(struct.unpack_from("<HHH", directory, at + 28))  # name, extra field, comment
        count += 1
    return count


class Damaged(ArchiveRefused):
    """An archive or an entry that cannot be read to its end."""


def damaged_error(name: str) -> Damaged:
    """The error for a damaged archive or entry."""
    return Damaged(
        f"{name} is damaged, truncated, or not an archive.",
        "A zip, tar, rar or 7z archive was expected.",
        "Copy or download it again, or pack it as a zip.",
    )


class LimitExceeded(ArchiveRefused):
    """An archive that is over one of the limits."""


def too_many_entries(name: str) -> LimitExceeded:
    """The error for an archive with more entries than allowed."""
    return LimitExceeded(
        f"{name} has too many entries.",
        f"At most {settings().max_archive_entries:,} are allowed.",
        "Split the archive; HAR_MAX_ARCHIVE_ENTRIES raises the limit.",
    )


def safe_parts(name: str) -> tuple[str, ...] | str:
    """The folders and file name below the target, or the reason if the name is not safe.

    A backslash counts as a slash, because some programs on Windows write it.
    """
    if any(ord(character) < 32 or ord(character) == 127 for character in name):
        return "control characters in its name"
    plain = name.replace("\\", "/")
    path = PurePosixPath(plain)
    if path.is_absolute() or (len(plain) > 1 and plain[1] == ":"):
        return "an absolute path"
    if ".." in path.parts:
        return "leads outside"
    parts = tuple(part for part in path.parts if part != ".")
    if len(parts) > _MAX_DEPTH or len(plain.encode(errors="replace")) > _MAX_PATH_BYTES:
        return "too deep"
    return parts or "no name"


def max_directory_bytes() -> int:
    """A limit for the directory of a zip: names are rarely longer than 200 bytes."""
    return settings().max_archive_entries * (_CENTRAL_ENTRY_BYTES + 400)


def _zip_entries(archive: Path) -> Iterator[Entry]:
    check_zip_directory(archive)
    try:
        with zipfile.ZipFile(archive) as packed:
            names = _zip_names(packed.infolist())
            for info, (name, guessed) in zip(packed.infolist(), names, strict=True):
                yield replace(zip_entry(packed, info), name=name, guessed_encoding=guessed)
    except ZIP_ERRORS as error:
        raise damaged_error(archive.name) from error


def _zip_names(infos: Sequence[zipfile.ZipInfo]) -> list[tuple[str, str | None]]:
    """The name of each entry, and its encoding if that had to be guessed.

    Names without the mark for UTF-8 are in the encoding of the computer that wrote them; zipfile takes that for CP437.
    """
    raw = [None if info.flag_bits & _UTF8_FLAG else info.orig_filename.encode("cp437") for info in infos]
    names = [
        info.orig_filename if name is None else _unicode_path(info, name) or _as_utf8(name)
        for info, name in zip(infos, raw, strict=True)
    ]
    unclear = [encoded for encoded, name in zip(raw, names, strict=True) if encoded is not None and name is None]
    encoding, title = guess_encoding(unclear, "cp437")
    return [
        (name or "", None) if encoded is None or name is not None else (encoded.decode(encoding), title)
        for encoded, name in zip(raw, names, strict=True)
    ]


def _as_utf8(name: bytes) -> str | None:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _unicode_path(info: zipfile.ZipInfo, name: bytes) -> str | None:
    """The name in the extra field that some programs add, if it belongs to this name (APPNOTE.TXT, 4.6.9)."""
    at, extra = 0, info.extra
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        field = extra[at + 4 : at + 4 + size]
        if kind == _UNICODE_PATH and len(field) > 5 and field[1:5] == struct.pack("<I", zlib.crc32(name)):
            return _as_utf8(field[5:])
        at += 4 + size
    return None


def zip_entry(packed: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    """An entry of an open zip."""
    mode = info.external_attr >> 16
    name = info.orig_filename  # `filename` is cut at a NUL
    kind: Literal["file", "folder", "other"] = "folder" if name.endswith("/") else "file"
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        kind = "other"

    def blocks() -> Iterator[bytes]:
        try:
            with packed.open(info) as file:  # verifies the CRC at its end
                while block := file.read(_BLOCK_BYTES):
                    yield block
        except ZIP_ERRORS as error:
            raise damaged_error(name) from error

    problem = "an unknown compression method" if info.compress_type not in ZIP_METHODS else None
    problem = "encrypted" if info.flag_bits & 1 else problem
    return Entry(name, kind, info.file_size, info.compress_size, problem, blocks)


def check_libarchive(name: str) -> None:
    """Refuse archives that only libarchive can read, where it is missing.

    Raises:
        ArchiveRefused: it is missing.
    """
    try:
        import libarchive  # noqa: F401
    # No library found, one that cannot be loaded, or one without the functions that the package needs.
    except (ImportError, OSError, AttributeError, TypeError) as error:
        raise ArchiveRefused(
            f"{name} is not a zip file, and other archives cannot be read on this machine.",
            "Tar, rar and 7z need the system library libarchive (on Debian: apt install libarchive13).",
            "Install it, or pack the videos in a zip file.",
        ) from error


@contextmanager
def _open_with_libarchive(archive: Path) -> Iterator[Iterator[Any]]:
    """Open with libarchive, limited to a few formats: others include lists of files outside the archive."""
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
                f"{archive.name} is compressed more than once.",
                "An archive may be compressed only once.",
                "Pack the videos directly.",
            )
        yield iter(entries)


def _other_entries(archive: Path) -> Iterator[Entry]:
    check_libarchive(archive.name)
    from libarchive.exception import ArchiveError

    try:
        with _open_with_libarchive(archive) as entries:
            for entry in entries:
                kind: Literal["file", "folder", "other"] = (
                    "file" if entry.isreg and not entry.islnk else "folder" if entry.isdir else "other"
                )

                def blocks(entry: Any = entry) -> Iterator[bytes]:
                    try:
                        yield from entry.get_blocks()
                    except (ArchiveError, OSError) as error:
                        raise damaged_error(archive.name) from error

                name, guessed = entry.pathname or "", None
                if isinstance(name, bytes):
                    encoding, guessed = guess_encoding([name], "latin-1")
                    name = name.decode(encoding)
                yield Entry(name, kind, entry.size, None, None, blocks, guessed)
    except (ArchiveError, OSError, ValueError) as error:
        raise damaged_error(archive.name) from error
