"""The confusion matrix, and the clips behind each of its cells."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from har.datasets import LabelledVideo
from har.errors import HarError
from har.evaluation import ClipPrediction, Report
from har.labels import display_name
from har.plots import confusion_figure
from har.runs import Plan
from ui.dataset_cache import is_everybodys, opened_if_there, play
from ui.messages import label_name, plain, show_error
from ui.tables import table
from ui.theme import saved_as

_MATRIX, _CELL, _CLIPS = "confusion", "confusion-cell", "confusion-clips"
Cell = tuple[str, str]  # actual label, predicted label


@st.fragment
def show(report: Report, plan: Plan, *, shared: bool = False) -> None:
    """Show the matrix, the clips of the chosen cell, and the chosen clip; if shared, no uploaded one is played."""
    st.subheader("Confusion matrix", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.caption("Rows are actual classes, columns predicted ones. Click a cell to see its clips.")
        st.plotly_chart(
            confusion_figure(report),
            key=_MATRIX,
            on_select=_select_cell,
            selection_mode="points",
            config=saved_as("confusions"),
        )
    with right:
        cell = _choose_cell(_cells(report))
        if cell is not None:
            _show_clips([clip for clip in report.clips if (clip.label, clip.predicted) == cell], plan, shared)


def _cells(report: Report) -> list[Cell]:
    """Cells with clips: errors first, the most frequent on top."""
    counts = Counter((clip.label, clip.predicted) for clip in report.clips)
    return sorted(counts, key=lambda cell: (cell[0] == cell[1], -counts[cell], cell))


def _select_cell() -> None:
    """A click in the matrix selects the cell in the list next to it."""
    state: Any = st.session_state.get(_MATRIX)
    points = state.get("selection", {}).get("points", []) if state else []
    if points:
        data = points[0].get("customdata")
        st.session_state[_CELL] = (str(data[0]), str(data[1])) if isinstance(data, list) and len(data) > 1 else None


def _choose_cell(cells: Sequence[Cell]) -> Cell | None:
    if st.session_state.get(_CELL) not in cells:
        st.session_state.pop(_CELL, None)
    return st.selectbox("Clips", cells, format_func=_cell_title, key=_CELL)


def _cell_title(cell: Cell) -> str:
    actual, predicted = map(display_name, cell)
    return f"{actual}, correct" if actual == predicted else f"{actual}, predicted {predicted}"


def _show_clips(clips: Sequence[ClipPrediction], plan: Plan, shared: bool) -> None:
    rows = table(
        {
            "clip": [Path(clip.path).name or f"clip {number}" for number, clip in enumerate(clips, start=1)],
            "recording": [clip.group or "unknown" for clip in clips],
            "confidence": [clip.confidence for clip in clips],
        },
        column_config={"confidence": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
        on_select="rerun",
        selection_mode="single-row",
        height=min(240, 36 * (len(clips) + 1)),
        key=f"{_CLIPS}-{st.session_state.get(_CELL)}",
    ).selection.rows
    if shared and not is_everybodys(plan.dataset):
        st.caption("These clips were uploaded by the owner of the run and cannot be played here.")
    elif rows and rows[0] < len(clips):
        _play(clips[rows[0]], plan)
    elif plan.dataset:
        st.caption("Select a clip to play it.")
    else:
        st.caption("This run was imported. Its clips are not on this server and cannot be played.")


def _play(clip: ClipPrediction, plan: Plan) -> None:
    name = plain(Path(clip.path).name)
    video = find_video(clip, plan)
    if video is None:
        st.info(f"{name} is not on this server, so it cannot be played.", icon=":material/videocam_off:")
        return
    try:
        play(video, 400)
    except HarError as error:
        show_error(error)
        return
    recording = f"recording {plain(video.group)}" if video.group else "unknown recording"
    st.caption(
        f"{name}, {recording}. Actual: {label_name(clip.label)}. Predicted: {label_name(clip.predicted)}, "
        f"{clip.confidence:.0%} confidence."
    )


def find_video(clip: ClipPrediction, plan: Plan) -> LabelledVideo | None:
    """The clip's video in the run's data set, or None.

    A run may be an imported archive from a stranger. Paths in it are only compared with the videos of a data set that
    any visitor may open, and never opened themselves.
    """
    dataset = opened_if_there(plan.dataset)
    if dataset is None:
        return None
    name = Path(clip.path).name
    videos = [video for video in dataset.videos if video.path.name == name and video.label == clip.label]
    exact = [video for video in videos if str(video.path) == clip.path]
    video = exact[0] if exact else videos[0] if len(videos) == 1 else None
    return video if video is not None and (plan.dataset == "figures" or video.path.exists()) else None
