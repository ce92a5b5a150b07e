"""The part of the form about the recipe: network, preset, split, and advanced options."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from har.datasets import Dataset, splits
from har.datasets.sources import SOURCES
from har.errors import HarError
from har.networks import NETWORKS
from har.networks.network import OWN
from har.recipe import Recipe, default_network, default_preset, recipe_for
from ui.messages import show_error


def describe_curves(recipe: Recipe) -> str:
    """A sentence on the training curves, where they are not those of the whole network."""
    options = NETWORKS[recipe.network].options if recipe.network in NETWORKS else {}
    notes = [option.curves_note for name, option in options.items() if recipe.options.get(name)]
    return "".join(f" {note}" for note in notes if note)


def choose_split(dataset: Dataset) -> dict[str, Any]:
    """The recipe's fields about the split."""
    kinds = splits.kinds_for(dataset)
    split = st.segmented_control(
        "Split",
        kinds,
        default=kinds[0],
        required=True,
        format_func=splits.KINDS.__getitem__,
        wrap=True,
        key=f"split-{dataset.name}-{len(kinds)}",
        help="Clips of one recording look alike. If some are used for training and others for testing, accuracy is "
        "inflated.",
    )
    seed = st.number_input(
        "Seed", 0, 10_000, 0, help="For the split, the initial weights and all random choices.", key="seed", width=180
    )
    return {"split": split, "seed": int(seed)}


def choose_recipe(dataset: str, chosen: Mapping[str, Any]) -> Recipe | None:
    """The chosen recipe; None, and the reason on the page, if the choices are not valid.

    Args:
        dataset: its name.
        chosen: fields of the recipe that are chosen elsewhere.
    """
    network = _choose_network(dataset)
    preset = _choose_preset(network, dataset)
    try:
        recipe = recipe_for(network, preset)
        key = f"{network}-{preset}"  # every preset has its own defaults
        epochs = st.number_input("Maximum epochs", 1, 500, recipe.epochs, key=f"epochs-{key}", width=180)
        return replace(recipe, epochs=int(epochs), **chosen, **_choose_advanced(recipe, key, chosen.get("split")))
    except HarError as error:
        show_error(error)
        return None


def _choose_network(dataset: str) -> str:
    names = [name for name, entry in NETWORKS.items() if entry.trainable]
    recommended = default_network(dataset)
    return st.radio(
        "Network",
        names,
        index=names.index(recommended),
        format_func=lambda name: NETWORKS[name].title + (" (recommended)" if name == recommended else ""),
        captions=[NETWORKS[name].description for name in names],
        key=f"network-{recommended}",  # so that another data set brings its own recommendation
    )


def _choose_preset(network: str, dataset: str) -> str:
    entries = NETWORKS[network].presets
    default = default_preset(network, dataset)
    presets = [name for name in entries if name in (OWN, dataset) or name not in SOURCES]  # some are for one data set
    presets.sort(key=lambda name: name != default)
    if len(presets) == 1:
        return presets[0]
    preset = st.segmented_control(
        "Recipe",
        presets,
        default=presets[0],
        required=True,
        format_func=lambda name: entries[name].title,
        key=f"preset-{network}-{default}",
    )
    st.caption(entries[preset].description)
    return preset


def _choose_advanced(recipe: Recipe, key: str, split: str | None) -> dict[str, Any]:
    network = NETWORKS[recipe.network]
    with st.expander("Advanced"):
        left, right = st.columns(2)
        with left:
            patience = st.number_input(
                "Patience",
                1,
                500,
                recipe.patience,
                key=f"patience-{key}",
                help="Training ends after this many epochs without improvement.",
            )
            batch = st.number_input("Batch size", 1, 256, recipe.batch_size, key=f"batch-{key}")
            validation = st.slider(
                "Validation", 5, 40, round(100 * recipe.validation_share), 1, format="%d%%", key=f"validation-{key}"
            )
        with right:
            rate = st.number_input(
                "Learning rate", 1e-6, 0.1, recipe.learning_rate, 1e-4, format="%.4g", key=f"rate-{key}"
            )
            span_sec = st.number_input(
                "Span of a clip (seconds)", 0.2, 20.0, recipe.spec.span_sec, 0.1, key=f"span-{key}"
            )
            listed = split in splits.OFFICIAL
            test = st.slider(
                "Test", 5, 40, round(100 * recipe.test_share), 1, format="%d%%", key=f"test-{key}", disabled=listed
            )
            if listed:
                st.caption("UCF101's list names the clips for testing.")
        steps = recipe.frame_steps
        if network.cost is not None and network.cost(recipe.options).frame_sec:  # it is pretrained on single frames
            steps = st.number_input(
                "Maximum pretraining steps",
                0,
                20_000,
                steps,
                100,
                key=f"steps-{key}",
                help="Before the first epoch, the CNN is trained on batches of 64 single frames. With fewer than 450 "
                "clips it takes fewer steps.",
            )
        flip = st.checkbox("Mirror every other clip", recipe.flip, key=f"flip-{key}")
        recolour = recipe.recolour
        if not network.frozen:
            recolour = st.checkbox(
                "Swap colours",
                recipe.recolour,
                key=f"recolour-{key}",
                help="For data in which clothes and places say nothing about the action: red may become blue.",
            )
    return {
        "patience": int(patience),
        "frame_steps": int(steps),
        "batch_size": int(batch),
        "learning_rate": rate,
        "spec": replace(recipe.spec, span_sec=span_sec),
        "validation_share": validation / 100,
        "test_share": test / 100,
        "flip": flip,
        "recolour": recolour,
    }
