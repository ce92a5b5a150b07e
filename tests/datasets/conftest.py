"""Small real videos, zips of them, and a server that supports range requests, or fails to."""

import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from har.errors import StopRequested
from har.progress import OnProgress, Progress
from har.settings import Settings
from har.video import write_video

MakeVideo = Callable[[int], bytes]
SetSettings = Callable[..., Settings]


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> MakeVideo:
    """The bytes of a short video, different for each number."""
    folder = tmp_path_factory.mktemp("videos")

    def make(number: int) -> bytes:
        path = folder / f"{number}.mp4"
        if not path.exists():
            noise = np.random.default_rng(number).integers(0, 255, (5, 48, 64, 3), np.uint8)
            write_video(path, iter(noise), Fraction(25))
        return path.read_bytes()

    return make


@pytest.fixture
def home(tmp_path: Path, override: SetSettings) -> SetSettings:
    """A home folder for the test; call it to change other settings."""

    def use(**changes: object) -> Settings:
        return override(**{"home": tmp_path / "home", "min_free_bytes": 0} | changes)

    use()
    return use


def stop_when(condition: Callable[[Progress], bool] = lambda progress: True) -> OnProgress:
    """Cancels the work at the first report that meets the condition."""

    def on_progress(progress: Progress) -> None:
        if condition(progress):
            raise StopRequested

    return on_progress


def files(folder: Path) -> dict[str, int]:
    """The files in a folder, hidden ones included, with their sizes."""
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".download-lock", ".ucf101.json")
    }


def zipped(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


@dataclass
class Server:
    """Serves one file."""

    url: str = ""
    content: bytes = b""
    ranges: bool = True
    break_after: int | None = None  # bytes of the body, of longer responses
    breaks: int = 0  # how many responses still break; -1: all
    status: int | None = None
    too_much: int = 0  # bytes sent beyond those requested
    version: str = '"1"'
    requested: list[str] = field(default_factory=list)  # the Range header of each GET
    sent_bytes: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            requested = self.headers.get("Range")
            state.requested.append(requested or "")
            if state.status:
                self.send_error(state.status)
                return
            body, total = state.content, len(state.content)
            match = re.fullmatch(r"bytes=(\d*)-(\d*)", requested or "") if state.ranges else None
            if self.headers.get("If-Range", state.version) != state.version:
                match = None
            if match:
                first = int(match[1]) if match[1] else max(0, total - int(match[2]))
                last = int(match[2]) if match[1] and match[2] else total - 1
                body = body[first : last + 1 + state.too_much]
                self.send_response(206)
                self.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{total}")
            else:
                self.send_response(200)
            self.send_header("ETag", state.version)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            breaks = state.break_after is not None and len(body) > state.break_after and state.breaks != 0
            if breaks:
                state.breaks -= 1
                body = body[: state.break_after]
                self.close_connection = True
            state.sent_bytes += len(body)
            self.wfile.write(body)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, address: object) -> None:
            pass

    with Quiet(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/UCF101_videos.zip"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield state
        http.shutdown()
        thread.join()
