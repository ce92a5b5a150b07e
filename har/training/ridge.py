"""Layers whose weights come from ridge regression in closed form instead of training steps, whatever the seed.

With a few hundred clips and thousands of features this works best: gradient descent hardly reaches the directions in
which features vary little, and with the frame differences of a frozen CNN these are what tells actions apart.
"""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Float64

from har.networks.blocks.frozen_head import Solved
from har.networks.parts import SEQUENCE_LABELS, solved_layers
from har.training.examples import Examples

_MIN_DEVIATION = 0.01  # added to a feature's standard deviation over clips, so that no constant is scaled up
_BATCH_WINDOWS = 64  # that are multiplied together
_SEQUENCE_WEIGHT = 0.1  # of the LSTM's logits next to these: more does harm


def solve_ridge_layers(head: keras.Model, train: Examples) -> None:
    """Set the weights of a head's solved layers, each fitted by itself on the clips and their mirror images.

    Does nothing for a head without such layers. Every clip has the same weight, however many windows it has. The LSTM's
    logits are scaled down, so call this once.

    Args:
        head: of a network whose other layers have been trained.
        train: features of the clips that trained them.
    """
    layers = solved_layers(head)
    if not layers:
        return
    inputs_of = keras.Model(head.input, [layer.input for layer in layers])
    graph = tf.function(lambda windows: keras.tree.flatten(inputs_of(windows, training=False)), reduce_retracing=True)
    regressions = [_RidgeRegression(tuple(layer.kernel.shape), layer.solved) for layer in layers]
    for windows, target in _windows(train, head.input_shape[1]):
        for rows, regression in zip(graph(tf.constant(windows)), regressions, strict=True):
            regression.add(np.asarray(rows, np.float64), target)
    for layer, regression in zip(layers, regressions, strict=True):
        kernel, bias = regression.solve()
        layer.kernel.assign(layer.logit_scale * kernel)
        layer.bias.assign(layer.logit_scale * bias)
    sequence = head.get_layer(SEQUENCE_LABELS)
    sequence.set_weights([_SEQUENCE_WEIGHT * weight for weight in sequence.get_weights()])


def _windows(examples: Examples, steps: int) -> Iterator[tuple[np.ndarray, int]]:
    """Non-overlapping windows of each clip, then of each mirrored clip, with the index of its label."""
    for clips in [examples.samples] if examples.mirrored is None else [examples.samples, examples.mirrored]:
        for samples, target in zip(clips, examples.targets, strict=True):
            starts = range(0, len(samples) - steps + 1, steps)
            yield np.stack([samples[start : start + steps] for start in starts]).astype(np.float32), int(target)


class _RidgeRegression:
    """Ridge regression of labels on standardised features, from running sums over any number of clips.

    Args:
        shape: of the weights, `(features, labels)`.
        solved: gives the penalty.
    """

    def __init__(self, shape: tuple[int, int], solved: Solved) -> None:
        self._solved = solved
        self._clips = 0
        self._mean: Float64[np.ndarray, "features"] = np.zeros(shape[0])
        self._products: Float64[np.ndarray, "features features"] = np.zeros((shape[0], shape[0]))
        self._by_label: Float64[np.ndarray, "features labels"] = np.zeros(shape)
        self._counts: Float64[np.ndarray, "labels"] = np.zeros(shape[1])
        self._pending: list[Float64[np.ndarray, "windows features"]] = []

    def add(self, rows: Float64[np.ndarray, "windows features"], target: int) -> None:
        """Add a clip's windows, with the index of its label."""
        mean = rows.mean(axis=0)
        self._clips += 1
        self._mean += mean
        self._by_label[:, target] += mean
        self._counts[target] += 1
        self._pending.append(rows / np.sqrt(len(rows)))
        if sum(map(len, self._pending)) >= _BATCH_WINDOWS:
            self._multiply()

    def _multiply(self) -> None:
        if self._pending:
            rows = np.concatenate(self._pending)
            self._products += rows.T @ rows
            self._pending = []

    def solve(self) -> tuple[Float64[np.ndarray, "features labels"], Float64[np.ndarray, "labels"]]:
        """Kernel and bias for features that are not standardised. Uses up the sums, so call it once."""
        self._multiply()
        mean = self._mean / self._clips
        covariance = self._products  # changed in place: each copy of it would take 50 MB
        covariance -= self._clips * np.outer(mean, mean)
        scale = 1 / (np.sqrt(np.maximum(np.diag(covariance), 0) / self._clips) + _MIN_DEVIATION)
        correlation = self._by_label - np.outer(mean, self._counts)  # of centred features with 0 and 1 of labels
        covariance *= scale[:, None]
        covariance *= scale
        penalty = self._solved.penalty + self._solved.penalty_per_clip * self._clips
        covariance[np.diag_indices_from(covariance)] += penalty * len(mean)
        kernel = scale[:, None] * np.linalg.solve(covariance, scale[:, None] * correlation)
        return kernel, -mean @ kernel
