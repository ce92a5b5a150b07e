"""A network, or a part of one, that can be run."""

import os
import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from har.log import without_messages

if TYPE_CHECKING:
    import keras
    from ai_edge_litert.interpreter import Interpreter

_MAX_THREADS = 4  # more do not help networks of this size


@runtime_checkable
class Runnable(Protocol):
    """From a batch of any size to the outputs of a network with one input and one output."""

    input_shape: tuple[int, ...]  # of one example

    def __call__(self, batch: np.ndarray, /) -> np.ndarray:
        """Outputs, one for each of the examples along the first axis."""


@runtime_checkable
class Stream(Runnable, Protocol):
    """An encoder with a memory: the features of a frame depend on the frames before it."""

    def start(self) -> Callable[[np.ndarray], np.ndarray]:
        """Begin a video: a function from its next frames to their features."""


def started(encoder: Runnable) -> Callable[[np.ndarray], np.ndarray]:
    """A function from the next frames of a video to their features. If the encoder has a memory, a video begins."""
    return encoder.start() if isinstance(encoder, Stream) else encoder


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities from logits, which lie along the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def interpreter_of(source: Path | bytes) -> "Interpreter":
    """LiteRT's interpreter of a file, or of its content."""
    from ai_edge_litert.interpreter import Interpreter

    threads = min(_MAX_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    file = {"model_content": source} if isinstance(source, bytes) else {"model_path": str(source)}
    with without_messages():
        return Interpreter(**file, num_threads=threads)


class Graph:
    """A file that LiteRT runs (https://ai.google.dev/edge/litert), or its content, with one input and one output.

    The same input gives the same bits on one machine.
    """

    def __init__(self, source: Path | bytes) -> None:
        self._interpreter = interpreter_of(source)
        with without_messages():
            self._interpreter.allocate_tensors()
        (given,), (returned,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input, self._output = given["index"], returned["index"]
        self._dtype = given["dtype"]
        self._batch_size, *shape = (int(side) for side in given["shape"])
        self.input_shape = tuple(shape)
        self._lock = threading.Lock()  # an interpreter has one set of tensors

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Outputs of each example.

        Raises:
            ValueError: examples of another shape.
        """
        if batch.shape[1:] != self.input_shape:
            raise ValueError(f"expected examples of shape {self.input_shape}, not {batch.shape[1:]}")
        with self._lock:
            return np.concatenate(
                [self._run(batch[first : first + self._batch_size]) for first in range(0, len(batch), self._batch_size)]
            )

    def _run(self, examples: np.ndarray) -> np.ndarray:
        """At most a batch; a smaller one is filled up with copies of its last example."""
        missing = self._batch_size - len(examples)
        filled = np.concatenate([examples, np.repeat(examples[-1:], missing, axis=0)]) if missing else examples
        self._interpreter.set_tensor(self._input, filled.astype(self._dtype, copy=False))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output)[: len(examples)])


class KerasGraph:
    """A Keras model, traced once for batches of any size, when it is first called. Imports TensorFlow."""

    def __init__(self, model: "keras.Model") -> None:
        self._model = model
        self.input_shape: tuple[int, ...] = model.input_shape[1:]
        self._lock = threading.Lock()  # one batch uses all processors; two would only take twice the memory

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Outputs of each example."""
        import tensorflow as tf

        with self._lock:
            return np.asarray(self._function(tf.constant(batch)))

    @cached_property
    def _function(self) -> Any:
        import tensorflow as tf

        function = tf.function(lambda batch: self._model(batch, training=False), autograph=False)
        return function.get_concrete_function(tf.TensorSpec((None, *self.input_shape), self._model.inputs[0].dtype))
