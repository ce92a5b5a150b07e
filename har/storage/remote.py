"""Files by path on this machine, or by URL elsewhere through `fsspec`.

URLs that lead on to other URLs (`a::b`) are refused, and so are kinds of storage not meant for one's own files. All
functions raise `LocationError` for a place that cannot be reached, read or written.
"""

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from har.errors import HarError, LocationError
from har.storage import atomic

_PACKAGES = {"file": None, "memory": None, "s3": "s3fs", "gs": "gcsfs", "abfs": "adlfs"}  # that each scheme needs


def is_url(text: str) -> bool:
    """Whether this is a URL rather than a path."""
    return "://" in text


def join(folder: str, name: str) -> str:
    """The path or URL of a file in a folder."""
    return f"{folder.rstrip('/')}/{name}" if is_url(folder) else str(Path(folder) / name)


def local_path(place: str) -> Path | None:
    """The path on this machine; None if it is elsewhere."""
    if not is_url(place):
        return Path(place)
    fs, path = _resolve(place)
    return Path(path) if fs.protocol[0] == "file" else None


def check(place: str) -> None:
    """Check that a location is supported, without connecting to it."""
    _resolve(place)


def size_bytes(url: str) -> int:
    """The size of a file."""
    fs, path = _resolve(url)
    with _raising_location_error(url):
        return int(fs.info(path)["size"] or 0)


def fetch(url: str, folder: Path) -> Path:
    """Download a file into an existing folder, under its own name."""
    fs, path = _resolve(url)
    copy = folder / file_name(url)
    with _raising_location_error(url):
        fs.get_file(path, str(copy))
    return copy


def file_name(place: str) -> str:
    """The last part of a path or URL."""
    name = posixpath.basename(_resolve(place)[1])
    if name in ("", ".", ".."):
        raise LocationError(
            f"{place} has no file name.", "It must end with a file name.", "Enter the full path or URL."
        )
    return name


def make_folder(place: str) -> None:
    """Create a folder if it does not exist."""
    fs, path = _resolve(place)
    with _raising_location_error(place):
        fs.makedirs(path, exist_ok=True)


def upload_folder(folder: Path, target: str) -> None:
    """Copy the files of a folder to a location, which is created if necessary; existing files are replaced."""
    make_folder(target)
    fs, path = _resolve(target)
    with _raising_location_error(target):
        for file in sorted(folder.iterdir()):
            fs.put_file(str(file), f"{path}/{file.name}")


def remove(place: str) -> None:
    """Remove a file if it exists."""
    fs, path = _resolve(place)
    with _raising_location_error(place), suppress(FileNotFoundError):
        fs.rm_file(path)


def read(place: str) -> bytes | None:
    """Read a file; None if there is none."""
    fs, path = _resolve(place)
    with _raising_location_error(place):
        try:
            content: bytes = fs.cat_file(path)
        except FileNotFoundError:
            return None
        return content


def write(place: str, content: bytes) -> None:
    """Write a file; its folder is created if necessary. Readers find all of it, or what was there before."""
    fs, path = _resolve(place)
    with _raising_location_error(place):
        fs.makedirs(posixpath.dirname(path), exist_ok=True)
        if fs.protocol[0] == "file":
            atomic.write_bytes(Path(path), content)
        else:  # object stores take a file whole or not at all
            fs.pipe_file(path, content)


def list_names(folder: str) -> frozenset[str]:
    """The names directly in a folder; empty if it does not exist."""
    fs, path = _resolve(folder)
    with _raising_location_error(folder):
        try:
            return frozenset(posixpath.basename(name.rstrip("/")) for name in fs.ls(path, detail=False, refresh=True))
        except FileNotFoundError:
            return frozenset()


def _resolve(place: str) -> tuple[Any, str]:
    """The file system, and the path on it."""
    scheme = place.partition("://")[0] if is_url(place) else "file"
    if scheme not in _PACKAGES:
        raise LocationError(
            f"{scheme[:20]!r} is not a supported kind of URL.",
            f"Supported: paths, and {', '.join(f'{known}://' for known in _PACKAGES)}.",
            "Use one of these, or copy the files there.",
        )
    try:
        import fsspec  # starts slowly

        fs = fsspec.filesystem(scheme)
    except ImportError as error:
        raise LocationError(
            f"{scheme}:// cannot be used: {_PACKAGES[scheme]} is not installed.",
            "It is an optional package.",
            f"Install it here and on every worker: pip install {_PACKAGES[scheme]}",
        ) from error
    return fs, fs._strip_protocol(place)


@contextmanager
def _raising_location_error(place: str) -> Iterator[None]:
    """Turn other exceptions into ours: each kind of storage has its own."""
    try:
        yield
    except HarError:
        raise
    except Exception as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise LocationError(
            f"{place} cannot be used ({reason}).",
            "Videos must be readable, and the results folder writable.",
            "Check the path, the permissions and the connection.",
        ) from error
