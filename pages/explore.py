"""Explore: look at labelled videos before anything is learnt from them."""

from collections.abc import Callable, Mapping

import streamlit as st

from har.datasets import Dataset, list_datasets
from har.datasets.sources import user
from har.errors import DatasetMissing, HarError
from har.settings import settings
from ui import navigation
from ui.dataset_cache import opened
from ui.explore import facts, model_input, samples, sources, split
from ui.messages import plain, show_error
from ui.navigation import start_app

_VIEWS: dict[str, tuple[str, Callable[[Dataset, str], None]]] = {
    "samples": ("Samples", samples.show),
    "facts": ("Facts", facts.show),
    "sight": ("What a network sees", model_input.show),
    "split": ("Split", split.show),
}
_GET = "get-data"


def main() -> None:
    """The address says which data set, which view, and what is open in it."""
    st.title("Explore action data", anchor=False)
    known = _known()
    name = st.query_params.get("dataset", "figures")
    view = st.query_params.get("view", "samples")
    view = view if view in (*_VIEWS, _GET) else "samples"
    _choose(known, name, view)
    if view == _GET:
        sources.show()
    elif name not in known:
        _nothing(name)
    else:
        try:
            dataset = opened(name)
        except HarError as error:
            show_error(error)
            return
        _VIEWS[view][1](dataset, name)
        st.divider()
        if st.button("Train a network on these", icon=":material/model_training:"):
            st.switch_page(navigation.page("train"), query_params={"dataset": name})


def _choose(known: Mapping[str, str], name: str, view: str) -> None:
    """Which data set, and what of it; a choice goes into the address, before the page runs again."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.selectbox(
            "Data set",
            list(known),
            index=list(known).index(name) if name in known else None,
            placeholder="Choose one",
            format_func=lambda name: known[name],
            key=f"dataset-{name}",
            on_change=_go_to_dataset,
            args=(f"dataset-{name}",),
            width=420,
        )
        st.segmented_control(
            "View",
            [*_VIEWS, _GET],
            default=view,
            format_func=lambda view: "Get data" if view == _GET else _VIEWS[view][0],
            required=True,
            wrap=True,
            label_visibility="collapsed",
            key=f"view-{view}",
            on_change=_go_to_view,
            args=(f"view-{view}",),
        )


def _nothing(name: str) -> None:
    """Under an address that leads nowhere: why, and the ways on."""
    st.warning(
        f"There is no data set {plain(name[:60])} here. "
        f"Clips of one's own are kept for {settings().job_hours:g} hours after the last change.",
        icon=":material/search_off:",
    )
    with st.container(horizontal=True):
        if st.button("Look at Figures", type="primary", icon=":material/grid_view:"):
            st.query_params.from_dict({"dataset": "figures"})
            st.rerun()
        if st.button("Get data", icon=":material/download:"):
            st.query_params.from_dict({"view": _GET})
            st.rerun()


def _known() -> dict[str, str]:
    """Titles of the data sets that may be opened from an address: everybody's, and one's own."""
    known = {entry.name: entry.title for entry in list_datasets()}
    name = st.query_params.get("dataset", "")
    try:
        if user.folder_of(name).is_dir():
            known[name] = "Your own clips"
    except DatasetMissing:
        pass
    return known


def _go_to_dataset(key: str) -> None:
    view = st.query_params.get("view")
    st.query_params.from_dict({"dataset": st.session_state[key]} | ({"view": view} if view in _VIEWS else {}))


def _go_to_view(key: str) -> None:
    view = st.session_state[key]
    st.query_params["view"] = view
    if view == "samples":
        del st.query_params["view"]


if __name__ == "__main__":
    start_app()
