"""Statistics of a data set: what file names show, and what a scan of all files adds."""

import csv
import io
from collections import Counter

import streamlit as st

from har.datasets import Dataset, scan
from har.datasets.facts import Facts, compute_facts
from har.errors import HarError
from har.plots import clips_figure, durations_figure
from ui.dataset_cache import scan_started, scanned
from ui.explore import remarks
from ui.formatting import format_number, format_size
from ui.messages import plain, show_error
from ui.theme import BARE

_MAX_UNASKED = 2000  # videos that are scanned at once; of more, only when a visitor wants it
_MANY_LABELS, _MAX_HEIGHT = 20, 480  # with more classes their chart scrolls; its pixels


def show(dataset: Dataset, name: str) -> None:
    """Show what is known without opening the files, then what a scan finds in them."""
    st.header(plain(dataset.title), anchor=False)
    st.caption(plain(dataset.licence))
    table = st.empty()
    scan_result = None
    try:
        if _wants_scan(dataset, name):
            scan_result = scanned(scan.scan_dataset, dataset, name)
    except HarError as error:
        show_error(error)
    is_scanned = scan_result is not None and bool(scan_result.videos)
    best = scan_result if scan_result is not None and is_scanned else dataset
    with table.container():
        _show_table(best, compute_facts(best) if is_scanned else None)
    counts, durations = st.columns(2, gap="large")
    with counts:
        st.markdown("**Clips per class**")
        with st.container(height=_MAX_HEIGHT if len(best.labels) > _MANY_LABELS else "content", border=False):
            st.plotly_chart(clips_figure(best), config=BARE, key="clips")
    if is_scanned:
        with durations:
            st.markdown("**Durations**")
            st.plotly_chart(durations_figure(best), config=BARE, key="durations")
    best = scan_result or dataset
    remarks.show(best.skipped, best.notes)


def _wants_scan(dataset: Dataset, name: str) -> bool:
    """Whether to scan all files: at once where that is quick, otherwise when a visitor asks for it."""
    drawn = all(video.path.exists() for video in dataset.videos)
    requested = f"look-{name}"
    if drawn and len(dataset.videos) <= _MAX_UNASKED:
        return True
    if requested in st.session_state or scan_started(scan.scan_dataset, dataset, name):
        return True
    more = "" if drawn else " Clips that do not exist yet are drawn first, which takes a few minutes."
    if st.button("Scan all files", icon=":material/search:", help=f"Finds frames, sizes and durations.{more}"):
        st.session_state[requested] = True
        st.rerun()
    return False


def _show_table(dataset: Dataset, facts: Facts | None) -> None:
    rows = _count_rows(dataset) | (_scan_rows(facts) if facts else {})
    st.table(rows, border="horizontal")
    if dataset.guessed_groups:
        st.caption("Groups are guessed by similarity.")
    st.download_button(
        "Download the table (CSV)",
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


def _count_rows(dataset: Dataset) -> dict[str, str]:
    groups = {(video.label, video.group) for video in dataset.videos if video.group is not None}
    group_counts = Counter(label for label, _ in groups)
    counts = [group_counts[label] for label in dataset.labels]
    per_class = f"{min(counts)} to {max(counts)}" if min(counts) < max(counts) else f"{counts[0]}"
    return {
        "classes": f"{len(dataset.labels):,}",
        "clips": f"{len(dataset.videos):,}",
        "mean clips per class": f"{len(dataset.videos) / len(dataset.labels):.1f}",
        "groups (recordings)": f"{len(dataset.groups):,}" if dataset.groups else "unknown",
        "groups per class": per_class if dataset.groups else "unknown",
    }


def _scan_rows(facts: Facts) -> dict[str, str]:
    width, height = facts.size
    frames = "unknown" if facts.mean_frame_count is None else f"{facts.mean_frame_count:.1f}"
    return {
        "mean frames per clip": frames,
        "width × height": f"{width} × {height}" + _describe_share(facts.size_share),
        "frames per second": format_number(float(facts.fps), 4) + _describe_share(facts.fps_share),
        "mean duration": f"{facts.mean_duration_sec:.2f} s",
        "shortest and longest": f"{facts.min_duration_sec:.2f} s and {facts.max_duration_sec:.2f} s",
        "total": f"{_describe_total(facts.total_duration_sec)}, {format_size(facts.total_bytes)}",
    }


def _describe_total(duration_sec: float) -> str:
    return f"{duration_sec / 3600:.1f} hours" if duration_sec >= 7200 else f"{duration_sec / 60:.1f} minutes"


def _describe_share(share: float) -> str:
    return "" if share > 0.9995 else f" ({share:.0%} of the clips)"
