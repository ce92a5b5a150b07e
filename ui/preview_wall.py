"""A wall of moving previews, made and sent when they come into view."""

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from har.datasets import LabelledVideo, ensure_drawn
from har.datasets.previews import SPRITE_COUNT, SPRITE_FPS, SPRITE_HEIGHT, SPRITE_WIDTH, find_sprite_sheet, sprite_sheet
from har.errors import DiskFull, FfmpegMissing, HarError
from har.storage.cache import cache_key
from ui.theme import component

_WAIT_SEC = 0.4  # for pictures that are being made, before the others are sent
_MAX_REQUESTED = 60  # a screen and its surroundings; a browser may request anything
_MAX_PENDING_PER_PAGE = 16  # pictures being made
_MAX_PENDING = 64  # for all visitors; browsers repeat requests for what is in view
_REQUEST_EXPIRES_SEC = 4.0  # a picture not requested for so long was scrolled past; browsers repeat theirs after 3 s
_MAX_FAILED = 10_000  # videos remembered as broken

_FILES = ("wall.html", "wall.css", "component.js", "wall.js")
_component = component("har_wall", *_FILES)


@dataclass(frozen=True)
class Cell:
    """One preview."""

    video: LabelledVideo
    title: str
    detail: str = ""
    heading: str | None = None  # a new row starts with it
    mark: str = ""  # of its picture: 'right', 'wrong', 'unsure', or none

    @property
    def id(self) -> str:
        """Identifies the video to the browser without revealing its path."""
        return cache_key(self.video.path)[:16]


def wall(cells: Sequence[Cell], *, key: str, on_open: Callable[[LabelledVideo], None], small: bool = False) -> None:
    """Show previews, whose pictures are made and sent when they come into view.

    Args:
        cells: in order.
        key: of the widget.
        on_open: called with the chosen video before the page runs again.
        small: whether to show more of them in a row.
    """
    key = re.sub("_+", "_", key)  # names of files and data sets may have '__', which Streamlit keeps for itself
    by_id = {cell.id: cell for cell in cells}
    shape = {"frames": SPRITE_COUNT, "fps": SPRITE_FPS, "ratio": SPRITE_WIDTH / SPRITE_HEIGHT, "small": small}
    shown = [
        {"id": name, "title": cell.title, "detail": cell.detail, "heading": cell.heading or "", "mark": cell.mark}
        for name, cell in by_id.items()
    ]
    mark = cache_key(json.dumps(shown))

    @st.fragment
    def previews() -> None:
        requested = [by_id[name] for name in _requested_ids(key) if name in by_id] or cells[:_MAX_REQUESTED]
        built = _request(key).get("built") == mark  # thousands of cells are sent once, not with every picture
        result = _component(
            key=key,
            data=[  # a list, as in ui/annotate/player.py
                {"mark": mark, "cells": None if built else shown, "pictures": _pictures(requested), "shape": shape}
            ],
            on_wanted_change=lambda: None,
            on_opened_change=lambda: None,
        )
        if isinstance(result.opened, str) and result.opened in by_id:
            on_open(by_id[result.opened].video)
            st.rerun()

    previews()


def _requested_ids(key: str) -> list[str]:
    """The ids that the browser requests; it may have sent anything."""
    ids = _request(key).get("ids")
    return [name for name in ids[:_MAX_REQUESTED] if isinstance(name, str)] if isinstance(ids, list) else []


def _request(key: str) -> Mapping[str, Any]:
    state: Any = st.session_state.get(key)
    request = state.get("wanted") if isinstance(state, Mapping) else None
    return request if isinstance(request, Mapping) else {}


class _Maker:
    """Makes pictures for all visitors, two at a time."""

    def __init__(
        self,
        find: Callable[[LabelledVideo], Path | None] = find_sprite_sheet,
        make: Callable[[LabelledVideo], Path] = sprite_sheet,
        now_sec: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find, self._sprite_sheet, self._now_sec = find, make, now_sec
        self._pool = ThreadPoolExecutor(2)
        self._lock = threading.Lock()
        self._pending: dict[Path, Future[bytes | None]] = {}
        self._requested_sec: dict[Path, float] = {}  # when a pending picture was last requested
        self._failed: dict[Path, int] = {}  # with the time of the file's last change

    def get(self, videos: Iterable[LabelledVideo], wait_sec: float) -> dict[Path, bytes]:
        """The pictures that exist or are made within some seconds; no bytes for one that cannot be made."""
        pictures: dict[Path, bytes] = {}
        pending: dict[Path, Future[bytes | None]] = {}
        for video in videos:
            if (cached := self._cached(video)) is not None:
                pictures[video.path] = cached
            elif self._failed.get(video.path) == _changed(video.path):
                pictures[video.path] = b""
            elif len(pending) < _MAX_PENDING_PER_PAGE and (future := self._start(video)) is not None:
                pending[video.path] = future
        wait(pending.values(), timeout=wait_sec / 4 if pictures else wait_sec)
        for path, future in pending.items():
            if future.done() and (picture := future.result()) is not None:
                pictures[path] = picture
        return pictures

    def _cached(self, video: LabelledVideo) -> bytes | None:
        path = self._find(video)
        try:
            return path.read_bytes() if path else None
        except FileNotFoundError:  # removed at this moment to free space
            return None

    def _start(self, video: LabelledVideo) -> Future[bytes | None] | None:
        with self._lock:
            future = self._pending.get(video.path)
            if future is None and len(self._pending) >= _MAX_PENDING:
                return None
            self._requested_sec[video.path] = self._now_sec()
            if future is None:
                future = self._pending[video.path] = self._pool.submit(self._make, video)
        return future

    def _make(self, video: LabelledVideo) -> bytes | None:
        try:
            if self._now_sec() - self._requested_sec[video.path] > _REQUEST_EXPIRES_SEC:
                return None
            ensure_drawn([video])
            return self._sprite_sheet(video).read_bytes()
        except (OSError, DiskFull, FfmpegMissing):  # it may work later
            return b""
        except HarError:  # reported when the video is opened
            if len(self._failed) >= _MAX_FAILED:
                self._failed.clear()
            self._failed[video.path] = _changed(video.path)
            return b""
        finally:
            with self._lock:
                del self._pending[video.path], self._requested_sec[video.path]


@st.cache_resource(show_spinner=False)
def _maker() -> _Maker:
    return _Maker()


def _changed(path: Path) -> int:
    """When a file was last changed; -1 if it does not exist."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return -1


def _pictures(cells: Sequence[Cell]) -> dict[str, str]:
    """Pictures by id; an empty text for a video that cannot be shown."""
    pictures = _maker().get([cell.video for cell in cells], _WAIT_SEC)
    return {
        cell.id: base64.b64encode(pictures[cell.video.path]).decode() for cell in cells if cell.video.path in pictures
    }
