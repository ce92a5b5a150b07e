"""A published encoder inside a Keras model, so that the model can be called. It has no gradient."""

from collections.abc import Callable
from typing import Any, no_type_check

import keras
import numpy as np

from har.networks import published
from har.networks.network import Published
from har.networks.parts import ENCODER


def published_encoder(source: Published, frames: int, shape: tuple[int, int, int], feature_count: int) -> keras.Model:
    """An encoder of single frames, in the order of their clips. Its file is fetched when the model is first called.

    The memory is cleared after each clip of so many frames.
    """
    images = keras.Input(shape, dtype="uint8")
    features = PublishedEncoder(source, frames, feature_count, name="published")(images)
    encoder = keras.Model(images, features, name=ENCODER)
    encoder.trainable = False
    return encoder


class PublishedEncoder(keras.layers.Layer):  # type: ignore[misc]  # Keras brings no types
    """Runs a published encoder; for the arguments see `published_encoder`."""

    _source: Published
    _frames: int
    _feature_count: int
    _encoder: Callable[[np.ndarray], np.ndarray] | None

    @no_type_check  # Keras reads the signature, which a checker's wrapper would hide
    def __init__(self, source: Published, frames: int, feature_count: int, **options: Any) -> None:
        super().__init__(**options)
        self._source, self._frames, self._feature_count = source, frames, feature_count
        self._encoder = None

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        """`(frames, features)`."""
        return (input_shape[0], self._feature_count)

    def call(self, images: Any) -> Any:
        """Features of clips whose frames are stacked along the first axis."""
        import tensorflow as tf

        features = tf.numpy_function(self._encode, [images], tf.float32)
        features.set_shape((None, self._feature_count))
        return features

    def multiply_adds(self, output_shape: tuple[int, ...]) -> int:
        """Of one frame."""
        return self._source.multiply_adds

    def _encode(self, images: np.ndarray) -> np.ndarray:
        if self._encoder is None:
            self._encoder = self._source.encoder(published.fetch(self._source.file))
        clips = [self._encoder(images[at : at + self._frames]) for at in range(0, len(images), self._frames)]
        return np.concatenate(clips)
