"""'Why this label?': explanations of windows of a result, made on request."""

import base64

import streamlit as st

from har import results
from har.errors import AnnotationMissing, HarError
from har.explain import NO_HEATMAP, Facts, StoredExplanation
from har.labels import display_name
from har.results import Annotation, ExplanationTarget
from ui import jobs
from ui.messages import label_name, plain, show_error
from ui.theme import component

JOB = "why"  # the query parameter with the id of the job that explains
_CHOSEN, _REQUESTED = "why-chosen", "why-requested"  # in the session: keys of the shown and the last requested window
_OTHER = "why-not-requested"  # in the session: the last requested other label
_BESIDE = "why-beside"  # in the session: whether explanations are shown next to the player
_MIN_DROP = 0.01  # smaller ones are not reported
_ORDERS = {"shuffled": "Shuffled", "reversed": "Reversed", "frozen": "Only the middle frame, repeated"}

_component = component("har_why", "component.css", "why/why.html", "why/why.css", "component.js", "why/why.js")


def is_beside(stored: Annotation, requested_sec: float | None) -> bool:
    """Whether explanations are shown next to the player: from a request in this tab until they are closed."""
    key = f"{_BESIDE}-{stored.folder.name}"
    if requested_sec is not None:
        st.session_state[key] = True
    return bool(st.session_state.get(key))


def show(shown: Annotation, requested_sec: float | None, *, own: bool) -> None:
    """All explanations of a result; the owner can request more."""
    keys = results.list_explanations(shown.folder)
    explanations = {key: found for key in keys if (found := _read(shown, key)) is not None}
    if not own and not explanations:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header("Why this label?", anchor=False)
        if is_beside(shown, requested_sec) and st.button("Close", icon=":material/close:", type="tertiary"):
            del st.session_state[f"{_BESIDE}-{shown.folder.name}"]
            st.rerun()
    if own:
        if requested_sec is not None:
            try:
                _request(shown, results.target_at(shown, requested_sec))
            except HarError as error:
                show_error(error)
        jobs.watch(JOB)
    if not explanations:
        st.caption("Seek to a moment in the player and press 'Why?' below it.")
        return
    scroll_to = st.session_state.get(_REQUESTED) in explanations
    key = _choose(explanations)
    _show_explanation(shown, explanations[key], key, scroll_to)
    if own:
        _other_label(shown, explanations[key].facts, key)


def _read(stored: Annotation, key: str) -> StoredExplanation | None:
    try:
        return results.read_explanation(stored.folder, key)
    except AnnotationMissing:  # just removed to make room for another, or damaged
        return None


# Requests


def _request(stored: Annotation, target: ExplanationTarget) -> bool:
    """Explain a window unless that has been done; whether the request was accepted."""
    is_there = target.key in results.list_explanations(stored.folder)
    if not is_there and not jobs.submit(JOB, results.explain_target, stored.folder, target):
        return False
    st.session_state[_REQUESTED] = target.key
    return True


def _other_label(stored: Annotation, facts: Facts, key: str) -> None:
    label = st.selectbox(
        "Why not…?",
        [label for label in stored.scored.scores.labels if label != facts.label],
        index=None,
        format_func=display_name,
        placeholder="Another label at the same time",
        key=f"why-not-{key}",
    )
    if label is not None and st.session_state.get(_OTHER) != (key, label):
        st.session_state[_OTHER] = (key, label)
        if _request(stored, ExplanationTarget.with_label(key, label)):
            st.rerun()


# Display


def _choose(explanations: dict[str, StoredExplanation]) -> str:
    """The key of the shown explanation: the last requested one, or one chosen from the list."""
    keys = list(explanations)
    if st.session_state.get(_REQUESTED) in keys:
        st.session_state[_CHOSEN] = st.session_state.pop(_REQUESTED)
    if st.session_state.get(_CHOSEN) not in keys:
        st.session_state.pop(_CHOSEN, None)
    if len(keys) == 1:
        return keys[0]
    return st.selectbox("Explained so far", keys, format_func=lambda key: _name(explanations[key].facts), key=_CHOSEN)


def _name(facts: Facts) -> str:
    return f"{_span(facts)} · {display_name(facts.label)}"


def _span(facts: Facts) -> str:
    """Of a window; in a short shot, its frames go back and forth."""
    return f"{_clock(min(facts.times_sec))} to {_clock(max(facts.times_sec))}"


def _show_explanation(shown: Annotation, explanation: StoredExplanation, key: str, scroll_to: bool) -> None:
    facts, all_labels, considered = explanation.facts, shown.scored.scores.labels, shown.options.labels
    among = "" if considered is None else f" among all {len(all_labels)} labels, not only the {len(considered)} chosen,"
    st.markdown(
        f"**{label_name(facts.label)}**, {facts.probability:.0%}{among} in the window from {_span(facts)}. These are "
        f"its {len(facts.times_sec)} frames as the network saw them"
        f"{' (the middle of the picture, enlarged)' if shown.card.spec.zoom > 1 else ''}."
    )
    _component(
        key="why-frames",
        data=[  # a list, as in ui/annotate/player.py
            {
                "mark": key,
                "count": len(facts.times_sec),
                "frames": base64.b64encode(explanation.frames_png).decode(),
                "heat": base64.b64encode(explanation.heat_png).decode(),
                "times": [_clock(time_sec) for time_sec in facts.times_sec],
                "drops": list(facts.drops),
                "scrollTo": scroll_to,
                "heated": bool(facts.layers),
            }
        ],
    )
    heatmap = (
        f"Heatmap: the regions that support {label_name(facts.label)} (Grad-CAM, cell by cell, on "
        f"{plain(', '.join(facts.layers))})."
    )
    st.caption(
        f"{heatmap if facts.layers else NO_HEATMAP} "
        f"Bars: how much the probability drops while {facts.hidden_count} frames around this one are hidden "
        f"(downwards: rises). {_largest_drop(facts)}"
    )
    left, right = st.columns(2, gap="large")
    with left:
        _motion(facts)
    with right:
        _confidence(facts)


def _largest_drop(facts: Facts) -> str:
    largest = max(facts.drops)
    if largest < _MIN_DROP:
        return "No part matters on its own: the largest drop is less than one point."
    time_sec = facts.times_sec[facts.drops.index(largest)]
    return f"The largest drop is at {_clock(time_sec)}: {100 * largest:.0f} points."


def _motion(facts: Facts) -> None:
    st.markdown("**Does motion matter?**")
    st.progress(min(facts.probability, 1.0), f"Original · {facts.probability:.0%}")
    for name, probability in facts.orders.items():
        st.progress(min(probability, 1.0), f"{_ORDERS.get(name, name)} · {probability:.0%}")
    st.caption("The same frames in other orders. If nothing changes, the network relies on appearance, not motion.")


def _confidence(facts: Facts) -> None:
    st.markdown("**How confident is it?**")
    for label, probability in facts.likeliest:
        st.progress(min(probability, 1.0), f"{label_name(label)} · {probability:.0%}")
    if facts.temperature == 1:
        st.caption("The card's temperature is 1: none was fitted, or none was needed.")
    else:
        st.caption(f"At the card's temperature of {facts.temperature:.2g}, fitted on clips not used for training.")


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
