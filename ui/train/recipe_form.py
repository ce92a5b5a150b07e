"""The recipe, choice by choice: the few that everybody makes, and more for those who want them."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from har.datasets import Dataset, splits
from har.errors import HarError
from har.networks import NETWORKS
from har.recipe import PRESETS, Recipe, preset_for, recipe_for
from ui.messages import show_error

_PRESETS = {
    "own": "This project's",
    "figures": "For figures",
    "tutorial": "The tutorial's",
}
_ABOUT = {
    "own": "Grown from measurements: the rate rises and falls, clips are mirrored, enlarged, coloured and blended.",
    "figures": "For the generated people: colours are swapped, since they tell nothing; motion is what counts.",
    "tutorial": "As in the tutorial that many student projects follow: Adam at one rate, batches of four, no more. "
    "To compare with.",
}


def of_curves(recipe: Recipe) -> str:
    """A sentence on what the curves show, where that is not the whole network."""
    if not recipe.options.get("solved"):
        return ""
    return " The curves are the LSTM's; the layers beside it get their weights when its epochs are over."


def split_of(dataset: Dataset) -> dict[str, Any]:
    """The recipe's choices about how clips are divided."""
    kinds = ["grouped", "random", *(kind for kind in splits.KINDS if kind.startswith("ucf101") and _numbered(dataset))]
    split = st.segmented_control(
        "Split",
        kinds,
        default=kinds[0],
        required=True,
        format_func=splits.KINDS.__getitem__,
        wrap=True,
        key=f"split-{dataset.name}-{len(kinds)}",
        help="Clips of one recording look alike. Where some train and others test, the accuracy flatters.",
    )
    seed = st.number_input(
        "Seed", 0, 10_000, 0, help="Of the split, the first weights and every draw.", key="seed", width=180
    )
    return {"split": split, "seed": int(seed)}


def _numbered(dataset: Dataset) -> bool:
    """Whether it is UCF101, and groups have the numbers by which UCF101's lists go."""
    return dataset.name.startswith("ucf101") and all(re.fullmatch(r"g\d+", each.group or "") for each in dataset.videos)


def recipe_of(dataset: str, chosen: Mapping[str, Any]) -> Recipe | None:
    """The form's part about how to train; None if a choice cannot be meant, which is said.

    Args:
        dataset: its name.
        chosen: fields of the recipe that are chosen elsewhere.
    """
    network = _network()
    preset = _preset(network, dataset)
    try:
        recipe = recipe_for(network, preset)
        mark = f"{network}-{preset}"  # another recipe begins with its own numbers
        epochs = st.number_input("Epochs, at most", 1, 500, recipe.epochs, key=f"epochs-{mark}", width=180)
        return replace(recipe, epochs=int(epochs), **chosen, **_advanced(recipe, mark))
    except HarError as error:
        show_error(error)
        return None


def _network() -> str:
    names = [name for name, entry in NETWORKS.items() if entry.trainable and name in PRESETS]
    return st.radio(
        "Network",
        names,
        format_func=lambda name: NETWORKS[name].title,
        captions=[NETWORKS[name].description for name in names],
        key="network",
    )


def _preset(network: str, dataset: str) -> str:
    usual = preset_for(network, dataset)
    presets = sorted(PRESETS[network], key=lambda name: name != usual)  # that one first
    if dataset != "figures" and "figures" in presets:
        presets.remove("figures")
    if len(presets) == 1:
        return presets[0]
    preset = st.segmented_control(
        "Recipe",
        presets,
        default=presets[0],
        required=True,
        format_func=lambda name: _PRESETS.get(name, name),
        key=f"preset-{network}-{usual}",
    )
    st.caption(_ABOUT.get(preset, ""))
    return preset


def _advanced(recipe: Recipe, mark: str) -> dict[str, Any]:
    with st.expander("Advanced"):
        left, right = st.columns(2)
        with left:
            patience = st.number_input(
                "Patience", 1, 500, recipe.patience, key=f"patience-{mark}", help="Epochs without a better one."
            )
            batch = st.number_input("Clips a step", 1, 256, recipe.batch_size, key=f"batch-{mark}")
            validation = st.slider(
                "Validation", 5, 40, round(100 * recipe.validation_share), 1, format="%d %%", key=f"validation-{mark}"
            )
        with right:
            rate = st.number_input(
                "Learning rate", 1e-6, 0.1, recipe.learning_rate, 1e-4, format="%.4g", key=f"rate-{mark}"
            )
            span_sec = st.number_input(
                "Span of a clip (seconds)", 0.2, 20.0, recipe.spec.span_sec, 0.1, key=f"span-{mark}"
            )
            test = st.slider("Test", 5, 40, round(100 * recipe.test_share), 1, format="%d %%", key=f"test-{mark}")
        steps = recipe.frame_steps
        if recipe.network == "lrcn":
            steps = st.number_input(
                "Steps on single frames first, at most",
                0,
                20_000,
                steps,
                100,
                key=f"steps-{mark}",
                help="Of 64 frames each: the part of the network that looks at frames learns before the LSTM does. "
                "With fewer than 450 clips it takes fewer.",
            )
        flip = st.checkbox("Mirror every other clip", recipe.flip, key=f"flip-{mark}")
        recolour = recipe.recolour
        if not NETWORKS[recipe.network].frozen:
            recolour = st.checkbox(
                "Swap colours",
                recipe.recolour,
                key=f"recolour-{mark}",
                help="Red may become blue: for data where clothes and places tell nothing of the action.",
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
