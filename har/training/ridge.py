"""Layers whose weights come from ridge regression in closed form instead of training steps, whatever the seed.

With a few hundred clips and thousands of features this works best: gradient descent hardly reaches the directions in
which features vary little, and with the frame differences of a frozen CNN these are what tells actions apart.
"""

from collections.abc import Iterator
from itertools import islice

import keras
import numpy as np
import tensorflow as tf
from jaxtyping import Float64

from har.networks.blocks.frozen_head import Solved
from har.networks.parts import SEQUENCE_LABELS, solved_layers
from har.training.examples import Examples

_MIN_DEVIATION = 0.01  # added to a feature's standard deviation over clips, so that no constant is scaled up
_BATCH = 32  # clips
_SEQUENCE_WEIGHT = 0.1  # of the LSTM's logits next to these: more does harm


def solve_ridge_layers(head: keras.Model, *examples: Examples) -> None:
    """Set the weights of a head's solved layers, each fitted by itself on the clips and their mirror images.

    Does nothing for a head without such layers. Every clip has the same weight, however many windows it has.
    """
    layers = solved_layers(head)
    if not layers:
        return
    inputs_of = keras.Model(head.input, [layer.input for layer in layers])
    graph = tf.function(
        lambda windows: keras.tree.flatten(inputs_of(windows, training=False)),
        input_signature=[tf.TensorSpec(head.input_shape, tf.float32)],
        autograph=False,
    )
    regressions = [_RidgeRegression(tuple(layer.kernel.shape), layer.solved) for layer in layers]
    for part in examples:
        clips = _windows(part, head.input_shape[1])
        while batch := list(islice(clips, _BATCH)):
            windows, targets = zip(*batch, strict=True)
            ends = np.cumsum([len(each) for each in windows])[:-1]
            for rows, regression in zip(graph(tf.constant(np.concatenate(windows))), regressions, strict=True):
                for of_clip, target in zip(np.split(np.asarray(rows, np.float64), ends), targets, strict=True):
                    regression.add(of_clip, target)
    for layer, regression in zip(layers, regressions, strict=True):
        kernel, bias = regression.solve()
        layer.kernel.assign(layer.logit_scale * kernel)
        layer.bias.assign(layer.logit_scale * bias)


def scale_sequence_logits(head: keras.Model) -> None:
    """Scale the LSTM's logits down, next to those of solved layers. Call it once, after the last training step."""
    if solved_layers(head):
        sequence = head.get_layer(SEQUENCE_LABELS)
        sequence.set_weights([_SEQUENCE_WEIGHT * weight for weight in sequence.get_weights()])


def _windows(examples: Examples, steps: int) -> Iterator[tuple[np.ndarray, int]]:
    """Non-overlapping windows of each clip, then of each mirrored clip, with the index of its label."""
    for clips in [examples.samples] if examples.mirrored is None else [examples.samples, examples.mirrored]:
        for samples, target in zip(clips, examples.targets, strict=True):
            starts = range(0, len(samples) - steps + 1, steps)
            yield np.stack([samples[start : start + steps] for start in starts]).astype(np.float32), int(target)


class _RidgeRegression:
    """Ridge regression of labels on standardised features; weights have the shape `(features, labels)`.

    As long as there are fewer windows than features, the dual problem is the smaller one, and the windows are kept;
    beyond, only sums over them.
    """

    def __init__(self, shape: tuple[int, int], solved: Solved) -> None:
        self._solved = solved
        self._shape = shape
        self._clips = 0
        # Windows and their labels as 0 and 1, both divided by the root of the number of their clip's windows.
        self._rows: list[Float64[np.ndarray, "windows features"]] = []
        self._targets: list[Float64[np.ndarray, "windows labels"]] = []
        self._row_count = 0
        self._products: Float64[np.ndarray, "features features"] | None = None
        self._by_label: Float64[np.ndarray, "features labels"] = np.zeros(shape)
        self._sum: Float64[np.ndarray, "features"] = np.zeros(shape[0])
        self._counts: Float64[np.ndarray, "labels"] = np.zeros(shape[1])

    def add(self, rows: Float64[np.ndarray, "windows features"], target: int) -> None:
        """Add a clip's windows, with the index of its label."""
        root = np.sqrt(len(rows))
        self._clips += 1
        self._counts[target] += 1
        self._sum += rows.mean(axis=0)
        self._rows.append(rows / root)
        self._targets.append(np.tile(np.eye(self._shape[1])[target] / root, (len(rows), 1)))
        self._row_count += len(rows)
        if self._row_count > self._shape[0]:
            self._add_up()

    def _add_up(self) -> None:
        rows, targets = np.concatenate(self._rows), np.concatenate(self._targets)
        self._products = rows.T @ rows + (0 if self._products is None else self._products)
        self._by_label += rows.T @ targets
        self._rows, self._targets, self._row_count = [], [], 0

    def solve(self) -> tuple[Float64[np.ndarray, "features labels"], Float64[np.ndarray, "labels"]]:
        """Kernel and bias for features that are not standardised. Uses up the windows and sums, so call it once."""
        mean = self._sum / self._clips
        penalty = (self._solved.penalty + self._solved.penalty_per_clip * self._clips) * len(mean)
        if self._products is None:
            kernel = self._solve_dual(mean, penalty)
        else:
            if self._rows:
                self._add_up()
            kernel = self._solve_primal(self._products, mean, penalty)
        return kernel, -mean @ kernel

    def _solve_dual(
        self, mean: Float64[np.ndarray, "features"], penalty: float
    ) -> Float64[np.ndarray, "features labels"]:
        rows, targets = np.concatenate(self._rows), np.concatenate(self._targets)
        self._rows = []
        rows -= np.outer(targets.sum(axis=1), mean)
        scale = self._scale((rows * rows).sum(axis=0))
        rows *= scale
        gram = rows @ rows.T
        gram[np.diag_indices_from(gram)] += penalty
        return np.asarray(scale[:, None] * (rows.T @ np.linalg.solve(gram, targets)))

    def _solve_primal(
        self,
        covariance: Float64[np.ndarray, "features features"],
        mean: Float64[np.ndarray, "features"],
        penalty: float,
    ) -> Float64[np.ndarray, "features labels"]:
        covariance -= self._clips * np.outer(mean, mean)  # in place: each copy of it would take 50 MB
        scale = self._scale(np.maximum(np.diag(covariance), 0))
        correlation = self._by_label - np.outer(mean, self._counts)  # of centred features with 0 and 1 of labels
        covariance *= scale[:, None]
        covariance *= scale
        covariance[np.diag_indices_from(covariance)] += penalty
        return np.asarray(scale[:, None] * np.linalg.solve(covariance, scale[:, None] * correlation))

    def _scale(self, squares: Float64[np.ndarray, "features"]) -> Float64[np.ndarray, "features"]:
        """What standardises features, from the sums of their squared differences from the mean."""
        return np.asarray(1 / (np.sqrt(squares / self._clips) + _MIN_DEVIATION))
