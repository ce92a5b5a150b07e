"""The diagram of a network, from a summary that the worker computes once for all visitors."""

import streamlit as st

from har.errors import HarError
from har.jobs import Lane
from har.networks.summary import build_summary, cached_summary, summary_key
from har.plots import architecture_figure
from har.recipe import Recipe
from ui.jobs import shared_result
from ui.messages import show_error
from ui.theme import saved_as


def show(recipe: Recipe, label_count: int) -> None:
    """Show the network's layers, once the visitor opens the expander."""
    expander = st.expander("Network", icon=":material/account_tree:", key="drawing", on_change="rerun")
    if not expander.open:
        return
    key = (recipe.network, label_count, recipe.spec, recipe.options)
    with expander:
        try:
            summary = cached_summary(*key) or shared_result(
                f"count-{summary_key(*key)}",
                build_summary,
                *key,
                lane=Lane.TRAIN,
                start="Building the network to count its layers",
            )
        except HarError as error:
            show_error(error)
            return
        if summary is None:
            return
        st.caption(
            f"{summary.parameters:,} parameters, {summary.trainable_parameters:,} of them trainable; "
            f"{summary.macs:,} multiply-adds per clip."
        )
        st.plotly_chart(architecture_figure(summary), key="architecture", config=saved_as("network"))
