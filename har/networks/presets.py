"""Recipes that several networks share. Every network's own file says which it has."""

from collections.abc import Mapping
from typing import Any

from har.clips import ClipSpec
from har.networks.network import Preset

_TUTORIAL: Mapping[str, Any] = {
    "spec": ClipSpec(span_sec=7.0),
    "batch_size": 4,
    "learning_rate": 1e-3,
    "decay": False,
    "warmup_epochs": 0,
    "frame_steps": 0,
    "clip_norm": 1e3,
    "weight_decay": 0.0,
    "averaged_steps": 1,
    "flip": False,
    "recolour": False,
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "shift": 0.0,
    "zoom": 0.0,
    "zoom_out": 0.0,
    "aspect": 0.0,
    "mixup": 0.0,
    "smoothing": 0.0,
    "tempo": 0.0,
    "options": {"plain": True},
}

_FIGURES: Mapping[str, Any] = {
    "epochs": 34,
    "patience": 20,
    "recolour": True,
    "contrast": 0.0,
    "saturation": 0.0,
    "zoom": 0.15,
    "zoom_out": 0.15,
    "aspect": 0.0,
    "mixup": 0.0,
    "smoothing": 0.0,
}


def recommended(purpose: str = "", measured: str = "", **changes: Any) -> Preset:
    """The recipe that did best in our benchmarks."""
    return Preset(
        "Recommended",
        "Tuned on our benchmarks: the learning rate rises and falls; clips are mirrored, zoomed, recoloured and mixed.",
        changes,
        purpose,
        measured,
    )


def for_figures(purpose: str = "", measured: str = "", **changes: Any) -> Preset:
    """For the generated data set: colours carry no information there, the place of a limb does, and motion most."""
    return Preset(
        "For drawn figures",
        "For the generated figures: colours are swapped, because they carry no information; motion does.",
        {**_FIGURES, **changes},
        purpose,
        measured,
    )


def tutorial(**changes: Any) -> Preset:
    """As in the tutorial that many student projects follow: Adam at its usual rate, batches of four, nothing else."""
    return Preset(
        "Tutorial",
        "As in a tutorial many student projects follow: Adam at a constant rate, batches of four, no augmentation. "
        "Useful as a baseline.",
        {**_TUTORIAL, **changes},
    )
