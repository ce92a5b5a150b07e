"""The diagram of a network, from a summary that the worker computes once for all visitors."""

from typing import Any

import streamlit as st

from har.errors import HarError
from har.jobs import Lane
from har.networks.summary import NetworkSummary, build_summary, cached_summary, summary_key
from har.plots import architecture_figure
from har.recipe import Recipe
from ui.jobs import shared_result
from ui.messages import show_error
from ui.theme import saved_as


def find_summary(*key: Any) -> NetworkSummary | None:
    """The summary of a network, by what identifies it; None, and the job's progress, until there is one."""
    summary: NetworkSummary | None = cached_summary(*key) or shared_result(
        f"count-{summary_key(*key)}",
        build_summary,
        *key,
        lane=Lane.TRAIN,
        start="Building the network to count its layers",
    )
    return summary


def show(recipe: Recipe, label_count: int) -> None:
    """Show the network's layers, once the visitor opens the expander."""
    expander = st.expander("Network", icon=":material/account_tree:", key="drawing", on_change="rerun")
    if not expander.open:
        return
    key = (recipe.network, label_count, recipe.spec, recipe.options)
    with expander:
        try:
            summary = find_summary(*key)
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
