"""Data sets, opened and scanned once for all visitors."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from har.datasets import Dataset, LabelledVideo, ensure_drawn, figures, list_datasets, open_dataset, user_sets
from har.datasets.previews import playable_copy
from har.datasets.splits import Split, split_dataset
from har.errors import DatasetMissing, HarError
from har.jobs import JobState, Lane
from har.settings import settings
from har.storage import quota
from ui.jobs import shared_result, shared_status

Scan = Callable[..., Dataset]  # of `har.datasets.scan`


def opened(name: str) -> Dataset:
    """A data set that a page offers, by name; its videos are neither drawn nor read.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`.
    """
    folder = user_sets.dataset_folder(name) if name.startswith("own-") else settings().datasets / name
    quota.mark_shown(name)
    return _opened(name, folder.stat().st_mtime_ns if folder.exists() else 0)


def is_everybodys(name: str) -> bool:
    """Whether all visitors may open a data set."""
    return name in {entry.name for entry in list_datasets()}


def is_own_set(name: str) -> bool:
    """Whether this is the name of a visitor's data set that exists."""
    try:
        return user_sets.dataset_folder(name).is_dir()
    except DatasetMissing:
        return False


def opened_if_there(name: str) -> Dataset | None:
    """The data set that a run names, or None. A name never leads to a path outside the data sets."""
    if not is_everybodys(name) and not is_own_set(name):
        return None
    try:
        return opened(name)
    except HarError:  # deleted or empty: reported where a clip is requested
        return None


def fingerprint(dataset: Dataset) -> int:
    """A number, for keys, that changes when clips are added, deleted or grouped otherwise; in this process only."""
    return hash(tuple((video.path, video.group) for video in dataset.videos))


def cached_split(dataset: Dataset, kind: str, seed: int, validation: float, test: float) -> Split:
    """The same as `split_dataset`, made once."""
    key = (dataset.name, fingerprint(dataset), dataset.labels, dataset.guessed_groups)
    return _split(dataset, key, kind, seed, validation, test)


@st.cache_resource(max_entries=96, show_spinner="Splitting…")
def _split(
    _dataset: Dataset, key: tuple[object, ...], kind: str, seed: int, validation: float, test: float
) -> Split:  # by the key, as hashing the data set would take too long
    return split_dataset(_dataset, kind, seed, validation, test)


@st.cache_resource(ttl=600, max_entries=8, show_spinner="Reading the folder…")
def _opened(name: str, changed_ns: int) -> Dataset:
    dataset = open_dataset(name, draw=False)
    if name == "figures" and not all(video.path.exists() for video in dataset.videos):
        figures.drawing_process().start()
    return dataset


def play(video: LabelledVideo, width: int | Literal["stretch"] = "stretch") -> None:
    """Show a clip, over and over, as a copy that every browser can play.

    Raises:
        HarError: it cannot be read.
    """
    with st.spinner("Converting the clip…"):
        ensure_drawn([video])
        copy = playable_copy(video).read_bytes()
    st.video(copy, format="video/mp4", loop=True, autoplay=True, muted=True, width=width)


def scanned(scan: Scan, dataset: Dataset, name: str) -> Dataset | None:
    """The result of a scan of all files; None, and its progress on the page, until it is there.

    Raises:
        JobError: as `shared_result`.
    """
    result: Dataset | None = shared_result(_key(scan, dataset, name), scan, name, lane=Lane.DATA)
    return result


def scan_started(scan: Scan, dataset: Dataset, name: str) -> bool:
    """Whether any visitor has started a scan that was not cancelled."""
    status = shared_status(_key(scan, dataset, name))
    return status is not None and status.state is not JobState.STOPPED


def _key(scan: Scan, dataset: Dataset, name: str) -> str:
    return f"{scan.__name__} {name} {fingerprint(dataset)}"
