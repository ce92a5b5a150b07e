"""The network, drawn: counted once by the worker, which has TensorFlow, and kept for everybody."""

import streamlit as st

from har.errors import HarError
from har.networks.summary import count_facts, facts_key, kept_facts
from har.plots import architecture_figure
from har.recipe import Recipe
from ui.messages import show_error
from ui.once import made
from ui.theme import saved_as


def network_drawn(recipe: Recipe, label_count: int) -> None:
    """The network's layers, drawn when somebody opens them."""
    drawing = st.expander("The network", icon=":material/account_tree:", key="drawing", on_change="rerun")
    if not drawing.open:
        return
    asked = (recipe.network, label_count, recipe.spec, recipe.options)
    with drawing:
        try:
            found = kept_facts(*asked) or made(
                f"count-{facts_key(*asked)}", count_facts, *asked, doing="Building it once, to count its layers"
            )
        except HarError as error:
            show_error(error)
            return
        if found is None:
            return
        st.caption(
            f"{found.parameters:,} parameters, of which {found.trainable_parameters:,} learn; "
            f"{found.macs:,} multiply-adds for a clip."
        )
        st.plotly_chart(architecture_figure(found), key="architecture", config=saved_as("network"))
