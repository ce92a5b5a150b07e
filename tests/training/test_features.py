"""Networks with a pretrained encoder. Small inputs keep them fast."""

from dataclasses import replace

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.datasets import Dataset
from har.progress import Progress, Stage
from har.recipe import Recipe, recipe_for
from har.runtime import KerasGraph
from har.training import train
from har.training.examples import Examples, decode_all
from har.training.features import Encoder, encode_all

pytestmark = pytest.mark.training

LITE = recipe_for(
    "lrcn-lite0", spec=ClipSpec(frames=4, height=32, width=32, span_sec=0.4), epochs=2, batch_size=4, warmup_epochs=1
)
STILL = replace(LITE, options={})
I3D = recipe_for(
    "i3d-head",
    spec=ClipSpec(frames=8, height=32, width=32, span_sec=0.8),
    stride_sec=0.2,
    epochs=2,
    batch_size=4,
    warmup_epochs=1,
)


@pytest.mark.parametrize("recipe", [STILL, LITE, I3D], ids=["frames", "stacks", "clips"])
def test_only_the_head_is_trained_and_stored(squares: Dataset, recipe: Recipe) -> None:
    fresh = networks.build(recipe.network, 2, recipe.spec, **recipe.options)
    progress: list[Progress] = []
    result = train(squares, recipe, progress.append)
    trained, before = networks.encoder_and_head(result.classifier.model), networks.encoder_and_head(fresh)
    assert trained is not None
    assert before is not None
    for one, other in zip(before[0].get_weights(), trained[0].get_weights(), strict=True):
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


def encoder_and_frames(dataset: Dataset, recipe: Recipe, count: int) -> tuple[Encoder, Examples]:
    parts = networks.encoder_and_head(networks.build(recipe.network, 2, recipe.spec, **recipe.options))
    assert parts is not None
    return Encoder(KerasGraph(parts[0]), recipe), decode_all(dataset.videos[:count], dataset.labels, recipe)


@pytest.mark.parametrize("recipe", [STILL, LITE, I3D], ids=["frames", "stacks", "clips"])
def test_features_are_cached(squares: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder, frames = encoder_and_frames(squares, recipe, 3)
    videos = squares.videos[:3]
    first = encode_all(videos, frames, encoder, True)

    def fail(self: Encoder, frames: np.ndarray) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(Encoder, "_compute", fail)
    again = encode_all(videos, frames, encoder, True)
    assert first.mirrored is not None
    assert again.mirrored is not None
    for index in range(3):
        np.testing.assert_array_equal(first.samples[index], again.samples[index])
        np.testing.assert_array_equal(first.mirrored[index], again.mirrored[index])
        assert not np.array_equal(first.samples[index], first.mirrored[index])
    encoder._recipe = replace(recipe, spec=replace(recipe.spec, span_sec=0.5))
    with pytest.raises(AssertionError, match="computed again"):
        encoder.features(videos[0], lambda: frames.samples[0], False)


@pytest.mark.parametrize("recipe", [STILL, LITE], ids=["frames", "stacks"])
def test_features_are_the_output_of_the_encoder(squares: Dataset, recipe: Recipe) -> None:
    parts = networks.encoder_and_head(networks.build(recipe.network, 2, recipe.spec, **recipe.options))
    assert parts is not None
    videos = squares.videos[:1]
    decoded = decode_all(videos, squares.labels, recipe)
    encoded = encode_all(videos, decoded, Encoder(KerasGraph(parts[0]), recipe), True)
    assert encoded.mirrored is not None
    for features, frames in (
        (encoded.samples[0], decoded.samples[0]),
        (encoded.mirrored[0], decoded.samples[0][:, :, ::-1]),
    ):
        inputs = np.stack([frames[:-1], frames[1:]], axis=1) if recipe.options else frames
        np.testing.assert_allclose(features, np.asarray(parts[0](inputs, training=False)), rtol=2e-2, atol=2e-3)
