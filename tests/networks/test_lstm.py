import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from har.networks.blocks.lstm import LSTM

pytestmark = pytest.mark.training


@pytest.fixture
def sequences() -> tf.Tensor:
    return tf.constant(np.random.default_rng(0).normal(size=(3, 7, 4)), tf.float32)


def pair(**options: bool) -> tuple[layers.LSTM, LSTM]:
    """The layer of Keras and ours, with the same weights."""
    theirs, ours = layers.LSTM(6, **options), LSTM(6, **options)
    for layer in (theirs, ours):
        layer.build((None, 7, 4))
    random = np.random.default_rng(1)
    weights = [random.normal(0, 0.5, weight.shape) for weight in theirs.get_weights()]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    return theirs, ours


@pytest.mark.parametrize("return_sequences", [False, True])
def test_outputs_and_gradients_equal_those_of_keras(sequences: tf.Tensor, return_sequences: bool) -> None:
    both = []
    for layer in pair(return_sequences=return_sequences):
        with tf.GradientTape() as tape:
            tape.watch(sequences)
            outputs = layer(sequences, training=True)
            loss = tf.reduce_sum(tf.cos(3 * outputs) * outputs)
        both.append([outputs, *tape.gradient(loss, [sequences, *layer.trainable_variables])])
    for expected, found in zip(*both, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
