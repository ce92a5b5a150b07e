"""UCF50 as a whole: one archive, fetched in one piece and unpacked.

Reddy, Shah: Recognizing 50 human action categories of web videos (2013, https://doi.org/10.1007/s00138-012-0450-4).
"""

from pathlib import Path

from har.datasets.sources import archives
from har.datasets.sources.base import OnEvent, ignore, only_download
from har.datasets.sources.download import download
from har.settings import settings

NAME = "ucf50"
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
        ArchiveRefused: what came cannot be unpacked.
    """
    folder = settings().datasets / NAME
    if folder.is_dir():
        return folder
    archive = settings().datasets / ".UCF50.rar"
    with only_download():
        download(settings().ucf50_url, archive, "UCF50", _WAY_OUT, on_event)
        archives.unpack(archive, folder, on_event)
        archive.unlink()
    return folder
