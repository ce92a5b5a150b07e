"""A stand-in for YouTube's video server, and a video whose frames show their numbers."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from har.video import write_video
from har.youtube.details import Media, VideoDetails
from tests.video.barcode import barcode
from tests.video.conftest import Override, ffmpeg
from tests.youtube.fake_youtube import StartFake, running_fake
from tests.youtube.local_server import local_server

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

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        requested = handler.headers.get("Range", "")
        self.ranges.append(requested)
        self.user_agents.add(handler.headers.get("User-Agent"))
        if self.redirect_to or self.status:
            handler.send_response(302 if self.redirect_to else self.status or 500)
            handler.send_header("Location", self.redirect_to or "")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", requested)
        total = len(self.content)
        first, last = (int(match[1]), int(match[2] or total - 1)) if match else (0, total - 1)
        body = self.content[first : last + 1]
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {first}-{first + len(body) - 1}/{total}")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.breaks:
            self.breaks -= 1
            handler.close_connection = True
            body = body[: len(body) // 2]
        step = 1 if self.trickle_sec else 1 << 14
        for at in range(0, len(body), step):
            if self.hang_after is not None and self.sent_bytes >= self.hang_after:
                self.closing.wait(30)
                return
            if self.trickle_sec:
                time.sleep(self.trickle_sec)
            handler.wfile.write(body[at : at + step])
            self.sent_bytes += len(body[at : at + step])


@pytest.fixture
def serve() -> Iterator[Callable[[], Server]]:
    """Starts servers."""
    with ExitStack() as stack:

        def start() -> Server:
            server = Server()
            server.port = stack.enter_context(local_server(server.respond))
            stack.callback(server.closing.set)
            return server

        yield start


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
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(running_fake(monkeypatch, answer))


@pytest.fixture
def own_home(override: Override, tmp_path: Path) -> None:
    """A cache that no other test has used."""
    override(home=tmp_path / "home")


def make_details(url: str, sound: str | None = None, duration_sec: float = 10.0) -> VideoDetails:
    media = Media(url, "a browser")
    return VideoDetails(ID, "A title", "A channel", duration_sec, media, Media(sound, None) if sound else None)
