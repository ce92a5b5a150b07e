"""A local HTTP relay through which ffmpeg reads a video's streams, and nothing else.

ffmpeg follows redirects without checks, and may not verify certificates. So it connects to this relay only, which
connects to YouTube's servers: every URL is checked before a connection, including those of redirects. Streams are
requested in pieces, since YouTube slows down requests for whole files. Bytes are counted, and all transfers can be
ended at once.
"""

import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError

from har.errors import FetchFailed
from har.settings import MIB, settings
from har.youtube.details import Media
from har.youtube.hosts import is_allowed_media_url

_MAX_REDIRECTS = 5
_FIRST_PIECE_BYTES, _MAX_PIECE_BYTES = MIB // 2, 8 * MIB  # a seek needs little; later pieces are larger
_BLOCK_BYTES = 1 << 13  # small, so that slow servers are seen to send
_MAX_TRIES = 3  # for a piece of which nothing arrives
_CONNECT_SEC = 10
_RETRIED = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError, HTTPError)
_UPLOAD = "Or download the clip on your own computer and upload it."


class LinkExpired(FetchFailed):
    """The server refuses a stream's URL; another lookup may give a valid one."""


class Relay:
    """Serves streams under local `urls`. A context manager: leaving it ends the server."""

    def __init__(self, streams: Sequence[Media]) -> None:
        self.failure: FetchFailed | None = None  # why a stream ended early
        self.received_bytes = 0
        self._streams = streams
        self._stream_urls = [media.url for media in streams]  # after redirects
        self._secret = secrets.token_urlsafe(16)
        self._closed = threading.Event()
        self._session = requests.Session()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def urls(self) -> list[str]:
        """Local URLs for ffmpeg, in the order of the streams."""
        port = self._server.server_port
        return [f"http://127.0.0.1:{port}/{self._secret}/{number}" for number in range(len(self._streams))]

    def __enter__(self) -> "Relay":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the transfers and the server. May be called twice."""
        if not self._closed.is_set():
            self._closed.set()
            self._server.close_connections()
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._session.close()

    def find_stream(self, path: str) -> int | None:
        """The index of the stream under the path of a local URL."""
        match = re.fullmatch(r"/([\w-]+)/(\d{1,2})", path)
        if not match or not secrets.compare_digest(match[1], self._secret) or int(match[2]) >= len(self._streams):
            return None
        return int(match[2])

    def read(self, stream: int, begin: int) -> Iterator[bytes | int]:
        """The length of the whole stream, then its bytes from `begin` on; ends early after a failure."""
        piece, total, tries_left = _FIRST_PIECE_BYTES, -1, _MAX_TRIES
        try:
            while not self._closed.is_set() and (total < 0 or begin < total):
                before = begin
                with suppress(*_RETRIED), self._request(stream, begin, begin + piece - 1) as response:
                    if total < 0:
                        total = _total_bytes(response, begin)
                        yield total
                    for block in response.iter_content(_BLOCK_BYTES):
                        self.received_bytes += len(block)
                        begin += len(block)
                        yield block
                tries_left = _MAX_TRIES if begin > before else tries_left - 1
                if tries_left == 0:
                    raise _connection_failed()
                piece = min(2 * piece, _MAX_PIECE_BYTES)
        except FetchFailed as error:
            if not self._closed.is_set():
                self.failure = self.failure or error

    def _request(self, stream: int, first: int, last: int) -> requests.Response:
        headers = {"Range": f"bytes={first}-{last}", "Accept-Encoding": "identity"}
        if user_agent := self._streams[stream].user_agent:
            headers["User-Agent"] = user_agent
        timeout = (_CONNECT_SEC, settings().youtube_stall_sec)
        for _ in range(_MAX_REDIRECTS):
            url = self._stream_urls[stream]
            if not is_allowed_media_url(url):
                raise FetchFailed(
                    "The video's stream is on a server that is not YouTube's.", "Only YouTube's are used.", _UPLOAD
                )
            try:
                response = self._session.get(url, headers=headers, timeout=timeout, stream=True, allow_redirects=False)
            except requests.exceptions.InvalidURL as error:
                raise _connection_failed() from error
            if not response.is_redirect:
                break
            self._stream_urls[stream] = urljoin(url, response.headers["Location"])
            response.close()
        _check(response)
        return response


def _check(response: requests.Response) -> None:
    """Refuse anything but a part of a file.

    Raises:
        LinkExpired: the URL is no longer valid.
        FetchFailed: any other answer.
        requests.ConnectionError: an answer after which it is worth trying again.
    """
    status = response.status_code
    if status == 206:
        return
    response.close()
    if status in (401, 403, 404, 410):
        raise LinkExpired(
            f"YouTube's video server answered {status}.", "Its links are valid for a few hours.", "Try again."
        )
    if status >= 500 or status == 429:
        raise requests.ConnectionError(f"answered {status}")
    raise FetchFailed(f"YouTube's video server answered {status}.", "A part of the video was expected.", _UPLOAD)


def _total_bytes(response: requests.Response, begin: int) -> int:
    match = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", response.headers.get("Content-Range", ""))
    if not match or int(match[1]) != begin:
        raise FetchFailed(
            "YouTube's video server sent a different part of the video than requested.",
            "The requested part was expected.",
            _UPLOAD,
        )
    return int(match[3])


def _connection_failed() -> FetchFailed:
    return FetchFailed(
        "The connection to YouTube's video server failed.",
        "It is needed until the section has been downloaded.",
        f"Try again. {_UPLOAD}",
    )


class _Server(ThreadingHTTPServer):
    """Keeps track of its connections, so that they can be closed."""

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
        """Ignore that ffmpeg disconnects whenever it seeks or has enough."""

    def close_connections(self) -> None:
        for request in list(self._open):
            self.shutdown_request(request)


def _handler(relay: Relay) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            self.close_connection = True
            stream = relay.find_stream(self.path)
            range_match = re.fullmatch(r"bytes=(\d{1,15})-\d*", self.headers.get("Range", "bytes=0-"))
            if stream is None or range_match is None:
                self.send_error(404)
                return
            begin = int(range_match[1])
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
