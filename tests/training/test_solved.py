"""Ridge regression inside a network's head."""

import keras
import numpy as np
from keras import layers, ops

from har.networks.lrcn_lite0 import SEQUENCE, SOLVED
from har.training import solved
from har.training.examples import Examples

STEPS, FEATURES = 3, 4


def head(solved_count: int = 1) -> keras.Model:
    features = keras.Input((STEPS, FEATURES))
    said = [layers.Dense(2, name=SEQUENCE)(ops.max(features, axis=1))]
    for number in range(solved_count):
        judge = layers.Dense(2, kernel_initializer="zeros", trainable=False, name=f"{SOLVED}{number}")
        said.append(judge(ops.mean(features, axis=1)[:, 2 * number :]))
    return keras.Model(features, layers.Softmax()(layers.Add()(said) if solved_count else said[0]))


def clips(count: int, steps: int = STEPS) -> Examples:
    """Labels differ in the last feature alone, which varies a hundred times less than the others."""
    random = np.random.default_rng(0)
    targets = np.arange(count) % 2
    samples = []
    for target in targets:
        means = np.append(random.normal(2, 1, FEATURES - 1), 0.05 + 0.02 * target + random.normal(0, 0.002))
        samples.append(np.repeat(means[None], steps, axis=0).astype(np.float16))
    return Examples(samples, targets)


def test_what_varies_little_is_found_and_the_layer_that_has_learnt_has_less_to_say() -> None:
    network = head()
    before = network.get_layer(SEQUENCE).get_weights()
    solved.solve(network, clips(60))
    for one, other in zip(before, network.get_layer(SEQUENCE).get_weights(), strict=True):
        np.testing.assert_allclose(solved._SAY * one, other)
    judge = network.get_layer(f"{SOLVED}0")
    unseen = clips(200)
    said = np.asarray(judge(np.stack([sample.mean(axis=0) for sample in unseen.samples[60:]], dtype=np.float32)))
    assert (said.argmax(axis=1) == unseen.targets[60:]).mean() > 0.95


def test_the_weights_are_those_of_ridge_regression_on_features_of_mean_0_and_deviation_1() -> None:
    network, examples = head(), clips(50)
    solved.solve(network, examples)
    rows = np.stack([sample.mean(axis=0, dtype=np.float64) for sample in examples.samples])
    scaled = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + solved._LEAST_DEVIATION)
    normal = scaled.T @ scaled + solved._PENALTY * FEATURES * np.eye(FEATURES)
    expected = solved._SHARPNESS[0] * scaled @ np.linalg.solve(normal, scaled.T @ np.eye(2)[examples.targets])
    np.testing.assert_allclose(network.get_layer(f"{SOLVED}0")(rows.astype(np.float32)), expected, atol=1e-3)


def test_a_long_clip_counts_as_much_as_a_short_one() -> None:
    short, long = head(), head()
    solved.solve(short, clips(50))
    examples = clips(50)
    samples = [*examples.samples]
    samples[:10] = clips(50, steps=4 * STEPS + 1).samples[:10]
    solved.solve(long, Examples(samples, examples.targets))
    np.testing.assert_allclose(
        short.get_layer(f"{SOLVED}0").kernel, long.get_layer(f"{SOLVED}0").kernel, rtol=1e-3, atol=1e-4
    )


def test_clips_in_a_mirror_are_clips_too() -> None:
    twice, mirrored = head(), head()
    examples, others = clips(50), [sample[:, ::-1].copy() for sample in clips(50).samples]
    solved.solve(twice, Examples([*examples.samples, *others], np.tile(examples.targets, 2)))
    solved.solve(mirrored, Examples(examples.samples, examples.targets, others))
    np.testing.assert_allclose(
        twice.get_layer(f"{SOLVED}0").kernel, mirrored.get_layer(f"{SOLVED}0").kernel, rtol=1e-4, atol=1e-6
    )


def test_each_layer_is_solved_by_itself() -> None:
    one, two = head(1), head(2)
    for network in (one, two):
        solved.solve(network, clips(50))
    np.testing.assert_allclose(one.get_layer(f"{SOLVED}0").kernel, two.get_layer(f"{SOLVED}0").kernel, rtol=1e-5)
    assert np.abs(two.get_layer(f"{SOLVED}1").kernel).max() > 0


def test_a_head_without_such_layers_is_left_alone() -> None:
    network = head(0)
    before = network.get_weights()
    solved.solve(network, clips(10))
    for one, other in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
