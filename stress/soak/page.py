"""The page as a tab has it: its elements, the run under way, and the fragments that are to be run again."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

_IN_VIEW = 12  # cells of a wall
_MOST_ASKS = 40  # for the same cells
_BUG = "Something went wrong on our side"  # as `ui.widgets` says it: what a visitor sees of a bug in a job


@dataclass
class _Kept:
    element: Element
    fragment: str  # to which it belongs; empty: none
    run: str  # the run that sent it last


class Page:
    """What the server has sent, and what it still owes."""

    def __init__(self) -> None:
        self.session_id = self.hash = ""
        self.pages: list[Any] = []
        self.cells: list[str] = []  # ids of the wall's videos
        self.faults: list[str] = []  # every error page that was seen, once
        self._kept: dict[tuple[int, ...], _Kept] = {}
        self._every: dict[
            str, tuple[float, float]
        ] = {}  # fragments: seconds between two runs, and when the next is due
        self._run, self._fragments = "", frozenset[str]()
        self._owed: tuple[str, float] | None = None  # the poll or press that was sent, and when
        self._begun = False  # whether the run that is owed has begun
        self._laid, self._turn, self._asked = "", 0, 0

    # What is there

    @property
    def busy(self) -> bool:
        """Whether a run was asked for and is not through."""
        return self._owed is not None

    def widgets(self, kind: str) -> Iterator[tuple[Any, str]]:
        """Elements of a kind, in the order of the page, with their fragments."""
        for path in sorted(self._kept):
            kept = self._kept[path]
            if kept.element.WhichOneof("type") == kind:
                yield getattr(kept.element, kind), kept.fragment

    def components(self, name: str) -> Iterator[tuple[Any, str]]:
        """Those with JavaScript of their own, by its name."""
        return ((each, fragment) for each, fragment in self.widgets("bidi_component") if each.component_name == name)

    def ids(self) -> set[str]:
        """Of all widgets."""
        found = (getattr(kept.element, kept.element.WhichOneof("type") or "empty") for kept in self._kept.values())
        return {element.id for element in found if hasattr(element, "id")}

    def text(self) -> str:
        """All that can be read."""
        read = {"markdown": "body", "heading": "body", "alert": "body", "progress": "text", "metric": "label"}
        return "\n".join(getattr(each, field) for kind, field in read.items() for each, _ in self.widgets(kind))

    def alerts(self) -> list[str]:
        """Errors, warnings and notes."""
        return [each.body for each, _ in self.widgets("alert")]

    # What comes

    def expect(self, fragment: str = "") -> None:
        """A run was asked for."""
        self._owed, self._begun = (fragment, time.monotonic()), False

    def take(self, message: ForwardMsg) -> float | None:
        """Take a message in; the seconds a poll took, where it ends one."""
        match message.WhichOneof("type"):
            case "new_session":
                self._begin(message)
            case "navigation":
                self.pages, self.hash = list(message.navigation.app_pages), message.navigation.page_script_hash
            case "delta":
                self._keep(message)
            case "auto_rerun":
                every = message.auto_rerun
                self._every[every.fragment_id] = (every.interval, time.monotonic() + every.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._every.pop(fragment, None)
            case "script_finished":
                return self._finish(message)
        return None

    def _begin(self, message: ForwardMsg) -> None:
        session = message.new_session
        self.session_id = session.initialize.session_id or self.session_id
        self.hash = session.page_script_hash or self.hash
        self._run, self._fragments = message.metadata.run.script_run_id, frozenset(message.metadata.run.fragment_ids)
        self._begun = True
        if not self._fragments:
            self._every.clear()
            if self._owed is None:  # the server reruns by itself
                self.expect()
                self._begun = True

    def _keep(self, message: ForwardMsg) -> None:
        path, delta = tuple(message.metadata.delta_path), message.delta
        if delta.WhichOneof("type") == "new_element":
            self._kept[path] = _Kept(delta.new_element, delta.fragment_id, self._run)
        elif delta.WhichOneof("type") == "add_block":
            self._kept.pop(path, None)

    def _finish(self, message: ForwardMsg) -> float | None:
        early = message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN
        if not early:
            self._drop_stale()
            self._note_faults()
        if early or not self._begun or self._owed is None:
            return None
        fragment, asked_at = self._owed
        self._owed = None
        if fragment not in self._every:
            return None
        self._every[fragment] = (self._every[fragment][0], time.monotonic() + self._every[fragment][0])
        return time.monotonic() - asked_at

    def _drop_stale(self) -> None:
        for path, kept in list(self._kept.items()):
            if kept.run != self._run and (not self._fragments or kept.fragment in self._fragments):
                del self._kept[path]

    def _note_faults(self) -> None:
        told = [f"{each.type}: {each.message}" for each, _ in self.widgets("exception")]
        told += [text for text in self.alerts() if _BUG in text]
        self.faults += [text for text in told if text not in self.faults]

    # What is to be asked for again

    def due(self) -> list[str]:
        """Fragments whose time has come."""
        return [fragment for fragment, (_, at) in self._every.items() if at <= time.monotonic()]

    def soonest_sec(self) -> float:
        """Until the next one is due, or a run under way may be through: never more than a second."""
        if self.busy:
            return 1.0
        return min([1.0, *(max(0.005, at - time.monotonic()) for _, at in self._every.values())])

    def look_at_wall(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """What the wall asks for now: its cells, or the pictures that are in view and have not come; None: nothing."""
        if data["cells"] is not None and data["mark"] != self._laid:
            self._laid, self._asked = data["mark"], 0
            self.cells = [cell["id"] for cell in data["cells"]]
        wanted = self.cells[:_IN_VIEW]
        there = data["mark"] == self._laid
        if there and (self._asked >= _MOST_ASKS or all(cell in data["pictures"] for cell in wanted)):
            return None
        self._turn, self._asked = self._turn + 1, self._asked + 1
        return {"ids": wanted if there else [], "laid": self._laid, "turn": self._turn}
