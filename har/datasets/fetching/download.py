"""One large file, fetched in one piece, and gone on with after an interruption."""

import json
import time
from pathlib import Path

import requests

from har.datasets.fetching.http import TIMEOUT_SEC, Broken, session, told
from har.datasets.fetching.limits import Downloading, OnEvent, check_disk_space, check_room
from har.errors import DownloadFailed
from har.settings import GIB, settings

_BLOCK_BYTES = 1 << 16  # what is lost when the connection breaks
_TOLD_SEC = 0.1
_PARTIAL, _RANGE_REFUSED = 206, 416


def download(url: str, target: Path, title: str, way_out: str, on_event: OnEvent) -> None:
    """Fetch a file, unless it is there. It appears under its name when it is whole.

    Args:
        url: http or https.
        target: where it goes.
        title: what it is called.
        way_out: a sentence: what else somebody can do.
        on_event: told of the bytes. `StopRequested` raised out of it ends the work; what has come stays.

    Raises:
        Broken: the connection broke off; called again, it goes on.
        DownloadFailed: as the message says.
    """
    if target.is_file():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part, mark = target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")
    with session() as web, told(url, way_out):
        answer = _ask(web, url, part, mark)
        with answer:
            answer.raise_for_status()
            begun_bytes = part.stat().st_size if answer.status_code == _PARTIAL else 0
            total_bytes = begun_bytes + int(answer.headers.get("Content-Length") or 0)
            check_room(total_bytes - begun_bytes, target.parent, title)
            version = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
            mark.write_text(json.dumps({"url": url, "version": version}), encoding="utf-8")
            _write(answer, part, begun_bytes, total_bytes, title, on_event)
    if total_bytes > begun_bytes and part.stat().st_size != total_bytes:
        raise Broken(f"{title} came only in part: the connection broke off.", "It must hold.", way_out)
    part.replace(target)
    mark.unlink(missing_ok=True)


def _ask(web: requests.Session, url: str, part: Path, mark: Path) -> requests.Response:
    """Ask for what is missing, if the server still has the very file; else for all of it."""
    try:
        noted = json.loads(mark.read_text(encoding="utf-8"))
        begun_bytes = part.stat().st_size
    except (OSError, ValueError):
        noted, begun_bytes = {}, 0
    known = begun_bytes and noted.get("url") == url and noted.get("version")
    headers = {"Range": f"bytes={begun_bytes}-", "If-Range": noted["version"]} if known else {}
    answer = web.get(url, stream=True, timeout=TIMEOUT_SEC, headers=headers)
    if answer.status_code == _RANGE_REFUSED:
        answer.close()
        answer = web.get(url, stream=True, timeout=TIMEOUT_SEC)
    return answer


def _write(
    answer: requests.Response, part: Path, done_bytes: int, total_bytes: int, title: str, on_event: OnEvent
) -> None:
    told_at = 0.0
    with part.open("ab" if done_bytes else "wb") as file:
        for block in answer.iter_content(_BLOCK_BYTES):
            file.write(block)
            done_bytes += len(block)
            if done_bytes > settings().max_download_bytes:
                raise DownloadFailed(
                    f"{title} is longer than announced.",
                    f"At most {settings().max_download_bytes / GIB:.1f} GB are fetched at a time.",
                    "HAR_MAX_DOWNLOAD_BYTES raises the limit.",
                )
            check_disk_space(0, part.parent, title)
            if time.monotonic() - told_at > _TOLD_SEC:
                told_at = time.monotonic()
                on_event(Downloading(done_bytes, total_bytes, title))
