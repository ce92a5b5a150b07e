"""Ground truth of a result's video: imported by the owner as a table, and compared with the annotation."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har import results
from har.errors import HarError
from har.exports import importable_suffixes
from har.results import Annotation, GroundTruthComparison
from har.timeline import EXAMPLE_TABLE, IOUS, MAX_TABLE_BYTES
from ui import uploads
from ui.annotate.names import stored_name
from ui.messages import label_name, plain, show_error

_METRICS = (
    "Frame accuracy: share of frames with the correct label; unsure is correct only where there is no action. Edit "
    "score: 100% minus the share of segments to insert, delete or replace to get the right order. F1: a segment counts "
    "as correct if it overlaps an actual one with the same label by at least the given share (intersection over "
    "union). After Lea et al., 2017."
)


def show_metrics(first: GroundTruthComparison | None, second: GroundTruthComparison | None = None) -> None:
    """The metrics of the annotation, and of a second classifier's, if there is ground truth."""
    if first is None:
        return
    st.subheader("Compared with ground truth", anchor=False, help=_METRICS)
    st.markdown(_table([first] if second is None else [first, second]))
    if first.notice:
        st.caption(plain(first.notice))
    for whose, one in (("the classifier", first), ("the second classifier", second)):
        if one is not None and one.unknown:
            names = ", ".join(label_name(label) for label in one.unknown)
            rest = "" if one.metrics is not None else " So there are no metrics."
            st.caption(f"Not among the labels of {whose}, so always wrong: {names}.{rest}")


def _table(columns: list[GroundTruthComparison]) -> str:
    """A row for each metric, a column for each classifier."""
    heads = ["First", "Second"] if len(columns) > 1 else ["Score"]
    names = ["Frame accuracy", "Edit score (order)", *(f"F1 at {iou:.0%} overlap" for iou in IOUS)]
    values = [
        (column.metrics.frame_accuracy, column.metrics.edit_score, *column.metrics.f1) if column.metrics else None
        for column in columns
    ]
    if not any(values):
        return ""
    lines = [["Metric", *heads], [":--", *("--:" for _ in heads)]]
    for row, name in enumerate(names):
        lines.append([name, *(f"{column[row]:.0%}" if column else "–" for column in values)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def box(stored: Annotation, found: GroundTruthComparison | None) -> None:
    """Let the owner import a table, or remove it; a sample has its own ground truth."""
    if stored.ground_truth is None and found is not None:
        return
    with st.expander("Import ground truth", icon=":material/fact_check:"):
        st.caption(
            "One row per action, in seconds: `start_sec,end_sec,label`. Anything else counts as no action. "
            "Captions (SRT, WebVTT) and the other files under ‘Download’ can be imported too."
        )
        st.download_button(
            "Example",
            EXAMPLE_TABLE,
            "ground-truth.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
            key="example",
        )
        count = st.session_state.get("truths", 0)
        table = st.file_uploader(
            "Table",
            type=[".csv", *importable_suffixes()],
            max_upload_size=uploads.limit_mb(MAX_TABLE_BYTES),
            key=f"truth-{count}",
        )
        if table is not None:
            _import(stored, table)
        if stored.ground_truth is None:
            return
        if st.button("Remove ground truth", icon=":material/delete:", width="stretch"):
            results.remove_ground_truth(stored.folder)
            st.rerun()


def _import(stored: Annotation, table: UploadedFile) -> None:
    try:
        data, info = uploads.read(table, MAX_TABLE_BYTES + 1), stored.info
        results.import_ground_truth(stored.folder, data, info.duration_sec, info, stored_name(stored.folder))
    except HarError as error:
        show_error(error)
        return
    uploads.release(table)
    st.session_state["truths"] = st.session_state.get("truths", 0) + 1  # a new, empty box
    st.rerun()
