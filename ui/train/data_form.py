"""The part of the form about data: which data set, which classes."""

from collections.abc import Mapping
from contextlib import suppress

import streamlit as st

from har.datasets import Dataset, list_datasets, user_sets
from har.datasets.sources import SOURCES
from har.errors import HarError
from har.labels import display_name
from har.runs import list_runs
from ui.dataset_cache import is_own_set, opened
from ui.explore import sources
from ui.messages import show_error

_FIRST = 4  # classes selected by default, where no source has a preset


def choose_dataset(owner: str) -> tuple[str, Dataset | None]:
    """The chosen name and its data set; None, and the reason on the page, if it cannot be opened."""
    titles = _titles(owner)
    requested = st.query_params.get("dataset", "")
    name = st.selectbox(
        "Data set",
        list(titles),
        index=list(titles).index(requested) if requested in titles else 0,
        format_func=titles.__getitem__,
        key=f"train-dataset-{requested if requested in titles else ''}",  # clips that are added become the choice
        help="Explore shows the clips. You can also download data sets there.",
    )
    try:
        return name, opened(name)
    except HarError as error:
        show_error(error)
        return name, None


def add_clips(dataset: Dataset | None) -> None:
    """Show the boxes for the visitor's own clips, which Explore has, too.

    Args:
        dataset: that is chosen; the boxes are open while it has too few labels, and after clips were added.
    """
    own = st.query_params.get("dataset", "").startswith(user_sets.PREFIX)
    adding = own and (dataset is None or len(dataset.labels) < 2 or sources.JOB in st.query_params)
    with st.expander("Add clips of your own", icon=":material/video_library:", expanded=adding):
        sources.show_own()


def _titles(owner: str) -> Mapping[str, str]:
    """Of the public data sets, the one in the address, and the visitor's own, also those of their runs."""
    titles = {entry.name: entry.title for entry in list_datasets()}
    runs = (run.plan.dataset for run in list_runs(owner))
    names = [st.query_params.get("dataset", ""), *user_sets.sets_of(owner), *runs]
    for name in dict.fromkeys(names):
        with suppress(HarError):  # it is empty
            if is_own_set(name):
                titles[name] = opened(name).title
    return titles


def choose_labels(dataset: Dataset, name: str) -> tuple[str, ...]:
    """The chosen classes, in the data set's order."""
    title, few = _preset(dataset)
    version, preset = st.session_state.get(f"preset-{name}", (0, few))
    labels = st.multiselect(
        "Classes",
        dataset.labels,
        default=[label for label in preset if label in dataset.labels],
        format_func=display_name,
        placeholder="Choose at least two",
        wrap=True,
        key=f"classes-{name}-{version}",
    )
    presets = {
        title: few,
        f"All {len(dataset.labels)}": dataset.labels,
        "None": (),
    }
    with st.container(horizontal=True, gap="medium"):
        for title, preset in presets.items():
            if st.button(title, type="tertiary", key=f"{title}-{name}"):
                st.session_state[f"preset-{name}"] = (version + 1, preset)  # a new widget has a new default
                st.rerun()
    return tuple(label for label in dataset.labels if label in labels)


def _preset(dataset: Dataset) -> tuple[str, tuple[str, ...]]:
    """Title and labels of the first preset of any source that this data set has all labels of."""
    for source in SOURCES.values():
        for preset in source.presets.values():
            if preset.labels and set(preset.labels) <= set(dataset.labels):
                return preset.title, tuple(preset.labels)
    return f"First {min(_FIRST, len(dataset.labels))}", dataset.labels[:_FIRST]
