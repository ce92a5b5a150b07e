"""Facts: the numbers by which data sets are compared, counted in the data at hand."""

import csv
import io

import streamlit as st

from har.datasets import Dataset, measuring
from har.datasets.facts import Facts
from har.datasets.facts import facts as facts_of
from har.errors import HarError
from har.plots import clips_figure, durations_figure
from pages.looking import seen
from pages.widgets import plain, show_error, start_app

_AT_ONCE = 2000  # videos that are looked into without being asked
_MANY, _TALLEST = 20, 480  # classes from which on their chart scrolls; its pixels


def show(dataset: Dataset, name: str) -> None:
    """What is known without a look into the files, then what is found in them."""
    st.subheader(plain(dataset.title), anchor=False)
    st.caption(plain(dataset.licence))
    waiting = st.empty()
    drawn = all(video.path.exists() for video in dataset.videos)
    begin = drawn and len(dataset.videos) <= _AT_ONCE
    if not begin:
        why = "" if drawn else " The clips that were not looked at yet are drawn first, which takes some minutes."
        begin = st.session_state.get(f"look-{name}", False) or st.button(
            "Look into every file", icon=":material/search:", help=f"For frames, sizes and durations.{why}"
        )
        st.session_state[f"look-{name}"] = begin
    try:
        measured = seen(measuring.measure, dataset, name, begin=begin)
    except HarError as error:
        show_error(error)
        measured = None
    with waiting.container():
        _table(dataset, measured)
    counts, durations = st.columns(2, gap="large")
    with counts:
        st.markdown("**Clips of each class**")
        with st.container(height=_TALLEST if len(dataset.labels) > _MANY else "content", border=False):
            st.plotly_chart(clips_figure(dataset), config={"displayModeBar": False}, key="clips")
    if measured is not None and measured.videos:
        with durations:
            st.markdown("**How long they last**")
            st.plotly_chart(durations_figure(measured), config={"displayModeBar": False}, key="durations")
    _skipped(measured or dataset)


def _table(dataset: Dataset, measured: Dataset | None) -> None:
    rows = _counted(dataset) | (_measured(facts_of(measured)) if measured is not None and measured.videos else {})
    st.table(rows, border="horizontal")
    if dataset.groups and measured is not None and measured.guessed_groups:
        st.caption("Groups are guessed from likeness.")
    text = io.StringIO()
    csv.writer(text).writerows([("what", "value"), *rows.items()])
    st.download_button(
        "Take the table (CSV)",
        text.getvalue(),
        "facts.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _counted(dataset: Dataset) -> dict[str, str]:
    """What names tell."""
    labels, clip_count = len(dataset.labels), len(dataset.videos)
    per_label: dict[str, set[str]] = {label: set() for label in dataset.labels}
    for video in dataset.videos:
        if video.group is not None:
            per_label[video.label].add(video.group)
    numbers = [len(groups) for groups in per_label.values()]
    groups = f"{min(numbers)} to {max(numbers)}" if min(numbers) < max(numbers) else f"{numbers[0]}"
    return {
        "classes": f"{labels:,}",
        "clips": f"{clip_count:,}",
        "clips per class, on average": f"{clip_count / labels:.1f}",
        "groups (recordings)": f"{len(dataset.groups):,}" if dataset.groups else "not known",
        "groups per class": groups if dataset.groups else "not known",
    }


def _measured(found: Facts) -> dict[str, str]:
    """What a look into every file told."""
    width, height = found.size
    frames = "not told" if found.mean_frame_count is None else f"{found.mean_frame_count:.1f}"
    return {
        "frames per clip, on average": frames,
        "width × height": f"{width} × {height}" + _of(found.size_share),
        "frames a second": f"{float(found.fps):.4g}" + _of(found.fps_share),
        "duration, on average": f"{found.mean_duration_sec:.2f} s",
        "shortest and longest": f"{found.min_duration_sec:.2f} s and {found.max_duration_sec:.2f} s",
        "all together": f"{found.total_duration_sec / 60:.1f} minutes, {found.total_bytes / 1e6:.0f} MB",
    }


def _of(share: float) -> str:
    return "" if share > 0.9995 else f" ({share:.0%} of the clips)"


def _skipped(dataset: Dataset) -> None:
    if not dataset.skipped:
        return
    with st.expander(f"{len(dataset.skipped)} files were left out"):
        st.dataframe(
            {
                "file": [item.name for item in dataset.skipped],
                "reason": [item.reason for item in dataset.skipped],
            },
            hide_index=True,
        )


if __name__ == "__main__":
    start_app()
