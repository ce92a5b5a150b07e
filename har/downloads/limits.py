"""What a download has to respect: one at a time, limits on its size, and room on the disk."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from har.errors import DownloadBusy, DownloadFailed
from har.settings import GIB, settings


@contextmanager
def single_download() -> Iterator[None]:
    """Only one download runs at a time, in this and all other processes.

    Raises:
        DownloadBusy: another one is running.
    """
    lock = settings().datasets / ".download-lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DownloadBusy(
                "Another download is running.", "Only one can run at a time.", "Try again when it has finished."
            ) from error
        yield


def check_download_size(size_bytes: int, folder: Path, name: str) -> None:
    """Refuse a download that is too large, or that the disk of its folder, which need not exist, has no room for.

    Raises:
        DownloadFailed: it is refused; the message begins with the name.
    """
    limit = settings().max_download_bytes
    if size_bytes > limit:
        raise DownloadFailed(
            f"{name} is {size_bytes / GIB:.1f} GB in size.",
            f"At most {limit / GIB:.1f} GB can be downloaded at a time.",
            "Choose fewer classes; HAR_MAX_DOWNLOAD_BYTES raises the limit.",
        )
    check_disk_space(size_bytes, folder, name)


def check_disk_space(size_bytes: int, folder: Path, name: str) -> None:
    """Refuse what would leave too little room on the disk.

    Raises:
        DownloadFailed: it would.
    """
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes - size_bytes < settings().min_free_bytes:
        raise DownloadFailed(
            f"{name} needs {size_bytes / GIB:.1f} GB; the disk has {free_bytes / GIB:.1f} GB left.",
            f"{settings().min_free_bytes / GIB:.1f} GB must stay free.",
            "Free some space, or choose fewer classes.",
        )
