"""LRCN: a CNN for each frame, an LSTM over the sequence (Donahue et al. 2015, https://arxiv.org/abs/1411.4389).

Usually the CNN is wrapped in `TimeDistributed`. Here time is folded into the batch instead: the same outputs for the
same weights, at a half to a tenth of the time.
"""

import keras
from keras import layers, ops

from har.clips import ClipSpec

# Filters, side of the pool, and dropout of each convolution.
STAGES = ((16, 4, 0.25), (32, 4, 0.25), (64, 2, 0.25), (64, 2, 0.0))
LSTM_UNITS = 32


def build(label_count: int, spec: ClipSpec, plain: bool = False) -> keras.Model:
    """LRCN; 73,060 parameters for 4 labels and frames of 64×64.

    Args:
        label_count: outputs.
        spec: input size.
        plain: as the tutorial has it: pixels from 0 to 1, and Glorot's first weights.
    """
    encoder = _encoder(spec, plain)
    head = _head(label_count, spec.frames, encoder.output_shape[-1])
    clips = keras.Input(spec.shape, dtype="uint8")
    frames = ops.reshape(clips, (-1, *spec.shape[1:]))  # (batch · time, height, width, 3)
    features = ops.reshape(encoder(frames), (-1, *head.input_shape[1:]))  # (batch, time, features)
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
