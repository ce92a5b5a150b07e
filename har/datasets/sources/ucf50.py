"""UCF50 as a whole: one archive is downloaded and unpacked.

Reddy, Shah: Recognizing 50 human action categories of web videos (2013, https://doi.org/10.1007/s00138-012-0450-4).
"""

import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from har.datasets.archives import unpacking
from har.datasets.archives.entries import check_libarchive
from har.datasets.dataset import Note, Skipped
from har.datasets.source import Source
from har.datasets.sources.ucf101 import LICENCE
from har.downloads.http import ConnectionBroken
from har.downloads.limits import single_download
from har.downloads.one_file import download
from har.errors import ArchiveRefused
from har.progress import OnProgress, ignore
from har.settings import settings
from har.storage import atomic

SKIPPED_FILE = "left-out.txt"  # in the data set: files of the archive that were skipped, and why
_ATTEMPTS = 4
_PAUSE_SEC = 1.0
_REMEDY = (
    "The next attempt resumes the download. Or download UCF50.rar with a browser, and add the archive "
    "(`har datasets add UCF50.rar`)."
)


def fetch(classes: Sequence[str] = (), on_progress: OnProgress = ignore) -> Path:
    """Download and unpack UCF50, unless it is there. It comes as a whole: `classes` are not used.

    Its server has had an invalid certificate before. Then nothing is downloaded, and the error explains how to add the
    file by hand. `StopRequested` raised out of `on_progress` ends the work; the next call resumes the download.

    Returns:
        The folder of the data set.

    Raises:
        DownloadFailed: no response, no valid certificate, a broken connection, a file too large or no disk space.
        DownloadBusy: another download is running.
        ArchiveRefused: the download cannot be unpacked, and was removed unless only disk space was missing; or nothing
            was downloaded because its kind of archive cannot be unpacked on this machine.
    """
    folder = settings().datasets / SOURCE.name
    if folder.is_dir():
        return folder
    archive = settings().datasets / ".UCF50.rar"
    with single_download():
        if not urlsplit(settings().ucf50_url).path.endswith(".zip"):
            check_libarchive("UCF50")
        _download(archive, on_progress)
        skipped = _unpack(archive, folder, on_progress)
        archive.unlink()
    if skipped:
        atomic.write_text(folder / SKIPPED_FILE, "".join(f"{item.name}: {item.reason}\n" for item in skipped))
    return folder


def _download(archive: Path, on_progress: OnProgress) -> None:
    for attempts_left in reversed(range(_ATTEMPTS)):
        try:
            download(settings().ucf50_url, archive, "UCF50", _REMEDY, on_progress)
            return
        except ConnectionBroken:
            if not attempts_left:
                raise
            time.sleep(_PAUSE_SEC)


def _unpack(archive: Path, folder: Path, on_progress: OnProgress) -> tuple[Skipped | Note, ...]:
    try:
        return unpacking.unpack(archive, folder, on_progress)
    except unpacking.NotEnoughSpace:
        raise
    except ArchiveRefused as error:
        archive.unlink()
        remedy = "It was removed, and the next attempt downloads it again. Or add UCF50.rar as an archive."
        raise ArchiveRefused(error.received, error.expected, remedy) from error


SOURCE = Source(
    name="ucf50",
    title="UCF50",
    description="The older set of 50 actions that many tutorials use; UCF101 has all of them. It comes as one archive. "
    "By Reddy and Shah, University of Central Florida, 2013.",
    licence=LICENCE,
    size="6,618 clips, 3.1 GB",
    fetch=fetch,
)
