"""The panel 'Try it live': the camera's picture, what the classifier sees in it, and the last twenty seconds."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from har.storage.cache import cache_key
from ui import visitor
from ui.live.visit import LiveVisit, card_facts
from ui.theme import component

_VISIT = "live-visit"  # in the session
KBIT_PER_SEC = 220  # of frames as text, which the quality of the browser's pictures follows
_component = component(
    "har_live",
    "live/live.html",
    "component.css",
    "live/live.css",
    "component.js",
    "camera.js",
    "live/history.js",
    "live/live.js",
)


def live_panel(classifier: str | Path, labels: Sequence[str] = ()) -> None:
    """Show the panel, for a classifier that `har.live.is_quick`. The camera starts when the visitor presses a button.

    Raises:
        ClassifierMissing, ClassifierDamaged: there is no such classifier.
    """
    facts = card_facts(classifier) | {"bytesPerSec": KBIT_PER_SEC * 1000 / 8}
    key = f"live-{cache_key(str(classifier), *labels)[:8]}"
    visit = _visit(classifier, tuple(labels))

    @st.fragment  # runs alone for each message
    def draw() -> None:
        answer = st.session_state.get(f"{key}-answer")
        # A list, as Streamlit compares a dict's values with tables, and imports pandas and Arrow for that.
        _component(key=key, data=[facts | {"answer": answer}], on_message_change=receive)

    def receive() -> None:
        sent = st.session_state.get(key)
        if sent is None:  # the last message of a panel that is no longer on the page
            visit.leave()
            return
        # Of several messages that come during a run, Streamlit keeps the last: the browser waits for each answer.
        st.session_state[f"{key}-answer"] = visit.receive(sent.message)

    draw()


def _visit(classifier: str | Path, labels: tuple[str, ...]) -> LiveVisit:
    """The visits of this tab with that classifier; one with another classifier ends."""
    visit: LiveVisit | None = st.session_state.get(_VISIT)
    if visit is None or visit.subject != (classifier, labels):
        if visit is not None:
            visit.leave()
        visit = st.session_state[_VISIT] = LiveVisit(classifier, visitor.visitor, labels)
    return visit
