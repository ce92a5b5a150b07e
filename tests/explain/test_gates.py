"""Gates computed in NumPy, compared with layers of Keras, which return only states."""

import keras
import numpy as np
import pytest

from har.explain.gates import NAMES, convlstm_gates, lstm_gates
from har.networks.blocks.conv_lstm import ConvLSTM

pytestmark = pytest.mark.training


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def random_output(layer, inputs, rng):
    """Give the layer random weights, and return its output."""
    layer(inputs[None])
    for weight in layer.trainable_weights:
        weight.assign(rng.normal(0, 0.4, weight.shape))
    return np.asarray(layer(inputs[None]))[0]


def test_lstm_states_equal_those_of_keras(rng):
    inputs = rng.normal(size=(7, 5)).astype(np.float32)
    layer = keras.layers.LSTM(4, return_sequences=True)
    states = random_output(layer, inputs, rng)
    cell = layer.cell
    gates = lstm_gates(inputs, *(np.asarray(each) for each in (cell.kernel, cell.recurrent_kernel, cell.bias)))
    np.testing.assert_allclose(gates.hidden, states, atol=1e-5)


def test_convlstm_states_equal_those_of_our_layer(rng):
    inputs = rng.normal(size=(5, 7, 6, 3)).astype(np.float32)
    layer = ConvLSTM(4, 3)
    states = random_output(layer, inputs, rng)
    gates = convlstm_gates(inputs, *(np.asarray(each) for each in (layer.kernel, layer.recurrent_kernel, layer.bias)))
    assert states.shape == (5, 5, 4, 4)
    np.testing.assert_allclose(gates.hidden, states, atol=1e-5)
    np.testing.assert_allclose(gates.mean_over_places().hidden, states.mean(axis=(1, 2)), atol=1e-5)


def test_gates_are_between_0_and_1_and_add_up_to_the_cell(rng):
    inputs = 3 * rng.normal(size=(9, 5)).astype(np.float32)
    weights = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((5, 16), (4, 16), (16,))]
    gates = lstm_gates(inputs, *weights)
    for name in ("input", "forget", "output"):
        assert 0 <= getattr(gates, name).min() <= getattr(gates, name).max() <= 1
    before = np.concatenate([np.zeros((1, 4), np.float32), gates.cell[:-1]])
    np.testing.assert_allclose(gates.cell, gates.forget * before + gates.input * gates.candidate, atol=1e-6)
    assert {getattr(gates, name).shape for name in NAMES} == {(9, 4)}


def test_large_numbers_do_not_overflow(rng):
    gates = lstm_gates(np.full((2, 1), 1e4, np.float32), -np.ones((1, 4), np.float32), np.zeros((1, 4)), np.zeros(4))
    assert np.isfinite(gates.hidden).all()
    assert gates.forget.max() == 0
