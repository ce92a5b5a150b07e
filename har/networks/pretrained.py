"""Weights that a network begins with, and keeps: they lie beside the shipped classifiers and are not stored again."""

from typing import TYPE_CHECKING

import numpy as np

from har.errors import ClassifierMissing
from har.settings import settings

if TYPE_CHECKING:
    import keras


def fill(model: "keras.Model", name: str) -> None:
    """Copy arrays into a network's weights of the same paths.

    Args:
        model: some part of a network.
        name: a folder of the shipped weights.

    Raises:
        ClassifierMissing: it is not there, or lacks some of the weights.
    """
    path = settings().weights / name / "weights.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for weight in model.weights:
                weight.assign(arrays[weight.path.replace("/", "|")].astype(np.float32))
    except (OSError, KeyError) as error:
        raise ClassifierMissing(
            f"The pretrained weights {name} are not there, or not whole.",
            f"{path} was expected to hold them.",
            "Fetch the project again.",
        ) from error
