"""The head of networks whose encoder is frozen: an LSTM on the sequence of features, and layers that are solved for.

The logits of all are added up. The weights of the solved layers are not trained step by step (`har.training.ridge`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers, ops

from har.networks.blocks.lstm import LSTM
from har.networks.parts import HEAD, LABELS, SEQUENCE_LABELS, SOLVED_LABELS

LSTM_UNITS = 64
EPSILON = 1e-6  # added before square roots, whose gradient is infinite at zero
DROPOUT = 0.5


def frozen_head(label_count: int, steps: int, streams: Sequence[int], solved: "Solved | None") -> keras.Model:
    """From features `(batch, steps, features)` to probabilities `(batch, labels)`.

    Streams are numbers of features, which lie side by side and are outputs of a ReLU; each gets the solved layers.
    """
    features = keras.Input((steps, sum(streams)))
    x = layers.Dropout(DROPOUT)(features)
    x = LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    x = layers.Dropout(DROPOUT)(layers.GlobalAveragePooling1D()(x))  # all steps count, as in Donahue et al.
    if solved is None:
        return keras.Model(features, layers.Dense(label_count, activation="softmax", name=LABELS)(x), name=HEAD)
    logits = [layers.Dense(label_count, name=SEQUENCE_LABELS)(x)]
    roots = ops.sqrt(features + EPSILON)  # means of ReLU outputs have a long tail
    parts = [see(stream) for stream in ops.split(roots, len(streams), axis=-1) for see in solved.statistics]
    for number, rows in enumerate(parts):
        name = f"{SOLVED_LABELS}{number}"
        dense = layers.Dense(label_count, kernel_initializer="zeros", trainable=False, name=name)
        dense.solved, dense.logit_scale = solved, solved.scales[number]
        logits.append(dense(rows))
    return keras.Model(features, layers.Softmax(name=LABELS)(layers.Add()(logits)), name=HEAD)


@dataclass(frozen=True)
class Solved:
    """What solved layers see, and how strongly their weights are penalised."""

    # For each layer, from features `(batch, steps, features)` to one row for each clip.
    statistics: Sequence[Callable[[Any], Any]]
    # From regression on 0 and 1 to logits, for each layer; the classifier's temperature does the rest.
    scales: Sequence[float]
    # Per feature, on weights of standardised features, whose sums of squares are the number of clips.
    penalty: float = 0.0  # the same for any number of clips
    penalty_per_clip: float = 0.0


def mean_and_deviation(stream: Any) -> Any:
    """Each feature's mean and deviation over time."""
    return ops.concatenate([ops.mean(stream, axis=1), ops.sqrt(ops.var(stream, axis=1) + EPSILON)], axis=-1)


def direction_of_halves(stream: Any) -> Any:
    """Each feature's mean over the first half of the time and over the second, all scaled together."""
    middle = stream.shape[1] // 2
    return _direction(ops.concatenate([ops.mean(stream[:, :middle], axis=1), ops.mean(stream[:, middle:], axis=1)], -1))


def direction_of_deviation(stream: Any) -> Any:
    """Each feature's deviation over time, all scaled together."""
    return _direction(ops.sqrt(ops.var(stream, axis=1) + EPSILON))


def _direction(rows: Any) -> Any:
    """Scaled to a root mean square of 1."""
    return rows / ops.sqrt(ops.mean(ops.square(rows), axis=-1, keepdims=True) + EPSILON)
