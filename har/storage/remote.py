"""Where files lie: a path on this machine, or a URL elsewhere, which `fsspec` reaches.

No URL leads on to another one (`a::b`), and only kinds of places are taken that are meant for files of one's own.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fsspec

from har.errors import HarError, PlaceError

_NEEDS = {"file": None, "memory": None, "s3": "s3fs", "gs": "gcsfs", "abfs": "adlfs"}  # what must be installed for each


def is_url(text: str) -> bool:
    """Whether this is meant as a URL rather than as a path."""
    return "://" in text


def local_path(text: str) -> Path | None:
    """Where that is on this machine; None: it is elsewhere.

    Raises:
        PlaceError: a kind of URL that is not known here.
    """
    if not is_url(text):
        return Path(text)
    fs, path = _reached(text)
    return Path(path) if fs.protocol[0] == "file" else None


def check(text: str) -> None:
    """Find out whether such a place can be reached at all; nothing is looked for there.

    Raises:
        PlaceError: a kind of URL that is not known here, or whose library is missing.
    """
    _reached(text)


def size_bytes(url: str) -> int:
    """Of a file.

    Raises:
        PlaceError: there is none, or it cannot be asked.
    """
    fs, path = _reached(url)
    with _telling(url):
        return int(fs.info(path)["size"] or 0)


def fetch(url: str, folder: Path) -> Path:
    """Copy a file from elsewhere into a folder that is there, under its own name.

    Raises:
        PlaceError: it cannot be had.
    """
    fs, path = _reached(url)
    copy = folder / name_of(url)
    with _telling(url):
        fs.get_file(path, str(copy))
    return copy


def name_of(place: str) -> str:
    """The last part of a path or URL.

    Raises:
        PlaceError: it has none that a file can be called by.
    """
    name = posixpath.basename(_reached(place)[1])
    if name in ("", ".", ".."):
        raise PlaceError(f"{place} has no name.", "A file's name at its end was expected.", "Give the whole of it.")
    return name


def make_folder(place: str) -> None:
    """Make a folder, unless it is there.

    Raises:
        PlaceError: it cannot be made.
    """
    fs, path = _reached(place)
    with _telling(place):
        fs.makedirs(path, exist_ok=True)


def put(folder: Path, target: str) -> None:
    """Copy the files of a folder to a place, which is made if need be; files that are there are replaced.

    Raises:
        PlaceError: they cannot be written there.
    """
    make_folder(target)
    fs, path = _reached(target)
    with _telling(target):
        for file in sorted(folder.iterdir()):
            fs.put_file(str(file), f"{path}/{file.name}")


def remove(place: str) -> None:
    """Remove a file, if it is there.

    Raises:
        PlaceError: it cannot be removed.
    """
    fs, path = _reached(place)
    with _telling(place), suppress(FileNotFoundError):
        fs.rm_file(path)


def read(place: str) -> bytes | None:
    """A file's bytes; None: there is none.

    Raises:
        PlaceError: it cannot be read.
    """
    fs, path = _reached(place)
    with _telling(place):
        try:
            content: bytes = fs.cat_file(path)
        except FileNotFoundError:
            return None
    return content


def write(place: str, content: bytes) -> None:
    """Write a file. On this machine a reader finds the whole of it or what was there before.

    Raises:
        PlaceError: it cannot be written.
    """
    fs, path = _reached(place)
    with _telling(place):
        fs.makedirs(posixpath.dirname(path), exist_ok=True)
        if fs.protocol[0] != "file":  # stores of objects take a file whole or not at all
            fs.pipe_file(path, content)
            return
        part = Path(f"{path}.part")
        part.write_bytes(content)
        part.replace(path)


def names(folder: str) -> frozenset[str]:
    """What lies directly in a folder; nothing where there is none.

    Raises:
        PlaceError: it cannot be looked into.
    """
    fs, path = _reached(folder)
    with _telling(folder):
        try:
            return frozenset(posixpath.basename(name.rstrip("/")) for name in fs.ls(path, detail=False, refresh=True))
        except FileNotFoundError:
            return frozenset()


def _reached(text: str) -> tuple[Any, str]:
    """The file system, and the path on it."""
    kind = text.partition("://")[0] if is_url(text) else "file"
    if kind not in _NEEDS:
        raise PlaceError(
            f"A URL of the kind {kind[:20]!r} was given.",
            f"There are paths, and {', '.join(f'{known}://' for known in _NEEDS)}.",
            "Give one of these, or copy the files to one of these.",
        )
    try:
        fs = fsspec.filesystem(kind)
    except ImportError as error:
        raise PlaceError(
            f"{kind}:// cannot be reached: {_NEEDS[kind]} is not installed.",
            "It is not among the requirements of this program.",
            f"Install it, here and on every worker: pip install {_NEEDS[kind]}",
        ) from error
    return fs, fs._strip_protocol(text)


@contextmanager
def _telling(place: str) -> Iterator[None]:
    """Say in words that a place cannot be used. Each kind of it has exceptions of its own."""
    try:
        yield
    except HarError:  # says already what is wrong
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise PlaceError(
            f"{place} cannot be used ({reason}).",
            "A place that can be read, or written where results go, was expected.",
            "Look at its name, at the rights there and at the connection.",
        ) from error
