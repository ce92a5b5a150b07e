"""The layers that heatmaps use, and that heatmaps depend on what was learnt."""

import numpy as np
import pytest

from har import networks
from har.classifier import load
from har.clips import ClipSpec
from har.explain.gradients import heatmap_layers, layer_gradients
from har.explain.heatmap import heatmap

pytestmark = pytest.mark.training


@pytest.mark.parametrize(
    ("network", "side", "options", "expected"),
    [
        ("lrcn", 64, {}, {"conv2": (16, 16)}),
        ("lrcn", 64, {"wide": True, "motion": True}, {"frame2_relu": (16, 16), "motion2_relu": (16, 16)}),
        ("convlstm", 64, {"plain": True}, {"convlstm3": (13, 13)}),
        ("convlstm", 64, {"wide": True, "motion": True}, {"frame2_relu": (16, 16), "motion2_relu": (16, 16)}),
        ("lrcn-lite0", 160, {"motion": True}, {"block5_expand_relu": (20, 20)}),
        ("i3d", 224, {}, {"Mixed_4f": (14, 14)}),
    ],
)
def test_heatmaps_use_the_deepest_layers_that_localise(network, side, options, expected):
    frames = 16 if network == "i3d" else 6
    layers = heatmap_layers(networks.build(network, 3, ClipSpec(frames, side, side), **options))
    assert {layer.name: tuple(layer.output.shape[-3:-1]) for layer in layers} == expected


def test_every_stream_has_gradients():
    spec = ClipSpec(6, 64, 64, 0.6)
    model = networks.build("lrcn", 3, spec, wide=True, motion=True)
    rng = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(rng.normal(0, 0.2, weight.shape))
    clip = rng.integers(0, 255, spec.shape, dtype=np.uint8)
    layers = heatmap_layers(model)
    found = layer_gradients(model, clip, 1, layers)
    assert len(found.outputs) == len(layers) == 2
    assert all(np.abs(each).max() > 0 for each in found.gradients)


@pytest.mark.promise("numbers", "Heatmaps depend on what the network has learned")
def test_the_heatmap_changes_when_weights_are_randomised():
    classifier = load("lrcn-figures")
    clip = np.random.default_rng(0).integers(0, 255, classifier.card.spec.shape, dtype=np.uint8)
    layers = heatmap_layers(classifier.model)
    before = heatmap(layer_gradients(classifier.model, clip, 2, layers), 20, 20)
    same = heatmap(layer_gradients(classifier.model, clip, 2, layers), 20, 20)
    np.testing.assert_array_equal(before, same)
    rng = np.random.default_rng(1)
    for weight in classifier.model.get_layer("head").weights:
        if "seed" not in weight.path:
            weight.assign(rng.permutation(weight.numpy().ravel()).reshape(weight.shape))
    after = heatmap(layer_gradients(classifier.model, clip, 2, layers), 20, 20)
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] < 0.9
