"""A wall of moving previews, which come as they are scrolled into view."""

import base64
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from har.caches import key_of
from har.datasets import LabelledVideo, ready
from har.datasets.previews import STRIP_FPS, STRIP_FRAMES, STRIP_HEIGHT, STRIP_WIDTH, find_strip, strip
from har.errors import HarError
from pages.widgets import ASSETS

_WAIT_SEC = 0.4  # for pictures that are being made, before those that are there are sent
_MOST_WANTED = 60  # a screen and its surroundings; a browser may ask for anything
_MOST_WAITING = 40  # pictures not begun yet, of all visitors; what is still in view is asked for again
_FAILED = ""  # what is sent for a video that cannot be shown

_component = st.components.v2.component(
    "har_wall",
    html='<div class="wall"></div>',
    css=(ASSETS / "wall.css").read_text(encoding="utf-8"),
    js=(ASSETS / "wall.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Cell:
    """One preview."""

    video: LabelledVideo
    title: str
    detail: str = ""
    heading: str | None = None  # a new row begins with it

    @property
    def id(self) -> str:
        """Names the video to the browser, and tells nothing else."""
        return key_of(self.video.path)[:16]


def wall(cells: Sequence[Cell], *, key: str, on_open: Callable[[LabelledVideo], None], small: bool = False) -> None:
    """Show previews; pictures are made when they come into view, and sent when they are made.

    Args:
        cells: in order.
        key: of the widget.
        on_open: called with the video that was chosen, before the page runs again.
        small: more of them in a row.
    """
    by_id = {cell.id: cell for cell in cells}
    shape = {"frames": STRIP_FRAMES, "fps": STRIP_FPS, "ratio": STRIP_WIDTH / STRIP_HEIGHT, "small": small}
    shown = [
        {"id": cell.id, "title": cell.title, "detail": cell.detail, "heading": cell.heading or ""} for cell in cells
    ]

    @st.fragment
    def previews() -> None:
        wanted = [by_id[name] for name in _asked(key) if name in by_id] or cells[:_MOST_WANTED]
        result = _component(
            key=key,
            data={"cells": shown, "pictures": _pictures(wanted), "shape": shape},
            on_wanted_change=_nothing,
            on_opened_change=_nothing,
        )
        if result.opened in by_id:
            on_open(by_id[result.opened].video)
            st.rerun()

    previews()


def _nothing() -> None:
    """What happens is seen in the component's value."""


def _asked(key: str) -> list[str]:
    """Ids the browser asks for, whatever it may have sent."""
    state: Any = st.session_state.get(key)
    wanted = state.get("wanted") if isinstance(state, Mapping) else None
    ids = wanted.get("ids") if isinstance(wanted, Mapping) else None
    return [name for name in ids[:_MOST_WANTED] if isinstance(name, str)] if isinstance(ids, list) else []


class _Maker:
    """Makes strips for all visitors, two at a time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._lock = threading.Lock()
        self._making: dict[Path, Future[bytes]] = {}
        self._failed: set[Path] = set()

    def have_made(self, videos: Iterable[LabelledVideo], wait_sec: float) -> dict[Path, bytes]:
        """The strips that are there, or get there within so many seconds; no bytes for one that cannot be made."""
        found: dict[Path, bytes] = {}
        making = []
        for video in videos:
            if (kept := _kept(video)) is not None:
                found[video.path] = kept
            elif video.path in self._failed:
                found[video.path] = b""
            elif (future := self._begin(video)) is not None:
                making.append((video.path, future))
        wait([future for _, future in making], timeout=wait_sec if not found else wait_sec / 4)
        for path, future in making:
            if future.done():
                found[path] = future.result()
        return found

    def _begin(self, video: LabelledVideo) -> Future[bytes] | None:
        with self._lock:
            future = self._making.get(video.path)
            if future is None and len(self._making) < _MOST_WAITING:
                future = self._making[video.path] = self._pool.submit(self._make, video)
        return future

    def _make(self, video: LabelledVideo) -> bytes:
        try:
            ready([video])
            return strip(video).read_bytes()
        except (HarError, OSError):  # what is wrong with it is told when it is opened
            self._failed.add(video.path)
            return b""
        finally:
            with self._lock:
                self._making.pop(video.path, None)


@st.cache_resource(show_spinner=False)
def _maker() -> _Maker:
    return _Maker()


def _kept(video: LabelledVideo) -> bytes | None:
    path = find_strip(video)
    try:
        return path.read_bytes() if path else None
    except FileNotFoundError:  # room was needed at this moment
        return None


def _pictures(cells: Sequence[Cell]) -> dict[str, str]:
    """By id; an empty text for a video that cannot be shown."""
    made = _maker().have_made([cell.video for cell in cells], _WAIT_SEC)
    return {
        cell.id: base64.b64encode(made[cell.video.path]).decode() or _FAILED
        for cell in cells
        if cell.video.path in made
    }
