import keras
import numpy as np
import pytest
from keras import layers, ops

from har.networks.blocks.frozen_head import Solved
from har.networks.parts import SEQUENCE_LABELS, SOLVED_LABELS
from har.training import ridge
from har.training.examples import Examples

pytestmark = pytest.mark.training

STEPS, FEATURES, PENALTY, SCALE = 3, 4, 0.3, 6.0


def head(solved_count: int = 1) -> keras.Model:
    features = keras.Input((STEPS, FEATURES))
    logits = [layers.Dense(2, name=SEQUENCE_LABELS)(ops.max(features, axis=1))]
    for number in range(solved_count):
        solved = layers.Dense(2, kernel_initializer="zeros", trainable=False, name=f"{SOLVED_LABELS}{number}")
        solved.solved, solved.logit_scale = Solved([], [], penalty=PENALTY), SCALE
        logits.append(solved(ops.mean(features, axis=1)[:, 2 * number :]))
    return keras.Model(features, layers.Softmax()(layers.Add()(logits) if solved_count else logits[0]))


def clips(count: int, steps: int = STEPS) -> Examples:
    """Labels differ only in the last feature, which varies a hundred times less than the others."""
    random = np.random.default_rng(0)
    targets = np.arange(count) % 2
    samples = []
    for target in targets:
        means = np.append(random.normal(2, 1, FEATURES - 1), 0.05 + 0.02 * target + random.normal(0, 0.002))
        samples.append(np.repeat(means[None], steps, axis=0).astype(np.float16))
    return Examples(samples, targets)


def solved(examples: Examples, solved_count: int = 1) -> keras.Model:
    network = head(solved_count)
    ridge.solve_ridge_layers(network, examples)
    return network


def kernel(network: keras.Model, number: int = 0) -> np.ndarray:
    return np.asarray(network.get_layer(f"{SOLVED_LABELS}{number}").kernel)


def test_the_logits_of_the_trained_layer_are_scaled_down() -> None:
    network = head()
    before = network.get_layer(SEQUENCE_LABELS).get_weights()
    ridge.scale_sequence_logits(network)
    for one, other in zip(before, network.get_layer(SEQUENCE_LABELS).get_weights(), strict=True):
        np.testing.assert_allclose(ridge._SEQUENCE_WEIGHT * one, other)


def test_weights_are_those_of_ridge_regression_on_standardised_features() -> None:
    examples = clips(50)
    rows = np.stack([sample.mean(axis=0, dtype=np.float64) for sample in examples.samples])
    scaled = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + ridge._MIN_DEVIATION)
    normal = scaled.T @ scaled + PENALTY * FEATURES * np.eye(FEATURES)
    expected = SCALE * scaled @ np.linalg.solve(normal, scaled.T @ np.eye(2)[examples.targets])
    logits = solved(examples).get_layer(f"{SOLVED_LABELS}0")(rows.astype(np.float32))
    np.testing.assert_allclose(logits, expected, atol=1e-3)


def test_weights_are_the_same_with_fewer_windows_than_features() -> None:
    """They come from another system of equations then."""
    random, width, count = np.random.default_rng(1), 20, 5
    rows, targets = random.normal(2, 1, (count, width)), np.arange(count) % 3
    regression = ridge._RidgeRegression((width, 3), Solved([], [], penalty=PENALTY, penalty_per_clip=0.01))
    for row, target in zip(rows, targets, strict=True):
        regression.add(row[None], int(target))
    kernel, bias = regression.solve()
    scaled = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + ridge._MIN_DEVIATION)
    normal = scaled.T @ scaled + (PENALTY + 0.01 * count) * width * np.eye(width)
    expected = scaled @ np.linalg.solve(normal, scaled.T @ np.eye(3)[targets])
    np.testing.assert_allclose(rows @ kernel + bias, expected, atol=1e-9)


def test_long_and_short_clips_have_the_same_weight() -> None:
    examples = clips(50)
    samples = [*examples.samples]
    samples[:10] = clips(50, steps=4 * STEPS + 1).samples[:10]
    mixed = solved(Examples(samples, examples.targets))
    np.testing.assert_allclose(kernel(solved(examples)), kernel(mixed), rtol=1e-3, atol=1e-4)


def test_mirrored_clips_count_like_others() -> None:
    examples, mirrored = clips(50), [sample[:, ::-1].copy() for sample in clips(50).samples]
    twice = solved(Examples([*examples.samples, *mirrored], np.tile(examples.targets, 2)))
    with_mirrored = solved(Examples(examples.samples, examples.targets, mirrored))
    np.testing.assert_allclose(kernel(twice), kernel(with_mirrored), rtol=1e-4, atol=1e-6)


def test_several_sets_of_clips_count_as_one() -> None:
    examples, network = clips(50), head()
    parts = [Examples(examples.samples[part], examples.targets[part]) for part in (slice(30), slice(30, None))]
    ridge.solve_ridge_layers(network, *parts)
    np.testing.assert_allclose(kernel(solved(examples)), kernel(network), rtol=1e-5)


def test_each_layer_is_fitted_by_itself() -> None:
    one, two = solved(clips(50), 1), solved(clips(50), 2)
    np.testing.assert_allclose(kernel(one), kernel(two), rtol=1e-5)
    assert np.abs(kernel(two, 1)).max() > 0


def test_a_head_without_such_layers_stays_as_it_is() -> None:
    network = head(0)
    before = network.get_weights()
    ridge.scale_sequence_logits(network)
    ridge.solve_ridge_layers(network, clips(10))
    for one, other in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
