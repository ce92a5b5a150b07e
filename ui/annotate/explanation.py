"""'Why did it say that?': one window of a result explained, as far as it has been asked for."""

import base64

import streamlit as st

from har import results
from har.errors import AnnotationMissing, HarError
from har.explain import Explaining, Facts, Kept
from har.jobs import JobStatus
from har.results import Annotation, LoadingClassifier, Place
from ui import asked
from ui.messages import plain, show_error
from ui.theme import ASSETS

JOB = "why"  # the query parameter with the id of the job that explains
_CHOSEN, _WANTED = "why-chosen", "why-wanted"  # in the session: keys of what is shown, and of what was asked for last
_ASKED = "why-not-asked"  # in the session: which other label was asked for last
_LITTLE = 0.01  # a drop that is not worth a word
_FOLDER = ASSETS / "why"
_ORDERS = {"shuffled": "Shuffled", "reversed": "Reversed", "frozen": "The middle frame all the time"}

_component = st.components.v2.component(
    "har_why",
    html=(_FOLDER / "why.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "why.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "why.js").read_text(encoding="utf-8"),
)


def show(stored: Annotation, asked_sec: float | None, *, own: bool) -> None:
    """All that has been explained of a result; for its owner, also the way to more.

    Args:
        stored: the result.
        asked_sec: the moment of which its owner has just asked why.
        own: whether its owner looks at it.
    """
    there = {key: kept for key in results.explained(stored.folder) if (kept := _kept(stored, key)) is not None}
    if not own and not there:
        return
    st.header("Why did it say that?", anchor=False)
    if own:
        if asked_sec is not None:
            _ask_at(stored, asked_sec)
        asked.under_way(JOB, _describe)
    if not there:
        st.caption("Go to a moment in the player and press 'Why?' below it.")
        return
    come = st.session_state.get(_WANTED) in there
    key = _choice(there)
    _explanation(there[key], key, come, stored.card.spec.zoom > 1)
    if own:
        _other_label(stored, there[key].facts, key)


def _kept(stored: Annotation, key: str) -> Kept | None:
    try:
        return results.read_explained(stored.folder, key)
    except AnnotationMissing:  # it has just made room for another, or is damaged
        return None


# Asking


def _ask_at(stored: Annotation, at_sec: float) -> None:
    """Have the likeliest label at a moment explained."""
    try:
        _ask(stored, results.place_at(stored, at_sec))
    except HarError as error:
        show_error(error)


def _ask(stored: Annotation, place: Place) -> bool:
    """Have a place explained, unless it has been; whether that could be asked for."""
    if place.key not in results.explained(stored.folder):
        if not asked.begin(JOB, results.explain_place, stored.folder, place):
            return False
        st.toast("The answer will stand below the player and the files.", icon=":material/help:")
    st.session_state[_WANTED] = place.key
    return True


def _describe(status: JobStatus) -> tuple[float, str]:
    match status.events[-1] if status.events else None:
        case Explaining(done, total):
            return 0.2 + 0.8 * done / total, "Looking at the frames in other orders"
        case LoadingClassifier(title):
            return 0.1, f"Loading {title}"
    return 0.0, "Starting"


def _other_label(stored: Annotation, facts: Facts, key: str) -> None:
    label = st.selectbox(
        "Why not …?",
        [label for label in stored.scored.scores.labels if label != facts.label],
        index=None,
        placeholder="Another label at the same moment",
        key=f"why-not-{key}",
    )
    if label is not None and st.session_state.get(_ASKED) != (key, label):
        st.session_state[_ASKED] = (key, label)
        if _ask(stored, Place.beside(key, label)):
            st.rerun()


# Showing


def _choice(there: dict[str, Kept]) -> str:
    """Which is shown: the one just asked for, or one from the list."""
    keys = list(there)
    if st.session_state.get(_WANTED) in keys:
        st.session_state[_CHOSEN] = st.session_state.pop(_WANTED)
    if st.session_state.get(_CHOSEN) not in keys:
        st.session_state.pop(_CHOSEN, None)
    if len(keys) == 1:
        return keys[0]
    return st.selectbox("Explained so far", keys, format_func=lambda key: _name(there[key].facts), key=_CHOSEN)


def _name(facts: Facts) -> str:
    return f"{_clock(facts.times_sec[0])} to {_clock(facts.times_sec[-1])} · {facts.label}"


def _explanation(kept: Kept, key: str, come: bool, near: bool) -> None:
    """What is shown under a key.

    Args:
        kept: the explanation.
        key: of its place.
        come: whether it has just been asked for, so that the page goes there.
        near: whether the classifier looks at the middle of the picture only.
    """
    facts = kept.facts
    st.markdown(
        f"**{plain(facts.label)}**, {facts.probability:.0%} in the window from {_clock(facts.times_sec[0])} to "
        f"{_clock(facts.times_sec[-1])}. These are its {len(facts.times_sec)} frames as the network saw them"
        f"{', the middle of the picture enlarged' if near else ''}."
    )
    _component(
        key="why-frames",
        data=[  # a list, as in ui/annotate/player.py
            {
                "mark": key,
                "count": len(facts.times_sec),
                "frames": base64.b64encode(kept.frames_png).decode(),
                "heat": base64.b64encode(kept.heat_png).decode(),
                "times": [_clock(time_sec) for time_sec in facts.times_sec],
                "drops": list(facts.drops),
                "come": come,
            }
        ],
    )
    st.caption(
        f"Heat: where the picture speaks for {plain(facts.label)} (Grad-CAM, cell by cell, on "
        f"{plain(', '.join(facts.layers))}). "
        f"Bars: by how much the probability falls while {facts.hidden_count} frames around this one are hidden; "
        f"downwards, it rises. {_when(facts)}"
    )
    left, right = st.columns(2, gap="large")
    with left:
        _motion(facts)
    with right:
        _sureness(facts)


def _when(facts: Facts) -> str:
    largest = max(facts.drops)
    if largest < _LITTLE:
        return "No moment is missed by as much as a point: the answer hangs on none of them."
    time_sec = facts.times_sec[facts.drops.index(largest)]
    return f"It misses {_clock(time_sec)} most: {100 * largest:.0f} points."


def _motion(facts: Facts) -> None:
    st.markdown("**Does motion matter?**")
    st.progress(min(facts.probability, 1.0), f"As it is · {facts.probability:.0%}")
    for name, probability in facts.orders.items():
        st.progress(min(probability, 1.0), f"{_ORDERS.get(name, name)} · {probability:.0%}")
    st.caption("The same frames in other orders. Where nothing changes, the network goes by what is there.")


def _sureness(facts: Facts) -> None:
    st.markdown("**How sure is it?**")
    for label, probability in facts.likeliest:
        st.progress(min(probability, 1.0), f"{plain(label)} · {probability:.0%}")
    if facts.temperature == 1:
        told = "Its card's temperature is 1: either none was fitted, or these probabilities needed none."
    else:
        told = f"At the card's temperature of {facts.temperature:.2g}, fitted on clips that did not train it."
    st.caption(told)


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
