"""Networks with a pretrained encoder. Small inputs keep them fast."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.datasets import Dataset
from har.progress import Progress, Stage
from har.recipe import Recipe, recipe_for
from har.runtime import KerasGraph
from har.training import train
from har.training.examples import decode_all
from har.training.features import Encoder, encode_all

pytestmark = pytest.mark.training

CLIPS = {"epochs": 1, "batch_size": 4, "warmup_epochs": 1}
LITE = recipe_for("lrcn-lite0", **CLIPS)  # its encoder has been converted: that is shipped
STILL = replace(LITE, options={}, spec=ClipSpec(frames=4, height=32, width=32, span_sec=0.4))
I3D = recipe_for("i3d-head", spec=ClipSpec(frames=8, height=32, width=32, span_sec=0.8), stride_sec=0.2, **CLIPS)
Parts = tuple[keras.Model, keras.Model]


@pytest.fixture(scope="module", params=[STILL, LITE, I3D], ids=["frames", "stacks", "clips"])
def recipe(request: pytest.FixtureRequest) -> Recipe:
    return request.param


@pytest.fixture(scope="module")
def fresh(recipe: Recipe) -> Parts:
    """Encoder and head before any training."""
    return networks.encoder_and_head(networks.build(recipe.network, 2, recipe.spec, **recipe.options))


@pytest.mark.parametrize("recipe", [LITE, I3D], ids=["stacks", "clips"], indirect=True)
def test_only_the_head_is_trained_and_stored(squares: Dataset, recipe: Recipe, fresh: Parts) -> None:
    progress: list[Progress] = []
    result = train(squares, recipe, progress.append)
    trained = networks.encoder_and_head(result.classifier.model)
    for one, other in zip(fresh[0].get_weights(), trained[0].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    weights = networks.trained_weights(result.classifier.model, recipe.network)
    layers = {weight.path.split("/")[0] for weight in weights}
    assert layers <= {"lstm", "labels", "sequence_labels", "solved_labels0", "solved_labels1"}
    solved = [layer for layer in trained[1].layers if layer.name.startswith("solved")]
    assert len(solved) == (2 if recipe is LITE else 0)
    assert all(np.abs(layer.kernel).max() > 0 for layer in solved)
    assert [each for each in progress if each.stage is Stage.ENCODE][-1] == Progress(Stage.ENCODE, 8, 8)
    assert progress[-1].stage is Stage.TEST
    assert result.outcome.examination is not None


def test_features_are_the_output_of_the_encoder_and_are_cached(
    squares: Dataset, recipe: Recipe, fresh: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = squares.videos[:2]
    decoded = decode_all(videos, squares.labels, recipe)
    encoder = Encoder(KerasGraph(fresh[0]), recipe)
    first = encode_all(videos, decoded, encoder, True)
    size, stride = networks.stack_size(fresh[0].input_shape[1:]), 2 if recipe is I3D else 1
    for features, frames in (
        (first.samples[0], decoded.samples[0]),
        (first.mirrored[0], decoded.samples[0][:, :, ::-1]),
    ):
        stacks = np.stack([frames[start : start + size] for start in range(0, len(frames) + 1 - size, stride)])
        expected = np.asarray(fresh[0](stacks if size > 1 else frames, training=False))
        np.testing.assert_allclose(features, expected, rtol=2e-2, atol=2e-3)

    def fail(self: Encoder, frames: np.ndarray) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(Encoder, "_compute", fail)
    again = encode_all(videos, decoded, encoder, True)
    for index in range(2):
        np.testing.assert_array_equal(first.samples[index], again.samples[index])
        np.testing.assert_array_equal(first.mirrored[index], again.mirrored[index])
        assert not np.array_equal(first.samples[index], first.mirrored[index])
    encoder._recipe = replace(recipe, spec=replace(recipe.spec, span_sec=0.5))
    with pytest.raises(AssertionError, match="computed again"):
        encoder.features(videos[0], lambda: decoded.samples[0], False)
