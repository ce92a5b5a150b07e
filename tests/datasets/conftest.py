"""Small real videos, zips of them, and a server that sends parts of files, or fails to."""

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

from har.settings import Settings
from har.video import write_video


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], bytes]:
    """Bytes of a short video; another number, other bytes."""
    folder = tmp_path_factory.mktemp("videos")

    def make(number: int) -> bytes:
        path = folder / f"{number}.mp4"
        if not path.exists():
            noise = np.random.default_rng(number).integers(0, 255, (5, 48, 64, 3), np.uint8)
            write_video(path, iter(noise), Fraction(25))
        return path.read_bytes()

    return make


@pytest.fixture
def home(tmp_path: Path, override: Callable[..., Settings]) -> Callable[..., Settings]:
    """A home folder of this test's own; called again, with other limits."""

    def use(**changes: object) -> Settings:
        return override(**{"home": tmp_path / "home", "min_free_bytes": 0} | changes)

    use()
    return use


def files(folder: Path) -> dict[str, int]:
    """What lies in a folder, hidden or not, with its size."""
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
    break_after: int | None = None  # bytes of an answer's body, of answers longer than that
    breaks: int = 0  # how many answers still break; -1: all
    status: int | None = None
    too_much: int = 0  # bytes sent beyond those asked for
    version: str = '"1"'
    asked: list[str] = field(default_factory=list)  # the Range headers of GETs
    sent_bytes: int = 0


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.asked.append(asked or "")
            if state.status:
                self.send_error(state.status)
                return
            body, total = state.content, len(state.content)
            found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked or "") if state.ranges else None
            if self.headers.get("If-Range", state.version) != state.version:
                found = None
            if found:
                first = int(found[1]) if found[1] else max(0, total - int(found[2]))
                last = int(found[2]) if found[1] and found[2] else total - 1
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
