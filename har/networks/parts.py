"""The parts of a built network that other code looks up. Their names are stored with the weights.

A network may have an encoder, which turns each stack of consecutive frames (often a single frame) or a whole clip into
features, and a head, which turns features into probabilities.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    import keras

ENCODER, HEAD = "encoder", "head"
NETWORK = "network"  # of one that has no such parts
PUBLISHED_LABELS = "published_labels"  # a head besides the trained one: that of the published encoder

# Layers of heads
LABELS = "labels"  # gives the probabilities
FRAME_LABELS = "frame_labels"  # logits from the mean of the features, without regard to order
MOTION_LABELS = "motion_labels"  # logits from the mean of the recurrent layer's states
SEQUENCE_LABELS = "sequence_labels"  # logits from the recurrent layer, next to solved layers
SOLVED_LABELS = "solved_labels"  # and a number: logits of a layer that is fitted by ridge regression, not by steps


def encoder_and_head(model: "keras.Model") -> "tuple[keras.Model, keras.Model] | None":
    """The encoder and the head, which share the network's weights; None if the network has no such parts."""
    layers = {layer.name: layer for layer in model.layers}
    return (layers[ENCODER], layers[HEAD]) if layers.keys() >= {ENCODER, HEAD} else None


def named_parts(model: "keras.Model") -> "dict[str, keras.Model]":
    """The parts that run one after the other: `ENCODER` and `HEAD`, or only `NETWORK`."""
    parts = encoder_and_head(model)
    return {NETWORK: model} if parts is None else dict(zip((ENCODER, HEAD), parts, strict=True))


def frame_encoder_and_head(model: "keras.Model") -> "tuple[keras.Model, keras.Model] | None":
    """Encoder and head of a network whose encoder takes less than a whole clip; None for other networks.

    The encoder maps frames `(n, height, width, 3)`, or stacks `(n, frames, height, width, 3)` of consecutive frames, to
    features `(n, features)`; the head maps their sequence `(batch, time, features)` to probabilities `(batch, labels)`.
    """
    parts = encoder_and_head(model)
    return parts if parts is not None and stack_size(parts[0].input_shape[1:]) < model.input_shape[1] else None


def stack_size(shape: tuple[int, ...]) -> int:
    """Number of consecutive frames that an encoder takes at once; 1 for single frames.

    Args:
        shape: of one of its inputs, `(height, width, 3)` or `(frames, height, width, 3)`.
    """
    return shape[0] if len(shape) == 4 else 1


def find_layer(model: "keras.Model", name: str) -> "keras.layers.Layer | None":
    """A layer by its name; None if there is none."""
    return next((layer for layer in model.layers if layer.name == name), None)


def solved_layers(head: "keras.Model") -> "list[keras.layers.Layer]":
    """The layers of a head that are fitted by ridge regression."""
    return [layer for layer in head.layers if layer.name.startswith(SOLVED_LABELS)]


def step_logits(
    head: "keras.Model",
    features: Float[np.ndarray, "steps *cells channels"],
    hidden: Float[np.ndarray, "steps *place units"],
) -> Float[np.ndarray, "steps labels"]:
    """A head's logits for each step from its input and its recurrent layer's states, as if the clip ended there."""
    motion, frame = find_layer(head, MOTION_LABELS), find_layer(head, FRAME_LABELS)
    if motion is None or frame is None:
        last = head.get_layer(LABELS)
        return np.asarray(hidden @ np.asarray(last.kernel) + np.asarray(last.bias))
    of_frames = _running_mean(features) @ np.asarray(frame.kernel) + np.asarray(frame.bias)
    return np.asarray(of_frames + _running_mean(hidden) @ np.asarray(motion.kernel))


def _running_mean(values: Float[np.ndarray, "steps *place channels"]) -> Float[np.ndarray, "steps channels"]:
    """Each channel's mean over places and over the steps so far."""
    flat = values.mean(axis=tuple(range(1, values.ndim - 1)))
    return np.asarray(np.cumsum(flat, axis=0) / np.arange(1, len(flat) + 1)[:, None])


def in_block(layer: "keras.layers.Layer", block: str, stream: str = "") -> Any:
    """Mark a layer as part of a block and of a CNN among several, so that summaries and diagrams can group layers."""
    layer.block, layer.stream = block, stream
    return layer
