"""Consecutive frames that a network sees together, so that it sees motion and not only what is there."""

from typing import Any

import keras
from keras import ops

from har.clips import ClipSpec
from har.errors import OptionsError


def frame_stacks(clips: Any, size: int) -> Any:
    """All stacks of so many consecutive frames in clips.

    Args:
        clips: `(batch, time, height, width, 3)`.
        size: frames in a stack; 1 gives the frames themselves.

    Returns:
        `(batch · stacks, size, height, width, 3)`, where a clip has `time - size + 1` stacks; for single frames
        `(batch · time, height, width, 3)`.
    """
    steps, frame = clips.shape[1] - size + 1, clips.shape[2:]
    if size == 1:
        return ops.reshape(clips, (-1, *frame))
    stacks = ops.stack([clips[:, first : first + steps] for first in range(size)], axis=2)
    return ops.reshape(stacks, (-1, size, *frame))


def on_stacks(encoder: keras.Model, head: keras.Model, clips: Any, size: int) -> Any:
    """Run the encoder on all stacks of the clips, and the head on the sequences of their features."""
    features = encoder(frame_stacks(clips, size))
    return head(ops.reshape(features, (-1, *head.input_shape[1:])))  # (batch, time, features)


def check_motion(spec: ClipSpec, size: int) -> None:
    """Refuse clips that are too short to see motion in.

    Raises:
        OptionsError: no more frames in a clip than in a stack.
    """
    if spec.frames <= size:
        raise OptionsError(
            f"The option motion was set for clips of {spec.frames} frames.",
            f"It needs more than {size} frames.",
            "Unset motion, or choose more frames.",
        )


def one_or_both(streams: list[Any]) -> Any:
    """Features of several streams, `(n, features)` each or `(n, height, width, features)`, side by side.

    In training each stream is dropped half of the time, so each learns to recognise labels alone, and an easy stream
    does not keep the others from learning (as whole modalities are dropped in Neverova et al. 2016,
    https://arxiv.org/abs/1501.00102).
    """
    side_by_side = ops.stack(streams, axis=1)
    shape = (None, len(streams), *(1 for _ in side_by_side.shape[2:]))
    dropped = keras.layers.Dropout(0.5, noise_shape=shape, name="streams")(side_by_side)
    # Not `ops.unstack`: the converter for LiteRT mixes up the maps of the streams then.
    return ops.concatenate([dropped[:, index] for index in range(len(streams))], axis=-1)
