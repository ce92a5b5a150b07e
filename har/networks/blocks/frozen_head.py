"""The head of networks whose encoder is frozen: an LSTM on the sequence of features, and layers that are solved for.

The logits of all are added up. The weights of the solved layers are not trained step by step (`har.training.ridge`).
"""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from har.networks.parts import HEAD, LABELS, SEQUENCE_LABELS, SOLVED_LABELS

LSTM_UNITS = 64
EPSILON = 1e-6  # added before square roots, whose gradient is infinite at zero
DROPOUT = 0.5


def frozen_head(
    label_count: int, steps: int, streams: Sequence[int], solved: bool, deviation: bool = True
) -> keras.Model:
    """From features `(batch, steps, features)` to probabilities `(batch, labels)`.

    Args:
        label_count: outputs.
        steps: of a clip.
        streams: number of features of each stream, side by side; outputs of a ReLU.
        solved: whether there is a solved layer for each stream.
        deviation: whether the solved layers see each feature's deviation over time, next to its mean.
    """
    features = keras.Input((steps, sum(streams)))
    x = layers.Dropout(DROPOUT)(features)
    x = layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    x = layers.Dropout(DROPOUT)(layers.GlobalAveragePooling1D()(x))  # all steps count, as in Donahue et al.
    if not solved:
        return keras.Model(features, layers.Dense(label_count, activation="softmax", name=LABELS)(x), name=HEAD)
    logits = [layers.Dense(label_count, name=SEQUENCE_LABELS)(x)]
    roots = ops.sqrt(features + EPSILON)  # means of ReLU outputs have a long tail
    for number, stream in enumerate(ops.split(roots, len(streams), axis=-1)):
        name = f"{SOLVED_LABELS}{number}"
        dense = layers.Dense(label_count, kernel_initializer="zeros", trainable=False, name=name)
        logits.append(dense(_statistics(stream, deviation)))
    return keras.Model(features, layers.Softmax(name=LABELS)(layers.Add()(logits)), name=HEAD)


def _statistics(stream: Any, deviation: bool) -> Any:
    mean = ops.mean(stream, axis=1)
    if not deviation:
        return mean
    return ops.concatenate([mean, ops.sqrt(ops.var(stream, axis=1) + EPSILON)], axis=-1)
