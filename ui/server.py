"""Middleware around Streamlit's server: limits on uploads, and headers of all responses."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cached_property
from http import HTTPStatus
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime import Runtime

from har.settings import settings
from ui.theme import ASSETS
from ui.uploads import OnDisk

_UPLOAD_PATH = "/_stcore/upload_file/"
_AT_ONCE = 4  # uploads of one session that are received at the same time
_MAX_WAITING = 100  # uploads of one session, received or waiting
_MIN_BYTES_PER_SEC = 8 << 10  # an upload that is slower on average is aborted
_LEAST_BYTES = 16 << 10  # a smaller upload counts as this much: its record takes memory


class UploadLimits:
    """Limits uploads before Streamlit receives them, and moves those it has received from memory to disk.

    The bytes of each session, and of all sessions together, are limited, including those being received. Further
    uploads are refused with status 507 before any of them is read. A few are received at the same time, the others
    wait; those that stall are aborted with status 408. Streamlit receives an upload into a temporary file and at the
    end reads it into memory: one at a time does so, until it is moved.
    """

    def __init__(
        self,
        app: ASGIApp,
        streamlit: Callable[[], Runtime] = runtime.get_instance,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._streamlit, self._clock = app, streamlit, clock
        self._waiting: Counter[str] = Counter()  # uploads, received or waiting, by session
        self._receiving: Counter[str] = Counter()  # bytes, by session
        self._reading = asyncio.Lock()  # held by the upload that is in memory
        self._turns: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(_AT_ONCE))

    @cached_property
    def _all_turns(self) -> asyncio.Semaphore:
        """Made for the first upload: Streamlit has read the secrets then, which may be settings."""
        return asyncio.Semaphore(settings().max_uploads_at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "lifespan":
            await self._serve_all(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._serve_tab(scope, receive, send)
            return
        if scope["type"] != "http" or scope["method"] != "PUT" or _UPLOAD_PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        *_, session_id, file_id = scope["path"].split("/")
        status = await self._upload(session_id, file_id, scope, receive, send)
        if status is not None:
            await PlainTextResponse(status.phrase, status, {"Connection": "close"})(scope, receive, send)

    async def _serve_all(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve until the server is stopped, and drop all uploads then."""
        await self._app(scope, receive, send)
        for session_id in self._held_bytes():
            self._streamlit().uploaded_file_mgr.remove_session_files(session_id)

    async def _serve_tab(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a tab until it is closed, and drop its uploads then, unless it reconnects soon."""
        try:
            await self._app(scope, receive, send)
        finally:
            asyncio.get_running_loop().call_later(settings().upload_return_sec, self._drop_closed)

    async def _upload(
        self, session_id: str, file_id: str, scope: Scope, receive: Receive, send: Send
    ) -> HTTPStatus | None:
        """Receive an upload, or return the status with which it is refused."""
        size = dict(scope["headers"]).get(b"content-length", b"")
        if not size.isdigit():
            return HTTPStatus.LENGTH_REQUIRED
        size_bytes = max(int(size), _LEAST_BYTES)
        if not self._streamlit().is_active_session(session_id):
            return HTTPStatus.BAD_REQUEST
        if self._waiting[session_id] >= _MAX_WAITING:
            return HTTPStatus.SERVICE_UNAVAILABLE
        async with self._turn(session_id):
            if not self._has_room(session_id, size_bytes):
                return HTTPStatus.INSUFFICIENT_STORAGE
            self._receiving[session_id] += size_bytes
            started = False

            async def answer(message: Message) -> None:
                nonlocal started
                started = True
                await send(message)

            try:
                await self._receive(session_id, file_id, scope, _steadily(receive, self._clock), answer)
            except ClientDisconnect:  # the client has left
                return None
            except TimeoutError:
                return None if started else HTTPStatus.REQUEST_TIMEOUT
            finally:
                self._receiving[session_id] -= size_bytes
                self._drop_closed()
        return None

    async def _receive(self, session_id: str, file_id: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Streamlit receive an upload, and move it to disk before the client is answered."""
        async with AsyncExitStack() as turn:

            async def receive_all() -> Message:
                message = await receive()
                if message["type"] == "http.request" and not message.get("more_body"):
                    await turn.enter_async_context(self._reading)
                return message

            async def move_and_send(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await self._move_to_disk(session_id, file_id)
                    await turn.aclose()  # here: a client may never take the answer
                await send(message)

            await self._app(scope, receive_all, move_and_send)

    async def _move_to_disk(self, session_id: str, file_id: str) -> None:
        """Replace the content of a held upload by a file; if the disk is full, it stays in memory."""
        manager: Any = self._streamlit().uploaded_file_mgr
        for record in manager.get_files(session_id, [file_id]):
            if isinstance(record.data, OnDisk):  # an earlier one, which was not replaced
                continue
            with suppress(OSError):
                data = await asyncio.to_thread(OnDisk, record.data)
                if any(held is record for held in manager.get_files(session_id, [file_id])):  # not removed meanwhile
                    manager.add_file(session_id, record._replace(data=data))

    @asynccontextmanager
    async def _turn(self, session_id: str) -> AsyncIterator[None]:
        self._waiting[session_id] += 1
        try:
            async with self._turns[session_id], self._all_turns:
                yield
        finally:
            self._waiting[session_id] -= 1
            if not self._waiting[session_id]:
                del self._waiting[session_id], self._turns[session_id], self._receiving[session_id]

    def _has_room(self, session_id: str, more_bytes: int) -> bool:
        theirs = self._held_bytes().get(session_id, 0) + self._receiving[session_id] + more_bytes
        if theirs > settings().max_session_upload_bytes:
            return False
        if self._total_bytes() + more_bytes > settings().max_upload_bytes:
            self._drop_closed()
        return self._total_bytes() + more_bytes <= settings().max_upload_bytes

    def _total_bytes(self) -> int:
        return sum(self._held_bytes().values()) + self._receiving.total()

    def _held_bytes(self) -> dict[str, int]:
        """How many bytes of uploads Streamlit holds, by session."""
        storage: Mapping[str, Mapping[str, Any]] = getattr(self._streamlit().uploaded_file_mgr, "file_storage", {})
        sessions = [(session_id, list(files.values())) for session_id, files in list(storage.items())]
        return {session_id: sum(max(len(file.data), _LEAST_BYTES) for file in files) for session_id, files in sessions}

    def _drop_closed(self) -> None:
        """Drop the uploads of all sessions whose tab is closed; Streamlit would keep them, some for good."""
        for session_id in self._held_bytes():
            if not self._streamlit().is_active_session(session_id):
                self._streamlit().uploaded_file_mgr.remove_session_files(session_id)


def _steadily(receive: Receive, clock: Callable[[], float]) -> Receive:
    """Receive a body, unless it stalls or is very slow.

    Raises:
        TimeoutError: it stalls or is too slow.
    """
    began, received_bytes = clock(), 0

    async def receive_steadily() -> Message:
        nonlocal received_bytes
        stall_sec = settings().upload_stall_sec
        message = await asyncio.wait_for(receive(), stall_sec)
        received_bytes += len(message.get("body", b""))
        if clock() - began > stall_sec + received_bytes / _MIN_BYTES_PER_SEC:
            raise TimeoutError
        return message

    return receive_steadily


class Headers:
    """Adds headers to responses: no other site may show the app in a frame, and pages load nothing from elsewhere."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"  # addresses contain secrets
                if policy := settings().content_security_policy:
                    headers["Content-Security-Policy"] = policy
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class EarlyStyle:
    """Also puts the CSS of all pages into the document: if it came with a page's first content, things would move."""

    def __init__(self, app: ASGIApp, css: str) -> None:
        self._app = app
        self._style = f"<style>{css}</style></head>".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        headers = dict(scope.get("headers", ()))
        if scope["type"] != "http" or b"text/html" not in headers.get(b"accept", b""):
            await self._app(scope, receive, send)
            return
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def send_with_style(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            changed = body.replace(b"</head>", self._style, 1)
            if len(changed) != len(body):
                MutableHeaders(scope=start)["Content-Length"] = str(len(changed))
            await send(start)
            await send({"type": "http.response.body", "body": changed})

        await self._app({**scope, "headers": plain}, receive, send_with_style)


MIDDLEWARE = (
    Middleware(Headers),
    Middleware(EarlyStyle, css=(ASSETS / "face.css").read_text(encoding="utf-8")),
    Middleware(UploadLimits),
)
