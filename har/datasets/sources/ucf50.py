"""UCF50 as a whole: one archive, fetched in one piece and unpacked.

Reddy, Shah: Recognizing 50 human action categories of web videos (2013, https://doi.org/10.1007/s00138-012-0450-4).
"""

import time
from pathlib import Path
from urllib.parse import urlsplit

from har.datasets.dataset import Skipped
from har.datasets.fetching import archives
from har.datasets.fetching.archive_entries import check_libarchive
from har.datasets.fetching.download import download
from har.datasets.fetching.http import Broken
from har.datasets.fetching.limits import OnEvent, ignore, only_download
from har.errors import ArchiveRefused
from har.settings import settings

NAME = "ucf50"
LEFT_OUT = "left-out.txt"  # in the folder: files of the archive that are not there, and why
_TRIES = 4
_PAUSE_SEC = 1.0
_WAY_OUT = (
    "What has come is kept for the next attempt. Or fetch UCF50.rar with a browser, and bring it as an archive "
    "(`har datasets add UCF50.rar`)."
)


def fetch(on_event: OnEvent = ignore) -> Path:
    """Fetch and unpack UCF50, unless it is there.

    Its server has failed to prove who it is before; then nothing is fetched, and the message says how to bring the
    file oneself.

    Args:
        on_event: told of every byte, more or less. `StopRequested` raised out of it ends the work; what has come stays
            for the next time.

    Returns:
        The data set's folder.

    Raises:
        DownloadFailed: no answer, no proof, a connection that breaks, too much, or too little room.
        DownloadBusy: another fetch is under way.
        ArchiveRefused: what came cannot be unpacked, and was removed unless only room is wanting; or nothing was
            fetched, for archives of its kind cannot be unpacked on this machine.
    """
    folder = settings().datasets / NAME
    if folder.is_dir():
        return folder
    archive = settings().datasets / ".UCF50.rar"
    with only_download():
        if not urlsplit(settings().ucf50_url).path.endswith(".zip"):
            check_libarchive("UCF50")
        _download(archive, on_event)
        skipped = _unpack(archive, folder, on_event)
        archive.unlink()
    if skipped:
        lines = "".join(f"{item.name}: {item.reason}\n" for item in skipped)
        (folder / LEFT_OUT).write_text(lines, encoding="utf-8")
    return folder


def _download(archive: Path, on_event: OnEvent) -> None:
    for tries_left in reversed(range(_TRIES)):
        try:
            download(settings().ucf50_url, archive, "UCF50", _WAY_OUT, on_event)
            return
        except Broken:
            if not tries_left:
                raise
            time.sleep(_PAUSE_SEC)


def _unpack(archive: Path, folder: Path, on_event: OnEvent) -> tuple[Skipped, ...]:
    try:
        return archives.unpack(archive, folder, on_event)
    except archives.NoRoom:
        raise
    except ArchiveRefused as error:
        archive.unlink()
        way_out = "It was removed, and the next attempt fetches it anew. Or bring UCF50.rar as an archive."
        raise ArchiveRefused(error.received, error.expected, way_out) from error
