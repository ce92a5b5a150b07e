"""Layers that are not learnt step by step: ridge regression gives their weights at once, the same whatever the seed.

A few hundred clips with thousands of features are where it is at its best: steps of gradient descent hardly get to the
directions in which features vary little, and with the difference pictures of a still CNN these tell actions apart.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Float64

from har.networks.lrcn_lite0 import SEQUENCE, SOLVED
from har.training.examples import Examples

_PENALTY = 0.3  # on weights of features with mean 0 and deviation 1, and for each of these features
_LEAST_DEVIATION = 0.01  # of a feature over clips: below it nothing is made larger
_AT_ONCE = 64  # windows that are multiplied together
# From regression on 0 and 1 to logits: of frames, then of differences, which are right more often; the classifier's
# temperature does the rest.
_SHARPNESS = (6.0, 9.0)
_SAY = 0.1  # what the LSTM's logits count for beside these: with more it does harm


def solve(head: keras.Model, train: Examples) -> None:
    """Fill in a head's solved layers, each by itself: what it alone makes of the clips, and of these in a mirror.

    Nothing for a head without any. Every clip counts as much as any other, however many windows it is cut into. What
    the LSTM says is turned down, so this is done once.

    Args:
        head: of a network whose other layers have been trained.
        train: features of the clips that trained them.
    """
    layers = [layer for layer in head.layers if layer.name.startswith(SOLVED)]
    if not layers:
        return
    judged = keras.Model(head.input, [layer.input for layer in layers])
    given = tf.function(lambda windows: keras.tree.flatten(judged(windows, training=False)), reduce_retracing=True)
    sums = [_Sums(tuple(layer.kernel.shape)) for layer in layers]
    for windows, target in _windows(train, head.input_shape[1]):
        for found, sum_of in zip(given(tf.constant(windows)), sums, strict=True):
            sum_of.add(np.asarray(found, np.float64), target)
    for layer, sum_of, sharpness in zip(layers, sums, _SHARPNESS, strict=False):
        kernel, bias = sum_of.weights()
        layer.kernel.assign(sharpness * kernel)
        layer.bias.assign(sharpness * bias)
    sequence = head.get_layer(SEQUENCE)
    sequence.set_weights([_SAY * weight for weight in sequence.get_weights()])


def _windows(examples: Examples, steps: int) -> Iterator[tuple[np.ndarray, int]]:
    """Each clip's windows that do not overlap, then those of clips in a mirror, and the index of the label."""
    for seen in [examples.samples] if examples.mirrored is None else [examples.samples, examples.mirrored]:
        for samples, target in zip(seen, examples.targets, strict=True):
            starts = range(0, len(samples) - steps + 1, steps)
            yield np.stack([samples[start : start + steps] for start in starts]).astype(np.float32), int(target)


class _Sums:
    """All that ridge regression needs of however many clips.

    Args:
        shape: of the weights, `(features, labels)`.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._clips = 0
        self._mean: Float64[np.ndarray, "features"] = np.zeros(shape[0])
        self._products: Float64[np.ndarray, "features features"] = np.zeros((shape[0], shape[0]))
        self._by_label: Float64[np.ndarray, "features labels"] = np.zeros(shape)
        self._counts: Float64[np.ndarray, "labels"] = np.zeros(shape[1])
        self._waiting: list[Float64[np.ndarray, "windows features"]] = []

    def add(self, rows: Float64[np.ndarray, "windows features"], target: int) -> None:
        """A clip's windows, and the index of its label."""
        mean = rows.mean(axis=0)
        self._clips += 1
        self._mean += mean
        self._by_label[:, target] += mean
        self._counts[target] += 1
        self._waiting.append(rows / np.sqrt(len(rows)))
        if sum(map(len, self._waiting)) >= _AT_ONCE:
            self._multiply()

    def _multiply(self) -> None:
        if self._waiting:
            rows = np.concatenate(self._waiting)
            self._products += rows.T @ rows
            self._waiting = []

    def weights(self) -> tuple[Float64[np.ndarray, "features labels"], Float64[np.ndarray, "labels"]]:
        """Kernel and bias that take features as they are; to be asked for once, for it uses up what was summed."""
        self._multiply()
        mean = self._mean / self._clips
        covered = self._products  # changed in place: each copy of it would take 50 MB
        covered -= self._clips * np.outer(mean, mean)
        scale = 1 / (np.sqrt(np.maximum(np.diag(covered), 0) / self._clips) + _LEAST_DEVIATION)
        wanted = self._by_label - np.outer(mean, self._counts)  # of features about their mean with 0 and 1 of labels
        covered *= scale[:, None]
        covered *= scale
        covered[np.diag_indices_from(covered)] += _PENALTY * len(mean)
        kernel = scale[:, None] * np.linalg.solve(covered, scale[:, None] * wanted)
        return kernel, -mean @ kernel
