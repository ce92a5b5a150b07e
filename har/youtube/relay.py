"""A door on this machine through which ffmpeg gets a video's streams, and nothing else.

ffmpeg follows redirects without asking, and may not verify certificates. So it talks to this door alone; we talk to the
video's own servers: each address is checked before a connection is made, also when a server sends us on. Streams come
in pieces, for YouTube slows down whoever asks for a whole file at once. What has come is counted, and all of it can be
cut off at once.
"""

import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from har.errors import FetchFailed
from har.settings import MIB, settings
from har.youtube.hosts import may_fetch
from har.youtube.listing import Media

_HOPS = 5
_FIRST_PIECE, _LARGEST_PIECE = MIB // 2, 8 * MIB  # a seek needs little; later pieces are larger
_BLOCK_BYTES = 1 << 13  # small, so that a slow server is seen to send
_TRIES = 3  # for a piece of which nothing more comes
_CONNECT_SEC = 10
_BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, HTTPError)
_UPLOAD = "Or download the clip on your own computer and upload it."


class Expired(FetchFailed):
    """The server knows the address no longer, or does not take it from us: a new look gives a new one."""


@dataclass
class _Stream:
    media: Media
    at: str = field(init=False)  # where redirects have led

    def __post_init__(self) -> None:
        self.at = self.media.url


class Relay:
    """The door. A context manager: leaving it closes the door.

    Args:
        streams: what may be asked for; `urls` has an address on this machine for each.
    """

    def __init__(self, streams: Sequence[Media]) -> None:
        self.failure: FetchFailed | None = None  # why less came than was asked for
        self.received_bytes = 0
        self._streams = [_Stream(media) for media in streams]
        self._secret = secrets.token_urlsafe(16)
        self._closed = threading.Event()
        self._session = requests.Session()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def urls(self) -> list[str]:
        """Addresses for ffmpeg, in the order of the streams."""
        port = self._server.server_port
        return [f"http://127.0.0.1:{port}/{self._secret}/{number}" for number in range(len(self._streams))]

    def __enter__(self) -> "Relay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Cut off what is under way, and let nobody in any more. May be called twice."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.cut_off()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._session.close()

    def stream(self, path: str) -> _Stream | None:
        """What a path behind the door leads to."""
        found = re.fullmatch(r"/([\w-]+)/(\d{1,2})", path)
        if not found or not secrets.compare_digest(found[1], self._secret) or int(found[2]) >= len(self._streams):
            return None
        return self._streams[int(found[2])]

    def read(self, stream: _Stream, begin: int) -> Iterator[bytes | int]:
        """The length of the whole stream, then its bytes from one on; ends early when something failed."""
        piece, total, tries = _FIRST_PIECE, -1, _TRIES
        try:
            while not self._closed.is_set() and (total < 0 or begin < total):
                before = begin
                with suppress(*_BROKEN), self._ask(stream, begin, begin + piece - 1) as answer:
                    if total < 0:
                        total = _total(answer, begin)
                        yield total
                    for block in answer.iter_content(_BLOCK_BYTES):
                        self.received_bytes += len(block)
                        begin += len(block)
                        yield block
                tries = _TRIES if begin > before else tries - 1
                if tries == 0:
                    raise _broken()
                piece = min(2 * piece, _LARGEST_PIECE)
        except FetchFailed as error:
            if not self._closed.is_set():
                self.failure = self.failure or error

    def _ask(self, stream: _Stream, first: int, last: int) -> requests.Response:
        headers = {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}
        if stream.media.user_agent:
            headers["User-Agent"] = stream.media.user_agent
        timeout = (_CONNECT_SEC, settings().youtube_stall_sec)
        for _ in range(_HOPS):
            if not may_fetch(stream.at):
                raise FetchFailed(
                    "The video's address leads to a server that is not YouTube's.", "No other is asked.", _UPLOAD
                )
            try:
                answer = self._session.get(
                    stream.at, headers=headers, timeout=timeout, stream=True, allow_redirects=False
                )
            except requests.exceptions.InvalidURL as error:
                raise _broken() from error
            if not answer.is_redirect:
                break
            stream.at = urljoin(stream.at, answer.headers["Location"])
            answer.close()
        _check(answer)
        return answer


def _check(answer: requests.Response) -> None:
    """Refuse what is not a part of a file.

    Raises:
        Expired: the address is no longer any good.
        FetchFailed: whatever else.
    """
    status = answer.status_code
    if status == 206:
        return
    answer.close()
    if status in (401, 403, 404, 410):
        raise Expired(
            f"YouTube's video server answered {status}.", "An address of it is good for some hours.", "Try again."
        )
    if status >= 500 or status == 429:
        raise requests.ConnectionError(f"answered {status}")  # asked again, and told when it does not help
    raise FetchFailed(f"YouTube's video server answered {status}.", "A part of the video was expected.", _UPLOAD)


def _total(answer: requests.Response, begin: int) -> int:
    found = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", answer.headers.get("Content-Range", ""))
    if not found or int(found[1]) != begin:
        raise FetchFailed("YouTube's video server sends another part than was asked for.", "A video was due.", _UPLOAD)
    return int(found[3])


def _broken() -> FetchFailed:
    return FetchFailed(
        "The connection to YouTube's video server failed or broke off.", "It must hold.", f"Try again. {_UPLOAD}"
    )


class _Server(ThreadingHTTPServer):
    """Keeps its connections, to be able to cut them off."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self._open: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ffmpeg hangs up whenever it seeks or has enough."""

    def cut_off(self) -> None:
        for request in list(self._open):
            self.shutdown_request(request)


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            stream = relay.stream(self.path)
            asked = re.fullmatch(r"bytes=(\d{1,15})-\d*", self.headers.get("Range", "bytes=0-"))
            if stream is None or asked is None:
                self.send_error(404)
                return
            begin = int(asked[1])
            parts = relay.read(stream, begin)
            total = next(parts, None)
            if not isinstance(total, int) or begin >= total:
                self.send_error(502)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{total - 1}/{total}")
            self.send_header("Content-Length", str(total - begin))
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Connection", "close")
            self.end_headers()
            for block in parts:
                if isinstance(block, bytes):
                    self.wfile.write(block)

    return Handler
