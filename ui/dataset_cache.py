"""Data sets, opened once for all visitors."""

import streamlit as st

from har.datasets import Dataset, figures, list_datasets, open_dataset
from har.datasets.sources import user
from har.errors import DatasetMissing, HarError
from har.settings import settings
from har.storage import quota


def opened(name: str) -> Dataset:
    """A data set by a name that a page offers; nothing is drawn or looked into.

    Raises:
        DatasetMissing, DatasetError: as `open_dataset`.
    """
    folder = user.folder_of(name) if name.startswith("own-") else settings().datasets / name
    quota.note_use(name)
    return _opened(name, folder.stat().st_mtime_ns if folder.exists() else 0)


def is_everybodys(name: str) -> bool:
    """Whether a data set of that name is here for all visitors."""
    return name in {entry.name for entry in list_datasets()}


def opened_if_there(name: str) -> Dataset | None:
    """A data set by a name that a run brings, if it is here: everybody's, or a visitor's own; never a path."""
    if not is_everybodys(name):
        try:
            if not user.folder_of(name).is_dir():
                return None
        except DatasetMissing:
            return None
    try:
        return opened(name)
    except HarError:  # gone, or nothing in it is left: what that means is told where a clip is asked for
        return None


@st.cache_resource(ttl=600, max_entries=8, show_spinner="Looking through the folder …")
def _opened(name: str, changed_ns: int) -> Dataset:
    dataset = open_dataset(name, draw=False)
    if name == "figures" and not all(video.path.exists() for video in dataset.videos):
        figures.drawer().begin()
    return dataset
