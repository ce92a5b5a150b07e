"""Published networks are downloaded once, checked and kept."""

import hashlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from har.errors import DiskFull, DownloadDamaged, DownloadFailed, HarError, StopRequested
from har.networks import published
from har.networks.published import MOVINET, PUBLISHED, PublishedFile, fetch, find
from har.progress import Progress, Stage
from har.settings import Settings, settings
from har.storage import quota
from tests.youtube.local_server import local_server

CONTENT = bytes(range(256)) * 1000


@dataclass
class Server:
    """Serves one file."""

    port: int = 0
    content: bytes = CONTENT
    announced_bytes: int | None = None  # if not the number of bytes that are sent
    status: int = 200
    location: str = ""  # what it redirects to, once
    requested: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file.tflite"

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        self.requested.append(request.path)
        location, self.location = self.location, ""
        content = b"" if location else self.content
        request.send_response(302 if location else self.status)
        if location:
            request.send_header("Location", location)
        request.send_header("Content-Length", str(self.announced_bytes or len(content)))
        request.end_headers()
        request.wfile.write(content)
        request.close_connection = True


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()
    with local_server(state.respond) as state.port:
        yield state


@pytest.fixture
def entry(
    server: Server, tmp_path: Path, override: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> PublishedFile:
    """A published file that the local server has."""
    override(home=tmp_path / "home", movinet_url=server.url, min_free_bytes=0)
    digest = hashlib.sha256(CONTENT).hexdigest()
    added = PublishedFile(
        "small", "Small network", "small.tflite", "movinet_url", len(CONTENT), digest, "MIT", "A test"
    )
    monkeypatch.setitem(PUBLISHED, "small", added)
    return added


def kept() -> list[str]:
    return sorted(path.name for path in settings().published.glob("*"))


def test_it_is_downloaded_with_progress_and_found_from_then_on(entry: PublishedFile, server: Server) -> None:
    reports: list[Progress] = []
    assert find("small") is None
    path = fetch("small", reports.append)
    assert path.read_bytes() == CONTENT
    assert kept() == ["small.tflite"]
    assert find("small") == path
    assert (reports[0].done, reports[0].total) == (0, len(CONTENT))
    assert reports[0].text.startswith("Downloading Small network: 0 of 0 MB")
    assert {report.stage for report in reports} == {Stage.DOWNLOAD}
    assert 0 < reports[-1].done <= len(CONTENT)
    assert fetch("small") == path
    assert len(server.requested) == 1


def test_a_file_that_was_changed_on_this_machine_is_not_used_but_downloaded_again(
    entry: PublishedFile, server: Server
) -> None:
    path = fetch("small")
    path.write_bytes(CONTENT[::-1])
    os.utime(path, (0, 0))
    assert find("small") is None
    assert fetch("small").read_bytes() == CONTENT
    assert len(server.requested) == 2


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"content": CONTENT[::-1]}, DownloadDamaged, "differs from the published file"),
        ({"content": CONTENT + b"x"}, DownloadDamaged, "is larger than the published file"),
        ({"content": CONTENT[:-1]}, DownloadFailed, r"Only 255,999 of the 256,000 bytes"),
        ({"content": CONTENT[:-1], "announced_bytes": len(CONTENT)}, DownloadFailed, "connection to 127.0.0.1 failed"),
        ({"status": 404}, DownloadFailed, "HTTP status 404"),
        ({"location": "http://localhost:9/file"}, DownloadFailed, "redirects to another server, localhost"),
        ({"location": "http://127.0.0.1:9/file"}, DownloadFailed, "redirects to another server"),
        ({"location": "https://example.org/file"}, DownloadFailed, "redirects to another server, example.org"),
    ],
    ids=["hash", "large", "short", "cut off", "refused", "host", "port", "https"],
)
def test_anything_else_is_refused_and_nothing_of_it_kept(
    entry: PublishedFile, server: Server, change: dict[str, object], error: type[HarError], words: str
) -> None:
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(error, match=words):
        fetch("small")
    assert find("small") is None
    assert kept() == ["small.failed.json"]


def test_a_redirect_within_the_server_is_followed(entry: PublishedFile, server: Server) -> None:
    server.location = "/elsewhere"
    assert fetch("small").read_bytes() == CONTENT
    assert server.requested == ["/file.tflite", "/elsewhere"]


def test_without_a_network_one_error_says_so(entry: PublishedFile, override: Callable[..., Settings]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    override(movinet_url=f"http://127.0.0.1:{port}/file")
    with pytest.raises(DownloadFailed, match=r"The connection to 127\.0\.0\.1 failed"):
        fetch("small")


def test_after_a_failure_it_is_not_tried_again_for_a_while_unless_somebody_asks(
    entry: PublishedFile, server: Server
) -> None:
    server.status = 403
    for _ in range(2):
        with pytest.raises(DownloadFailed, match="HTTP status 403"):
            fetch("small")
    assert len(server.requested) == 1
    os.utime(settings().published / "small.failed.json", (0, 0))
    with pytest.raises(DownloadFailed, match="HTTP status 403"):
        fetch("small")
    assert len(server.requested) == 2
    server.status = 200
    assert fetch("small", again=True).read_bytes() == CONTENT
    assert kept() == ["small.tflite"]


def test_another_address_is_tried_at_once(
    entry: PublishedFile, server: Server, tmp_path: Path, override: Callable[..., Settings]
) -> None:
    server.status = 403
    with pytest.raises(DownloadFailed):
        fetch("small")
    (tmp_path / "copy").write_bytes(CONTENT)
    override(movinet_url=str(tmp_path / "copy"))
    assert fetch("small").read_bytes() == CONTENT


def test_a_file_on_this_machine_is_checked_too(
    entry: PublishedFile, tmp_path: Path, override: Callable[..., Settings]
) -> None:
    override(movinet_url=str(tmp_path / "copy"))
    with pytest.raises(DownloadFailed, match="No such file"):
        fetch("small", again=True)
    (tmp_path / "copy").write_bytes(CONTENT[::-1])
    with pytest.raises(DownloadDamaged):
        fetch("small", again=True)
    assert find("small") is None


@pytest.mark.parametrize("url", ["http://example.org/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::2]/x"])
def test_only_https_is_used_between_machines(entry: PublishedFile, override: Callable[..., Settings], url: str) -> None:
    override(movinet_url=url)
    with pytest.raises(DownloadFailed, match="must start with https://"):
        fetch("small")


def test_nothing_is_downloaded_where_no_address_is_set(entry: PublishedFile, override: Callable[..., Settings]) -> None:
    override(movinet_url="")
    with pytest.raises(DownloadFailed, match="HAR_MOVINET_URL is empty"):
        fetch("small")
    assert kept() == []


def test_cancelling_leaves_nothing(entry: PublishedFile, server: Server) -> None:
    def stop(progress: Progress) -> None:
        if progress.done:
            raise StopRequested

    with pytest.raises(StopRequested):
        fetch("small", stop)
    assert kept() == []
    assert fetch("small").read_bytes() == CONTENT


def test_a_server_that_is_too_slow_is_given_up(entry: PublishedFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_FETCH_SEC", -1.0)
    with pytest.raises(DownloadFailed, match="not complete after"):
        fetch("small")


def test_two_downloads_at_once_do_no_harm(entry: PublishedFile, server: Server) -> None:
    both = threading.Barrier(2, timeout=30)

    def wait(progress: Progress) -> None:
        if progress.done == 0:
            both.wait()

    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(fetch("small", wait))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths == [entry.path] * 2
    assert find("small") == entry.path
    assert kept() == ["small.tflite"]


def test_a_full_disk_does_not_remove_it(entry: PublishedFile, override: Callable[..., Settings]) -> None:
    path = fetch("small")
    os.utime(path, (0, 0))
    override(min_free_bytes=1 << 60)
    quota.make_room(())
    quota.remove_expired(())
    assert find("small") == path


def test_there_must_be_room_for_it(entry: PublishedFile, override: Callable[..., Settings]) -> None:
    override(min_free_bytes=1 << 60)
    with pytest.raises((DownloadFailed, DiskFull), match="must stay free"):
        fetch("small")


def test_its_notice_names_licence_and_hash() -> None:
    entry = PUBLISHED[MOVINET]
    notice = (settings().weights / "movinet-kinetics600" / "NOTICE").read_text(encoding="utf-8")
    for text in (entry.sha256, f"{entry.size_bytes:,} bytes", "Apache License 2.0", "Kinetics-600"):
        assert text in notice
