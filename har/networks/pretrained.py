"""Weights of pretrained encoders: they are in `weights/` and not stored again with each classifier."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from har.errors import ClassifierMissing
from har.settings import settings

if TYPE_CHECKING:
    import keras


def weights_path(name: str) -> Path:
    """Where the arrays of a pretrained network are. Args: a folder in `weights/`."""
    return settings().weights / name / "weights.npz"


def notice(name: str) -> str:
    """Licence and source of a pretrained network, for everything that contains it. Args: a folder in `weights/`."""
    return (settings().weights / name / "NOTICE").read_text(encoding="utf-8")


def fill(model: "keras.Model", name: str) -> None:
    """Assign the arrays stored in a folder of `weights/` to the weights of the same paths.

    Raises:
        ClassifierMissing: the file is missing, or lacks some of the weights.
    """
    path = weights_path(name)
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for weight in model.weights:
                weight.assign(arrays[weight.path.replace("/", "|")].astype(np.float32))
    except (OSError, KeyError) as error:
        raise ClassifierMissing(
            f"The pretrained weights {name} are missing or incomplete.",
            f"They were expected in {path}.",
            "Reinstall the program.",
        ) from error
