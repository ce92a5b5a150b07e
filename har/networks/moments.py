"""Frames that a network looks at together, so that it sees what moves and not only what is there."""

from typing import Any

import keras
from keras import ops


def moments(clips: Any, frames: int) -> Any:
    """Every run of so many frames in clips, one after the other.

    Args:
        clips: `(batch, time, height, width, 3)`.
        frames: in a run; 1 gives the frames themselves.

    Returns:
        `(batch · runs, frames, height, width, 3)`, where a clip has `time - frames + 1` runs; for single frames
        `(batch · time, height, width, 3)`.
    """
    steps, picture = clips.shape[1] - frames + 1, clips.shape[2:]
    if frames == 1:
        return ops.reshape(clips, (-1, *picture))
    runs = ops.stack([clips[:, first : first + steps] for first in range(frames)], axis=2)
    return ops.reshape(runs, (-1, frames, *picture))


def one_or_both(streams: list[Any]) -> Any:
    """Features of some streams side by side; in training each is hidden half of the time.

    So each learns to tell the labels alone, and the easy one does not keep the others from learning (as whole
    modalities are dropped in Neverova et al. 2016, https://arxiv.org/abs/1501.00102).

    Args:
        streams: `(n, features)` each, or `(n, height, width, features)`.
    """
    side_by_side = ops.stack(streams, axis=1)
    shape = (None, len(streams), *(1 for _ in side_by_side.shape[2:]))
    kept = keras.layers.Dropout(0.5, noise_shape=shape, name="streams")(side_by_side)
    return ops.concatenate(ops.unstack(kept, axis=1), axis=-1)
