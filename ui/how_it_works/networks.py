"""Every network of the registry, drawn from its summary."""

import streamlit as st

from har.classifier import read_card
from har.errors import HarError
from har.explain import activations
from har.networks import NETWORKS, Network
from har.networks.summary import NetworkSummary
from har.plots import architecture_figure
from ui.messages import show_error
from ui.theme import saved_as
from ui.train.network_diagram import find_summary


def show() -> None:
    """Show the section."""
    st.header("The networks", anchor="networks")
    st.write(
        "Each bar is a layer: the wider, the more values it outputs. The number in it counts its weights; next to it "
        "is the shape of its output. Layers that look at single frames run once per frame."
    )
    name = st.segmented_control(
        "Network",
        list(NETWORKS),
        default=next(iter(NETWORKS)),
        required=True,
        format_func=lambda name: NETWORKS[name].title,
        key="drawn",
        wrap=True,
    )
    entry = NETWORKS[name]
    try:
        summary = _summary(entry)
    except HarError as error:
        show_error(error)
        return
    if summary is not None:
        frames, height, width, _ = summary.clip
        st.markdown(
            f"{entry.description} Clips of {frames} frames of {width}×{height} pixels over {entry.spec.span_sec:g} s; "
            f"{summary.parameters:,} parameters; {summary.macs:,} multiply-adds (MACs) per clip."
        )
        st.plotly_chart(architecture_figure(summary), key="how-network", config=saved_as(name))
    st.markdown(entry.citation)


def _summary(entry: Network) -> NetworkSummary | None:
    """That of a bundled classifier; for other networks, one that the worker computes once for all visitors."""
    for classifier in activations.DIAGRAM_CLASSIFIERS:
        if read_card(classifier).network == entry.name:
            return activations.bundled_summary(classifier)
    return find_summary(entry.name, entry.label_count, entry.spec, entry.default_options)
