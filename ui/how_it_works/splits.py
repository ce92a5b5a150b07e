"""Why recordings are kept together in a split."""

import streamlit as st

from har.datasets import figures, splits
from har.datasets.splits import Split
from har.plots import split_figure
from ui import navigation
from ui.theme import BARE


def show() -> None:
    """Show the section."""
    st.header("Why recordings are kept together", anchor="split")
    kind = st.segmented_control(
        "Split", ["grouped", "random"], default="grouped", required=True, format_func=splits.KINDS.__getitem__
    )
    split = _split(kind)
    leaks, count = len(splits.leaked(split)), len(split.test)
    st.write(
        "Clips of one recording share the room, the clothes and the light. "
        + (
            f"Here clips were split at random: {leaks} of {count} test clips are from recordings that are also in "
            "training. A network can recognise the wallpaper, and its accuracy says little about new videos."
            if leaks
            else f"Here recordings were kept together: none of the {count} test clips is from a recording in training. "
            "So the accuracy shows how well it works for people and places it has not seen."
        )
    )
    st.plotly_chart(split_figure(split), key="how-split", config=BARE)
    with st.container(horizontal=True):
        if st.button("Explore the data", icon=":material/grid_view:"):
            st.switch_page(navigation.page("explore"))
        if st.button("Train on it", icon=":material/model_training:"):
            st.switch_page(navigation.page("train"))


@st.cache_data(max_entries=2, show_spinner=False)
def _split(kind: str) -> Split:
    return splits.split_dataset(figures.list_figures(), kind, seed=0)
