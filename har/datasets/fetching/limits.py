"""What a source tells of itself, what it tells on its way, and the lock that lets one download run at a time."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from har.errors import DownloadBusy, DownloadFailed
from har.settings import GIB, settings


@dataclass(frozen=True)
class Source:
    """Where labelled videos come from, for people who choose."""

    name: str
    title: str
    description: str
    licence: str
    homepage: str | None
    size: str


@dataclass(frozen=True)
class Downloading:
    """Bytes are coming."""

    done_bytes: int
    total_bytes: int  # 0: the server does not say
    label: str  # what it is


@dataclass(frozen=True)
class Unpacking:
    """An archive's files are being written."""

    done: int
    total: int  # 0: not known before the end


@dataclass(frozen=True)
class Checking:
    """Each file is looked at: is it a video?"""

    done: int
    total: int


SourceEvent = Downloading | Unpacking | Checking
OnEvent = Callable[[SourceEvent], None]


def ignore(event: SourceEvent) -> None:
    """Nobody is told."""


@contextmanager
def only_download() -> Iterator[None]:
    """Within it this process fetches alone, whatever other processes there are.

    Raises:
        DownloadBusy: another fetch is under way.
    """
    lock = settings().datasets / ".download-lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadBusy(
                "Another download is under way.", "One runs at a time.", "Try again when it is done."
            ) from error
        yield


def check_room(size_bytes: int, folder: Path, what: str) -> None:
    """Refuse what would not fit on the disk, or is more than one download may be.

    Args:
        size_bytes: how much is to come.
        folder: where it will lie; an existing folder above it is enough.
        what: its name, to begin a sentence.

    Raises:
        DownloadFailed: it is too much.
    """
    limit = settings().max_download_bytes
    if size_bytes > limit:
        raise DownloadFailed(
            f"{what} weighs {size_bytes / GIB:.1f} GB.",
            f"At most {limit / GIB:.1f} GB are fetched at a time.",
            "Choose fewer classes; HAR_MAX_DOWNLOAD_BYTES raises the limit.",
        )
    check_disk_space(size_bytes, folder, what)


def check_disk_space(size_bytes: int, folder: Path, what: str) -> None:
    """Refuse what would not leave enough room on the disk.

    Raises:
        DownloadFailed: there is too little.
    """
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free_bytes = shutil.disk_usage(there).free
    if free_bytes - size_bytes < settings().min_free_bytes:
        raise DownloadFailed(
            f"{what} needs {size_bytes / GIB:.1f} GB; the disk has {free_bytes / GIB:.1f} GB left.",
            f"{settings().min_free_bytes / GIB:.1f} GB must stay free.",
            "Free some space, or choose fewer classes.",
        )
