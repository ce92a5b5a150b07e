import keras
import numpy as np
import pytest
from keras import layers

from har.clips import ClipSpec
from har.networks.architectures import convlstm
from har.networks.blocks.conv_lstm import ConvLSTM

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def clips() -> np.ndarray:
    return np.random.default_rng(0).random((2, 5, 12, 14, 3), "float32")


def pair(filters: int, recurrent_dropout: float = 0.0) -> tuple[layers.Layer, ConvLSTM]:
    """The layer of Keras and ours, with the same weights."""
    theirs = layers.ConvLSTM2D(filters, 3, return_sequences=True, recurrent_dropout=recurrent_dropout)
    ours = ConvLSTM(filters, 3, recurrent_dropout=recurrent_dropout)
    for layer in (theirs, ours):
        layer.build((None, 5, 12, 14, 3))
    random = np.random.default_rng(1)
    weights = [random.normal(0, 0.3, weight.shape) for weight in theirs.get_weights()[:3]]
    for layer in (theirs, ours):
        for weight, array in zip(layer.trainable_variables, weights, strict=True):
            weight.assign(array)
    return theirs, ours


def test_outputs_equal_those_of_keras(clips: np.ndarray) -> None:
    theirs, ours = pair(6)
    np.testing.assert_allclose(ours(clips).numpy(), theirs(clips).numpy(), atol=1e-5)


def test_recurrent_dropout_has_the_distribution_of_keras(clips: np.ndarray) -> None:
    """Masks are random, so mean and spread of the last state over many draws are compared."""
    theirs, ours = pair(6, recurrent_dropout=0.5)
    many = np.repeat(clips[:1], 200, axis=0)
    expected, found = (layer(many, training=True).numpy()[:, -1] for layer in (theirs, ours))
    without = ours(clips[:1]).numpy()[0, -1]
    assert np.abs(found.std(axis=0)).mean() > 0.01
    assert np.abs(found.mean(axis=0) - expected.mean(axis=0)).mean() < 0.2 * found.std(axis=0).mean()
    np.testing.assert_allclose(found.std(axis=0).mean(), expected.std(axis=0).mean(), rtol=0.1)
    np.testing.assert_array_equal(ours(many[:1], training=False).numpy()[0, -1], without)


def test_dropout_does_not_affect_the_first_step(clips: np.ndarray) -> None:
    _, ours = pair(6, recurrent_dropout=0.5)
    trained, measured = ours(clips, training=True).numpy(), ours(clips, training=False).numpy()
    np.testing.assert_allclose(trained[:, 0], measured[:, 0], atol=1e-6)
    assert np.abs(trained[:, 1:] - measured[:, 1:]).max() > 0.01


def test_an_untrained_forget_gate_is_open() -> None:
    layer = ConvLSTM(2, 3)
    layer.build((None, 5, 12, 14, 3))
    np.testing.assert_array_equal(layer.bias, [0, 0, 1, 1, 0, 0, 0, 0])


def test_layers_are_in_the_published_order() -> None:
    model = convlstm.build(4, ClipSpec(frames=3))
    order = [type(layer).__name__ for layer in model.layers]
    stage = ["ConvLSTM", "MaxPooling3D"]
    assert order == ["InputLayer", "Rescaling", *(3 * [*stage, "Dropout"]), *stage, "Flatten", "Dense"]
    assert [layer.filters for layer in model.layers if isinstance(layer, ConvLSTM)] == [4, 8, 14, 16]
    assert isinstance(model, keras.Model)
