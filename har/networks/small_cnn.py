"""A small CNN that looks longer before it pools, normalised: for frames, and for what has changed between them.

Two streams: Simonyan & Zisserman 2014, https://arxiv.org/abs/1406.2199; differences of frames in place of optical flow:
Wang et al. 2016, https://arxiv.org/abs/1608.00859. Batch normalisation: Ioffe & Szegedy 2015,
https://arxiv.org/abs/1502.03167.
"""

from typing import Any

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.moments import one_or_both

# Filters, and side of the pool; the first convolution's side is 5, its step 2.
STAGES = ((32, 2), (64, 2), (96, 2), (128, 1))
MAP_STAGES = ((32, 2), (64, 2), (96, 1), (64, 1))  # where pictures of features are wanted: an eighth of each side
MOMENT_FRAMES = 3  # with motion: a frame with the one before and the one after


def encoder(spec: ClipSpec, motion: bool, maps: bool = False) -> keras.Model:
    """The CNN for frames `(height, width, 3)`; with motion, for moments `(3, height, width, 3)`.

    Args:
        spec: input size.
        motion: whether a second stream sees by what a frame differs from its neighbours, and nothing else.
        maps: give pictures of features, `(height / 8, width / 8, features)`, instead of each feature's mean.

    Raises:
        OptionsError: motion in clips too short for it.
    """
    if not motion:
        frames = keras.Input(spec.shape[1:], dtype="uint8")
        return keras.Model(frames, _cnn(layers.Rescaling(2 / 255, offset=-1)(frames), "", maps), name="encoder")
    if spec.frames <= MOMENT_FRAMES:
        raise OptionsError(
            f"Motion in clips of {spec.frames} frames was asked for.",
            f"More than {MOMENT_FRAMES} are needed.",
            "Leave motion out, or choose more frames.",
        )
    frames = keras.Input((MOMENT_FRAMES, *spec.shape[1:]), dtype="uint8")
    before, now, after = ops.unstack(layers.Rescaling(2 / 255, offset=-1)(frames), axis=1)
    moved = 2 * ops.concatenate([now - before, after - now], axis=-1)
    streams = [_cnn(now, "frame", maps), _cnn(moved, "motion", maps)]
    return keras.Model(frames, one_or_both(streams), name="encoder")


def summed_up(frames: Any, sequence: Any, label_count: int) -> Any:
    """Probabilities, from what single frames say and what the sequence adds; at first it adds nothing.

    So a network goes on from what it has learnt of frames, and features that mean nothing in sequence yet do no harm.

    Args:
        frames: means of the frames' features, `(batch, features)`.
        sequence: means of the states over all steps, `(batch, features)`.
        label_count: outputs.
    """
    moved = layers.Dense(label_count, use_bias=False, kernel_initializer="zeros", name="motion_labels")
    seen = layers.Dense(label_count, name="frame_labels")
    said = layers.Add()([moved(layers.Dropout(0.5)(sequence)), seen(layers.Dropout(0.3)(frames))])
    return layers.Softmax(name="labels")(said)


def _cnn(x: Any, stream: str, maps: bool) -> Any:
    """The CNN; layers of one stage share the beginning of their names where there are streams."""

    def name(kind: str, number: int) -> str:
        return f"{stream}{number}_{kind}" if stream else f"{kind}{number}"

    for number, (filters, pool) in enumerate(MAP_STAGES if maps else STAGES, start=1):
        first = number == 1
        convolution = layers.Conv2D(
            filters,
            5 if first else 3,
            strides=2 if first else 1,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=name("conv", number),
        )
        x = layers.BatchNormalization(momentum=0.95, name=name("norm", number))(convolution(x))
        x = layers.ReLU(name=name("relu", number))(x)
        if pool > 1:
            x = layers.MaxPooling2D(pool, name=name("pool", number))(x)
    return x if maps else layers.GlobalAveragePooling2D(name=f"{stream}_means" if stream else "means")(x)
