"""A network with its card: asked for probabilities, saved and loaded. TensorFlow is imported on the first load."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from har import memory, networks
from har.classifier.card import Card, folder_of, read_card, write_card
from har.errors import ClassifierDamaged, ClassifierExists, OptionsError
from har.networks.weights import read_weights, write_weights

if TYPE_CHECKING:
    import keras


_LEAST = 1e-12  # probability, before its logarithm is taken


class Classifier:
    """Gives every label's probability for a clip. The same clips give the same numbers, to the bit, on one machine.

    Args:
        card: what it is.
        model: its network, with weights.
        folder: from which it was loaded; None: it was made just now.
    """

    def __init__(self, card: Card, model: "keras.Model", folder: Path | None = None) -> None:
        self.card = card
        self.model = model
        self.folder = folder
        self._halves = networks.halves(model)
        self.moment_frames = networks.moment_frames(self._halves[0]) if self._halves else 1  # that `encode` looks at
        self._graphs: dict[str, Callable[[np.ndarray], np.ndarray]] = {}

    def __call__(self, clips: UInt8[np.ndarray, "batch time height width 3"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities of clips that `har.clips` made with the card's spec."""
        return cooled(self._run(self.model, clips), self.card.temperature)

    @property
    def has_halves(self) -> bool:
        """Whether `encode` and `classify` may be called."""
        return self._halves is not None

    def encode(
        self, moments: UInt8[np.ndarray, "moments *frames height width 3"]
    ) -> Float32[np.ndarray, "moments *features"]:
        """The part of the network that looks at single frames, or at `moment_frames` of them in a row."""
        return self._run(self._half(0), moments)

    def classify(self, features: Float32[np.ndarray, "batch time *features"]) -> Float32[np.ndarray, "batch labels"]:
        """The part that looks at sequences: after `encode`, the same as calling the whole."""
        return cooled(self._run(self._half(1), features), self.card.temperature)

    def _half(self, index: int) -> "keras.Model":
        if self._halves is None:
            raise TypeError(f"{self.card.network} cannot be cut in halves; ask has_halves first")
        return self._halves[index]

    def _run(self, model: "keras.Model", batch: np.ndarray) -> np.ndarray:
        if model.name not in self._graphs:
            self._graphs[model.name] = _compiled(model)
        return self._graphs[model.name](batch)


def cooled(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities as a softmax of that temperature would give them: above 1 they draw together.

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599.

    Args:
        probabilities: of labels along the last axis.
        temperature: positive; at 1 nothing changes.
    """
    if temperature == 1:
        return probabilities
    logits = np.log(np.maximum(probabilities, _LEAST)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return result


def load(name_or_folder: str | Path) -> Classifier:
    """Build a classifier's network from the registry and fill it with its weights.

    Args:
        name_or_folder: a `str` is a name (see `list_cards`), a `Path` a folder.

    Raises:
        ClassifierMissing: no such classifier.
        ClassifierDamaged: its card or weights cannot be read, or do not fit each other.
    """
    folder = folder_of(name_or_folder)
    card = read_card(folder)
    try:
        model = networks.build(card.network, len(card.labels), card.spec, **card.options)
    except OptionsError as error:
        raise ClassifierDamaged(
            f"{folder / 'card.json'} asks for a network that cannot be built: {error.received}",
            error.expected,
            "Update the program, or fetch or train the classifier again.",
        ) from error
    weights = networks.own_weights(model, card.network)
    arrays = read_weights(folder / "weights.npz", {weight.path: tuple(weight.shape) for weight in weights})
    for weight in weights:
        weight.assign(arrays.pop(weight.path))
    memory.give_back()
    return Classifier(card, model, folder)


def save(folder: Path, card: Card, model: "keras.Model", *, overwrite: bool = False) -> None:
    """Write a classifier. The card comes last, so a folder that has one is whole. Embeddings of other weights go.

    Raises:
        ClassifierExists: there is one in that folder already, and `overwrite` is not set.
        ClassifierDamaged: the card's labels are not as many as the network's outputs.
    """
    if not overwrite and (folder / "card.json").exists():
        raise ClassifierExists(f"{folder} holds a classifier already.", "A new name was expected.", "Choose another.")
    if model.output_shape[-1] != len(card.labels):
        raise ClassifierDamaged(
            f"The card has {len(card.labels)} labels.",
            f"The network has {model.output_shape[-1]} outputs.",
            "Give each output a label.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    mark = f".{os.getpid()}.tmp"
    weights, text = folder / f"weights.npz{mark}", folder / f"card.json{mark}"
    try:
        write_weights(
            weights, {weight.path: np.asarray(weight) for weight in networks.own_weights(model, card.network)}
        )
        write_card(text, replace(card, name=folder.name))
        weights.replace(folder / "weights.npz")
        text.replace(folder / "card.json")
    finally:
        weights.unlink(missing_ok=True)
        text.unlink(missing_ok=True)


def _compiled(model: "keras.Model") -> Callable[[np.ndarray], np.ndarray]:
    """The network as a graph, traced here once for batches of any size."""
    import tensorflow as tf

    given = model.inputs[0]
    function = tf.function(lambda batch: model(batch, training=False), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((None, *given.shape[1:]), given.dtype))
    return lambda batch: graph(tf.constant(batch)).numpy()


def load_cached(classifier: str | Path) -> Classifier:
    """A classifier with its network; a worker keeps the last ones.

    Raises:
        ClassifierMissing, ClassifierDamaged: it cannot be had.
    """
    folder = folder_of(classifier)
    return _loaded_once(folder, (folder / "card.json").stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _loaded_once(folder: Path, changed_ns: int) -> Classifier:
    """A worker keeps its last classifiers: building a network takes longer than scoring a short video."""
    return load(folder)
