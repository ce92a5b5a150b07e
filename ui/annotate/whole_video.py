"""'The whole video': how long each label lasts, as bars."""

from collections.abc import Iterable, Mapping
from html import escape

import streamlit as st

from har.colours import UNSURE
from har.labels import display_name
from har.timeline import Segment, Timeline

_SHOWN = 8  # labels; the rest is counted


def show(timeline: Timeline, guesses: Iterable[Segment], colours: Mapping[str, str]) -> None:
    """A bar for each label, the longest first, then guesses, then what is left as unsure."""
    st.subheader("The whole video", anchor=False)
    decided = _seconds(timeline.segments)
    unsure_sec = decided.pop(None, 0.0)
    guessed = _seconds(guesses)
    unsure_sec -= sum(guessed.values())
    rows = [(display_name(str(label)), sec, colours.get(str(label), UNSURE), "") for label, sec in _longest(decided)]
    rows += [
        (f"{display_name(str(label))} (guess)", sec, colours.get(str(label), UNSURE), "guess")
        for label, sec in _longest(guessed)
    ]
    left_out = len(rows) - _SHOWN
    rows = rows[:_SHOWN]
    if unsure_sec > 0.005 * timeline.duration_sec:
        rows.append(("unsure", unsure_sec, UNSURE, "unsure"))
    items = "".join(_row(name, sec, timeline.duration_sec, colour, kind) for name, sec, colour, kind in rows)
    st.html(f'<ul class="whole">{items}</ul>')
    if left_out > 0:
        st.caption(f"And {left_out} more.")


def _seconds(segments: Iterable[Segment]) -> dict[str | None, float]:
    found: dict[str | None, float] = {}
    for part in segments:
        found[part.label] = found.get(part.label, 0.0) + part.end_sec - part.start_sec
    return found


def _longest(seconds: Mapping[str | None, float]) -> list[tuple[str | None, float]]:
    return sorted(seconds.items(), key=lambda item: -item[1])


def _row(name: str, sec: float, duration_sec: float, colour: str, kind: str) -> str:
    share = sec / duration_sec
    return (
        f'<li class="{kind}" style="--colour: {colour}; --share: {share:.4f}"><span class="of">{escape(name)}</span>'
        f'<span class="bar"></span><span>{sec:.1f} s · {share:.0%}</span></li>'
    )
