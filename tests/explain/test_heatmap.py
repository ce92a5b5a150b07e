"""Heatmaps of networks small enough to calculate by hand."""

import keras
import numpy as np
import pytest
from keras import layers

from har.explain.gradients import layer_gradients
from har.explain.heatmap import LayerGradients, as_bytes, heatmap, normalised

pytestmark = pytest.mark.training

CLIP = np.array([[[[1, 0, 0], [2, 0, 0]], [[0, 3, 0], [0, 0, 7]]]], np.uint8)  # one frame of 2×2
# Two channels: the first is the first colour, the second the second one.
CHANNELS = np.array([[[1, 0], [2, 0]], [[0, 3], [0, 0]]], np.float32)


def network(pooled):
    """Pixels → two channels → one weight for each channel and label, or for each cell, channel and label."""
    clips = keras.Input((1, 2, 2, 3), dtype="uint8")
    frames = layers.Reshape((2, 2, 3))(layers.Rescaling(1.0)(clips))
    maps = layers.Conv2D(2, 1, use_bias=False, activation="relu", name="channels")(frames)
    flat = layers.GlobalAveragePooling2D()(maps) if pooled else layers.Flatten()(maps)
    model = keras.Model(clips, layers.Dense(2, activation="softmax", name="labels")(flat))
    kernel = np.zeros((1, 1, 3, 2), np.float32)
    kernel[0, 0, 0, 0] = kernel[0, 0, 1, 1] = 1
    model.get_layer("channels").set_weights([kernel])
    return model


def gradients(model, label):
    return layer_gradients(model, CLIP, label, [model.get_layer("channels")])


def test_before_global_pooling_both_methods_equal_the_result_by_hand():
    model = network(pooled=True)
    model.get_layer("labels").set_weights([np.array([[4.0, 0.0], [-8.0, 1.0]]), np.array([5.0, 0.0])])
    found = gradients(model, 0)
    np.testing.assert_allclose(found.outputs[0], CHANNELS[None])
    np.testing.assert_allclose(found.gradients[0], np.broadcast_to([1.0, -2.0], (1, 2, 2, 2)))  # weights / 4 cells
    by_hand = [[[1.0, 2.0], [0.0, 0.0]]]  # the second channel is evidence against the label, so it is cut off
    np.testing.assert_allclose(heatmap(found, 1, 1), by_hand)
    np.testing.assert_allclose(heatmap(found, 1, 1, cell_by_cell=False), by_hand)


def test_if_a_channel_matters_in_one_place_its_mean_gradient_shows_others_too():
    model = network(pooled=False)
    weights = np.zeros((8, 2), np.float32)  # of cell 00 channel 0, cell 00 channel 1, cell 01 channel 0, …
    weights[0, 1] = 4
    model.get_layer("labels").set_weights([weights, np.zeros(2)])
    found = gradients(model, 1)
    np.testing.assert_allclose(heatmap(found, 1, 1), [[[4.0, 0.0], [0.0, 0.0]]])
    np.testing.assert_allclose(heatmap(found, 1, 1, cell_by_cell=False), [[[1.0, 2.0], [0.0, 0.0]]])


def test_gradients_are_of_the_score_and_not_of_the_probability():
    """A probability of almost 1 hardly changes; its score does."""
    model = network(pooled=True)
    model.get_layer("labels").set_weights([np.array([[400.0, 0.0], [0.0, 0.0]]), np.zeros(2)])
    assert heatmap(gradients(model, 0), 1, 1).max() == pytest.approx(200.0)


def test_the_network_is_not_changed():
    model = network(pooled=True)
    before = model(CLIP[None]).numpy()
    gradients(model, 0)
    assert "call" not in vars(model.get_layer("channels"))
    np.testing.assert_array_equal(model(CLIP[None]).numpy(), before)


def of_values(values, shape):
    """As if a layer of one channel had these outputs, each with a gradient of 1."""
    maps = np.asarray(values, np.float32).reshape(shape)
    return LayerGradients([maps], [np.ones_like(maps)])


def test_the_heat_of_a_stack_belongs_to_its_middle_frame():
    found = heatmap(of_values([1, 2, 3], (3, 1, 1, 1)), frames=5, stacks=3)  # of three frames each
    assert found.ravel().tolist() == [1, 1, 2, 3, 3]
    found = heatmap(of_values([1, 2, 3, 4], (4, 1, 1, 1)), frames=5, stacks=4)  # of a frame and the one before
    assert found.ravel().tolist() == [1, 1, 2, 3, 4]


def test_images_of_a_stack_are_added_up_before_negative_values_are_cut_off():
    assert heatmap(of_values([3, -1, -3, 1], (4, 1, 1, 1)), frames=3, stacks=2).ravel().tolist() == [2, 2, 0]


def test_steps_of_a_network_that_shortens_time_are_interpolated():
    found = heatmap(of_values([0, 4], (1, 2, 1, 1, 1)), frames=4, stacks=1)
    assert found.ravel().tolist() == [0, 1, 3, 4]


def test_one_hot_cell_does_not_hide_others():
    values = np.ones((1, 20, 20), np.float32)
    values[0, 0, 0] = 1000
    assert normalised(values).min() == 1
    assert as_bytes(np.zeros((1, 2, 2), np.float32)).max() == 0
