"""The camera of a column: records clips in the browser, and adds each to the data set while the next is recorded."""

import base64
import binascii
from typing import Any

import streamlit as st

from har.datasets import takes
from har.errors import DatasetMissing, DatasetTooLarge, HarError, NotAVideo
from har.settings import MIB
from ui.messages import without_paths
from ui.teach.lesson import Column, Lesson
from ui.theme import component

CLIPS, COUNTDOWN, PAUSE_SEC = 8, 3, 1.0  # of a series
_MARGIN_SEC = 0.2  # clips are a little longer than the network wants, so that none is too short
_MAX_TEXT = takes.MAX_CLIP_BYTES * 4 // 3 + 4  # characters of base64
_ANSWER = "teach-answer"  # in the session: for each column, the last answer to its camera
_TAKE = "teach-take"  # in the session: for each column, the series that is recorded and the number of its take

_component = component(
    "har_recorder",
    "teach/recorder.html",
    "component.css",
    "teach/recorder.css",
    "component.js",
    "camera.js",
    "teach/recorder.js",
)


def recorder(lesson: Lesson, column: Column, span_sec: float) -> None:
    """Show the camera of a column until it is closed."""
    key = f"teach-camera-{column.id}"

    def take() -> None:
        st.session_state.setdefault(_ANSWER, {})[column.id] = receive(lesson, column, st.session_state[key].clip)

    def close() -> None:
        if lesson.active == column.id:
            lesson.active = None

    _component(
        key=key,
        data=[  # a list, as in ui/annotate/player.py
            {
                "total": CLIPS,
                "countdown": COUNTDOWN,
                "pause_sec": PAUSE_SEC,
                "clip_sec": span_sec + _MARGIN_SEC,
                "answer": st.session_state.get(_ANSWER, {}).get(column.id),
            }
        ],
        on_clip_change=take,
        on_closed_change=close,
    )


def receive(lesson: Lesson, column: Column, message: Any) -> dict[str, Any]:
    """Add a clip that a browser sends, which may be anything.

    Args:
        lesson: what is taught.
        column: that gets the clip.
        message: `{mark, number, series, type, bytes}`; sent again, it is not added again.

    Returns:
        The answer: `mark` and `number` of the message, `error` (empty: it was added), `full` (whether more clips would
        be refused too), and `turn`, which makes each answer another.
    """
    earlier: dict[str, Any] = st.session_state.get(_ANSWER, {}).get(column.id, {})
    number, mark = (message.get("number"), message.get("mark")) if isinstance(message, dict) else (None, None)
    number = number if isinstance(number, int) else 0
    mark = mark[:40] if isinstance(mark, str) else ""
    turn = earlier.get("turn", 0) + 1
    if earlier.get("number") == number and earlier.get("mark") == mark:
        return earlier | {"turn": turn}
    error, full = "", False
    try:
        _add(lesson, column, message)
    except HarError as refusal:
        error, full = without_paths(str(refusal)), isinstance(refusal, DatasetTooLarge | DatasetMissing)
    return {"mark": mark, "number": number, "error": error, "full": full, "turn": turn}


def _add(lesson: Lesson, column: Column, message: Any) -> None:
    fields = message if isinstance(message, dict) else {}
    series, media_type, text = (fields.get(name) for name in ("series", "type", "bytes"))
    if not (isinstance(series, str) and isinstance(media_type, str) and isinstance(text, str)):
        raise NotAVideo("What arrived is not a clip.", "A recording of the camera was expected.", "Record it again.")
    if len(text) > _MAX_TEXT:
        raise NotAVideo(
            "The clip is too large.", f"At most {takes.MAX_CLIP_BYTES // MIB} MB are allowed.", "Record a shorter one."
        )
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NotAVideo(
            "The clip arrived damaged.", "A recording of the camera was expected.", "Record it again."
        ) from error
    name = lesson.create_set()
    takes.add_recording(name, column.label, _take(name, column, series[:80]), content, media_type)


def _take(name: str, column: Column, series: str) -> int:
    known: dict[str, tuple[str, str, int]] = st.session_state.setdefault(_TAKE, {})
    if column.id not in known or known[column.id][:2] != (name, series):
        known[column.id] = (name, series, takes.next_take(name, column.label))
    return known[column.id][2]
