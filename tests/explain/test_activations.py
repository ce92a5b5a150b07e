"""Recorded activations are those that the network computes."""

from dataclasses import fields

import numpy as np
import pytest

from har import networks
from har.classifier import Card, Classifier, TrainingData, load, read_card
from har.clips import ClipSpec, center_clip
from har.datasets.figures import draw_missing
from har.errors import LabelsError, OptionsError
from har.explain import activations
from har.explain.gates import Gates
from har.networks.summary import build_summary
from har.video import probe

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def clip():
    path = activations.clip_path(activations.DEFAULT_LABEL)
    draw_missing([path])
    return path


@pytest.fixture(scope="module", params=activations.CLASSIFIERS)
def recorded(request, clip):
    classifier = load(request.param)
    return classifier, activations.activations_of(classifier, clip)


@pytest.mark.promise("display", "Values shown inside a network are those of its prediction")
def test_the_last_step_has_the_probabilities_of_the_classifier(recorded, clip):
    classifier, result = recorded
    frames = center_clip(probe(clip), classifier.card.spec, 64).frames
    np.testing.assert_allclose(result.probabilities[-1], classifier(frames[None])[0], atol=1e-5)
    np.testing.assert_allclose(result.probabilities.sum(axis=1), 1, atol=1e-6)


def test_every_step_has_a_frame_feature_maps_and_gates(recorded):
    classifier, result = recorded
    steps = classifier.card.spec.frames + 1 - classifier.stack_size
    assert {len(each) for each in (result.frames, result.inputs, result.times_sec, result.gates.hidden)} == {steps}
    assert all(each.pictures.shape[0] == steps for each in result.maps)
    assert len(result.maps) == 4 * len({each.stream for each in result.maps})
    for each in result.maps:
        assert each.pictures.shape[2:] == each.shape[:2]
        assert each.pictures.max(axis=(0, 2, 3)).tolist() == [255] * len(each.channels)


def test_bundled_activations_are_up_to_date(recorded):
    """If it fails: `make pictures`."""
    _, result = recorded
    stored = activations.from_npz(activations.bundled_path(result.classifier).read_bytes())
    np.testing.assert_allclose(stored.probabilities, result.probabilities, atol=0.02)
    assert stored.labels == result.labels
    for field in fields(Gates):
        difference = np.abs(getattr(stored.gates, field.name) - getattr(result.gates, field.name))
        assert difference.mean() < 0.01
    for now, then in zip(result.maps, stored.maps, strict=True):
        assert (now.name, now.shape, now.channels, now.stream) == (then.name, then.shape, then.channels, then.stream)


@pytest.mark.parametrize("name", activations.DIAGRAM_CLASSIFIERS)
def test_bundled_network_summaries_are_up_to_date(name):
    """If it fails: `make pictures`."""
    card = read_card(name)
    now = build_summary(card.network, len(card.labels), card.spec, card.options)
    assert activations.bundled_summary(name) == now


def test_a_feature_map_shows_where_its_pattern_is(clip):
    """A kernel that outputs the red channel shows where the image is red."""
    spec = ClipSpec(4, 64, 64, 1.0)
    model = networks.build("lrcn", 2, spec)
    first = networks.encoder_and_head(model)[0].get_layer("conv1")
    kernel = np.zeros(first.kernel.shape, np.float32)
    kernel[1, 1, 0, 0] = 1  # all other channels are constant
    first.kernel.assign(kernel)
    card = Card("red", "Red", "", "lrcn", ("a", "b"), spec, 0.5, "MIT", TrainingData("none"))
    result = activations.activations_of(Classifier.from_model(card, model), clip)
    assert result.maps[0].channels[0] == 0
    red = result.inputs[..., 0] / 127.5 - 1
    shown = result.maps[0].pictures[:, 0] / 255 * result.maps[0].most[0]
    np.testing.assert_allclose(shown, np.maximum(red, 0), atol=0.01)


def test_recorded_activations_are_stored():
    assert activations.stored_activations("lrcn-figures", "Kick") is None
    recorded = activations.record_activations("lrcn-figures", "Kick")
    stored = activations.stored_activations("lrcn-figures", "Kick")
    np.testing.assert_array_equal(stored.probabilities, recorded.probabilities)
    np.testing.assert_array_equal(stored.maps[2].pictures, recorded.maps[2].pictures)
    assert (stored.labels, stored.maps[2].stream) == (recorded.labels, recorded.maps[2].stream)


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + bytes(40)])
def test_a_damaged_file_is_ignored(data):
    assert activations.from_npz(data) is None


def test_an_unknown_action_is_refused():
    with pytest.raises(LabelsError):
        activations.record_activations("lrcn-figures", "../Dance")


def test_a_network_without_frame_encoder_is_refused(clip):
    spec = ClipSpec(20, 64, 64, 2.0)
    card = Card("plain", "Plain", "", "convlstm", ("a", "b"), spec, 0.5, "MIT", TrainingData("none"))
    with pytest.raises(OptionsError, match="An LRCN, or a ConvLSTM on a CNN, was expected"):
        activations.activations_of(Classifier.from_model(card, networks.build("convlstm", 2, spec)), clip)
