"""What is told of a network's inside is what the network computes."""

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


@pytest.fixture(scope="module")
def clip():
    path = activations.clip_path(activations.DEFAULT_LABEL)
    draw_missing([path])
    return path


@pytest.fixture(scope="module", params=activations.SHOWN)
def found(request, clip):
    classifier = load(request.param)
    return classifier, activations.inside_of(classifier, clip)


def test_after_the_last_step_it_says_what_the_classifier_says(found, clip):
    classifier, told = found
    frames = center_clip(probe(clip), classifier.card.spec, 64).frames
    np.testing.assert_allclose(told.probabilities[-1], classifier(frames[None])[0], atol=1e-5)
    np.testing.assert_allclose(told.probabilities.sum(axis=1), 1, atol=1e-6)


def test_every_step_has_its_frame_its_maps_and_its_gates(found):
    classifier, told = found
    steps = classifier.card.spec.frames + 1 - classifier.stack_size
    assert {len(each) for each in (told.frames, told.inputs, told.times_sec, told.gates.hidden)} == {steps}
    assert all(each.pictures.shape[0] == steps for each in told.maps)
    assert len([each for each in told.maps if not each.name.startswith("motion")]) == 4
    for each in told.maps:
        assert each.pictures.shape[2:] == each.shape[:2]
        assert each.pictures.max(axis=(0, 2, 3)).tolist() == [255] * len(each.channels)


def test_what_is_shipped_is_what_is_found_today(found):
    """If it fails: `make pictures`."""
    _, told = found
    stored = activations.unpacked(activations.shipped_path(told.classifier).read_bytes())
    np.testing.assert_allclose(stored.probabilities, told.probabilities, atol=0.02)
    assert stored.labels == told.labels
    for field in fields(Gates):
        apart = np.abs(getattr(stored.gates, field.name) - getattr(told.gates, field.name))
        assert apart.mean() < 0.01
    for now, then in zip(told.maps, stored.maps, strict=True):
        assert (now.name, now.shape, now.channels) == (then.name, then.shape, then.channels)


@pytest.mark.parametrize("name", activations.DRAWN)
def test_the_layers_that_are_shipped_are_those_of_today(name):
    """If it fails: `make pictures`."""
    card = read_card(name)
    now = build_summary(card.network, len(card.labels), card.spec, card.options)
    assert activations.shipped_facts(name) == now


def test_a_map_is_where_its_pattern_is(clip):
    """A CNN whose first kernel hands on what is red shows where the picture is red."""
    spec = ClipSpec(4, 64, 64, 1.0)
    model = networks.build("lrcn", 2, spec)
    first = networks.encoder_and_head(model)[0].get_layer("conv1")
    kernel = np.zeros(first.kernel.shape, np.float32)
    kernel[1, 1, 0, 0] = 1  # all other channels stay the same everywhere
    first.kernel.assign(kernel)
    card = Card("red", "Red", "", "lrcn", ("a", "b"), spec, 0.5, "MIT", TrainingData("none"))
    told = activations.inside_of(Classifier(card, model), clip)
    assert told.maps[0].channels[0] == 0
    red = told.inputs[..., 0] / 127.5 - 1
    shown = told.maps[0].pictures[:, 0] / 255 * told.maps[0].most[0]
    np.testing.assert_allclose(shown, np.maximum(red, 0), atol=0.01)


def test_it_is_kept_and_found_again():
    assert activations.kept("lrcn-figures", "Kick") is None
    looked = activations.look("lrcn-figures", "Kick")
    kept = activations.kept("lrcn-figures", "Kick")
    np.testing.assert_array_equal(kept.probabilities, looked.probabilities)
    np.testing.assert_array_equal(kept.maps[2].pictures, looked.maps[2].pictures)
    assert kept.labels == looked.labels


@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04" + bytes(40)])
def test_a_damaged_file_is_nothing(data):
    assert activations.unpacked(data) is None


def test_an_action_that_is_not_drawn_is_refused():
    with pytest.raises(LabelsError):
        activations.look("lrcn-figures", "../Dance")


def test_a_network_without_an_lstm_is_refused(clip):
    spec = ClipSpec(20, 64, 64, 2.0)
    card = Card("plain", "Plain", "", "convlstm", ("a", "b"), spec, 0.5, "MIT", TrainingData("none"))
    with pytest.raises(OptionsError, match="An LRCN, or a ConvLSTM on a CNN, was expected"):
        activations.inside_of(Classifier(card, networks.build("convlstm", 2, spec)), clip)
