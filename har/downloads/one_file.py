"""Downloading one large file. An interrupted download is resumed."""

import json
import time
from pathlib import Path

import requests

from har.downloads.http import TIMEOUT_SEC, ConnectionBroken, open_session, raising_download_failed
from har.downloads.limits import check_disk_space, check_download_size
from har.errors import DownloadFailed
from har.progress import MB, OnProgress, Progress, Stage
from har.settings import GIB, settings
from har.storage import atomic

_BLOCK_BYTES = 1 << 16  # lost when the connection breaks
_REPORT_SEC = 0.1  # between two reports
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416


class DownloadMeter:
    """Counts bytes and reports them, with the speed, but not more often than users can read."""

    def __init__(self, total_bytes: int, on_progress: OnProgress, done_bytes: int = 0) -> None:
        self.done_bytes = done_bytes
        self._start_bytes, self._total_bytes = done_bytes, total_bytes
        self._on_progress = on_progress
        self._started = time.monotonic()
        self._reported = 0.0

    def add(self, size_bytes: int, subject: str) -> None:
        """Count more bytes (or fewer, where a part starts again)."""
        self.done_bytes += size_bytes
        now = time.monotonic()
        if now - self._reported > _REPORT_SEC:
            self._reported = now
            speed = (self.done_bytes - self._start_bytes) / MB / max(now - self._started, 1.0)
            note = f"{max(speed, 0.0):.1f} MB/s"
            self._on_progress(Progress(Stage.DOWNLOAD, self.done_bytes, self._total_bytes, subject, note))


def download(url: str, target: Path, title: str, remedy: str, on_progress: OnProgress) -> None:
    """Download a file by http or https unless it exists. It appears under its name when it is complete.

    `title` is what users call it; `remedy` is a sentence: what else they can do. `StopRequested` raised out of
    `on_progress` ends the download, and the next call resumes it.

    Raises:
        ConnectionBroken: the next call resumes it.
        DownloadFailed: as the message says.
    """
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part, part_version = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")
    with (
        open_session() as session,
        raising_download_failed(url, remedy),
        _request(session, url, part, part_version) as response,
    ):
        response.raise_for_status()
        start_bytes = part.stat().st_size if response.status_code == _PARTIAL_CONTENT else 0
        total_bytes = start_bytes + int(response.headers.get("Content-Length") or 0)
        check_download_size(total_bytes - start_bytes, target.parent, title)
        version = response.headers.get("ETag") or response.headers.get("Last-Modified")
        atomic.write_text(part_version, json.dumps({"url": url, "version": version}))
        _write(response, part, DownloadMeter(total_bytes, on_progress, start_bytes), title)
    if total_bytes > start_bytes and part.stat().st_size != total_bytes:
        raise ConnectionBroken(
            f"The connection broke before {title} was complete.", "The whole file is needed.", remedy
        )
    part.replace(target)
    part_version.unlink(missing_ok=True)


def _request(session: requests.Session, url: str, part: Path, part_version: Path) -> requests.Response:
    """Ask for what is missing if the server still has the same file, else for all of it."""
    try:
        known = json.loads(part_version.read_text(encoding="utf-8"))
        start_bytes = part.stat().st_size
    except (OSError, ValueError):
        known, start_bytes = {}, 0
    resumable = start_bytes and known.get("url") == url and known.get("version")
    headers = {"Range": f"bytes={start_bytes}-", "If-Range": known["version"]} if resumable else {}
    response = session.get(url, stream=True, timeout=TIMEOUT_SEC, headers=headers)
    if response.status_code == _RANGE_NOT_SATISFIABLE:
        response.close()
        response = session.get(url, stream=True, timeout=TIMEOUT_SEC)
    return response


def _write(response: requests.Response, part: Path, meter: DownloadMeter, title: str) -> None:
    with part.open("ab" if meter.done_bytes else "wb") as file:
        for block in response.iter_content(_BLOCK_BYTES):
            file.write(block)
            if meter.done_bytes + len(block) > settings().max_download_bytes:
                raise DownloadFailed(
                    f"{title} is larger than the server announced.",
                    f"At most {settings().max_download_bytes / GIB:.1f} GB can be downloaded at a time.",
                    "Try again later; HAR_MAX_DOWNLOAD_BYTES raises the limit.",
                )
            check_disk_space(0, part.parent, title)
            meter.add(len(block), title)
