"""LRCN: a CNN for each frame, an LSTM over the sequence (Donahue et al. 2015, https://arxiv.org/abs/1411.4389).

Usually the CNN is wrapped in `TimeDistributed`. Here time is folded into the batch instead: the same outputs for the
same weights, at a half to a tenth of the time.
"""

from typing import Any

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.moments import moments, one_or_both

# Filters, side of the pool, and dropout of each convolution.
STAGES = ((16, 4, 0.25), (32, 4, 0.25), (64, 2, 0.25), (64, 2, 0.0))
LSTM_UNITS = 32

# The same where the CNN is wide: its first side is 5, its step 2; normalised, and each filter's mean is a feature.
WIDE_STAGES = ((32, 2), (64, 2), (96, 2), (128, 1))
MOMENT_FRAMES = 3  # with motion: what a frame differs by from the one before and the one after


def build(
    label_count: int, spec: ClipSpec, plain: bool = False, wide: bool = False, motion: bool = False
) -> keras.Model:
    """LRCN; for 4 labels and frames of 64×64 it has 73,060 parameters, or 209,252 where it is wide.

    Args:
        label_count: outputs.
        spec: input size.
        plain: as the tutorial has it: pixels from 0 to 1, and Glorot's first weights.
        wide: a CNN that looks longer before it pools, with batch normalisation (Ioffe & Szegedy 2015), and a head that
            adds up what single frames and the sequence say, over all steps, as Donahue et al. average theirs.
        motion: beside the wide CNN a second one, which sees only by what a frame differs from its neighbours. Two
            streams: Simonyan & Zisserman 2014, https://arxiv.org/abs/1406.2199; differences instead of optical flow:
            Wang et al. 2016, https://arxiv.org/abs/1608.00859.

    Raises:
        OptionsError: motion without a wide CNN, or with too few frames in a clip.
    """
    together = MOMENT_FRAMES if motion else 1
    if motion and (not wide or spec.frames <= together):
        raise OptionsError(
            f"LRCN with motion was asked for{'' if wide else ', but not wide'}, on clips of {spec.frames} frames.",
            f"It must be wide, and clips need more than {together} frames.",
            "Leave motion out, or choose more frames.",
        )
    encoder = (_moment_encoder if motion else _wide_encoder)(spec) if wide else _encoder(spec, plain)
    head = (_wide_head if wide else _head)(label_count, spec.frames + 1 - together, encoder.output_shape[-1])
    clips = keras.Input(spec.shape, dtype="uint8")
    features = ops.reshape(encoder(moments(clips, together)), (-1, *head.input_shape[1:]))  # (batch, time, features)
    return keras.Model(clips, head(features), name="lrcn")


def _encoder(spec: ClipSpec, plain: bool) -> keras.Model:
    frames = keras.Input(spec.shape[1:], dtype="uint8")
    # About zero: from 0 to 1 it learns several times as slowly.
    x = layers.Rescaling(1 / 255)(frames) if plain else layers.Rescaling(2 / 255, offset=-1)(frames)
    for number, (filters, pool, dropout) in enumerate(STAGES, start=1):
        first = "glorot_uniform" if plain else "he_normal"
        convolution = layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_initializer=first, name=f"conv{number}"
        )
        x = convolution(x)
        x = layers.MaxPooling2D(pool)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    return keras.Model(frames, layers.Flatten()(x), name="encoder")


def _head(label_count: int, steps: int, feature_count: int) -> keras.Model:
    features = keras.Input((steps, feature_count))
    x = layers.LSTM(LSTM_UNITS, name="lstm")(features)
    return keras.Model(features, layers.Dense(label_count, activation="softmax", name="labels")(x), name="head")


def _wide_encoder(spec: ClipSpec) -> keras.Model:
    frames = keras.Input(spec.shape[1:], dtype="uint8")
    return keras.Model(frames, _wide(layers.Rescaling(2 / 255, offset=-1)(frames), ""), name="encoder")


def _moment_encoder(spec: ClipSpec) -> keras.Model:
    frames = keras.Input((MOMENT_FRAMES, *spec.shape[1:]), dtype="uint8")
    before, now, after = ops.unstack(layers.Rescaling(2 / 255, offset=-1)(frames), axis=1)
    moved = 2 * ops.concatenate([now - before, after - now], axis=-1)
    return keras.Model(frames, one_or_both([_wide(now, "frame_"), _wide(moved, "motion_")]), name="encoder")


def _wide(x: Any, name: str) -> Any:
    """The wide CNN: a number for each of its last filters."""
    for number, (filters, pool) in enumerate(WIDE_STAGES, start=1):
        first = number == 1
        convolution = layers.Conv2D(
            filters,
            5 if first else 3,
            strides=2 if first else 1,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"{name}conv{number}",
        )
        x = layers.BatchNormalization(momentum=0.95, name=f"{name}norm{number}")(convolution(x))
        x = layers.ReLU(name=f"{name}relu{number}")(x)
        if pool > 1:
            x = layers.MaxPooling2D(pool, name=f"{name}pool{number}")(x)
    return layers.GlobalAveragePooling2D(name=f"{name}means")(x)


def _wide_head(label_count: int, steps: int, feature_count: int) -> keras.Model:
    features = keras.Input((steps, feature_count))
    x = layers.Dropout(0.5)(features)
    states = layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    # It begins as if there were no LSTM, with what single frames say.
    moved = layers.Dense(label_count, use_bias=False, kernel_initializer="zeros", name="motion_labels")
    seen = layers.Dense(label_count, name="frame_labels")
    said = layers.Add()(
        [
            moved(layers.Dropout(0.5)(layers.GlobalAveragePooling1D()(states))),
            seen(layers.Dropout(0.3)(layers.GlobalAveragePooling1D()(features))),
        ]
    )
    return keras.Model(features, layers.Softmax(name="labels")(said), name="head")
