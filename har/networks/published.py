"""Networks that others have published, and that are not part of this project: fetched once, checked, and kept.

Every file is pinned by its size and sha256, wherever it comes from. What is fetched is kept in `settings().published`.
"""

import hashlib
import ipaddress
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from har.downloads.limits import check_disk_space
from har.errors import DownloadDamaged, DownloadFailed, HarError
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings
from har.storage import atomic, quota

MOVINET = "movinet-a0-stream"

_BLOCK_BYTES = 1 << 16
_RETRIES = 1  # of a connection that fails: a user waits for the result
_FETCH_SEC = 120.0  # for all of a file
_PAUSE_SEC = 300.0  # after a failure, in which it is not tried again


@dataclass(frozen=True)
class PublishedFile:
    """A file that others have published."""

    name: str  # its key
    title: str
    file_name: str  # in the folder of fetched files
    setting: str  # that holds its address
    size_bytes: int
    sha256: str
    licence: str
    source: str  # who made it, and where it was published

    @property
    def url(self) -> str:
        """Where it is fetched from: an address, or a path on this machine; empty: it is not fetched."""
        return str(getattr(settings(), self.setting))

    @property
    def path(self) -> Path:
        """Where it is kept, whether or not it is there."""
        return settings().published / self.file_name

    @property
    def remedy(self) -> str:
        """What a user can do if it cannot be fetched."""
        return f"Try again later, or set HAR_{self.setting.upper()} to another address or to a file on this machine."


PUBLISHED: dict[str, PublishedFile] = {
    MOVINET: PublishedFile(
        MOVINET,
        "MoViNet-A0-Stream",
        "movinet-a0-stream.tflite",
        "movinet_url",
        3_276_048,
        "6125b36e2485eeb5cc1fd6206cf5e5d70235593fbc84610d1dce97fe3aa9c2ac",
        "Apache-2.0",
        "D. Kondratyuk et al., 'MoViNets', 2021; trained on Kinetics-600 and published by Google in the repository "
        "tensorflow/flutter-tflite",
    )
}


def find(name: str) -> Path | None:
    """The file if it is on this machine and has the right content, which is checked once; None otherwise."""
    published = PUBLISHED[name]
    try:
        state = published.path.stat()
    except OSError:
        return None
    version = (state.st_mtime_ns, state.st_size, state.st_ino)
    if state.st_size != published.size_bytes or _sha256(published.path, version) != published.sha256:
        return None
    return published.path


def is_available(name: str) -> bool:
    """Whether the file is on this machine, or there is an address to fetch it from."""
    return find(name) is not None or bool(PUBLISHED[name].url)


def is_expected(name: str) -> bool:
    """The same, unless fetching it has just failed."""
    return find(name) is not None or (is_available(name) and not _recent_failure(PUBLISHED[name]))


def fetch(name: str, on_progress: OnProgress = ignore, *, again: bool = False) -> Path:
    """The file, downloaded if it is not on this machine. It appears under its name when it is complete and checked.

    If that has just failed, the same error is raised at once for five minutes, unless it is to be tried `again`.
    `StopRequested` raised out of `on_progress` ends the download.

    Raises:
        DownloadFailed: it cannot be downloaded.
        DownloadDamaged: what was received is not the published file.
        DiskFull: there is no room for it.
    """
    published = PUBLISHED[name]
    if (found := find(name)) is not None:
        return found
    if not published.url:
        raise DownloadFailed(
            f"{published.title} is not downloaded here.", f"HAR_{published.setting.upper()} is empty.", "Set it."
        )
    if not again and (reason := _recent_failure(published)):
        raise DownloadFailed(*reason)
    try:
        with quota.raising_disk_full():
            published.path.parent.mkdir(parents=True, exist_ok=True)
            with atomic.replacing(published.path) as temporary:
                _save(published, temporary, on_progress)
    except HarError as error:
        _remember(published, error)
        raise
    _failure(published).unlink(missing_ok=True)
    return published.path


def _save(published: PublishedFile, target: Path, on_progress: OnProgress) -> None:
    from har.downloads.http import ConnectionBroken  # with libraries that start slowly
    from har.downloads.one_file import DownloadMeter

    title, size_bytes = published.title, published.size_bytes
    check_disk_space(size_bytes, target.parent, title)
    on_progress(Progress(Stage.DOWNLOAD, 0, size_bytes, title))
    digest, meter = hashlib.sha256(), DownloadMeter(size_bytes, on_progress)
    until = time.monotonic() + _FETCH_SEC
    with _blocks(published) as blocks, target.open("wb") as file:
        for block in blocks:
            meter.add(len(block), title)
            if meter.done_bytes > size_bytes:
                raise _damaged(published, "is larger than")
            if time.monotonic() > until:
                raise DownloadFailed(
                    f"{title} was not complete after {_FETCH_SEC:.0f} seconds.",
                    "It is usually downloaded within seconds.",
                    published.remedy,
                )
            digest.update(block)
            file.write(block)
    if meter.done_bytes < size_bytes:
        raise ConnectionBroken(
            f"Only {meter.done_bytes:,} of the {size_bytes:,} bytes of {title} were received.",
            "The whole file is needed.",
            published.remedy,
        )
    if digest.hexdigest() != published.sha256:
        raise _damaged(published, "differs from")


def _damaged(published: PublishedFile, how: str) -> DownloadDamaged:
    return DownloadDamaged(
        f"What was received as {published.title} {how} the published file.",
        "Only that file is used.",
        published.remedy,
    )


@contextmanager
def _blocks(published: PublishedFile) -> Iterator[Iterator[bytes]]:
    url, remedy = published.url, published.remedy
    if "://" not in url:
        try:
            file = Path(url).expanduser().open("rb")
        except OSError as error:
            raise DownloadFailed(
                f"{published.title} cannot be read ({error.strerror}).",
                f"HAR_{published.setting.upper()} is a path on this machine.",
                "Correct or unset it.",
            ) from error
        with file:
            yield iter(lambda: file.read(_BLOCK_BYTES), b"")
        return
    from har.downloads.http import TIMEOUT_SEC, open_session, raising_download_failed

    _check_address(published)
    with (
        open_session(_RETRIES, redirects="within host") as session,
        raising_download_failed(url, remedy),
        session.get(url, stream=True, timeout=TIMEOUT_SEC, headers={"Accept-Encoding": "identity"}) as response,
    ):
        response.raise_for_status()
        yield response.raw.stream(_BLOCK_BYTES, decode_content=False)


def _check_address(published: PublishedFile) -> None:
    address = urlsplit(published.url)
    if address.scheme == "https" or (address.scheme == "http" and _is_this_machine(address.hostname or "")):
        return
    raise DownloadFailed(
        f"{published.title} is not downloaded from an address with {address.scheme}://.",
        f"HAR_{published.setting.upper()} must start with https://, or be a path.",
        "Correct or unset it.",
    )


def _is_this_machine(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


@cache
def _sha256(path: Path, version: tuple[int, int, int]) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _failure(published: PublishedFile) -> Path:
    """Where the last failure is kept, for all processes."""
    return settings().published / f"{published.name}.failed.json"


def _remember(published: PublishedFile, error: HarError) -> None:
    with suppress(OSError):
        atomic.write_text(_failure(published), json.dumps({"url": published.url, "reason": error.args}))


def _recent_failure(published: PublishedFile) -> list[str]:
    """Why the same address could not be used a short time ago; empty: it could, or was not tried."""
    path = _failure(published)
    try:
        is_recent = 0 <= time.time() - path.stat().st_mtime < _PAUSE_SEC
        failure = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(failure["reason"]) if is_recent and failure["url"] == published.url else []
