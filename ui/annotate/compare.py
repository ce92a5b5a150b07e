"""A second classifier beside the one that a result is from: asked for by its owner, shown to all."""

import streamlit as st

from har import results
from har.jobs import JobStatus
from har.recognition import Scoring
from har.results import Annotation
from ui import asked, classifiers
from ui.messages import plain

JOB = "second"  # the query parameter with the id of the job that asks the second classifier


def box(stored: Annotation, second: Annotation | None) -> None:
    """Where the owner asks another classifier, or lets its answer go."""
    with st.expander("Compare with another classifier", icon=":material/compare:", expanded=JOB in st.query_params):
        if asked.under_way(JOB, _describe):
            return
        if second is not None:
            st.caption(
                f"{plain(second.card.title)} is sure enough from {second.options.timeline.threshold:.0%} on, as its "
                "card says. Smoothing is the same for both."
            )
            if st.button("Remove the comparison", icon=":material/delete:", width="stretch"):
                results.forget_second(stored.folder)
                st.query_params.pop(JOB, None)
                st.rerun()
        _choose(stored)


def _choose(stored: Annotation) -> None:
    cards, names = classifiers.known()
    others = [
        where for where, card in cards.items() if (card.name, card.title) != (stored.card.name, stored.card.title)
    ]
    where = st.selectbox("Classifier", others, format_func=names.__getitem__, key="other-classifier")
    if where is None or not st.button("Compare", icon=":material/play_arrow:", width="stretch"):
        return
    if asked.begin(JOB, results.annotate_second, stored.folder, where):
        st.rerun()


def _describe(status: JobStatus) -> tuple[float, str]:
    match status.events[-1] if status.events else None:
        case results.LoadingClassifier(title):
            return 0.1, f"Loading {title}"
        case Scoring(done_sec, total_sec):
            return 0.1 + 0.9 * done_sec / total_sec, f"Recognising: {done_sec:.0f} of {total_sec:.0f} s"
    return 0.0, "Starting"
