"""The results of this browser, as a wall of moving previews."""

from datetime import UTC, datetime

import streamlit as st

from har.datasets import LabelledVideo
from har.labels import display_name
from har.results import ListedResult, list_results, playable_file
from har.settings import settings
from ui import visitor
from ui.annotate.names import given_name
from ui.formatting import format_duration
from ui.preview_wall import Cell, wall

_MAX_LABELS = 2  # named of each result


def show() -> None:
    """Show the results below a heading; nothing if there are none."""
    results = list_results(visitor.known_owner())
    cells = [cell for result in results if (cell := _cell(result)) is not None]
    if not cells:
        return
    st.divider()
    st.header("Your results", anchor=False)
    st.caption(f"This browser remembers which are yours. They are deleted after {settings().job_hours:g} h.")
    wall(cells, key="results", on_open=_open)


def _cell(result: ListedResult) -> Cell | None:
    video = playable_file(result.folder)
    if video is None:
        return None
    age_sec = max(0.0, datetime.now(UTC).timestamp() - result.created)
    detail = f"{_labels(result.labels)} · {format_duration(age_sec)} ago"
    return Cell(LabelledVideo(video, ""), given_name(result.folder), detail)


def _labels(labels: tuple[str, ...]) -> str:
    if not labels:
        return "unsure"
    named = [display_name(label) for label in labels[:_MAX_LABELS]]
    more = [f"{len(labels) - _MAX_LABELS} more"] if len(labels) > _MAX_LABELS else []
    return ", ".join([*named, *more])


def _open(video: LabelledVideo) -> None:
    st.query_params.from_dict({"job": video.path.parent.name})
