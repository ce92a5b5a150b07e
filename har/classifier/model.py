"""A network with its card: run, saved and loaded. TensorFlow is imported on the first load."""

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
from har.storage.atomic import replacing

if TYPE_CHECKING:
    import keras


_MIN_PROBABILITY = 1e-12  # before its logarithm is taken


class Classifier:
    """Returns the probability of each label for clips. Results are reproducible to the bit on one machine.

    Args:
        card: describes it.
        model: its network, with weights.
        folder: the folder it was loaded from; None if it has not been saved.
    """

    def __init__(self, card: Card, model: "keras.Model", folder: Path | None = None) -> None:
        self.card = card
        self.model = model
        self.folder = folder
        self._parts = networks.frame_encoder_and_head(model)
        self.stack_size = (
            networks.stack_size(self._parts[0]) if self._parts else 1
        )  # frames that `encode` takes at once
        self._graphs: dict[str, Callable[[np.ndarray], np.ndarray]] = {}

    def __call__(self, clips: UInt8[np.ndarray, "batch time height width 3"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities for clips made by `har.clips` with the card's spec."""
        return with_temperature(self._run(self.model, clips), self.card.temperature)

    @property
    def has_frame_encoder(self) -> bool:
        """Whether its encoder takes less than a whole clip, so that `encode` and `classify` can be called."""
        return self._parts is not None

    def encode(
        self, stacks: UInt8[np.ndarray, "stacks *frames height width 3"]
    ) -> Float32[np.ndarray, "stacks *features"]:
        """Features of single frames, or of stacks of `stack_size` consecutive frames."""
        return self._run(self._part(0), stacks)

    def classify(self, features: Float32[np.ndarray, "batch time *features"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities from the features of `encode`: the same as calling the classifier with the clips."""
        return with_temperature(self._run(self._part(1), features), self.card.temperature)

    def _part(self, index: int) -> "keras.Model":
        if self._parts is None:
            raise TypeError(f"{self.card.network} has no frame encoder; check has_frame_encoder first")
        return self._parts[index]

    def _run(self, model: "keras.Model", batch: np.ndarray) -> np.ndarray:
        if model.name not in self._graphs:
            self._graphs[model.name] = _compiled(model)
        return self._graphs[model.name](batch)


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of a softmax with that temperature: above 1, they are less extreme.

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599.

    Args:
        probabilities: labels along the last axis.
        temperature: positive; 1 changes nothing.
    """
    if temperature == 1:
        return probabilities
    logits = np.log(np.maximum(probabilities, _MIN_PROBABILITY)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return result


def load(name_or_folder: str | Path) -> Classifier:
    """Build a classifier's network from the registry and fill it with its weights.

    Args:
        name_or_folder: a `str` is a name (see `list_cards`), a `Path` a folder.

    Raises:
        ClassifierMissing: no such classifier.
        ClassifierDamaged: its card or weights cannot be read, or do not match.
    """
    folder = folder_of(name_or_folder)
    card = read_card(folder)
    try:
        model = networks.build(card.network, len(card.labels), card.spec, **card.options)
    except OptionsError as error:
        raise ClassifierDamaged(
            f"{folder / 'card.json'} describes a network that cannot be built: {error.received}",
            error.expected,
            "Update the program, or download or train the classifier again.",
        ) from error
    weights = networks.trained_weights(model, card.network)
    arrays = read_weights(folder / "weights.npz", {weight.path: tuple(weight.shape) for weight in weights})
    for weight in weights:
        weight.assign(arrays.pop(weight.path))
    memory.release_unused()
    return Classifier(card, model, folder)


def save(folder: Path, card: Card, model: "keras.Model", *, overwrite: bool = False) -> None:
    """Write a classifier. The card is written last, so a folder with a card is complete.

    Raises:
        ClassifierExists: the folder already contains one, and `overwrite` is not set.
        ClassifierDamaged: the number of labels differs from the number of outputs.
    """
    if not overwrite and (folder / "card.json").exists():
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
    with replacing(folder / "card.json") as card_path, replacing(folder / "weights.npz") as weights_path:
        write_weights(weights_path, arrays)
        write_card(card_path, replace(card, name=folder.name))


def _compiled(model: "keras.Model") -> Callable[[np.ndarray], np.ndarray]:
    """The network as a graph, traced once for batches of any size."""
    import tensorflow as tf

    inputs = model.inputs[0]
    function = tf.function(lambda batch: model(batch, training=False), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((None, *inputs.shape[1:]), inputs.dtype))
    return lambda batch: graph(tf.constant(batch)).numpy()


def load_cached(classifier: str | Path) -> Classifier:
    """`load`, but the last two classifiers stay in memory: building a network takes longer than scoring a short video.

    Raises:
        ClassifierMissing, ClassifierDamaged: it cannot be loaded.
    """
    folder = folder_of(classifier)
    return _load_version(folder, (folder / "card.json").stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _load_version(folder: Path, changed_ns: int) -> Classifier:
    return load(folder)
