"""A browser's tab without the browser: speaks Streamlit's own protocol over a WebSocket to the real app.

It keeps the page as the server sends it, finds widgets by their labels, presses and chooses, polls as the browser
does for fragments that run every so often, uploads and downloads. Of components it plays what JavaScript would do:
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

from stress.soak.connection import LONGEST_SEC, Connection, NoAnswer
from stress.soak.page import Page

_FIELDS = {  # in which a widget's value is sent
    "button": "trigger_value",
    "checkbox": "bool_value",
    "number_input": "double_value",
    "radio": "string_value",
    "selectbox": "string_value",
    "text_input": "string_value",
}
Note = Callable[[str, float], None]


class Missing(Exception):
    """The page has no such widget, or it is disabled."""


class Session:
    """One tab. To be used by one thread, and left to `idle` when nothing is pressed.

    Args:
        url: of the app.
        address: page and query, as `annotate?job=…`.
        owner: the secret that this browser keeps; None: it adopts what the app proposes.
        note: told the kind of each interaction and its seconds, from the press to the page being whole again.
    """

    def __init__(self, url: str, address: str = "", owner: str | None = None, note: Note = lambda *_: None) -> None:
        parts = urlsplit(address)
        self.owner, self.query = owner, parts.query
        self.page = Page()
        self._note = note
        self._values: dict[str, WidgetState] = {}
        self._answers: dict[str, Any] = {}
        begun = time.monotonic()
        self._connection = Connection(url)
        self._run("open", begun, page_name=parts.path)

    # What a visitor does

    def press(self, label: str, kind: str = "press") -> None:
        """Press a button; whatever stands after `label` on it does not matter.

        Raises:
            Missing: there is none, or it is disabled.
        """
        self.choose("button", label, True, kind)

    def choose(self, widget: str, label: str, value: Any, kind: str = "choose") -> None:
        """Give a widget a value, as the browser would send it: options by their text.

        Args:
            widget: its name in the protocol: `selectbox`, `multiselect`, `button_group`, `slider`, …
            label: that stands above it, or its beginning.
            value: a text, number or truth value; a list for `multiselect`, `button_group` and `slider`.
            kind: of the interaction, for whoever notes it.

        Raises:
            Missing: there is none, or it is disabled.
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
        """To another page of the app, by its name in the address bar.

        Raises:
            Missing: no such page.
        """
        found = [page.page_script_hash for page in self.page.pages if page.url_pathname == path]
        if not found:
            raise Missing(f"a page {path}")
        self.query = ""
        self.page.hash = found[0]
        self._run("open")

    def upload(self, label: str, name: str, data: bytes) -> None:
        """Put a file into an upload box.

        Raises:
            Missing: there is no such box.
        """
        begun = time.monotonic()
        element, fragment = self._find("file_uploader", label)
        request = BackMsg()
        request.file_urls_request.request_id = mark = uuid.uuid4().hex
        request.file_urls_request.file_names.append(name)
        request.file_urls_request.session_id = self.page.session_id
        urls = self._ask(request, mark).file_urls[0]
        self._connection.put(urls.upload_url, name, data)
        info = UploadedFileInfo(name=name, size=len(data), file_id=urls.file_id, file_urls=urls)
        state = WidgetState(id=element.id)
        state.file_uploader_state_value.CopyFrom(FileUploaderState(uploaded_file_info=[info]))
        self._values[element.id] = state
        self._run("upload", begun, fragment_id=fragment)

    def download(self, label: str) -> bytes:
        """What a download button gives; it is made when asked for.

        Raises:
            Missing: there is no such button.
            requests.RequestException: the server does not hand it out.
        """
        begun = time.monotonic()
        data = self.fetch(self.link(label))
        self._note("download", time.monotonic() - begun)
        return data

    def link(self, label: str) -> str:
        """Where the file behind a download button lies, once it has been made.

        Raises:
            Missing: there is no such button, or the file could not be made.
        """
        element, _ = self._find("download_button", label)
        if not element.deferred_file_id:
            return str(element.url)
        request = BackMsg()
        request.backend_operation_request.request_id = mark = uuid.uuid4().hex
        request.backend_operation_request.session_id = self.page.session_id
        request.backend_operation_request.deferred_file.file_id = element.deferred_file_id
        answer = self._ask(request, mark)
        if answer.error_msg:
            raise Missing(f"a file behind {label}: {answer.error_msg}")
        return str(answer.deferred_file.url)

    def fetch(self, url: str) -> bytes:
        """A picture or video that the page shows, by its address there.

        Raises:
            requests.RequestException: the server does not hand it out.
        """
        return self._connection.fetch(url)

    def open_cell(self, place: int, kind: str = "press") -> None:
        """Open one of the videos on the wall, as a click does.

        Raises:
            Missing: there is no wall, or none of its cells has come yet.
        """
        element, fragment = self._find("bidi_component", "har_wall")
        if not self.page.cells:
            raise Missing("cells on the wall")
        opened = [{"event": "opened", "value": self.page.cells[place % len(self.page.cells)]}]
        mark = f"$$STREAMLIT_INTERNAL_KEY_{element.id}__events"
        self._run(kind, None, fragment, extra=WidgetState(id=mark, json_trigger_value=json.dumps(opened)))

    def idle(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, polling as a browser does; whether `until` came true before the time was up."""
        deadline = time.monotonic() + seconds
        while not (reached := not self.page.busy and until()) and time.monotonic() < deadline:
            self._look_at_wall()
            self._pump(min(deadline, time.monotonic() + 0.25))
        return reached

    def parameter(self, name: str) -> str | None:
        """What the address says."""
        return parse_qs(self.query).get(name, [None])[0]

    def close(self) -> None:
        """Close the tab. The server is not told why."""
        self._connection.close()

    # Sending

    def _find(self, widget: str, label: str) -> tuple[Any, str]:
        for element, fragment in self.page.widgets(widget):
            name = element.component_name if widget == "bidi_component" else element.label
            if name.startswith(label) and not getattr(element, "disabled", False):
                return element, fragment
        raise Missing(f"a {widget} {label!r}")

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
        """Have the script run, and wait for the page to be whole; what reruns itself or components add counts too."""
        begun = begun or time.monotonic()
        deadline = begun + LONGEST_SEC
        while self.page.busy:  # a poll that is under way
            self._pump(deadline, stop_when_idle=True)
        self.page.expect()
        self._send(fragment_id, page_name, extra)
        self._wait(deadline)
        self._values = {name: value for name, value in self._values.items() if name in self.page.ids()}
        if self._tell_owner():
            self._wait(deadline)
        self._note(kind, time.monotonic() - begun)

    def _wait(self, deadline: float) -> None:
        while self.page.busy:
            if time.monotonic() > deadline:
                raise NoAnswer(f"no answer within {LONGEST_SEC:g} s")
            self._pump(deadline, stop_when_idle=True)

    def _ask(self, request: BackMsg, mark: str) -> Any:
        self._connection.send(request)
        deadline = time.monotonic() + LONGEST_SEC
        while mark not in self._answers:
            if time.monotonic() > deadline:
                raise NoAnswer("no answer to a request")
            self._pump(time.monotonic() + 0.1)
        return self._answers.pop(mark)

    # Receiving

    def _pump(self, deadline: float, stop_when_idle: bool = False) -> None:
        """Take what comes until the deadline, and send the polls that are due."""
        for fragment in [] if self.page.busy else self.page.due():
            self.page.expect(fragment)
            self._send(fragment, auto=True)
            break
        while (left_sec := deadline - time.monotonic()) > 0:
            message = self._connection.receive(min(left_sec, self.page.soonest_sec()))
            if message is None:
                return
            self._take(message)
            if stop_when_idle and not self.page.busy:
                return

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "file_urls_response":
            self._answers[message.file_urls_response.response_id] = message.file_urls_response
        elif kind == "backend_operation_response":
            self._answers[message.backend_operation_response.request_id] = message.backend_operation_response
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        else:
            polled_sec = self.page.take(message)
            if polled_sec is not None:
                self._note("poll", polled_sec)

    # What JavaScript does

    def _tell_owner(self) -> bool:
        """Whether the page runs again: this browser is somebody else than was proposed."""
        for element, _ in self.page.components("har_mine"):
            proposed = json.loads(element.json)["known"]
            self.owner = self.owner or proposed
            if self.owner != proposed:
                self._values[element.id] = WidgetState(id=element.id, json_value=json.dumps({"owner": self.owner}))
                self.page.expect()
                self._send()
                return True
        return False

    def _look_at_wall(self) -> None:
        """Ask for the pictures in view that have not come yet, as often as the wall does."""
        if self.page.busy:
            return
        for element, fragment in self.page.components("har_wall"):
            wanted = self.page.look_at_wall(json.loads(element.json)[0])
            if wanted is not None:
                value = json.dumps({"wanted": wanted})
                self._values[element.id] = WidgetState(id=element.id, json_value=value)
                self.page.expect(fragment)
                self._send(fragment)
