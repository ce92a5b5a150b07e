"""'What could be happening?': the labels that a result considers, chosen from the likeliest or searched for."""

import streamlit as st

from har.labels import display_name
from har.results import Annotation
from har.timeline import verdict
from ui.messages import label_name

LIKELY, OTHERS = "could", "also"  # query parameters: the choice is in the address
_LIKELY_COUNT = 8


def box(stored: Annotation, *, disabled: bool) -> tuple[str, ...] | None:
    """Chips of the likeliest labels of the whole video, and a search over the others.

    Returns:
        The chosen labels, in the classifier's order; None: all.
    """
    labels = stored.scored.scores.labels
    likely = _likely(stored)
    chosen = stored.options.labels or ()
    picked = st.pills(
        "What could be happening?",
        likely,
        selection_mode="multi",
        default=[label for label in likely if label in chosen],
        format_func=label_name,
        help="Choose all labels that can occur. Then only these are considered, in the player and in all files.",
        wrap=True,
        key=LIKELY,
        bind="query-params",
        disabled=disabled,
    )
    others = [label for label in labels if label not in likely]
    if others:
        picked += st.multiselect(
            "Other labels",
            others,
            default=[label for label in others if label in chosen],
            format_func=display_name,
            placeholder=f"Search all {len(labels)} labels",
            label_visibility="collapsed",
            key=OTHERS,
            bind="query-params",
            disabled=disabled,
        )
    if len(picked) == 1:
        st.caption("With one label there is nothing to decide between. Choose everything that could be happening.")
    return tuple(label for label in labels if label in picked) or None


def in_address(stored: Annotation, labels: tuple[str, ...] | None) -> dict[str, list[str]]:
    """The query parameters of a choice that differs from the one the result was made with."""
    if labels == stored.options.labels:
        return {}
    likely, chosen = _likely(stored), labels or ()
    query = {LIKELY: [label_name(label) for label in chosen if label in likely]}
    if len(likely) < len(stored.scored.scores.labels):
        query[OTHERS] = [display_name(label) for label in chosen if label not in likely]
    return {name: values or [""] for name, values in query.items()}  # an empty one clears the widget


def _likely(stored: Annotation) -> list[str]:
    return [label for label, _ in verdict(stored.scored.scores, _LIKELY_COUNT)]
