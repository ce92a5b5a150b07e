"""The frames of a clip in other orders, and what a classifier says then.

Hiding a frame is an order too: the frame before it is shown again. So a network never sees a picture that the camera
has not seen. A grey or mean picture in its place would be a jump there and back, which networks that look at motion
take for the largest motion of all.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int, UInt8

from har.classifier import Classifier
from har.evaluation import ORDERS

_AT_ONCE = 8_000_000  # pixel values that a network looks at


def hidden(count: int, place: int) -> Int[np.ndarray, "time"]:
    """The order in which one frame and its neighbours are hidden: those before stand still meanwhile.

    A fifth of the clip is hidden, since one frame alone is hardly missed: its neighbours show nearly the same.

    Args:
        count: frames of the clip.
        place: of the frame in the middle of those hidden.
    """
    reach = max(1, round(count / 10))
    first, after = max(0, place - reach), min(count, place + reach + 1)
    order = np.arange(count)
    order[first:after] = first - 1 if first else min(after, count - 1)
    return order


def reordered(count: int) -> dict[str, Int[np.ndarray, "time"]]:
    """The orders that the report of a training has too: shuffled, reversed, frozen."""
    return {name: order(np.arange(count)) for name, order in ORDERS.items()}


def answers_in(
    classifier: Classifier,
    clip: UInt8[np.ndarray, "time height width 3"],
    orders: Int[np.ndarray, "orders time"],
    on_done: Callable[[int, int], None] = lambda done, total: None,
) -> Float32[np.ndarray, "orders labels"]:
    """Probabilities for a clip in several orders of its frames.

    Where the network has a part for frames, or for a few frames in a row, that looks at each such run once.

    Args:
        classifier: who is asked.
        clip: of its spec.
        orders: which frame stands at each place.
        on_done: told of the looks done, and of all.
    """
    if not classifier.has_halves:
        return _in_chunks(classifier, orders, lambda order: clip[order], on_done)
    together = classifier.moment_frames
    moments = np.lib.stride_tricks.sliding_window_view(orders, together, axis=1)  # (orders, rows, together)
    different, places = np.unique(moments.reshape(-1, together), axis=0, return_inverse=True)
    taken = different if together > 1 else different[:, 0]
    features = _in_chunks(classifier.encode, taken, lambda moment: clip[moment], on_done)
    return classifier.classify(features[places.reshape(moments.shape[:2])])


def _in_chunks(
    look: Callable[[np.ndarray], np.ndarray],
    chosen: Int[np.ndarray, "..."],
    shown: Callable[[np.ndarray], np.ndarray],
    on_done: Callable[[int, int], None],
) -> np.ndarray:
    size = max(1, _AT_ONCE // shown(chosen[0]).size)
    found = []
    for at in range(0, len(chosen), size):
        found.append(look(shown(chosen[at : at + size])))
        on_done(min(at + size, len(chosen)), len(chosen))
    return np.concatenate(found)
