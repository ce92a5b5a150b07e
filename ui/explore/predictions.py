"""Predictions: clips that a classifier has not seen, with what it predicts for them."""

from collections import Counter

import streamlit as st

from har.classifier import Card, list_cards
from har.datasets import Dataset, LabelledVideo
from har.errors import DatasetError, HarError
from har.evaluation import ClipPrediction, Report, canonical_labels, evaluate_by_name
from har.jobs import JobState, Lane
from har.labels import display_name
from har.runs import Run, list_runs
from har.timeline import TimelineOptions
from ui import visitor
from ui.dataset_cache import fingerprint
from ui.explore import samples
from ui.formatting import format_count
from ui.jobs import shared_result, shared_status
from ui.messages import show_error
from ui.preview_wall import Cell, wall

_OUTCOMES = {"wrong": "Wrong", "unsure": "Unsure", "right": "Right"}  # marks of cells, in this order
_SIGNS = {"wrong": "✗", "unsure": "?", "right": "✓"}


def show(dataset: Dataset, name: str) -> None:
    """Show the choice of a classifier, filters, and the wall."""
    classifiers = _classifiers(dataset, name)
    if not classifiers:
        st.info(
            "Once you have trained on this data set, the clips that tested the classifier are shown here, with its "
            "predictions.",
            icon=":material/model_training:",
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = st.selectbox(
            "Classifier",
            list(classifiers),
            format_func=lambda key: _title(classifiers[key]),
            key=f"tested-classifier-{name}-{next(iter(classifiers))}",  # another box once the visitor's runs are known
            persist_state="page",  # while a clip is open
            width=420,
        )
        filters = st.container()
    report, threshold = _found(classifiers[chosen], dataset, name)
    if report is None:
        return
    cells = _cells(report, threshold, dataset)
    count = Counter(cell.mark for cell, _ in cells)
    wanted = filters.pills(
        "Show",
        list(_OUTCOMES),
        selection_mode="multi",
        default=list(_OUTCOMES),
        format_func=lambda mark: f"{_OUTCOMES[mark]} {count[mark]}",
        key="tested-marks",
        persist_state="page",
    )
    shown = [(cell, clip) for cell, clip in cells if cell.mark in wanted]
    if missing := len(report.clips) - len(cells):
        st.caption(f"{missing} of {len(report.clips)} test clips are no longer in the data set.")
    if not shown:
        st.info("No clip to show.", icon=":material/filter_alt_off:")
        return
    st.caption(
        "Clips that the classifier has not seen: their class, and under it the prediction. Click one to play it. Below "
        f"a confidence of {threshold:.0%} the classifier is unsure."
    )
    wall(
        [cell for cell, _ in shown],
        key=f"tested-{chosen}-{'-'.join(wanted)}",
        on_open=lambda video: _play(video, dataset),
    )


def _classifiers(dataset: Dataset, name: str) -> dict[str, Run | Card]:
    """The visitor's trainings that were tested on this data set, and bundled classifiers that can be."""
    runs = [run for run in list_runs(visitor.known_owner()) if run.plan.dataset == name]
    tested = {run.id: run for run in runs if run.outcome is not None and run.outcome.examination is not None}
    return tested | {card.name: card for card in list_cards() if _can_test(card, dataset)}


def _can_test(card: Card, dataset: Dataset) -> bool:
    try:
        canonical_labels(card, dataset)
    except DatasetError:
        return False
    return bool(_count_unseen(card, dataset))


def _count_unseen(card: Card, dataset: Dataset) -> int:
    """By name, without reading files; the evaluation itself compares contents."""
    seen = {video.path for video in card.data.seen}
    return sum(f"{video.path.parent.name}/{video.path.name}" not in seen for video in dataset.videos)


def _title(classifier: Run | Card) -> str:
    return f"Yours: {classifier.name}" if isinstance(classifier, Run) else classifier.title


def _found(classifier: Run | Card, dataset: Dataset, name: str) -> tuple[Report | None, float]:
    """A classifier's predictions, and the confidence below which it is unsure; None until they have been computed."""
    if isinstance(classifier, Run):
        evaluation = classifier.outcome.examination if classifier.outcome is not None else None
        if evaluation is None:
            raise TypeError("expected a training with test clips")
        return evaluation.report, evaluation.calibration.threshold
    threshold = TimelineOptions().threshold if classifier.threshold is None else classifier.threshold
    key = f"predictions {classifier.name} {name} {fingerprint(dataset)}"
    status = shared_status(key)
    is_started = status is not None and status.state is not JobState.STOPPED
    offer = st.empty()
    if not is_started:
        clips = format_count(_count_unseen(classifier, dataset), "clip")
        with offer.container():
            st.write(f"Not used to train this classifier: {clips} of this data set. See what it predicts for them.")
            if not st.button(f"Predict {clips}", type="primary", icon=":material/play_arrow:", key=f"predict-{key}"):
                return None, threshold
    try:
        report = shared_result(
            key,
            evaluate_by_name,
            classifier.name,
            name,
            lane=Lane.DATA,  # most of the time goes into reading clips, and annotating should not wait for it
            resume=not is_started,
        )
        offer.empty()
        return report, threshold
    except HarError as error:
        show_error(error)
        return None, threshold


def _cells(report: Report, threshold: float, dataset: Dataset) -> list[tuple[Cell, ClipPrediction]]:
    """Cells of the test clips that are in the data set; confident errors first, confident right answers last.

    Paths in an imported report are only compared with those of the data set.
    """
    videos = {str(video.path): video for video in dataset.videos}
    order = list(_OUTCOMES)
    cells = []
    for clip in report.clips:
        if (video := videos.get(clip.path)) is not None:
            mark = _mark(clip, threshold)
            answer = f"{_SIGNS[mark]} {display_name(clip.predicted)}, {clip.confidence:.0%}"
            cells.append((Cell(video, display_name(clip.label), answer, mark=mark), clip))

    def place(pair: tuple[Cell, ClipPrediction]) -> tuple[int, float, str]:
        cell, clip = pair
        return order.index(cell.mark), clip.confidence if cell.mark == "right" else -clip.confidence, clip.path

    return sorted(cells, key=place)


def _mark(clip: ClipPrediction, threshold: float) -> str:
    if clip.confidence < threshold:
        return "unsure"
    return "right" if clip.predicted == clip.label else "wrong"


def _play(video: LabelledVideo, dataset: Dataset) -> None:
    st.query_params.from_dict(
        {
            "dataset": st.query_params.get("dataset", dataset.name),
            "label": video.label,
            "clip": samples.name_of(video, dataset),
        }
    )
