"""Into a network: what chosen layers gave for a clip, and how the answer hangs on it. Imports TensorFlow."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import UInt8

from har.explain.heat import Inside

LEAST_CELLS = 13  # a side of the pictures that are looked into; the last of the small networks have 2 and 5


def look_inside(
    model: keras.Model, clip: UInt8[np.ndarray, "time height width 3"], label: int, layers: Sequence[keras.layers.Layer]
) -> Inside:
    """Let a network look at a clip, and keep what some of its layers gave.

    Args:
        model: ends in a softmax.
        clip: of its input's size.
        label: whose score the slopes are of.
        layers: of the model, at any depth; one may be called several times.
    """
    maps: list[Any] = []
    given_last: list[Any] = []
    last = _last_layer(model)
    with tf.GradientTape(watch_accessed_variables=False) as tape, ExitStack() as stack:

        def keep(given: Any, gave: Any) -> None:
            tape.watch(gave)
            maps.append(gave)

        for layer in layers:
            stack.enter_context(_overheard(layer, keep))
        stack.enter_context(_overheard(last, lambda given, gave: given_last.append(given)))
        model(clip[None], training=False)
        score = _before_softmax(last, given_last[0])[0, label]
    slopes = tape.gradient(score, maps, unconnected_gradients="zero")
    return Inside([each.numpy() for each in maps], [each.numpy() for each in slopes])


def pictures(model: keras.Model) -> list[keras.layers.Layer]:
    """The deepest layers of a network that give pictures of at least `LEAST_CELLS` × `LEAST_CELLS` cells.

    Where two CNNs work side by side there is one of each. In 'lrcn' these are second of four convolutions (16×16 cells
    for frames of 64×64), in 'lrcn-lite0' the last layer before 10×10 (20×20 for frames of 160×160), in the four
    ConvLSTMs the third (13×13), in I3D 'Mixed_4f' (14×14, a fourth of the frames). The last pictures would say more of
    the label, but nothing of the place: in the small networks they have 1×1 to 8×8 cells.
    """
    deepest: list[keras.layers.Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            deepest = pictures(layer) or deepest
    large = [layer for layer in _after_convolution(model) if _cells(layer) >= LEAST_CELLS]
    taken = {id(tensor) for layer in large for tensor in keras.tree.flatten(layer.input)}
    return [layer for layer in large if id(layer.output) not in taken] or deepest


def _after_convolution(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Layers that give pictures, from the first that learns any on."""
    learnt = False
    for layer in model.layers:
        learnt = learnt or (not isinstance(layer, keras.Model) and any(len(each.shape) >= 4 for each in layer.weights))
        if learnt and not isinstance(layer, keras.Model) and len(layer.output.shape) in (4, 5):
            yield layer


def _cells(layer: keras.layers.Layer) -> int:
    height, width = layer.output.shape[-3:-1]
    return int(min(height, width))


def _last_layer(model: keras.Model) -> keras.layers.Layer:
    """The one that gives the probabilities."""
    last = model.layers[-1]
    return _last_layer(last) if isinstance(last, keras.Model) else last


def _before_softmax(last: keras.layers.Layer, given: Any) -> Any:
    return given if isinstance(last, keras.layers.Softmax) else tf.matmul(given, last.kernel) + last.bias


@contextmanager
def _overheard(layer: keras.layers.Layer, hear: Callable[[Any, Any], None]) -> Iterator[None]:
    """Tell what a layer is given and gives, whenever it is called."""
    call = layer.call

    def told(given: Any, *args: Any, **kwargs: Any) -> Any:
        gave = call(given, *args, **kwargs)
        hear(given, gave)
        return gave

    layer.call = told
    try:
        yield
    finally:
        del layer.call
