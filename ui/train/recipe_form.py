"""The advanced part of the form: network, recipe, split, and all other options of a training."""

from dataclasses import replace
from typing import Any

import streamlit as st

from har.datasets import Dataset, splits
from har.datasets.sources import SOURCES
from har.errors import HarError
from har.networks import NETWORKS
from har.networks.network import OWN
from har.recipe import Recipe, default_preset, recipe_for
from ui.messages import show_error


def describe_curves(recipe: Recipe) -> str:
    """A sentence on the training curves, where they are not those of the whole network."""
    options = NETWORKS[recipe.network].options if recipe.network in NETWORKS else {}
    notes = [option.curves_note for name, option in options.items() if recipe.options.get(name)]
    return "".join(f" {note}" for note in notes if note)


def choose(dataset: Dataset, network: str) -> tuple[Recipe | None, bool]:
    """What the visitor changes of the first choice, in an expander.

    Returns:
        The recipe; None, and the reason on the page, if the choices are not valid. And whether to train on a random
        split as well.
    """
    with st.expander("Advanced", icon=":material/tune:"):
        left, right = st.columns(2, gap="large")
        with left:
            network = _choose_network(dataset.name, network)
            preset = _choose_preset(network, dataset.name)
        try:
            recipe = recipe_for(network, preset)
            with right:
                split = _choose_split(dataset)
            key = f"{network}-{preset}"  # every preset has its own defaults
            first, second, third = st.columns(3, gap="medium")
            with first:
                changes = _choose_length(recipe, key)
            with second:
                changes |= _choose_clips(recipe, key)
            with third:
                changes |= _choose_shares(recipe, key, split["split"])
            recipe = replace(recipe, **split, **changes)
        except HarError as error:
            show_error(error)
            return None, False
        return recipe, _choose_random_too(dataset, recipe)


def _choose_network(dataset: str, default: str) -> str:
    names = [name for name, entry in NETWORKS.items() if entry.trainable]
    name = st.selectbox(
        "Network",
        names,
        index=names.index(default),
        format_func=lambda name: NETWORKS[name].title,
        key=f"network-{dataset}-{default}",  # so that another first choice brings its own network
    )
    st.caption(NETWORKS[name].description)
    return name


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


def _choose_split(dataset: Dataset) -> dict[str, Any]:
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
        "Seed", 0, 10_000, 0, help="For the split, the initial weights and all random choices.", key="seed"
    )
    return {"split": split, "seed": int(seed)}


def _choose_length(recipe: Recipe, key: str) -> dict[str, Any]:
    epochs = st.number_input("Maximum epochs", 1, 500, recipe.epochs, key=f"epochs-{key}")
    patience = st.number_input(
        "Patience",
        1,
        500,
        recipe.patience,
        key=f"patience-{key}",
        help="Training ends after this many epochs without improvement.",
    )
    changes = {"epochs": int(epochs), "patience": int(patience)}
    cost = NETWORKS[recipe.network].cost
    if cost is not None and cost(recipe.options).frame_sec:  # it is pretrained on single frames
        steps = st.number_input(
            "Maximum pretraining steps",
            0,
            20_000,
            recipe.frame_steps,
            100,
            key=f"steps-{key}",
            help="Before the first epoch, the CNN is trained on batches of 64 single frames. With fewer than 450 "
            "clips it takes fewer steps.",
        )
        changes["frame_steps"] = int(steps)
    return changes


def _choose_clips(recipe: Recipe, key: str) -> dict[str, Any]:
    span_sec = st.number_input("Span of a clip (seconds)", 0.2, 20.0, recipe.spec.span_sec, 0.1, key=f"span-{key}")
    batch = st.number_input("Batch size", 1, 256, recipe.batch_size, key=f"batch-{key}")
    flip = st.checkbox("Mirror every other clip", recipe.flip, key=f"flip-{key}")
    changes: dict[str, Any] = {
        "spec": replace(recipe.spec, span_sec=span_sec),
        "batch_size": int(batch),
        "flip": flip,
    }
    if not NETWORKS[recipe.network].frozen:
        changes["recolour"] = st.checkbox(
            "Swap colours",
            recipe.recolour,
            key=f"recolour-{key}",
            help="For data in which clothes and places say nothing about the action: red may become blue.",
        )
    return changes


def _choose_shares(recipe: Recipe, key: str, split: str) -> dict[str, Any]:
    rate = st.number_input("Learning rate", 1e-6, 0.1, recipe.learning_rate, 1e-4, format="%.4g", key=f"rate-{key}")
    validation = st.slider(
        "Validation", 5, 40, round(100 * recipe.validation_share), 1, format="%d%%", key=f"validation-{key}"
    )
    listed = split in splits.OFFICIAL
    test = st.slider(
        "Test", 5, 40, round(100 * recipe.test_share), 1, format="%d%%", key=f"test-{key}", disabled=listed
    )
    if listed:
        st.caption("UCF101's list names the clips for testing.")
    return {"learning_rate": rate, "validation_share": validation / 100, "test_share": test / 100}


def _choose_random_too(dataset: Dataset, recipe: Recipe) -> bool:
    return (
        recipe.split != "random"
        and bool(dataset.groups)
        and st.toggle(
            "Also train on a random split, to see how much it inflates accuracy",
            help="A second run of the same recipe, after the first. It takes as long again.",
            key="random-too",
        )
    )
