"""From a Keras model to a file for LiteRT. Imports TensorFlow."""

import tempfile
from collections.abc import Callable, Sequence
from typing import Any, no_type_check

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from har.errors import ClassifierDamaged
from har.runtime.graph import Graph, Runnable
from har.runtime.staged import Reach, StagedGraph, batch_sizes, signature_name

_TOLERANCE, _HALF_TOLERANCE = 1e-3, 1e-2  # shares of the largest output
_EPSILON = 1e-6
_EXAMPLES = 4


def convert(model: keras.Model, batch_size: int, half: bool = False) -> bytes:
    """The content of a file for `har.runtime.Graph`, compared with the model on a few examples.

    With a dynamic batch size, or operators of TensorFlow, LiteRT could not run recurrent layers. With weights that are
    still variables, it would return NaN. If half, weights are stored in half precision; the network still computes in
    single precision.

    Raises:
        ClassifierDamaged: the model returns NaN or infinite values.
        RuntimeError: the outputs of the converted network differ from those of the model.
    """
    shape, dtype = model.input_shape[1:], model.inputs[0].dtype
    simple = _convertible(model)
    function = tf.function(lambda batch: simple(batch, training=False), autograph=False)
    traced = function.get_concrete_function(tf.TensorSpec((batch_size, *shape), dtype))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(traced)], simple)
    content = _converted(converter, half)
    _compare(model, Graph(content), half)
    return content


def convert_stages(
    model: keras.Model, stages: Sequence[Callable[[Any], Any]], reaches: Sequence[Reach], half: bool = False
) -> bytes:
    """The content of a file for `har.runtime.StagedGraph`, compared with the model on a few examples.

    The stages are functions of images `(time, height, width, channels)`.

    Raises:
        ClassifierDamaged, RuntimeError: as `convert`.
    """
    frames, *shape = model.input_shape[1:]
    dtype, signatures = model.inputs[0].dtype, {}
    for number, (stage, size) in enumerate(zip(stages, batch_sizes(reaches), strict=True)):
        function = tf.function(stage, autograph=False).get_concrete_function(tf.TensorSpec((size, *shape), dtype))
        signatures[signature_name(number)] = function
        shape, dtype = function.output_shapes[1:], function.output_dtypes
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(tf.Module(), folder, signatures)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, list(signatures))
        content = _converted(converter, half)
    _compare(model, StagedGraph(content, reaches, frames), half)
    return content


def _converted(converter: Any, half: bool) -> bytes:
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    if half:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def _compare(model: keras.Model, graph: Runnable, half: bool) -> None:
    """Refuse a graph whose outputs differ: the converter has been wrong, or given NaN, without a warning."""
    examples = _examples(model.input_shape[1:], model.inputs[0].dtype)
    expected = np.asarray(model(examples, training=False))
    if not np.isfinite(expected).all():
        raise ClassifierDamaged(
            "The classifier's network returns values that are not numbers.",
            "Its weights may be damaged, or far too large.",
            "Download or train the classifier again.",
        )
    largest = max(float(np.abs(expected).max()), _EPSILON)  # all outputs may be 0, if no unit of a layer is active
    difference = float(np.abs(graph(examples) - expected).max()) / largest
    if not difference <= (_HALF_TOLERANCE if half else _TOLERANCE):  # also if it is not a number
        raise RuntimeError(f"{model.name} was converted wrongly: its outputs differ by a share of {difference:g}")


def _examples(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Smooth random images or clips, or random features."""
    random = np.random.default_rng(7)
    if dtype != "uint8":
        return np.abs(random.normal(size=(_EXAMPLES, *shape))).astype(dtype)
    *frames, height, width, channels = shape
    coarse = random.uniform(0, 255, (_EXAMPLES, *frames, 4, 4, channels))
    tall = np.repeat(coarse, -(-height // 4), axis=-3)[..., :height, :, :]
    return np.repeat(tall, -(-width // 4), axis=-2)[..., :width, :].astype(np.uint8)


def _convertible(model: keras.Model) -> keras.Model:
    """The same network without layers that LiteRT lacks, or runs slowly: some of 3D, and some of our own."""

    def converted(layer: keras.Operation) -> keras.Operation:
        kind = _TWO_DIMENSIONAL.get(type(layer))
        if kind is not None:
            return kind(layer, name=layer.name)
        return layer.to_litert() if hasattr(layer, "to_litert") else layer

    if all(converted(layer) is layer for layer in model._flatten_layers()):
        return model
    return keras.models.clone_model(model, clone_function=converted, recursive=True)


class _Pool(layers.Layer):  # type: ignore[misc]  # Keras brings no types
    """A `MaxPooling3D` as one pooling over each image and one over time: a maximum of maxima."""

    pool: Any

    @no_type_check
    def __init__(self, pool: layers.MaxPooling3D, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pool = pool

    def call(self, clips: Any) -> Any:
        """Time is folded into the batch for the first pool, the image into one axis for the second."""
        (steps, *image), size, strides = clips.shape[1:], self.pool.pool_size, self.pool.strides
        x = ops.max_pool(ops.reshape(clips, (-1, *image)), size[1:], strides[1:], self.pool.padding)
        height, width, channels = x.shape[1:]
        if size[0] > 1 or strides[0] > 1:
            x = ops.reshape(x, (-1, steps, height * width, channels))
            x = ops.max_pool(x, (size[0], 1), (strides[0], 1), self.pool.padding)
            steps = x.shape[1]
        return ops.reshape(x, (-1, steps, height, width, channels))


class _Convolution(layers.Layer):  # type: ignore[misc]
    """A `Conv3D` with padding 'same' as a `Conv2D` on neighbouring frames, with their channels side by side."""

    convolution: Any

    @no_type_check
    def __init__(self, convolution: layers.Conv3D, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.convolution = convolution

    def call(self, clips: Any) -> Any:
        """From `(batch, time, height, width, channels)` to the same with fewer or more channels."""
        kernel, stride = self.convolution.kernel, self.convolution.strides[0]
        length, steps = kernel.shape[0], clips.shape[1]
        count = -(-steps // stride)
        padding = max((count - 1) * stride + length - steps, 0)
        x = ops.pad(clips, ((0, 0), (padding // 2, padding - padding // 2), (0, 0), (0, 0), (0, 0)))
        last = stride * (count - 1) + 1
        x = ops.concatenate([x[:, at : at + last : stride] for at in range(length)], axis=-1)
        flat = ops.concatenate([kernel[at] for at in range(length)], axis=2)
        x = ops.conv(ops.reshape(x, (-1, *x.shape[2:])), flat, self.convolution.strides[1:], "same")
        x = self.convolution.activation(x + self.convolution.bias)
        return ops.reshape(x, (-1, count, *x.shape[1:]))


_TWO_DIMENSIONAL = {layers.MaxPooling3D: _Pool, layers.Conv3D: _Convolution}
