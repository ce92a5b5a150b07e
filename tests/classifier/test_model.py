import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import load, save
from har.classifier.model import Classifier
from har.errors import ClassifierDamaged, ClassifierExists
from tests.classifier.conftest import CARD

pytestmark = pytest.mark.training


@pytest.fixture
def clips() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (3, *CARD.spec.shape), np.uint8)


def test_a_saved_classifier_returns_the_same_numbers_when_loaded(tmp_path: Path, clips: np.ndarray) -> None:
    model = networks.build(CARD.network, len(CARD.labels), CARD.spec)
    for weight in model.trainable_variables:
        weight.assign(weight + 0.05)
    save(tmp_path / "tiny", CARD, model)
    classifier = load(tmp_path / "tiny")
    assert classifier.card == CARD
    np.testing.assert_allclose(classifier(clips), Classifier.from_model(CARD, model)(clips), atol=1e-6)
    np.testing.assert_allclose(classifier(clips), model(clips), atol=1e-6)


def test_encoding_and_classifying_equals_the_whole_network(saved: Path, clips: np.ndarray) -> None:
    classifier = load(saved)
    assert classifier.has_frame_encoder
    features = classifier.encode(clips.reshape(-1, 64, 64, 3)).reshape(3, 2, -1)
    np.testing.assert_allclose(classifier.classify(features), classifier(clips), atol=1e-5)


def test_a_network_without_frame_encoder_reports_it_and_refuses_to_encode(clips: np.ndarray) -> None:
    classifier = Classifier.from_model(CARD, networks.build("convlstm", 3, CARD.spec))
    assert not classifier.has_frame_encoder
    with pytest.raises(TypeError, match="no frame encoder"):
        classifier.encode(clips[0])


def test_saving_overwrites_only_on_request(saved: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    shutil.copytree(saved, folder)
    (folder / "NOTICE").write_text("stays")
    model = networks.build(CARD.network, 3, CARD.spec)
    with pytest.raises(ClassifierExists):
        save(folder, CARD, model)
    save(folder, CARD, model, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["NOTICE", "card.json", "weights.npz"]


def test_the_number_of_labels_must_equal_the_number_of_outputs(tmp_path: Path) -> None:
    with pytest.raises(ClassifierDamaged, match="4 outputs"):
        save(tmp_path / "tiny", CARD, networks.build("lrcn", 4, CARD.spec))
    assert not (tmp_path / "tiny/card.json").exists()


def test_a_failed_write_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("har.classifier.stored.write_card", full)
    with pytest.raises(OSError, match="no space"):
        save(tmp_path / "tiny", CARD, networks.build("lrcn", 3, CARD.spec))
    assert not list((tmp_path / "tiny").iterdir())


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["a", "b"]},
        {"network": "convlstm"},
        {"options": {"units": 64}},
        {"spec": {"frames": 2, "height": 32, "width": 32, "span_sec": 1.0, "fit": "crop"}},
    ],
    ids=["fewer labels", "other network", "unknown option", "too small"],
)
def test_a_card_that_does_not_match_the_weights_is_refused(
    saved: Path, tmp_path: Path, change: dict[str, object]
) -> None:
    folder = tmp_path / "changed"
    shutil.copytree(saved, folder)
    card = json.loads((folder / "card.json").read_text())
    (folder / "card.json").write_text(json.dumps(card | change))
    with pytest.raises(ClassifierDamaged):
        load(folder)
