"""A second classifier's predictions next to a result: requested by the owner, visible to all viewers."""

from pathlib import Path

import streamlit as st

from har import results
from har.classifier import Card, folder_of
from har.progress import ANNOTATING
from har.results import Annotation
from ui import classifiers, jobs
from ui.messages import plain

JOB = "second"  # the query parameter with the id of the second classifier's job


def box(stored: Annotation, second: Annotation | None) -> None:
    """Let the owner run another classifier, or remove its predictions."""
    with st.expander("Compare with another classifier", icon=":material/compare:", expanded=JOB in st.query_params):
        if jobs.is_running(jobs.watch(JOB, ANNOTATING)):
            return
        if second is not None:
            st.caption(
                f"{plain(second.card.title)} uses the threshold of its card, {second.options.timeline.threshold:.0%}. "
                "Smoothing is the same for both."
            )
            if st.button("Remove the comparison", icon=":material/delete:", width="stretch"):
                results.remove_comparison(stored.folder)
                st.query_params.pop(JOB, None)
                st.rerun()
        _choose(stored)


def _choose(stored: Annotation) -> None:
    cards, names = classifiers.known()
    others = [where for where, card in cards.items() if not _is_shown(stored, where, card)]
    where = st.selectbox("Classifier", others, format_func=names.__getitem__, key="other-classifier")
    if where is None or not st.button("Compare", icon=":material/play_arrow:", width="stretch"):
        return
    if jobs.submit(JOB, results.add_comparison, stored.folder, where):
        st.rerun()


def _is_shown(stored: Annotation, where: str | Path, card: Card) -> bool:
    """Whether a classifier is the one of the result; of early results, only its names are known."""
    if stored.classifier is not None:
        return folder_of(where).resolve() == stored.classifier.resolve()
    return (card.name, card.title) == (stored.card.name, stored.card.title)
