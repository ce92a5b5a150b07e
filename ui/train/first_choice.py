"""The first choice on Train: a few networks, each with its purpose and estimated time, one of them recommended."""

from contextlib import suppress

import streamlit as st

from har import runs
from har.datasets import Dataset
from har.errors import HarError
from har.networks import NETWORKS
from har.recipe import default_network, default_preset, first_choices, recipe_for
from ui.pace import rough_duration


def choose(dataset: Dataset, chosen: Dataset | None) -> str:
    """The chosen network."""
    names = first_choices(dataset.name)
    recommended = default_network(dataset.name, len(chosen.videos) if chosen else None)
    if recommended not in names:
        names.insert(0, recommended)
    with st.container(key="how-to-train"):
        return st.radio(
            "How to train",
            names,
            index=names.index(recommended),
            format_func=lambda name: (
                _title(name, dataset.name) + (" :blue-badge[recommended]" if name == recommended else "")
            ),
            captions=[_describe(name, dataset.name, chosen) for name in names],
            key=f"first-choice-{dataset.name}-{recommended}",  # so that other data bring their own recommendation
            width="stretch",
        )


def _title(network: str, dataset: str) -> str:
    entry = NETWORKS[network]
    purpose = entry.presets[default_preset(network, dataset)].purpose
    return f"**{purpose}**: {entry.title}" if purpose else f"**{entry.title}**"


def _describe(network: str, dataset: str, chosen: Dataset | None) -> str:
    """Time and measured accuracy, and on another line what the network is."""
    entry, preset = NETWORKS[network], default_preset(network, dataset)
    facts = [entry.presets[preset].measured]
    if chosen is not None:
        with suppress(HarError):  # too large: the reason is shown once it is chosen
            facts.insert(0, rough_duration(runs.estimate(chosen, recipe_for(network, preset)).seconds))
    return f"{' · '.join(filter(None, facts))}  \n{entry.description}"
