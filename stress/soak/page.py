"""The page as a tab sees it: its elements, the current run, and the fragments to be polled."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_IN_VIEW = 12  # cells of a wall that are in view
_MAX_REQUESTS = 40  # for the same cells
_BUG = "Something went wrong on our side"  # as `ui.widgets` says it: what a visitor sees of a bug in a job


@dataclass
class _Received:
    element: Element
    fragment: str  # it belongs to; empty: none
    run: str  # the run that sent it last


class Page:
    """What the server has sent, and the request it has not answered yet."""

    def __init__(self) -> None:
        self.session_id = self.hash = ""
        self.pages: list[Any] = []
        self.cells: list[str] = []  # ids of videos on the wall
        self.faults: list[str] = []  # every error page that was seen, without duplicates
        self._elements: dict[tuple[int, ...], _Received] = {}
        self._intervals: dict[
            str, tuple[float, float]
        ] = {}  # of fragments: seconds between two polls, and the time of the next
        self._run, self._fragments = "", frozenset[str]()
        self._pending: tuple[str, float] | None = (
            None  # fragment of the request that was sent (empty: the page), and when
        )
        self._started = False  # whether the pending run has started
        self._layout, self._request_number, self._request_count = "", 0, 0

    # Elements

    @property
    def busy(self) -> bool:
        """Whether a run was requested and is not finished."""
        return self._pending is not None

    def widgets(self, kind: str) -> Iterator[tuple[Any, str]]:
        """Elements of a kind with their fragments, in page order."""
        for path in sorted(self._elements):
            kept = self._elements[path]
            if kept.element.WhichOneof("type") == kind:
                yield getattr(kept.element, kind), kept.fragment

    def components(self, name: str) -> Iterator[tuple[Any, str]]:
        """Custom components by name."""
        return ((each, fragment) for each, fragment in self.widgets("bidi_component") if each.component_name == name)

    def ids(self) -> set[str]:
        """Ids of all widgets."""
        found = (getattr(kept.element, kept.element.WhichOneof("type") or "empty") for kept in self._elements.values())
        return {element.id for element in found if hasattr(element, "id")}

    def text(self) -> str:
        """All text."""
        read = {"markdown": "body", "heading": "body", "alert": "body", "progress": "text", "metric": "label"}
        return "\n".join(getattr(each, field) for kind, field in read.items() for each, _ in self.widgets(kind))

    def alerts(self) -> list[str]:
        """Texts of errors, warnings and notes."""
        return [each.body for each, _ in self.widgets("alert")]

    # Messages

    def expect(self, fragment: str = "") -> None:
        """Record that a run was requested."""
        self._pending, self._started = (fragment, time.monotonic()), False

    def handle(self, message: ForwardMsg) -> float | None:
        """Process a message; return how many seconds a poll took if it ends one."""
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "navigation":
                self.pages, self.hash = list(message.navigation.app_pages), message.navigation.page_script_hash
            case "delta":
                self._store(message)
            case "auto_rerun":
                every = message.auto_rerun
                self._intervals[every.fragment_id] = (every.interval, time.monotonic() + every.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._intervals.pop(fragment, None)
            case "script_finished":
                return self._finish(message)
        return None

    def _begin(self, message: ForwardMsg) -> None:
        session = message.new_session
        self.session_id = session.initialize.session_id or self.session_id
        self.hash = session.page_script_hash or self.hash
        self._run, self._fragments = message.metadata.run.script_run_id, frozenset(message.metadata.run.fragment_ids)
        self._started = True
        if not self._fragments:
            self._intervals.clear()
            if self._pending is None:  # the server reruns by itself
                self.expect()
                self._started = True

    def _store(self, message: ForwardMsg) -> None:
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "new_element":
            self._elements[path] = _Received(delta.new_element, delta.fragment_id, self._run)
        elif delta.WhichOneof("type") == "add_block":
            self._elements.pop(path, None)

    def _finish(self, message: ForwardMsg) -> float | None:
        early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if not early:
            self._drop_stale()
            self._record_faults()
        if early or not self._started or self._pending is None:
            return None
        fragment, requested_at = self._pending
        self._pending = None
        if fragment not in self._intervals:
            return None
        self._intervals[fragment] = (self._intervals[fragment][0], time.monotonic() + self._intervals[fragment][0])
        return time.monotonic() - requested_at

    def _drop_stale(self) -> None:
        for path, kept in list(self._elements.items()):
            if kept.run != self._run and (not self._fragments or kept.fragment in self._fragments):
                del self._elements[path]

    def _record_faults(self) -> None:
        errors = [f"{each.type}: {each.message}" for each, _ in self.widgets("exception")]
        errors += [text for text in self.alerts() if _BUG in text]
        self.faults += [text for text in errors if text not in self.faults]

    # Polling

    def due(self) -> list[str]:
        """Fragments to poll now."""
        return [fragment for fragment, (_, at) in self._intervals.items() if at <= time.monotonic()]

    def next_poll_sec(self) -> float:
        """Seconds until the next poll, or until a run may have finished: at most one."""
        if self.busy:
            return 1.0
        return min([1.0, *(max(0.005, at - time.monotonic()) for _, at in self._intervals.values())])

    def wall_request(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the wall requests: its cells, or the missing pictures in view; None if nothing."""
        if data["cells"] is not None and data["mark"] != self._layout:
            self._layout, self._request_count = data["mark"], 0
            self.cells = [cell["id"] for cell in data["cells"]]
        wanted = self.cells[:_IN_VIEW]
        there = data["mark"] == self._layout
        if there and (self._request_count >= _MAX_REQUESTS or all(cell in data["pictures"] for cell in wanted)):
            return None
        self._request_number, self._request_count = self._request_number + 1, self._request_count + 1
        return {"ids": wanted if there else [], "built": self._layout, "turn": self._request_number}
