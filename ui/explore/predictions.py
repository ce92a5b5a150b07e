"""Predictions: the test clips of a training, with what its classifier says about them."""

from collections import Counter

import streamlit as st

from har.datasets import Dataset, LabelledVideo
from har.evaluation import ClipPrediction, Evaluation
from har.labels import display_name
from har.runs import Run, list_runs
from ui import visitor
from ui.explore import samples
from ui.messages import label_name
from ui.preview_wall import Cell, wall

_OUTCOMES = {"wrong": "Wrong", "unsure": "Unsure", "right": "Right"}  # marks of cells, in this order
_SIGNS = {"wrong": "✗", "unsure": "?", "right": "✓"}


def show(dataset: Dataset, name: str) -> None:
    """Show the choice of a training, filters, and the wall."""
    runs = [
        run for run in list_runs(visitor.known_owner()) if run.plan.dataset == name and _evaluation(run) is not None
    ]
    if not runs:
        st.info(
            "Once you have trained on this data set, the clips that tested the classifier are shown here, with its "
            "predictions.",
            icon=":material/model_training:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        run = st.selectbox("Training", runs, format_func=lambda run: run.name, key="tested-run", width=420)
        evaluation = _evaluation(run)
        if evaluation is None:
            raise TypeError("expected a training with test clips")
        cells = _cells(evaluation, dataset)
        count = Counter(cell.mark for cell, _ in cells)
        wanted = st.pills(
            "Show",
            list(_OUTCOMES),
            selection_mode="multi",
            default=list(_OUTCOMES),
            format_func=lambda mark: f"{_OUTCOMES[mark]} {count[mark]}",
            key="tested-marks",
        )
    shown = [(cell, clip) for cell, clip in cells if cell.mark in wanted]
    if missing := len(evaluation.report.clips) - len(cells):
        st.caption(f"{missing} of {len(evaluation.report.clips)} test clips are no longer in the data set.")
    if not shown:
        st.info("No clip to show.", icon=":material/filter_alt_off:")
        return
    st.caption(
        "The clips that tested the classifier: their class, and below it the prediction. Click one to play it. Below a "
        f"confidence of {evaluation.calibration.threshold:.0%} the classifier is unsure."
    )
    labels = {cell.id: clip.label for cell, clip in shown}
    wall(
        [cell for cell, _ in shown],
        key=f"tested-{run.id}-{'-'.join(wanted)}",
        on_open=lambda video: _play(video, labels[Cell(video, "").id], dataset),
    )


def _evaluation(run: Run) -> Evaluation | None:
    return run.outcome.examination if run.outcome is not None else None


def _cells(evaluation: Evaluation, dataset: Dataset) -> list[tuple[Cell, ClipPrediction]]:
    """Cells of the test clips that are in the data set; errors first, then what is unsure, the most confident on top.

    Paths in an imported report are only compared with those of the data set.
    """
    videos = {str(video.path): video for video in dataset.videos}
    order = list(_OUTCOMES)
    cells = []
    for clip in evaluation.report.clips:
        if (video := videos.get(clip.path)) is not None:
            mark = _mark(clip, evaluation.calibration.threshold)
            answer = f"{_SIGNS[mark]} {label_name(clip.predicted)}, {clip.confidence:.0%}"
            cells.append((Cell(video, display_name(clip.label), answer, mark=mark), clip))
    return sorted(cells, key=lambda pair: (order.index(pair[0].mark), -pair[1].confidence, pair[1].path))


def _mark(clip: ClipPrediction, threshold: float) -> str:
    if clip.confidence < threshold:
        return "unsure"
    return "right" if clip.predicted == clip.label else "wrong"


def _play(video: LabelledVideo, label: str, dataset: Dataset) -> None:
    """Go to the clip's own page, by the address."""
    st.query_params.from_dict(
        {
            "dataset": st.query_params.get("dataset", dataset.name),
            "label": label,
            "clip": samples.name_of(video, dataset),
        }
    )
