"""Facts: the numbers by which data sets are compared, counted in the data at hand."""

import csv
import io

import streamlit as st

from har.datasets import Dataset, scan
from har.datasets.facts import Facts
from har.datasets.facts import facts as facts_of
from har.errors import HarError
from har.plots import clips_figure, durations_figure
from har.settings import GIB, MIB
from ui.looking import begun, seen
from ui.messages import plain, show_error
from ui.theme import BARE

_AT_ONCE = 2000  # videos that are looked into without being asked
_MANY, _TALLEST = 20, 480  # classes from which on their chart scrolls; its pixels


def show(dataset: Dataset, name: str) -> None:
    """What is known without a look into the files, then what is found in them."""
    st.header(plain(dataset.title), anchor=False)
    st.caption(plain(dataset.licence))
    waiting = st.empty()
    begin = _asked(dataset, name)
    try:
        measured = seen(scan.measure, dataset, name, begin=begin)
    except HarError as error:
        show_error(error)
        measured = None
    known = measured if measured is not None and measured.videos else dataset
    with waiting.container():
        _table(known, looked_into=known is measured)
    counts, durations = st.columns(2, gap="large")
    with counts:
        st.markdown("**Clips of each class**")
        with st.container(height=_TALLEST if len(known.labels) > _MANY else "content", border=False):
            st.plotly_chart(clips_figure(known), config=BARE, key="clips")
    if known is measured:
        with durations:
            st.markdown("**How long they last**")
            st.plotly_chart(durations_figure(known), config=BARE, key="durations")
    _skipped(measured or dataset)


def _asked(dataset: Dataset, name: str) -> bool:
    """Whether to look into every file: at once where that is quick, else when the visitor wants it."""
    drawn = all(video.path.exists() for video in dataset.videos)
    if drawn and len(dataset.videos) <= _AT_ONCE:
        return True
    asked = f"look-{name}"
    if asked not in st.session_state and not begun(scan.measure, dataset, name):
        why = "" if drawn else " The clips that were not looked at yet are drawn first, which takes some minutes."
        help_text = f"For frames, sizes and durations.{why}"
        if st.button("Look into every file", icon=":material/search:", help=help_text):
            st.session_state[asked] = True
            st.rerun()
    return asked in st.session_state


def _table(dataset: Dataset, *, looked_into: bool) -> None:
    rows = _counted(dataset) | (_measured(facts_of(dataset)) if looked_into else {})
    st.table(rows, border="horizontal")
    if dataset.guessed_groups:
        st.caption("Groups are guessed from likeness.")
    st.download_button(
        "Take the table (CSV)",
        _csv(rows),
        "facts.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _csv(rows: dict[str, str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("what", "value"), *rows.items()])
    return text.getvalue()


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
        "all together": f"{_long(found.total_duration_sec)}, {_large(found.total_bytes)}",
    }


def _long(duration_sec: float) -> str:
    return f"{duration_sec / 3600:.1f} hours" if duration_sec >= 7200 else f"{duration_sec / 60:.1f} minutes"


def _large(size_bytes: int) -> str:
    return f"{size_bytes / GIB:.1f} GB" if size_bytes >= GIB else f"{size_bytes / MIB:.1f} MB"


def _of(share: float) -> str:
    return "" if share > 0.9995 else f" ({share:.0%} of the clips)"


def _skipped(dataset: Dataset) -> None:
    if not dataset.skipped:
        return
    count = len(dataset.skipped)
    with st.expander("1 file was left out" if count == 1 else f"{count:,} files were left out"):
        st.dataframe(
            {
                "file": [item.name for item in dataset.skipped],
                "reason": [item.reason for item in dataset.skipped],
            },
            hide_index=True,
        )
