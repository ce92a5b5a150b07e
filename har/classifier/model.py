"""A network with its card, ready to run."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Float32, UInt8

from har.classifier import graphs
from har.classifier.card import Card, folder_of, read_card
from har.classifier.stored import read_model
from har.networks import NETWORKS
from har.networks.parts import ENCODER, HEAD, NETWORK, PUBLISHED_LABELS, named_parts, stack_size
from har.runtime import KerasGraph, Runnable, StagedGraph, Stream, softmax, started

if TYPE_CHECKING:
    import keras


_MIN_PROBABILITY = 1e-12  # before its logarithm is taken


class Classifier:
    """Returns the probability of each label for clips. Results are reproducible to the bit on one machine.

    After training it runs in Keras; when loaded, it runs in LiteRT, without TensorFlow.

    Args:
        card: describes it.
        parts: its `ENCODER` and `HEAD`, or its `NETWORK`.
        model: its network in Keras.
        folder: where its network is read from if `model` is None.
    """

    def __init__(
        self,
        card: Card,
        parts: Mapping[str, Runnable],
        model: "keras.Model | None" = None,
        folder: Path | None = None,
    ) -> None:
        self.card, self.folder = card, folder
        self._parts, self._model = parts, model
        size = stack_size(parts[ENCODER].input_shape) if ENCODER in parts else card.spec.frames
        self.has_frame_encoder = size < card.spec.frames  # whether `encode` and `classify` can be called
        self.stack_size = size if self.has_frame_encoder else 1  # frames that `encode` takes at once
        # Whether the features of a frame depend on earlier ones, so that frames are encoded in order.
        self.has_memory = isinstance(parts.get(ENCODER), Stream)
        whole = parts.get(NETWORK)
        self._staged = whole if isinstance(whole, StagedGraph) else None
        # Samples for which `steps` yields one row; None: it cannot be called.
        self.step_samples = None if self._staged is None else self._staged.step_frames

    @classmethod
    def from_model(cls, card: Card, model: "keras.Model") -> "Classifier":
        """Create one that runs in Keras."""
        parts: dict[str, Runnable] = {name: KerasGraph(part) for name, part in named_parts(model).items()}
        return cls(card, parts | graphs.published_parts(card), model)

    @property
    def model(self) -> "keras.Model":
        """The network in Keras, built when it is first needed: to save it, or for gradients."""
        if self._model is None:
            if self.folder is None:
                raise TypeError("neither a model nor a folder to read it from was given")
            self._model = read_model(self.folder, self.card)
        return self._model

    def __call__(self, clips: UInt8[np.ndarray, "batch time height width 3"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities for clips made by `har.clips` with the card's spec."""
        if ENCODER not in self._parts:
            return self._probabilities(NETWORK, clips)
        if not self.has_frame_encoder:
            return self._probabilities(HEAD, self._parts[ENCODER](clips))
        if self.has_memory:
            return self.classify(np.stack([self.encode(clip) for clip in clips]))
        steps = clips.shape[1] + 1 - self.stack_size
        indices = np.arange(steps)[:, None] + np.arange(self.stack_size)
        stacks = clips[:, indices if self.stack_size > 1 else indices[:, 0]]
        features = self.encode(stacks.reshape(-1, *stacks.shape[2:]))
        return self.classify(features.reshape(len(clips), steps, *features.shape[1:]))

    def encode(
        self, stacks: UInt8[np.ndarray, "stacks *frames height width 3"]
    ) -> Float32[np.ndarray, "stacks *features"]:
        """Features of single frames, or of stacks of `stack_size` consecutive frames.

        If the encoder has a memory, these are the first frames of a video, in order.
        """
        return self.start_encoding()(stacks)

    def start_encoding(
        self,
    ) -> Callable[[UInt8[np.ndarray, "stacks *frames height width 3"]], Float32[np.ndarray, "stacks *features"]]:
        """Begin a video: a function like `encode` for its next frames or stacks."""
        self._check_frame_encoder()
        return started(self._parts[ENCODER])

    def classify(self, features: Float32[np.ndarray, "batch time *features"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities from the features of `encode`: the same as calling the classifier with the clips."""
        self._check_frame_encoder()
        return self._probabilities(HEAD, features)

    def steps(self, frames: Iterable[UInt8[np.ndarray, "height width 3"]]) -> Iterator[Float32[np.ndarray, "labels"]]:
        """Run over a whole video: a row for each `step_samples` frames, seen in its context."""
        return self._run_over_videos().steps(frames)

    def classify_steps(self, windows: Float32[np.ndarray, "batch time labels"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities from the rows of `steps`. What is around a window counts, unlike when called with clips."""
        probabilities = self._run_over_videos().classify(windows)
        stages = NETWORKS[self.card.network].stages
        return with_temperature(probabilities, self.card.temperature * (stages.temperature if stages else 1.0))

    def novelty(
        self, windows: np.ndarray, probabilities: Float32[np.ndarray, "batch labels"]
    ) -> Float[np.ndarray, "batch"]:
        """How unlike its training clips windows are: above 1, averaged over neighbours, they are none of its labels.

        Windows are features, as for `classify`; or clips, for a network without a frame encoder.

        Returns:
            Zeros for a classifier that cannot tell.
        """
        if self.card.novelty is None or PUBLISHED_LABELS not in self._parts:
            return np.zeros(len(windows))
        return self.card.novelty.distances(self._parts[PUBLISHED_LABELS](windows), probabilities.argmax(axis=1))

    def as_published(self) -> "Classifier | None":
        """The same encoder with the head that it was published with, if it has one; the labels in the card stay."""
        if PUBLISHED_LABELS not in self._parts:
            return None
        card = replace(self.card, novelty=None, temperature=1.0)
        return Classifier(card, {**self._parts, HEAD: self._parts[PUBLISHED_LABELS]}, folder=self.folder)

    def _check_frame_encoder(self) -> None:
        if not self.has_frame_encoder:
            raise TypeError(f"{self.card.network} has no frame encoder; check has_frame_encoder first")

    def _run_over_videos(self) -> StagedGraph:
        if self._staged is None:
            raise TypeError(f"{self.card.network} does not run over whole videos; check step_samples first")
        return self._staged

    def _probabilities(self, part: str, inputs: np.ndarray) -> Float32[np.ndarray, "batch labels"]:
        return with_temperature(self._parts[part](inputs), self.card.temperature)


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of a softmax with that temperature, labels along the last axis: above 1, they are less extreme.

    Temperature scaling, Guo et al. 2017, https://arxiv.org/abs/1706.04599.
    """
    if temperature == 1:
        return probabilities
    return softmax(np.log(np.maximum(probabilities, _MIN_PROBABILITY)) / temperature)


def load(name_or_folder: str | Path) -> Classifier:
    """Load a classifier for recognition, by name (see `list_cards`) if it is a `str`, from a folder if it is a `Path`.

    If it has not been used on this machine, it is converted for LiteRT first, which takes some seconds, and a published
    file that it runs is fetched.

    Raises:
        ClassifierMissing: no such classifier.
        ClassifierDamaged: its card or weights cannot be read, or do not match.
        TensorFlowMissing: it has to be converted, but TensorFlow is not installed.
        HarError: a published file that it runs cannot be fetched.
    """
    folder = folder_of(name_or_folder)
    card = read_card(folder)
    return Classifier(card, graphs.load_parts(folder, card), folder=folder)


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
