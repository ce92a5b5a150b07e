"""Which data set and which view of it: both are in the address."""

from collections.abc import Mapping

import streamlit as st

from har.datasets import list_datasets, user_sets
from har.settings import settings
from har.storage import owners
from ui import visitor
from ui.dataset_cache import is_own_set
from ui.messages import plain

GET_DATA = "get-data"  # the view that needs no data set
_DEFAULT_DATASET = "figures"


def dataset_titles() -> dict[str, str]:
    """Titles of the data sets that this address may open, by name: the public ones, and the one in the address."""
    titles = {entry.name: entry.title for entry in list_datasets()}
    if name := own_dataset():
        titles[name] = "Your own clips" if is_mine(name) else "Another visitor's clips"
    return titles


def is_mine(name: str) -> bool:
    """Whether a visitor's data set belongs to this visitor, who alone may add to it."""
    return owners.owner_of(user_sets.dataset_folder(name)) == visitor.visitor().id


def own_dataset() -> str | None:
    """The visitors' data set that the address names, if it exists."""
    name = st.query_params.get("dataset", "")
    return name if is_own_set(name) else None


def show(titles: Mapping[str, str], views: Mapping[str, str]) -> tuple[str, str]:
    """Show both choices, which go into the address before the page runs again.

    Returns:
        The names of the data set, which may not exist, and of the view.
    """
    name = st.query_params.get("dataset", _DEFAULT_DATASET)
    views = {**views, GET_DATA: "Get data"}
    default = next(iter(views))
    view = st.query_params.get("view", default)
    view = view if view in views else default
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            "Data set",
            list(titles),
            index=list(titles).index(name) if name in titles else None,
            placeholder="Choose one",
            format_func=titles.__getitem__,
            key=f"dataset-{name}-{name in titles}",  # another box once an upload has become a data set
            on_change=_open_dataset,
            args=(f"dataset-{name}-{name in titles}", view if view not in (default, GET_DATA) else None),
            width=420,
        )
        st.segmented_control(
            "View",
            list(views),
            default=view,
            format_func=views.__getitem__,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            key=f"view-{view}",
            on_change=_open_view,
            args=(f"view-{view}", default),
        )
    return name, view


def show_missing(name: str) -> None:
    """Show that the address names no data set, and where to go instead."""
    st.warning(
        f"There is no data set {plain(name[:60])} here. Uploaded clips are deleted {settings().job_hours:g} hours "
        "after the last change.",
        icon=":material/search_off:",
    )
    with st.container(horizontal=True):
        if st.button("Open Figures", type="primary", icon=":material/grid_view:"):
            st.query_params.from_dict({"dataset": _DEFAULT_DATASET})
            st.rerun()
        if st.button("Get data", icon=":material/download:"):
            st.query_params.from_dict({"view": GET_DATA})
            st.rerun()


def _open_dataset(key: str, view: str | None) -> None:
    st.query_params.from_dict({"dataset": st.session_state[key]} | ({"view": view} if view else {}))


def _open_view(key: str, default: str) -> None:
    view = st.session_state[key]
    if view == default:
        st.query_params.pop("view", None)
    else:
        st.query_params["view"] = view
