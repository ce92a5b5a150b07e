"""A classifier's folder: `weights.npz` and `card.json`. Reading and writing networks imports TensorFlow."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from har import memory, networks
from har.classifier.card import Card, read_card, write_card
from har.errors import ClassifierDamaged, ClassifierExists, OptionsError
from har.networks.weights import read_weights, write_weights
from har.storage.atomic import replacing

if TYPE_CHECKING:
    import keras

CARD, WEIGHTS = "card.json", "weights.npz"


def read_model(folder: Path, card: Card) -> "keras.Model":
    """Build a classifier's network from the registry and fill it with its weights.

    Raises:
        ClassifierDamaged: the weights cannot be read, or do not match.
        TensorFlowMissing: it is not installed.
    """
    try:
        model = networks.build(card.network, len(card.labels), card.spec, **card.options)
    except OptionsError as error:
        raise ClassifierDamaged(
            f"{folder / CARD} describes a network that cannot be built: {error.received}",
            error.expected,
            "Update the program, or download or train the classifier again.",
        ) from error
    weights = networks.trained_weights(model, card.network)
    arrays = read_weights(folder / WEIGHTS, {weight.path: tuple(weight.shape) for weight in weights})
    for weight in weights:
        weight.assign(arrays.pop(weight.path))
    memory.release_unused()
    return model


def retitle(folder: Path, title: str) -> None:
    """Write another title into the card of a classifier.

    Raises:
        ClassifierMissing, ClassifierDamaged: there is none that can be read.
        OSError: it cannot be written.
    """
    card = read_card(folder)
    if card.title != title:
        with replacing(folder / CARD) as path:
            write_card(path, replace(card, title=title))


def save(folder: Path, card: Card, model: "keras.Model", *, overwrite: bool = False) -> None:
    """Write a classifier. The card is written last, so a folder with a card is complete.

    Raises:
        ClassifierExists: the folder already contains one, and `overwrite` is not set.
        ClassifierDamaged: the number of labels differs from the number of outputs.
    """
    if not overwrite and (folder / CARD).exists():
        raise ClassifierExists(
            f"{folder} already contains a classifier.", "A new folder was expected.", "Choose another name."
        )
    if model.output_shape[-1] != len(card.labels):
        raise ClassifierDamaged(
            f"The card has {len(card.labels)} labels, but the network has {model.output_shape[-1]} outputs.",
            "The numbers must be equal.",
            "Use one label for each output.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {weight.path: np.asarray(weight) for weight in networks.trained_weights(model, card.network)}
    with replacing(folder / CARD) as card_path, replacing(folder / WEIGHTS) as weights_path:
        write_weights(weights_path, arrays)
        write_card(card_path, replace(card, name=folder.name))
