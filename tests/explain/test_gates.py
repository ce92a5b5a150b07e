"""Gates told in NumPy against the layers of Keras, which tell only states."""

import keras
import numpy as np
import pytest

from har.explain.gates import NAMES, convlstm_gates, lstm_gates
from har.networks.blocks.conv_lstm import ConvLSTM


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def filled(layer, given, rng):
    """The layer with weights of its own choosing, and what it gives."""
    layer(given[None])
    for weight in layer.trainable_weights:
        weight.assign(rng.normal(0, 0.4, weight.shape))
    return np.asarray(layer(given[None]))[0]


def test_an_lstm_is_told_as_keras_runs_it(rng):
    given = rng.normal(size=(7, 5)).astype(np.float32)
    layer = keras.layers.LSTM(4, return_sequences=True)
    states = filled(layer, given, rng)
    cell = layer.cell
    gates = lstm_gates(given, *(np.asarray(each) for each in (cell.kernel, cell.recurrent_kernel, cell.bias)))
    np.testing.assert_allclose(gates.hidden, states, atol=1e-5)


def test_a_convlstm_is_told_as_our_layer_runs_it(rng):
    given = rng.normal(size=(5, 7, 6, 3)).astype(np.float32)
    layer = ConvLSTM(4, 3)
    states = filled(layer, given, rng)
    gates = convlstm_gates(given, *(np.asarray(each) for each in (layer.kernel, layer.recurrent_kernel, layer.bias)))
    assert states.shape == (5, 5, 4, 4)
    np.testing.assert_allclose(gates.hidden, states, atol=1e-5)
    np.testing.assert_allclose(gates.mean_over_places().hidden, states.mean(axis=(1, 2)), atol=1e-5)


def test_gates_lie_between_their_bounds_and_add_up(rng):
    given = 3 * rng.normal(size=(9, 5)).astype(np.float32)
    weights = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((5, 16), (4, 16), (16,))]
    gates = lstm_gates(given, *weights)
    for name in ("input", "forget", "output"):
        assert 0 <= getattr(gates, name).min() <= getattr(gates, name).max() <= 1
    before = np.concatenate([np.zeros((1, 4), np.float32), gates.cell[:-1]])
    np.testing.assert_allclose(gates.cell, gates.forget * before + gates.input * gates.candidate, atol=1e-6)
    assert {getattr(gates, name).shape for name in NAMES} == {(9, 4)}


def test_large_numbers_do_not_overflow(rng):
    gates = lstm_gates(np.full((2, 1), 1e4, np.float32), -np.ones((1, 4), np.float32), np.zeros((1, 4)), np.zeros(4))
    assert np.isfinite(gates.hidden).all()
    assert gates.forget.max() == 0
