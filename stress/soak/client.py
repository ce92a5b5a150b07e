"""A browser tab without the browser, which speaks Streamlit's protocol to the real app over a WebSocket.

It keeps the page as the server sends it, finds widgets by their labels, presses and chooses, polls like a browser
for fragments that run at intervals, uploads and downloads. It does what the JavaScript of two components would do:
`har_mine` (whose browser it is) and the wall (which pictures are in view).
"""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState, UploadedFileInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from stress.soak.connection import TIMEOUT_SEC, AppUnresponsive, Connection
from stress.soak.page import Page

_FIELDS = {  # of WidgetState, for the value of each kind of widget
    "button": "trigger_value",
    "checkbox": "bool_value",
    "number_input": "double_value",
    "radio": "string_value",
    "selectbox": "string_value",
    "text_input": "string_value",
}
OnInteraction = Callable[[str, float], None]


class ElementMissing(Exception):
    """The page has no such widget, or it is disabled."""


class Session:
    """One tab, for use by one thread. Call `idle` while nothing is pressed.

    Args:
        url: of the app.
        address: page and query, such as `annotate?job=…`.
        owner: the secret this browser stores; None: it adopts the one that the app proposes.
        on_interaction: called with the kind and seconds of each interaction, from the press until the page is complete.
    """

    def __init__(
        self, url: str, address: str = "", owner: str | None = None, on_interaction: OnInteraction = lambda *_: None
    ) -> None:
        parts = urlsplit(address)
        self.owner, self.query = owner, parts.query
        self.page = Page()
        self._on_interaction = on_interaction
        self._values: dict[str, WidgetState] = {}
        self._answers: dict[str, Any] = {}
        begun = time.monotonic()
        self._connection = Connection(url)
        self._run("open", begun, page_name=parts.path)

    # What visitors do

    def press(self, label: str, kind: str = "press") -> None:
        """Press the button whose text starts with `label`.

        Raises:
            ElementMissing: there is none, or it is disabled.
        """
        self.choose("button", label, True, kind)

    def choose(self, widget: str, label: str, value: Any, kind: str = "choose") -> None:
        """Set the value of a widget, as the browser would send it: options by their text.

        Args:
            widget: its name in the protocol: `selectbox`, `multiselect`, `button_group`, `slider`, …
            label: its label, or the start of it.
            value: a text, number or truth value; a list for `multiselect`, `button_group` and `slider`.
            kind: of the interaction, for `on_interaction`.

        Raises:
            ElementMissing: there is none, or it is disabled.
        """
        element, fragment = self._find(widget, label)
        state = WidgetState(id=element.id)
        if widget == "slider":
            state.double_array_value.data.extend(value)
        elif widget in ("multiselect", "button_group"):
            state.string_array_value.data.extend(value)
        else:
            setattr(state, _FIELDS[widget], value)
        if widget == "button":
            self._run(kind, None, fragment, extra=state)
            return
        self._values[element.id] = state
        self._run(kind, None, fragment)

    def go(self, path: str) -> None:
        """Go to another page of the app, by its path.

        Raises:
            ElementMissing: no such page.
        """
        found = [page.page_script_hash for page in self.page.pages if page.url_pathname == path]
        if not found:
            raise ElementMissing(f"a page {path}")
        self.query = ""
        self.page.hash = found[0]
        self._run("open")

    def upload(self, label: str, name: str, data: bytes) -> None:
        """Upload a file.

        Raises:
            ElementMissing: there is no such box.
        """
        begun = time.monotonic()
        element, fragment = self._find("file_uploader", label)
        request = BackMsg()
        request.file_urls_request.request_id = marker = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self.page.session_id
        urls = self._request(request, marker).file_urls[0]
        self._connection.put(urls.upload_url, name, data)
        info = UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
        state = WidgetState(id=element.id)
        state.file_uploader_state_value.CopyFrom(FileUploaderState(uploaded_file_info=[info]))
        self._values[element.id] = state
        self._run("upload", begun, fragment_id=fragment)

    def put(self, file_id: str, data: bytes) -> None:
        """Upload a file under any id, without an upload box.

        Raises:
            requests.RequestException: the server refuses it.
        """
        self._connection.put(self._upload_path(file_id), "a.mp4", data)

    def upload_request(self, file_id: str, size_bytes: int) -> bytes:
        """The beginning of such an upload as HTTP."""
        return self._connection.put_request(self._upload_path(file_id), size_bytes)

    def _upload_path(self, file_id: str) -> str:
        return f"/_stcore/upload_file/{self.page.session_id}/{file_id}"

    def download(self, label: str) -> bytes:
        """The file of a download button, which is generated on request.

        Raises:
            ElementMissing: there is no such button.
            requests.RequestException: the server refuses.
        """
        begun = time.monotonic()
        data = self.fetch(self.link(label))
        self._on_interaction("download", time.monotonic() - begun)
        return data

    def link(self, label: str) -> str:
        """The URL of the file of a download button, after it was generated.

        Raises:
            ElementMissing: there is no such button, or the file could not be generated.
        """
        element, _ = self._find("download_button", label)
        if not element.deferred_file_id:
            return str(element.url)
        request = BackMsg()
        request.backend_operation_request.request_id = marker = uuid.uuid4().hex
        request.backend_operation_request.session_id = self.page.session_id
        request.backend_operation_request.deferred_file.file_id = element.deferred_file_id
        answer = self._request(request, marker)
        if answer.error_msg:
            raise ElementMissing(f"a file behind {label}: {answer.error_msg}")
        return str(answer.deferred_file.url)

    def fetch(self, url: str) -> bytes:
        """A picture or video that the page shows, by its URL.

        Raises:
            requests.RequestException: the server refuses.
        """
        return self._connection.fetch(url)

    def open_cell(self, place: int, kind: str = "press") -> None:
        """Open a video on the wall, as a click does.

        Raises:
            ElementMissing: there is no wall, or it has no cells yet.
        """
        element, fragment = self._find("bidi_component", "har_wall")
        if not self.page.cells:
            raise ElementMissing("cells on the wall")
        self._run(kind, None, fragment, extra=_event(element, "opened", self.page.cells[place % len(self.page.cells)]))

    def ask_live(self, message: Any, kind: str = "live") -> Any:
        """Send a message of the panel 'Try it live', as its script does, and return the answer to it.

        Raises:
            ElementMissing: there is no such panel.
        """
        element, fragment = self._find("bidi_component", "har_live")
        self._run(kind, None, fragment, extra=_event(element, "message", message))
        element, _ = self._find("bidi_component", "har_live")
        return json.loads(element.json)[0]["answer"]

    @property
    def sent_bytes(self) -> int:
        """In messages to the server so far."""
        return self._connection.sent_bytes

    def idle(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, polling like a browser; return whether `until` became true in time."""
        deadline = time.monotonic() + seconds
        while not (reached := not self.page.busy and until()) and time.monotonic() < deadline:
            self._update_wall()
            self._receive_until(min(deadline, time.monotonic() + 0.25))
        return reached

    def parameter(self, name: str) -> str | None:
        """A parameter of the address."""
        return parse_qs(self.query).get(name, [None])[0]

    def close(self) -> None:
        """Close the tab, without telling the server why."""
        self._connection.close()

    # Sending

    def _find(self, widget: str, label: str) -> tuple[Any, str]:
        self._wait(time.monotonic() + TIMEOUT_SEC)  # a poll may be replacing what is there
        for element, fragment in self.page.widgets(widget):
            name = element.component_name if widget == "bidi_component" else element.label
            if name.startswith(label) and not getattr(element, "disabled", False):
                return element, fragment
        raise ElementMissing(f"a {widget} {label!r}")

    def _send(
        self, fragment_id: str = "", page_name: str = "", extra: WidgetState | None = None, auto: bool = False
    ) -> None:
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = self.query, self.page.hash, page_name
        state.fragment_id, state.is_auto_rerun = fragment_id, auto
        state.widget_states.widgets.extend([*self._values.values(), *filter(None, [extra])])
        self._connection.send(message)

    def _run(
        self,
        kind: str,
        begun: float | None = None,
        fragment_id: str = "",
        page_name: str = "",
        extra: WidgetState | None = None,
    ) -> None:
        """Run the script and wait until the page is complete, including reruns by itself and by components."""
        begun = begun or time.monotonic()
        deadline = begun + TIMEOUT_SEC
        self._wait(deadline)  # a poll may be running
        self.page.expect()
        self._send(fragment_id, page_name, extra)
        self._wait(deadline)
        self._values = {name: value for name, value in self._values.items() if name in self.page.ids()}
        if self._send_owner():
            self._wait(deadline)
        self._on_interaction(kind, time.monotonic() - begun)

    def _wait(self, deadline: float) -> None:
        while self.page.busy:
            if time.monotonic() > deadline:
                raise AppUnresponsive(f"no answer within {TIMEOUT_SEC:g} s")
            self._receive_until(deadline, stop_when_idle=True)

    def _request(self, request: BackMsg, marker: str) -> Any:
        self._connection.send(request)
        deadline = time.monotonic() + TIMEOUT_SEC
        while marker not in self._answers:
            if time.monotonic() > deadline:
                raise AppUnresponsive("no answer to a request")
            self._receive_until(time.monotonic() + 0.1, poll=False)  # which might replace what is requested
        return self._answers.pop(marker)

    # Receiving

    def _receive_until(self, deadline: float, stop_when_idle: bool = False, poll: bool = True) -> None:
        """Handle messages until the deadline, and send polls when it is time."""
        for fragment in self.page.due() if poll and not self.page.busy else []:
            self.page.expect(fragment)
            self._send(fragment, auto=True)
            break
        while (left_sec := deadline - time.monotonic()) > 0:
            message = self._connection.receive(min(left_sec, self.page.next_poll_sec()))
            if message is None:
                return
            self._handle(message)
            if stop_when_idle and not self.page.busy:
                return

    def _handle(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "file_urls_response":
            self._answers[message.file_urls_response.response_id] = message.file_urls_response
        elif kind == "backend_operation_response":
            self._answers[message.backend_operation_response.request_id] = message.backend_operation_response
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        else:
            polled_sec = self.page.handle(message)
            if polled_sec is not None:
                self._on_interaction("poll", polled_sec)

    # What JavaScript does

    def _send_owner(self) -> bool:
        """Send this browser's owner if the app proposed another; return whether the page runs again."""
        for element, _ in self.page.components("har_mine"):
            proposed = json.loads(element.json)["known"]
            self.owner = self.owner or proposed
            if self.owner != proposed:
                self._values[element.id] = WidgetState(id=element.id, json_value=json.dumps({"owner": self.owner}))
                self.page.expect()
                self._send()
                return True
        return False

    def _update_wall(self) -> None:
        """Request the pictures in view that are still missing, as often as the wall does."""
        if self.page.busy:
            return
        for element, fragment in self.page.components("har_wall"):
            wanted = self.page.wall_request(json.loads(element.json)[0])
            if wanted is not None:
                value = json.dumps({"wanted": wanted})
                self._values[element.id] = WidgetState(id=element.id, json_value=value)
                self.page.expect(fragment)
                self._send(fragment)


def _event(element: Any, name: str, value: Any) -> WidgetState:
    """What a component's script sends with `setTriggerValue`."""
    events = json.dumps([{"event": name, "value": value}])
    return WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{element.id}__events", json_trigger_value=events)
