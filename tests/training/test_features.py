"""Networks whose first part knows something already. Small inputs keep them quick."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.clips import ClipSpec
from har.datasets import Dataset
from har.recipe import Recipe, recipe_for
from har.training import Encoding, TrainingEvent, train
from har.training import events as told
from har.training.examples import decode_all
from har.training.features import Encoder, encode_all

LITE = recipe_for(
    "lrcn-lite0", spec=ClipSpec(frames=4, height=32, width=32, span_sec=0.4), epochs=2, batch_size=4, warmup_epochs=1
)
STILL = replace(LITE, options={})
MOVING = replace(LITE, options={"motion": True})
I3D = recipe_for(
    "i3d-head",
    spec=ClipSpec(frames=8, height=32, width=32, span_sec=0.8),
    stride_sec=0.2,
    epochs=2,
    batch_size=4,
    warmup_epochs=1,
)


@pytest.mark.parametrize("recipe", [STILL, MOVING, LITE, I3D], ids=["frames", "moments", "solved", "clips"])
def test_only_the_head_learns_and_only_it_is_kept(squares: Dataset, recipe: Recipe, tmp_path: Path) -> None:
    fresh = networks.build(recipe.network, 2, recipe.spec, **recipe.options)
    events: list[TrainingEvent] = []
    result = train(squares, recipe, events.append)
    trained = networks.parts(result.classifier.model)
    before = networks.parts(fresh)
    assert trained is not None
    assert before is not None
    for one, other in zip(before[0].get_weights(), trained[0].get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    names = {weight.path for weight in networks.own_weights(result.classifier.model, recipe.network)}
    learnt = {name.split("/")[0] for name in names}
    assert learnt <= {"lstm", "labels", "sequence_labels", "solved_labels0", "solved_labels1"}
    solved = [layer for layer in trained[1].layers if layer.name.startswith("solved")]
    assert len(solved) == (2 if recipe is LITE else 0)
    assert all(np.abs(layer.kernel).max() > 0 for layer in solved)
    assert [event for event in events if isinstance(event, Encoding)][-1] == Encoding(8, 8)
    assert isinstance(events[-1], told.Testing)
    assert result.examination is not None


@pytest.mark.parametrize("recipe", [STILL, LITE, I3D], ids=["frames", "moments", "clips"])
def test_what_the_encoder_gave_is_kept_on_disk(
    squares: Dataset, recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = networks.build(recipe.network, 2, recipe.spec, **recipe.options)
    parts = networks.parts(model)
    assert parts is not None
    videos = squares.videos[:3]
    decoded = decode_all(videos, squares.labels, recipe, lambda event: None, 0, 3)
    first = encode_all(videos, decoded, Encoder(parts[0], recipe), True, lambda event: None, 0, 3)

    def never(self: Encoder, frames: np.ndarray) -> None:
        raise AssertionError("it has looked at these before")

    monkeypatch.setattr(Encoder, "_looked_at", never)
    again = encode_all(videos, decoded, Encoder(parts[0], recipe), True, lambda event: None, 0, 3)
    assert first.mirrored is not None
    assert again.mirrored is not None
    for index in range(3):
        np.testing.assert_array_equal(first.samples[index], again.samples[index])
        np.testing.assert_array_equal(first.mirrored[index], again.mirrored[index])
        assert not np.array_equal(first.samples[index], first.mirrored[index])
    other = Encoder(parts[0], replace(recipe, spec=replace(recipe.spec, span_sec=0.5)))
    with pytest.raises(AssertionError, match="looked at these"):
        other.features(videos[0], lambda: decoded.samples[0], False)


@pytest.mark.parametrize("recipe", [STILL, LITE], ids=["frames", "moments"])
def test_features_are_those_of_the_frames(squares: Dataset, recipe: Recipe) -> None:
    model = networks.build("lrcn-lite0", 2, recipe.spec, **recipe.options)
    parts = networks.parts(model)
    assert parts is not None
    video = squares.videos[:1]
    decoded = decode_all(video, squares.labels, recipe, lambda event: None, 0, 1)
    found = encode_all(video, decoded, Encoder(parts[0], recipe), True, lambda event: None, 0, 1)
    frames = decoded.samples[0]
    assert found.mirrored is not None
    for features, seen in ((found.samples[0], frames), (found.mirrored[0], frames[:, :, ::-1])):
        given = np.stack([seen[:-1], seen[1:]], axis=1) if recipe.options else seen
        expected = np.asarray(parts[0](given, training=False))
        np.testing.assert_allclose(features, expected, rtol=2e-2, atol=2e-3)
