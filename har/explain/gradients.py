"""Outputs of layers inside a network, and the gradients of a label's score by them. Imports TensorFlow."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import UInt8

from har.explain.heatmap import LayerGradients

MIN_CELLS = 13  # a side of the feature maps used for heatmaps; the last ones of small networks have 2 and 5


def layer_gradients(
    model: keras.Model, clip: UInt8[np.ndarray, "time height width 3"], label: int, layers: Sequence[keras.layers.Layer]
) -> LayerGradients:
    """Run a network that ends in a softmax on a clip: outputs of layers, and the gradients of a label's score by them.

    Layers may be at any depth of the model; one may be called several times.
    """
    outputs: list[Any] = []
    last_inputs: list[Any] = []
    last = _last_layer(model)
    with tf.GradientTape(watch_accessed_variables=False) as tape, ExitStack() as stack:

        def record(inputs: Any, output: Any) -> None:
            tape.watch(output)
            outputs.append(output)

        for layer in layers:
            stack.enter_context(_observed(layer, record))
        stack.enter_context(_observed(last, lambda inputs, output: last_inputs.append(inputs)))
        model(clip[None], training=False)
        score = _logits(last, last_inputs[0])[0, label]
    gradients = tape.gradient(score, outputs, unconnected_gradients="zero")
    return LayerGradients([each.numpy() for each in outputs], [each.numpy() for each in gradients])


def heatmap_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """The deepest layers of a network whose outputs are images of at least `MIN_CELLS` × `MIN_CELLS` cells.

    Of parallel CNNs there is one of each. For 'lrcn' it is the second of four convolutions (16×16 cells for frames of
    64×64), for 'lrcn-lite0' the last layer before 10×10 (20×20 for frames of 160×160), for the four ConvLSTMs the third
    (13×13), for I3D 'Mixed_4f' (14×14, a quarter of the frames). Later layers are more specific to the label, but do
    not localise: in the small networks they have 1×1 to 8×8 cells.
    """
    deepest: list[keras.layers.Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            deepest = heatmap_layers(layer) or deepest
    large = [layer for layer in _after_convolution(model) if _cells(layer) >= MIN_CELLS]
    used = {id(tensor) for layer in large for tensor in keras.tree.flatten(layer.input)}
    return [layer for layer in large if id(layer.output) not in used] or deepest


def _after_convolution(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Layers with image outputs, from the first one with kernels on."""
    has_kernels = False
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            continue
        has_kernels = has_kernels or any(len(each.shape) >= 4 for each in layer.weights)
        if has_kernels and len(layer.output.shape) in (4, 5):
            yield layer


def _cells(layer: keras.layers.Layer) -> int:
    height, width = layer.output.shape[-3:-1]
    return int(min(height, width))


def _last_layer(model: keras.Model) -> keras.layers.Layer:
    last = model.layers[-1]
    return _last_layer(last) if isinstance(last, keras.Model) else last


def _logits(last: keras.layers.Layer, inputs: Any) -> Any:
    return inputs if isinstance(last, keras.layers.Softmax) else tf.matmul(inputs, last.kernel) + last.bias


@contextmanager
def _observed(layer: keras.layers.Layer, observe: Callable[[Any, Any], None]) -> Iterator[None]:
    """Call `observe(inputs, output)` whenever a layer is called."""
    original = layer.call

    def call(inputs: Any, *args: Any, **kwargs: Any) -> Any:
        output = original(inputs, *args, **kwargs)
        observe(inputs, output)
        return output

    layer.call = call
    try:
        yield
    finally:
        del layer.call
