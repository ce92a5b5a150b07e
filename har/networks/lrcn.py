"""LRCN: a CNN for each frame, an LSTM over the sequence (Donahue et al. 2015, https://arxiv.org/abs/1411.4389).

Usually the CNN is wrapped in `TimeDistributed`. Here time is folded into the batch instead: the same outputs for the
same weights, at a half to a tenth of the time.
"""

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import moment_frames
from har.networks import small_cnn as wide_cnn
from har.networks.moments import moments

# Filters, side of the pool, and dropout of each convolution.
STAGES = ((16, 4, 0.25), (32, 4, 0.25), (64, 2, 0.25), (64, 2, 0.0))
LSTM_UNITS = 32


def build(
    label_count: int, spec: ClipSpec, plain: bool = False, wide: bool = False, motion: bool = False
) -> keras.Model:
    """LRCN; for 4 labels and frames of 64×64 it has 73,060 parameters, 209,252 where it is wide, or
    416,548 with motion.

    Args:
        label_count: outputs.
        spec: input size.
        plain: as the tutorial has it: pixels from 0 to 1, and Glorot's first weights.
        wide: the CNN of `har.networks.small_cnn`, and a head that adds up what single frames and the sequence say, over
            all steps, as Donahue et al. average theirs.
        motion: a second stream of the wide CNN for what moves.

    Raises:
        OptionsError: motion without the wide CNN, or in clips too short for it.
    """
    if motion and not wide:
        raise OptionsError("LRCN was asked to see motion.", "It must be wide for that.", "Ask for both.")
    encoder = wide_cnn.encoder(spec, motion) if wide else _encoder(spec, plain)
    together = moment_frames(encoder)
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


def _wide_head(label_count: int, steps: int, feature_count: int) -> keras.Model:
    features = keras.Input((steps, feature_count))
    x = layers.Dropout(0.5)(features)
    states = layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    frames, sequence = layers.GlobalAveragePooling1D()(features), layers.GlobalAveragePooling1D()(states)
    return keras.Model(features, wide_cnn.summed_up(frames, sequence, label_count), name="head")
