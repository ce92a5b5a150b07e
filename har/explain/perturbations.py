"""A clip with its frames hidden or reordered, and the classifier's probabilities for it.

Hiding a frame is a reordering too: the frame before it is repeated. So a network never sees an image that the camera
did not take. A grey or mean image would cause a sudden change, which networks that see motion take for the largest
motion of all.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int, UInt8

from har.classifier import Classifier

_BATCH_VALUES = 8_000_000  # pixel values in a batch


def _reach(count: int) -> int:
    """Neighbours on each side that are hidden with a frame: a fifth of the clip in all, as neighbours look alike."""
    return max(1, round(count / 10))


def hidden_count(count: int) -> int:
    """Number of frames that are hidden at once in a clip of `count` frames."""
    return min(count, 2 * _reach(count) + 1)


def order_hiding(count: int, place: int) -> Int[np.ndarray, "time"]:
    """The order that hides the frame at `place` and its neighbours: the frame before them is repeated."""
    first, after = max(0, place - _reach(count)), min(count, place + _reach(count) + 1)
    order = np.arange(count)
    order[first:after] = first - 1 if first else min(after, count - 1)
    return order


def probabilities_of_orders(
    classifier: Classifier,
    clip: UInt8[np.ndarray, "time height width 3"],
    orders: Int[np.ndarray, "orders time"],
    on_batch: Callable[[int, int], None] = lambda done, total: None,
) -> Float32[np.ndarray, "orders labels"]:
    """Probabilities for a clip with its frames in several orders.

    A frame encoder without a memory runs once for each different stack of frames. `on_batch` gets the number of inputs
    that are done, and of all.
    """
    if not classifier.has_frame_encoder or classifier.has_memory:
        return _in_batches(classifier, orders, lambda order: clip[order], on_batch)
    size = classifier.stack_size
    stacks = np.lib.stride_tricks.sliding_window_view(orders, size, axis=1)  # (orders, steps, size)
    different, places = np.unique(stacks.reshape(-1, size), axis=0, return_inverse=True)
    inputs = different if size > 1 else different[:, 0]
    features = _in_batches(classifier.encode, inputs, lambda stack: clip[stack], on_batch)
    return classifier.classify(features[places.reshape(stacks.shape[:2])])


def _in_batches(
    network: Callable[[np.ndarray], np.ndarray],
    indices: Int[np.ndarray, "..."],
    pixels_of: Callable[[np.ndarray], np.ndarray],
    on_batch: Callable[[int, int], None],
) -> np.ndarray:
    size = max(1, _BATCH_VALUES // pixels_of(indices[0]).size)
    outputs = []
    for at in range(0, len(indices), size):
        outputs.append(network(pixels_of(indices[at : at + size])))
        on_batch(min(at + size, len(indices)), len(indices))
    return np.concatenate(outputs)
