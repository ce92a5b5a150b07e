"""A stand-in for YouTube's video server, and a video whose frames show their numbers."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from har.video import write_video
from har.youtube.details import Media, VideoDetails
from tests.video.barcode import barcode
from tests.video.conftest import Override, ffmpeg
from tests.youtube.fake_youtube import Answer, FakeYouTube, StartFake

FRAMES, FPS = 250, 25
ID = "aqz-KE-bpKQ"


@dataclass
class Server:
    """Serves one file under any path, in parts, or fails in a chosen way."""

    port: int = 0
    content: bytes = b""
    redirect_to: str | None = None
    status: int | None = None
    hang_after: int | None = None  # bytes of all answers together
    trickle_sec: float | None = None  # between single bytes
    breaks: int = 0  # answers that end halfway
    ranges: list[str] = field(default_factory=list)  # one for each request
    user_agents: set[str | None] = field(default_factory=set)
    sent_bytes: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, name: str = "videoplayback") -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


def _answer(state: Server, handler: BaseHTTPRequestHandler) -> None:
    requested = handler.headers.get("Range", "")
    state.ranges.append(requested)
    state.user_agents.add(handler.headers.get("User-Agent"))
    if state.redirect_to or state.status:
        handler.send_response(302 if state.redirect_to else state.status or 500)
        handler.send_header("Location", state.redirect_to or "")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", requested)
    total = len(state.content)
    first, last = (int(match[1]), int(match[2] or total - 1)) if match else (0, total - 1)
    body = state.content[first : last + 1]
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{total}")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if state.breaks:
        state.breaks -= 1
        handler.close_connection = True
        body = body[: len(body) // 2]
    step = 1 if state.trickle_sec else 1 << 14
    for at in range(0, len(body), step):
        if state.hang_after is not None and state.sent_bytes >= state.hang_after:
            state.closing.wait(30)
            return
        if state.trickle_sec:
            time.sleep(state.trickle_sec)
        handler.wfile.write(body[at : at + step])
        state.sent_bytes += len(body[at : at + step])


@pytest.fixture
def serve() -> Iterator[Callable[[], Server]]:
    """Starts servers."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread, Server]] = []

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, address: object) -> None:
            pass

    def start() -> Server:
        state = Server()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                _answer(state, self)

        http = Quiet(("127.0.0.1", 0), Handler)
        state.port = http.server_port
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        running.append((http, thread, state))
        return state

    yield start
    for http, thread, state in running:
        state.closing.set()
        http.shutdown()
        http.server_close()
        thread.join()


@pytest.fixture(scope="session")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds, 25 frames a second: frame n shows the number n; a key frame every two seconds."""
    folder = tmp_path_factory.mktemp("numbered")
    write_video(folder / "plain.mp4", (barcode(n % 256) for n in range(FRAMES)), Fraction(FPS))
    path = folder / "numbered.mp4"
    sound = ("-f", "lavfi", "-i", "sine=duration=10", "-c:a", "aac", "-shortest")
    ffmpeg("-i", folder / "plain.mp4", *sound, "-c:v", "libx264", "-g", "50", "-movflags", "+faststart", path)
    return path


@pytest.fixture(scope="session")
def separate_streams(numbered: Path) -> tuple[Path, Path]:
    """The same video as YouTube stores it: picture and sound in two fragmented files."""
    picture, sound = numbered.with_name("picture.mp4"), numbered.with_name("sound.webm")
    pieces = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof+global_sidx")
    ffmpeg("-i", numbered, "-map", "0:v", "-c", "copy", *pieces, picture)
    ffmpeg("-i", numbered, "-map", "0:a", "-c:a", "libopus", sound)
    return picture, sound


@pytest.fixture
def local_media(override: Override) -> None:
    """Allows streams from servers on this machine."""
    override(youtube_media_hosts=["127.0.0.1"], youtube_media_http=True)


@pytest.fixture
def fake_youtube(monkeypatch: pytest.MonkeyPatch) -> Iterator[StartFake]:
    """Starts a stand-in for YouTube that gives an answer."""
    running: list[FakeYouTube] = []

    def start(answer: Answer) -> FakeYouTube:
        running.append(FakeYouTube(monkeypatch, answer))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def own_home(override: Override, tmp_path: Path) -> None:
    """A cache that no other test has used."""
    override(home=tmp_path / "home")


def make_details(url: str, sound: str | None = None, duration_sec: float = 10.0) -> VideoDetails:
    media = Media(url, "a browser")
    return VideoDetails(ID, "A title", "A channel", duration_sec, 120, media, Media(sound, None) if sound else None)
