"""MoViNet-A0-Stream exactly as it was published: 8 bits, causal, run by LiteRT without conversion.

Kondratyuk et al. 2021, MoViNets: mobile video networks, https://arxiv.org/abs/2103.11511. The file takes a frame and
the state that earlier frames left. It keeps a running sum of the frames' features; fed with zeros there, it gives back
the features of the frame alone. A window's answer is the mean of its features through the two dense layers in the file.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from har.log import without_messages
from har.runtime.graph import softmax

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter, SignatureRunner

SIDE = 172  # pixels of a frame
FEATURES = 480  # of a frame
_IMAGE = "image"
_SUM = ("state_head_pool_buffer", "state_head_pool_frame_count")
_RELU_LIMIT = 6.0
HIDDEN = 2048
LABELS = 600


class MovinetEncoder:
    """Features of consecutive frames; those of a frame depend on it and on earlier ones only.

    Hidden: what the first of the file's dense layers makes of each frame's features: 2,048 instead of 480.
    """

    input_shape: tuple[int, ...] = (SIDE, SIDE, 3)

    def __init__(self, path: Path, hidden: bool = False) -> None:
        self._path = path
        self._dense = MovinetHead(path, 1).hidden if hidden else None
        first = self._runner()
        self._blank = {
            name: np.zeros(details["shape"], details["dtype"])
            for name, details in first.get_input_details().items()
            if name != _IMAGE
        }
        # An interpreter has one set of tensors, and a frame is too little work for two threads: videos that are encoded
        # at the same time take one each.
        self._free = [first]
        self._limit = threading.Semaphore(os.cpu_count() or 1)

    def __call__(self, frames: UInt8[np.ndarray, "time height width 3"]) -> Float32[np.ndarray, "time features"]:
        """Features of the frames, with nothing before them."""
        return self.start()(frames)

    def start(
        self,
    ) -> Callable[[UInt8[np.ndarray, "time height width 3"]], Float32[np.ndarray, "time features"]]:
        """Begin a video: a function from its next frames to their features."""
        state = dict(self._blank)

        def encode(frames: UInt8[np.ndarray, "time height width 3"]) -> Float32[np.ndarray, "time features"]:
            features = np.empty((len(frames), FEATURES), np.float32)
            for row, frame in zip(features, frames, strict=True):
                with self._borrowed() as run:
                    outputs = run(**{_IMAGE: frame[None, None] / np.float32(255)}, **state)
                row[:] = outputs[_SUM[0]].ravel()
                state.update({name: outputs[name] for name in state if name not in _SUM})
            return features if self._dense is None else self._dense(features)

        return encode

    @contextmanager
    def _borrowed(self) -> "Iterator[SignatureRunner]":
        with self._limit:
            try:
                run = self._free.pop()
            except IndexError:
                run = self._runner()
            try:
                yield run
            finally:
                self._free.append(run)

    def _runner(self) -> "SignatureRunner":
        from ai_edge_litert.interpreter import Interpreter

        with without_messages():
            return Interpreter(str(self._path), num_threads=1).get_signature_runner()


class MovinetHead:
    """Probabilities of the 600 actions of Kinetics-600 for windows of features.

    Hidden: the features are outputs of the first dense layer.
    """

    def __init__(self, path: Path, frames: int, hidden: bool = False) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.input_shape: tuple[int, ...] = (frames, HIDDEN if hidden else FEATURES)
        self._of_hidden = hidden
        with without_messages():
            interpreter = Interpreter(str(path), num_threads=1)
            interpreter.allocate_tensors()
        self.arrays = tuple(
            _dequantised(interpreter, shape)
            for shape in ((HIDDEN, 1, 1, FEATURES), (HIDDEN,), (LABELS, 1, 1, HIDDEN), (LABELS,))
        )

    def __call__(self, windows: Float32[np.ndarray, "batch time features"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities."""
        _, _, kernel, bias = self.arrays
        means = windows.mean(axis=1)
        logits = (means if self._of_hidden else self.hidden(means)) @ kernel + bias
        return softmax(logits).astype(np.float32)

    def hidden(self, features: Float32[np.ndarray, "rows features"]) -> Float32[np.ndarray, "rows hidden"]:
        """Outputs of the first dense layer."""
        kernel, bias, _, _ = self.arrays
        return np.asarray(np.clip(features @ kernel + bias, 0, _RELU_LIMIT))


def _dequantised(interpreter: "Interpreter", shape: tuple[int, ...]) -> np.ndarray:
    """The weights of that shape as float32: a bias, or a kernel `(inputs, outputs)`."""
    (details,) = (
        each
        for each in interpreter.get_tensor_details()
        if tuple(each["shape"]) == shape and each["quantization_parameters"]["scales"].size == shape[0]
    )
    scales = details["quantization_parameters"]["scales"]  # one for each output; zero points are 0
    values = interpreter.get_tensor(details["index"]).reshape(shape[0], -1).astype(np.float32) * scales[:, None]
    return np.ascontiguousarray(values.T) if len(shape) > 1 else values[:, 0]
