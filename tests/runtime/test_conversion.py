import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers, ops

from har import networks
from har.classifier import Classifier
from har.clips import ClipSpec
from har.errors import ClassifierDamaged
from har.networks import NETWORKS
from har.networks.parts import named_parts
from har.runtime import Graph, StagedGraph
from har.runtime.conversion import convert, convert_stages
from tests.classifier.conftest import CARD
from tests.runtime.smooth import smooth_clips

pytestmark = pytest.mark.training

# Not I3D, which runs in stages as tested below, and whose encoder for i3d-head is converted in training/test_features.
OPTIONS = [
    (name, options)
    for name in ("lrcn", "convlstm", "lrcn-lite0")
    for options in ([{}] if not NETWORKS[name].frozen else []) + [NETWORKS[name].default_options]
]


def small_spec(name: str) -> ClipSpec:
    side = max(32, NETWORKS[name].smallest_side)
    return ClipSpec(frames=8, height=side, width=side, span_sec=0.8)


@pytest.mark.parametrize(("name", "options"), OPTIONS, ids=[f"{name} {' '.join(options)}" for name, options in OPTIONS])
def test_every_network_returns_the_same_probabilities_in_litert(
    tmp_path: Path, name: str, options: dict[str, bool]
) -> None:
    keras.utils.set_random_seed(3)
    model = networks.build(name, 5, small_spec(name), **options)
    random = np.random.default_rng(3)
    for weight in model.trainable_weights:
        weight.assign(weight + random.normal(0, 0.5 * (np.std(weight) or 0.2), weight.shape))
    graphs = {}
    for part_name, part in named_parts(model).items():
        (tmp_path / part_name).write_bytes(convert(part, 2))
        graphs[part_name] = Graph(tmp_path / part_name)
    card = replace(CARD, network=name, labels=tuple("abcde"), spec=small_spec(name), options=dict(options))
    clips = smooth_clips(3, model.input_shape[1:])
    expected = np.asarray(model(clips, training=False))
    np.testing.assert_allclose(Classifier(card, graphs)(clips), expected, atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 1e-3  # the network distinguishes these clips


def test_i3d_over_a_video_is_i3d_on_a_clip_as_long_as_the_video() -> None:
    keras.utils.set_random_seed(3)
    spec = ClipSpec(frames=16, height=32, width=32, span_sec=1.28)
    model, longer = (networks.build("i3d", 5, replace(spec, frames=frames)) for frames in (16, 48))
    for weight in model.trainable_weights:
        weight.assign(weight * 1.5)
    longer.set_weights(model.get_weights())
    stages = NETWORKS["i3d"].stages
    graph = StagedGraph(convert_stages(model, stages.functions(model), stages.reaches), stages.reaches, 16)
    clips = smooth_clips(2, longer.input_shape[1:])
    expected = np.asarray(longer(clips, training=False))
    found = graph.classify(np.stack([np.stack(list(graph.steps(clip))) for clip in clips]))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(graph(clips[:, :16]), model(clips[:, :16], training=False), atol=1e-4)
    assert np.ptp(expected, axis=0).max() > 1e-3  # the network distinguishes these clips


def test_a_network_that_the_converter_gets_wrong_is_refused() -> None:
    """It makes one reshape of this, without a warning."""
    maps = keras.Input((2, 4, 4, 3))
    model = keras.Model(maps, ops.concatenate(ops.unstack(maps, axis=1), axis=-1))
    with pytest.raises(RuntimeError, match="converted wrongly"):
        convert(model, 1)


def test_values_that_are_not_numbers_are_refused() -> None:
    features = keras.Input((4,))
    model = keras.Model(features, layers.Dense(2, kernel_initializer=keras.initializers.Constant(np.inf))(features))
    with pytest.raises(ClassifierDamaged, match="not numbers"):
        convert(model, 1)


def test_a_network_that_returns_zeros_is_converted() -> None:
    features = keras.Input((4,))
    model = keras.Model(features, layers.Dense(2, kernel_initializer="zeros")(features))
    np.testing.assert_array_equal(Graph(convert(model, 1))(np.ones((1, 4), np.float32)), [[0, 0]])


def test_weights_of_half_precision_take_half_the_room() -> None:
    features = keras.Input((100,))
    model = keras.Model(features, layers.Dense(200)(features))
    assert len(convert(model, 1, half=True)) < 0.6 * len(convert(model, 1))


def test_nothing_is_written_to_the_terminal_meanwhile() -> None:
    code = """
from har import networks
from har.clips import ClipSpec
model = networks.build("convlstm", 2, ClipSpec(frames=2, height=32, width=32))
from har.runtime.conversion import convert
convert(model, 1)
"""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
