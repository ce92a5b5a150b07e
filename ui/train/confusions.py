"""The clips behind a report: right and wrong, chosen in the confusion matrix, and played."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from har.datasets import LabelledVideo, ready
from har.datasets.previews import playable
from har.errors import HarError
from har.evaluation import ClipVerdict, Report
from har.plots import confusion_figure
from har.runs import Plan
from ui.dataset_cache import is_everybodys, opened_if_there
from ui.messages import plain, show_error
from ui.theme import saved_as

_MATRIX, _CELL, _CLIPS = "confusion", "confusion-cell", "confusion-clips"
Cell = tuple[str, str]  # true label, predicted label


@st.fragment
def show(report: Report, plan: Plan, *, shared: bool = False) -> None:
    """The matrix; the clips of one of its cells; one of them, playing.

    Args:
        report: what was said of each clip.
        plan: of the run.
        shared: whether somebody looks at it who did not make the run: clips that its owner brought are not for them.
    """
    st.subheader("What was taken for what", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.caption("Rows are what the clips show, columns what was said. Choose a cell for the clips behind it.")
        st.plotly_chart(
            confusion_figure(report),
            key=_MATRIX,
            on_select=_take_cell,
            selection_mode="points",
            config=saved_as("confusions"),
        )
    with right:
        cell = _chosen(_cells(report))
        if cell is not None:
            _clips([clip for clip in report.clips if (clip.label, clip.predicted) == cell], plan, shared)


def _cells(report: Report) -> list[Cell]:
    """Those that have clips: mistakes first, the most frequent ones on top."""
    counts: dict[Cell, int] = {}
    for clip in report.clips:
        counts[clip.label, clip.predicted] = counts.get((clip.label, clip.predicted), 0) + 1
    return sorted(counts, key=lambda cell: (cell[0] == cell[1], -counts[cell], cell))


def _take_cell() -> None:
    """A press in the matrix goes into the list beside it."""
    state: Any = st.session_state.get(_MATRIX)
    points = state.get("selection", {}).get("points", []) if state else []
    if points:
        st.session_state[_CELL] = _labels_of(points[0])


def _labels_of(point: dict[str, Any]) -> Cell:
    """The cell that a press in the chart means: the figure's own labels, not what it shows for them."""
    told = point.get("customdata")
    return (str(told[0]), str(told[1])) if isinstance(told, list | tuple) and len(told) >= 2 else ("", "")


def _chosen(cells: Sequence[Cell]) -> Cell | None:
    if st.session_state.get(_CELL) not in cells:
        st.session_state.pop(_CELL, None)
    return st.selectbox("Clips of", cells, format_func=_said, key=_CELL)


def _said(cell: Cell) -> str:
    return f"{cell[0]}, recognised" if cell[0] == cell[1] else f"{cell[0]}, taken for {cell[1]}"


def _clips(clips: Sequence[ClipVerdict], plan: Plan, shared: bool) -> None:
    rows = st.dataframe(
        {
            "clip": [Path(clip.path).name or f"clip {number}" for number, clip in enumerate(clips, start=1)],
            "recording": [clip.group or "not known" for clip in clips],
            "confidence": [clip.confidence for clip in clips],
        },
        column_config={"confidence": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        height=min(240, 36 * (len(clips) + 1)),
        key=f"{_CLIPS}-{st.session_state.get(_CELL)}",
    ).selection.rows
    if shared and not is_everybodys(plan.dataset):
        st.caption("Whoever trained this brought the clips. They are named here, but cannot be played.")
    elif rows and rows[0] < len(clips):
        _play(clips[rows[0]], plan)
    elif plan.dataset:
        st.caption("Choose one to play it.")
    else:
        st.caption("This run was imported. Its clips stayed where it was trained, so they cannot be played here.")


def _play(clip: ClipVerdict, plan: Plan) -> None:
    name = Path(clip.path).name
    video = find(clip, plan)
    if video is None:
        st.info(
            f"{plain(name)} is not on this server any more, or never was: it cannot be played.",
            icon=":material/videocam_off:",
        )
        return
    if not play(video):
        return
    of = f"recording {plain(video.group)}" if video.group else "a recording that is not known"
    said = f"taken for {plain(clip.predicted)}" if clip.predicted != clip.label else "recognised"
    st.caption(f"{plain(name)}, of {of}. {plain(clip.label)}, {said} with {clip.confidence:.0%}.")


def play(video: LabelledVideo) -> bool:
    """A clip of a data set, playing; False if that cannot be, which is said."""
    try:
        with st.spinner("Making a copy that every browser plays …"):
            ready([video])
            copy = playable(video).read_bytes()
    except HarError as error:
        show_error(error)
        return False
    st.video(copy, format="video/mp4", loop=True, autoplay=True, muted=True, width=400)
    return True


def find(clip: ClipVerdict, plan: Plan) -> LabelledVideo | None:
    """The clip's video, if it is in the data set that the run names.

    A run may have come as somebody's archive: the paths in it are looked for among the videos of a data set that
    anybody may open here, and never opened themselves.
    """
    dataset = opened_if_there(plan.dataset)
    if dataset is None:
        return None
    name = Path(clip.path).name
    videos = [video for video in dataset.videos if video.path.name == name and video.label == clip.label]
    same = [video for video in videos if str(video.path) == clip.path]
    found = same or (videos if len(videos) == 1 else [])
    video = found[0] if found else None
    return video if video is not None and (plan.dataset == "figures" or video.path.exists()) else None
