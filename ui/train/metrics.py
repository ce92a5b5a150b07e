"""What is found out about a trained classifier besides its accuracy: class by class, motion, confidence."""

import streamlit as st

from har.evaluation import Calibration, Examination
from har.plots import orders_figure, recall_figure, reliability_figure
from ui.theme import saved_as

_MANY, _TALLEST = 14, 480  # labels from which on their chart scrolls; its pixels


def show(examination: Examination) -> None:
    """Charts, and a sentence on each."""
    recall, motion = st.columns(2, gap="large")
    with recall:
        _recall(examination)
    with motion:
        _motion(examination)
    _trust(examination.calibration)


def _recall(examination: Examination) -> None:
    st.subheader("Class by class", anchor=False)
    st.caption("Of each class's test clips, how many were right. The lines are 95 % intervals.")
    tall = len(examination.report.labels) > _MANY
    with st.container(height=_TALLEST if tall else "content", border=False):
        st.plotly_chart(recall_figure(examination.report), key="recall", config=saved_as("recall"))


def _motion(examination: Examination) -> None:
    st.subheader("Does it need motion?", anchor=False)
    st.plotly_chart(orders_figure(examination), key="orders", config=saved_as("orders"))
    st.write(needs_motion(examination))


def needs_motion(examination: Examination) -> str:
    """One sentence on whether the network uses the order of frames."""
    right, shuffled = examination.report.share, examination.orders.get("shuffled")
    frozen = examination.orders.get("frozen")
    if shuffled is None:
        return "It was not tried with frames in another order."
    if right.interval[0] <= examination.report.baseline.value:
        return "It is not clearly better than always giving the same answer, so this tells nothing yet."
    far = f"as far as {right.count} clips tell"
    if frozen is not None and frozen.value >= right.interval[0]:
        return f"One frame, repeated, does as well, {far}: it recognises the picture, not the motion."
    if shuffled.value >= right.interval[0]:
        return f"Shuffled frames do as well, {far}: it does not use their order."
    return (
        f"With its frames shuffled it is right on {shuffled.value:.0%} instead of {right.value:.0%}: "
        "it uses their order."
    )


def believed(calibration: Calibration) -> str:
    """What the temperature is for, and whether it helped on test clips."""
    sure = "too sure" if calibration.temperature > 1 else "not sure enough"
    told = (
        f"On validation clips it was {sure} of itself, so a temperature of {calibration.temperature:.2f} was fitted "
        "there. On test clips confidence was off by "
        f"{calibration.ece_before:.1%} on average before, and by {calibration.ece_after:.1%} after "
        "(expected calibration error)."
    )
    if calibration.ece_after > calibration.ece_before:
        told += " That is worse: the validation clips are too few, or too unlike the test clips, to fit it on."
    return told


def _trust(calibration: Calibration) -> None:
    st.subheader("Can its confidence be believed?", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(reliability_figure(calibration), key="reliability", config=saved_as("reliability"))
    with right:
        st.write(believed(calibration))
        st.write(
            f"Below a confidence of **{calibration.threshold:.0%}** it says 'unsure'. On validation clips that leaves "
            f"an answer for {calibration.answered:.0%}, of which {calibration.right:.0%} are right."
        )
        st.caption("In Annotate, temperature and threshold are in place; the threshold can be moved.")
