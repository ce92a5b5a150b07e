"""What the evaluation of a classifier says besides its accuracy: recall, motion, calibration."""

import streamlit as st

from har.evaluation import Calibration, Evaluation, Proportion
from har.plots import frame_order_figure, recall_figure, reliability_figure
from ui.theme import saved_as

_MANY_LABELS, _MAX_HEIGHT = 14, 480  # with more labels their chart scrolls; its pixels


def show(evaluation: Evaluation) -> None:
    """Show charts with a sentence on each."""
    recall, motion = st.columns(2, gap="large")
    with recall:
        st.subheader("Recall of each class", anchor=False)
        st.caption("The share of each class's test clips that are correct. The lines are 95% intervals.")
        tall = len(evaluation.report.labels) > _MANY_LABELS
        with st.container(height=_MAX_HEIGHT if tall else "content", border=False):
            st.plotly_chart(recall_figure(evaluation.report), key="recall", config=saved_as("recall"))
    with motion:
        st.subheader("Does it need motion?", anchor=False)
        st.plotly_chart(frame_order_figure(evaluation), key="orders", config=saved_as("orders"))
        st.write(describe_motion(evaluation))
    _calibration(evaluation)


def show_share(title: str, share: Proportion) -> None:
    """Show a share of clips with its 95% interval."""
    low, high = share.interval
    st.metric(title, f"{share.value:.0%}")
    st.caption(f"95% interval: {low:.0%} to {high:.0%} · {share.right} of {share.count} clips")


def describe_motion(evaluation: Evaluation) -> str:
    """Whether the network uses the order of frames, in a sentence."""
    share, shuffled = evaluation.report.share, evaluation.orders.get("shuffled")
    frozen = evaluation.orders.get("frozen")
    if shuffled is None:
        return "It was not tested with frames in another order."
    if share.interval[0] <= evaluation.report.baseline.value:
        return "It is not clearly better than the baseline, so this test says nothing."
    margin = f"within the margin of error of {share.count} clips"
    if frozen is not None and frozen.value >= share.interval[0]:
        return f"With one frame repeated, accuracy is {frozen.value:.0%}, {margin}: nothing shows that it uses motion."
    if shuffled.value >= share.interval[0]:
        return (
            f"With shuffled frames, accuracy is {shuffled.value:.0%}, {margin}: nothing shows that it uses their order."
        )
    return f"With shuffled frames, accuracy drops from {share.value:.0%} to {shuffled.value:.0%}: it uses their order."


def describe_calibration(calibration: Calibration) -> str:
    """What the temperature corrects, and whether it helped on test clips."""
    if calibration.temperature == 1:
        return "On validation clips its confidence matched its accuracy, so no temperature was needed."
    kind = "overconfident" if calibration.temperature > 1 else "underconfident"
    text = (
        f"On validation clips it was {kind}, so a temperature of {calibration.temperature:.2f} was fitted there. On "
        f"test clips that changed the expected calibration error (ECE) from {calibration.ece_before:.1%} to "
        f"{calibration.ece_after:.1%}."
    )
    if calibration.ece_after > calibration.ece_before:
        text += " That is worse: there are too few validation clips, or they differ too much from the test clips."
    return text


def _calibration(evaluation: Evaluation) -> None:
    calibration = evaluation.calibration
    st.subheader("Calibration", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        st.plotly_chart(reliability_figure(calibration), key="reliability", config=saved_as("reliability"))
    with right:
        st.write(describe_calibration(calibration))
        of_these = f", of which {calibration.right:.0%} are correct" if calibration.answered else ""
        st.write(
            f"Below a confidence of **{calibration.threshold:.0%}** the answer is 'unsure'. On validation clips, "
            f"{calibration.answered:.0%} then get an answer{of_these}."
        )
        if evaluation.novelty is not None:
            st.write(evaluation.novelty.describe())
        st.caption("Annotate applies temperature and threshold; you can change the threshold there.")
