"""What truly happens in a result's video: a table that its owner brings, and how well the annotation meets it."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from har import results
from har.errors import HarError
from har.results import AgainstTruth, Annotation
from har.timeline import EXAMPLE, IOUS, MOST_BYTES
from ui import uploads
from ui.messages import plain, show_error

_MEANT = (
    "Frames right: of all frames. Unsure is wrong, but for where nothing happens. Order: 100 % minus how many labels "
    "would have to be put in, left out or replaced (edit score). Segments found: those that cover a true one of the "
    "same label by so much (F1 by intersection over union). After Lea et al., 2017."
)


def numbers(found: AgainstTruth | None, second: AgainstTruth | None = None) -> None:
    """How well the annotation meets the truth, where that is known; and how well a second classifier's does."""
    if found is None:
        return
    st.header("Against the truth", anchor=False, help=_MEANT)
    st.markdown(_table([found] if second is None else [found, second]))
    for of, one in (("", found), (" by the second classifier", second)):
        if one is not None and one.unknown:
            names = ", ".join(plain(label) for label in one.unknown)
            rest = "The rest is measured." if one.measures is not None else "So nothing can be measured."
            st.caption(f"Not among the labels that were looked for{of}, and so never right: {names}. {rest}")


def _table(columns: list[AgainstTruth]) -> str:
    """A row for each measure; with two classifiers a column for each."""
    heads = ["First", "Second"] if len(columns) > 1 else ["Reached"]
    names = ["Frames right", "Order (edit score)", *(f"Segments found (F1 at {iou:.0%})" for iou in IOUS)]
    told = [
        (found.measures.frame_accuracy, found.measures.edit_score, *found.measures.f1) if found.measures else None
        for found in columns
    ]
    if not any(told):
        return ""
    lines = [["Measure", *heads], [":--", *("--:" for _ in heads)]]
    for row, name in enumerate(names):
        lines.append([name, *(f"{column[row]:.1%}" if column else "–" for column in told)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def box(stored: Annotation, found: AgainstTruth | None) -> None:
    """Where the owner brings a table, or takes it away again. A sample's truth is known."""
    if stored.truth is None and found is not None:
        return
    with st.expander("Bring the truth (CSV)", icon=":material/fact_check:"):
        st.caption(
            "A row for each action, in seconds: `start_sec,end_sec,label`. Stretches without a row count as no action. "
            "The table of frames under ‘Take away’ fits too."
        )
        st.download_button(
            "An example", EXAMPLE, "truth.csv", "text/csv", on_click="ignore", icon=":material/download:", key="example"
        )
        times = st.session_state.get("truths", 0)
        table = st.file_uploader(
            "Table", type=["csv"], max_upload_size=uploads.box_mb(MOST_BYTES), key=f"truth-{times}"
        )
        if table is not None:
            _keep(stored, table)
        if stored.truth is not None and st.button("Remove the truth", icon=":material/delete:", width="stretch"):
            results.forget_truth(stored.folder)
            st.rerun()


def _keep(stored: Annotation, table: UploadedFile) -> None:
    try:
        results.keep_truth(stored.folder, table.read(MOST_BYTES + 1), stored.info.duration_sec)
    except HarError as error:
        show_error(error)
        return
    uploads.drop(table)
    st.session_state["truths"] = st.session_state.get("truths", 0) + 1  # an empty box
    st.rerun()
