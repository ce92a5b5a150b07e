"""Explore: data sets, and the views of the chosen one. The address names data set, view, class and clip."""

import streamlit as st

from har.errors import HarError
from ui import navigation
from ui.dataset_cache import opened
from ui.explore import chooser, facts, model_input, predictions, samples, sources, split
from ui.messages import show_error
from ui.navigation import start_app

_VIEWS = {  # by their names in the address
    "samples": ("Samples", samples.show),
    "facts": ("Statistics", facts.show),
    "sight": ("Model input", model_input.show),
    "split": ("Split", split.show),
    "tested": ("Predictions", predictions.show),
}


def main() -> None:
    """Draw the screen."""
    st.title("Explore action data", anchor=False)
    titles = chooser.dataset_titles()
    name, view = chooser.show(titles, {name: title for name, (title, _) in _VIEWS.items()})
    if view == chooser.GET_DATA:
        sources.show()
    elif name not in titles:
        chooser.show_missing(name)
    else:
        try:
            dataset = opened(name)
        except HarError as error:
            show_error(error)
            return
        with st.container(key=f"explore-{view}"):
            _VIEWS[view][1](dataset, name)
        st.divider()
        if st.button("Train on this data set", icon=":material/model_training:"):
            st.switch_page(navigation.page("train"), query_params={"dataset": name})


if __name__ == "__main__":
    start_app()
