"""MoViNet as published: needs the file, which is not part of the project."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har.classifier import Card, Classifier
from har.classifier.graphs import published_parts
from har.classifier.model import HEAD
from har.clips import ClipSpec
from har.errors import ClassifierDamaged
from har.networks import NETWORKS
from har.networks.parts import named_parts, solved_layers
from har.networks.published import MOVINET, PUBLISHED
from har.recognition import encode_frames, window_probabilities
from har.runtime.movinet import FEATURES, HIDDEN, SIDE, MovinetEncoder, MovinetHead
from tests.classifier.conftest import CARD
from tests.runtime.smooth import smooth_clips

SPEC = NETWORKS["movinet"].spec


@pytest.fixture
def path(shared: Path, override) -> Path:
    """The published file, which is fetched from there."""
    file = shared / "pretrained" / "movinet_int8.tflite"
    if not file.is_file():
        pytest.skip("the published file is not next to this checkout")
    override(movinet_url=str(file))
    return file


def film(count: int = 24) -> np.ndarray:
    frames: np.ndarray = smooth_clips(1, (count, SIDE, SIDE, 3))[0]
    return frames


def card(**changes: object) -> Card:
    fields = {"network": "movinet", "labels": tuple(f"label {number}" for number in range(600)), "spec": SPEC}
    return replace(CARD, **fields | changes)  # type: ignore[arg-type]


def test_the_past_counts_and_the_future_does_not(path: Path) -> None:
    encoder, frames = MovinetEncoder(path), film()
    whole = encoder(frames)
    np.testing.assert_array_equal(encoder(frames[:9]), whole[:9])
    assert np.abs(encoder(frames[9:]) - whole[9:]).max() > 0.1


def test_videos_in_parts_and_in_turn_give_the_features_of_each_whole_film(path: Path) -> None:
    encoder, one = MovinetEncoder(path), film(9)
    films = one, one[:, ::-1]
    encoders = encoder.start(), encoder.start()
    parts = [
        [encode(frames[part]) for encode, frames in zip(encoders, films, strict=True)]
        for part in (slice(5), slice(5, 6), slice(6, None))
    ]
    for frames, features in zip(films, zip(*parts, strict=True), strict=True):
        np.testing.assert_array_equal(np.concatenate(features), encoder(frames))


def test_a_window_gets_the_probabilities_of_the_published_network(path: Path) -> None:
    """Run unchanged, it returns the answer for all frames so far; its last layers have 8 bits."""
    from ai_edge_litert.interpreter import Interpreter

    frames = film(8)
    run = Interpreter(str(path)).get_signature_runner()
    state = {
        name: np.zeros(details["shape"], details["dtype"])
        for name, details in run.get_input_details().items()
        if name != "image"
    }
    for frame in frames:
        outputs = run(image=frame[None, None] / np.float32(255), **state)
        state = {name: outputs[name] for name in state}
    logits = outputs["logits"].ravel()
    powers = np.exp(logits - logits.max())
    ours = MovinetHead(path, len(frames))(MovinetEncoder(path)(frames)[None])[0]
    np.testing.assert_allclose(ours, powers / powers.sum(), atol=0.05)
    assert ours.argmax() == logits.argmax()


def test_features_of_the_hidden_layer_are_what_the_head_computes_from_one_frame(path: Path) -> None:
    frames = film(3)
    hidden = MovinetEncoder(path, hidden=True)(frames)
    assert hidden.shape == (3, HIDDEN)
    np.testing.assert_allclose(hidden, MovinetHead(path, 1).hidden(MovinetEncoder(path)(frames)), rtol=1e-5)
    assert MovinetEncoder(path)(frames).shape == (3, FEATURES)


def test_videos_are_encoded_side_by_side_as_one_by_one(path: Path) -> None:
    encoder, films = MovinetEncoder(path), [film(8)[start:] for start in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for features, frames in zip(pool.map(encoder, films), films, strict=True):
            np.testing.assert_array_equal(features, MovinetEncoder(path)(frames))


def test_a_classifier_reads_a_film_once_for_all_its_windows(path: Path) -> None:
    classifier = Classifier(card(), published_parts(card()))
    assert classifier.has_memory
    frames = film()
    features = classifier.encode(frames)
    (probabilities,) = window_probabilities([encode_frames(iter(frames), classifier)], classifier, 3)
    for start, row in zip([0, 3, 6, 9], probabilities, strict=True):
        expected = classifier.classify(features[None, start : start + SPEC.frames])[0]
        np.testing.assert_allclose(row, expected, atol=1e-6)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_the_shipped_classifier_runs_from_the_published_file_alone(path: Path) -> None:
    from har.classifier import load

    classifier = load("movinet-kinetics600")
    assert classifier.card.base == PUBLISHED[MOVINET].sha256
    assert set(published_parts(classifier.card)) == {"encoder", HEAD}
    assert classifier(film(15)[None]).shape == (1, 600)


def test_a_head_trained_on_another_version_is_refused(path: Path) -> None:
    with pytest.raises(ClassifierDamaged, match="another version of MoViNet"):
        published_parts(card(base="0" * 64))


@pytest.mark.training
def test_the_network_in_keras_gives_the_same_probabilities(path: Path) -> None:
    from har import networks

    model = networks.build("movinet-head", 3, SPEC)
    for layer in solved_layers(named_parts(model)[HEAD]):
        layer.kernel.assign(np.random.default_rng(0).normal(0, 0.1, layer.kernel.shape))
    classifier = Classifier.from_model(card(network="movinet-head", labels=("a", "b", "c")), model)
    clips = np.stack([film(15), film(15)[::-1]])
    np.testing.assert_allclose(np.asarray(model(clips)), classifier(clips), atol=1e-5)


@pytest.mark.training
def test_other_sizes_are_refused() -> None:
    from har import networks
    from har.errors import OptionsError

    with pytest.raises(OptionsError, match="frames of 172×172"):
        networks.build("movinet-head", 3, ClipSpec(frames=15, height=200, width=200))
    with pytest.raises(OptionsError, match="two or more"):
        networks.build("movinet-head", 3, replace(SPEC, frames=1))
