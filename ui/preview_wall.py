"""A wall of moving previews, which come as they are scrolled into view."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from har.datasets import LabelledVideo, ready
from har.datasets.previews import STRIP_FPS, STRIP_FRAMES, STRIP_HEIGHT, STRIP_WIDTH, find_strip, strip
from har.errors import DiskFull, FfmpegMissing, HarError
from har.storage.cache import key_of
from ui.theme import ASSETS

_WAIT_SEC = 0.4  # for pictures that are being made, before those that are there are sent
_MOST_WANTED = 60  # a screen and its surroundings; a browser may ask for anything
_MOST_AT_ONCE = 16  # pictures in the making for one page: others have their turn
_MOST_MAKING = 64  # and for all visitors; what is still in view is asked for again
_ASKED_SEC = 2.0  # what nobody has asked for since then was scrolled past: it is not made
_MOST_FAILED = 10_000  # videos that are remembered as not to be shown
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
        {"id": name, "title": cell.title, "detail": cell.detail, "heading": cell.heading or ""}
        for name, cell in by_id.items()
    ]
    mark = key_of(json.dumps(shown))

    @st.fragment
    def previews() -> None:
        wanted = [by_id[name] for name in _asked(key) if name in by_id] or cells[:_MOST_WANTED]
        there = _sent(key).get("laid") == mark  # thousands of cells are sent once, and not with every picture
        result = _component(
            key=key,
            data=[  # a list, as in ui/annotate/player.py
                {"mark": mark, "cells": None if there else shown, "pictures": _pictures(wanted), "shape": shape}
            ],
            on_wanted_change=_nothing,
            on_opened_change=_nothing,
        )
        if isinstance(result.opened, str) and result.opened in by_id:
            on_open(by_id[result.opened].video)
            st.rerun()

    previews()


def _nothing() -> None:
    """What happens is seen in the component's value."""


def _asked(key: str) -> list[str]:
    """Ids the browser asks for, whatever it may have sent."""
    ids = _sent(key).get("ids")
    return [name for name in ids[:_MOST_WANTED] if isinstance(name, str)] if isinstance(ids, list) else []


def _sent(key: str) -> Mapping[str, Any]:
    state: Any = st.session_state.get(key)
    wanted = state.get("wanted") if isinstance(state, Mapping) else None
    return wanted if isinstance(wanted, Mapping) else {}


class _Maker:
    """Makes strips for all visitors, two at a time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._lock = threading.Lock()
        self._making: dict[Path, Future[bytes | None]] = {}
        self._asked_sec: dict[Path, float] = {}  # when somebody last asked for what is in the making
        self._failed: dict[Path, int] = {}  # with the time of their last change

    def have_made(self, videos: Iterable[LabelledVideo], wait_sec: float) -> dict[Path, bytes]:
        """The strips that are there, or get there within so many seconds; no bytes for one that cannot be made."""
        found: dict[Path, bytes] = {}
        making: dict[Path, Future[bytes | None]] = {}
        for video in videos:
            if (kept := _kept(video)) is not None:
                found[video.path] = kept
            elif self._failed.get(video.path) == _changed(video.path):
                found[video.path] = b""
            elif len(making) < _MOST_AT_ONCE and (future := self._begin(video)) is not None:
                making[video.path] = future
        wait(making.values(), timeout=wait_sec / 4 if found else wait_sec)
        for path, future in making.items():
            if future.done() and (made := future.result()) is not None:
                found[path] = made
        return found

    def _begin(self, video: LabelledVideo) -> Future[bytes | None] | None:
        with self._lock:
            future = self._making.get(video.path)
            if future is None and len(self._making) >= _MOST_MAKING:
                return None
            self._asked_sec[video.path] = time.monotonic()
            if future is None:
                future = self._making[video.path] = self._pool.submit(self._make, video)
        return future

    def _make(self, video: LabelledVideo) -> bytes | None:
        try:
            if time.monotonic() - self._asked_sec[video.path] > _ASKED_SEC:
                return None
            ready([video])
            return strip(video).read_bytes()
        except (OSError, DiskFull, FfmpegMissing):  # it may work later
            return b""
        except HarError:  # what is wrong with it is told when it is opened
            if len(self._failed) >= _MOST_FAILED:
                self._failed.clear()
            self._failed[video.path] = _changed(video.path)
            return b""
        finally:
            with self._lock:
                del self._making[video.path], self._asked_sec[video.path]


@st.cache_resource(show_spinner=False)
def _maker() -> _Maker:
    return _Maker()


def _changed(path: Path) -> int:
    """When a file was last changed; -1: it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1


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
