import keras
import numpy as np
import pytest
from keras import layers

from har.clips import ClipSpec
from har.networks.architectures import lrcn

pytestmark = pytest.mark.training


def wrapped(label_count: int) -> keras.Model:
    """The usual implementation: every layer of the CNN in `TimeDistributed`."""
    net = keras.Sequential([keras.Input((20, 64, 64, 3))])
    for filters, pool, dropout in ((16, 4, 0.25), (32, 4, 0.25), (64, 2, 0.25), (64, 2, 0.0)):
        net.add(layers.TimeDistributed(layers.Conv2D(filters, 3, padding="same", activation="relu")))
        net.add(layers.TimeDistributed(layers.MaxPooling2D(pool)))
        if dropout:
            net.add(layers.TimeDistributed(layers.Dropout(dropout)))
    net.add(layers.TimeDistributed(layers.Flatten()))
    net.add(layers.LSTM(32))
    net.add(layers.Dense(label_count, activation="softmax"))
    return net


def test_folding_time_into_the_batch_equals_time_distributed_layers() -> None:
    usual, ours = wrapped(4), lrcn.build(4, ClipSpec(20, 64, 64))
    ours.set_weights(usual.get_weights())
    clips = np.random.default_rng(0).integers(0, 256, (2, 20, 64, 64, 3), np.uint8)
    expected = usual(clips.astype("float32") / 127.5 - 1).numpy()
    np.testing.assert_allclose(ours(clips).numpy(), expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-4, "the two clips must differ for a meaningful comparison"


def test_layers_of_the_encoder_are_in_the_published_order() -> None:
    encoder = lrcn.build(4, ClipSpec()).get_layer("encoder")
    order = [type(layer).__name__ for layer in encoder.layers if not layer.name.startswith("input")]
    stage = ["Conv2D", "MaxPooling2D"]
    assert order == ["Rescaling", *(3 * [*stage, "Dropout"]), *stage, "Flatten"]


def test_the_wide_network_is_normalised_and_sums_logits_of_frames_and_sequence() -> None:
    keras.utils.set_random_seed(0)
    model = lrcn.build(4, ClipSpec(), wide=True)
    assert model.count_params() == 209_252
    kinds = [type(layer).__name__ for layer in model.get_layer("encoder").layers]
    assert kinds.count("BatchNormalization") == kinds.count("Conv2D") == 4
    clips = np.random.default_rng(0).integers(0, 256, (1, *ClipSpec().shape), np.uint8)
    reverse = clips[:, ::-1]
    np.testing.assert_allclose(model(clips), model(reverse), atol=1e-6)  # the LSTM's weights are still zero
    kernel = np.random.default_rng(1).normal(size=(32, 4))
    model.get_layer("head").get_layer("frame_labels").set_weights(
        [np.zeros((128, 4)), np.zeros(4)]
    )  # no evidence from frames
    model.get_layer("head").get_layer("motion_labels").set_weights([kernel])
    assert np.abs(np.asarray(model(clips)) - np.asarray(model(reverse))).max() > 1e-4
