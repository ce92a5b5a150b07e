"""What lies between a tab and the server: a WebSocket for messages, HTTP for files."""

from contextlib import ExitStack

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

LONGEST_SEC = 120.0  # a page that has not answered by then never will
_XSRF = "_streamlit_xsrf"


class NoAnswer(Exception):
    """The app did not answer, or closed the connection."""


class Connection:
    """A tab's. Files are asked for with the cookie and the token that Streamlit wants for uploads.

    Args:
        url: of the app.

    Raises:
        OSError, requests.RequestException: nobody is there.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.get(f"{url}/_stcore/health", timeout=LONGEST_SEC)
        xsrf = self._http.cookies.get(_XSRF)
        self._http.headers["X-Xsrftoken"] = xsrf
        self._opened = ExitStack()
        socket = connect(
            f"{url.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"{_XSRF}={xsrf}"},
            max_size=None,
            open_timeout=LONGEST_SEC,
            ping_interval=None,
        )
        self._socket = self._opened.enter_context(socket)

    def send(self, message: BackMsg) -> None:
        """Tell the server something.

        Raises:
            NoAnswer: the connection is closed.
        """
        try:
            self._socket.send(message.SerializeToString())
        except Exception as error:
            raise NoAnswer(f"the connection is closed: {error}") from error

    def receive(self, timeout_sec: float) -> ForwardMsg | None:
        """What the server tells next; None: nothing in that time.

        Raises:
            NoAnswer: the connection was closed.
        """
        try:
            data = self._socket.recv(timeout=timeout_sec)
        except TimeoutError:
            return None
        except Exception as error:
            raise NoAnswer(f"the connection was closed: {error}") from error
        message = ForwardMsg()
        message.ParseFromString(data)
        return message

    def fetch(self, url: str) -> bytes:
        """A file by its address.

        Raises:
            requests.RequestException: the server does not hand it out.
        """
        answer = self._http.get(self._whole(url), timeout=LONGEST_SEC)
        answer.raise_for_status()
        content: bytes = answer.content
        return content

    def put(self, url: str, name: str, data: bytes) -> None:
        """Bring a file.

        Raises:
            requests.RequestException: the server does not take it.
        """
        self._http.put(self._whole(url), files={"file": (name, data)}, timeout=LONGEST_SEC).raise_for_status()

    def close(self) -> None:
        """Close both."""
        self._opened.close()
        self._http.close()

    def _whole(self, url: str) -> str:
        return f"{self._url}{url}" if url.startswith("/") else url
