"""What a network's last layers are given for a clip: its answer is a weighted sum of that, and of nothing else."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Float32
from keras import layers, ops

from har.networks import moment_frames, parts
from har.networks.moments import moments

Embeddings = dict[str, Float32[np.ndarray, "clips width"]]  # by the name of the layer that is given it


def widths(model: keras.Model) -> dict[str, int]:
    """How many numbers each of the last layers is given, by its name.

    Args:
        model: a network, or the head of one.
    """
    found = parts(model)
    return {layer.name: int(layer.input.shape[-1]) for layer in _last_layers(model if found is None else found[1])}


def embedder(model: keras.Model) -> Callable[[np.ndarray], Embeddings]:
    """From a batch to what the last layers are given for it.

    Args:
        model: a network, which takes clips; or the head of one, which takes what its encoder gives.
    """
    whole = _up_to_last(model)
    given = whole.inputs[0]
    function = tf.function(lambda batch: whole(batch, training=False), autograph=False)
    graph = function.get_concrete_function(tf.TensorSpec((None, *given.shape[1:]), given.dtype))
    return lambda batch: {name: found.numpy() for name, found in graph(tf.constant(batch)).items()}


def _up_to_last(model: keras.Model) -> keras.Model:
    found = parts(model)
    if found is None:
        return keras.Model(model.inputs[0], {layer.name: layer.input for layer in _last_layers(model)})
    encoder, head = found
    clips = keras.Input(model.input_shape[1:], dtype="uint8")
    features = encoder(moments(clips, moment_frames(encoder)))
    return keras.Model(clips, _up_to_last(head)(ops.reshape(features, (-1, *head.input_shape[1:]))))


def _last_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Those that turn numbers into labels' scores: one, or several whose scores are added up before the softmax."""
    last = model.layers[-1]
    if not isinstance(last, layers.Softmax):
        return [last]
    found, wanted = [], _given(last)
    for layer in reversed(model.layers):
        if isinstance(layer, keras.Model | layers.InputLayer) or id(layer.output) not in wanted:
            continue
        if isinstance(layer, layers.Add):
            wanted |= _given(layer)
        else:
            found.append(layer)
    return found[::-1]


def _given(layer: Any) -> set[int]:
    return {id(tensor) for tensor in keras.tree.flatten(layer.input)}
