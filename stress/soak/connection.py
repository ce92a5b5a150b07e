"""The connection of a tab to the server: a WebSocket for messages, HTTP for files."""

from contextlib import ExitStack
from functools import partial
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

TIMEOUT_SEC = 120.0  # longest wait for an answer
_XSRF = "_streamlit_xsrf"


class AppUnresponsive(Exception):
    """The app did not answer, or closed the connection."""


class Connection:
    """A tab's connection. File requests carry the cookie and the token that Streamlit requires for uploads.

    Args:
        url: of the app.

    Raises:
        OSError, requests.RequestException: the app does not answer.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self.sent_bytes = 0  # in messages
        self._http = requests.Session()
        self._http.get(f"{url}/_stcore/health", timeout=TIMEOUT_SEC)
        xsrf = self._http.cookies.get(_XSRF)
        self._http.headers["X-Xsrftoken"] = xsrf
        self._stack = ExitStack()
        socket = connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"{_XSRF}={xsrf}"},
            max_size=None,
            open_timeout=TIMEOUT_SEC,
            ping_interval=None,
        )
        self._socket = self._stack.enter_context(socket)

    def send(self, message: BackMsg) -> None:
        """Send a message to the server.

        Raises:
            AppUnresponsive: the connection is closed.
        """
        data = message.SerializeToString()
        self.sent_bytes += len(data)
        try:
            self._socket.send(data)
        except Exception as error:
            raise AppUnresponsive(f"the connection is closed: {error}") from error

    def receive(self, timeout_sec: float) -> ForwardMsg | None:
        """Receive the next message; None if there is none in that time.

        Raises:
            AppUnresponsive: the connection was closed.
        """
        try:
            data = self._socket.recv(timeout=timeout_sec)
        except TimeoutError:
            return None
        except Exception as error:
            raise AppUnresponsive(f"the connection was closed: {error}") from error
        message = ForwardMsg()
        message.ParseFromString(data)
        return message

    def fetch(self, url: str) -> bytes:
        """Download a file.

        Raises:
            requests.RequestException: the server refuses.
        """
        content: bytes = self._request("GET", url).content
        return content

    def put(self, url: str, name: str, data: bytes) -> None:
        """Upload a file.

        Raises:
            requests.RequestException: the server refuses it.
        """
        self._request("PUT", url, files={"file": (name, data)})

    def put_request(self, path: str, size_bytes: int) -> bytes:
        """The beginning of an upload as HTTP."""
        xsrf = self._http.cookies.get(_XSRF)
        return (
            f"PUT {path} HTTP/1.1\r\nHost: app\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {size_bytes}\r\nX-Xsrftoken: {xsrf}\r\nCookie: {_XSRF}={xsrf}\r\n\r\n"
            '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        ).encode()

    def close(self) -> None:
        """Close the WebSocket and the HTTP session."""
        self._stack.close()
        self._http.close()

    def _request(self, method: str, url: str, **options: Any) -> requests.Response:
        """Like browsers, repeat what fails: the server may close an idle connection just when it is used again."""
        request = partial(self._http.request, method, self._absolute(url), timeout=TIMEOUT_SEC, **options)
        try:
            answer = request()
        except requests.ConnectionError:
            answer = request()
        answer.raise_for_status()
        return answer

    def _absolute(self, url: str) -> str:
        return f"{self._url}{url}" if url.startswith("/") else url
