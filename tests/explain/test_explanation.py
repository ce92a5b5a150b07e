"""All of an explanation, and its files."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from har.clips import ClipSpec
from har.errors import AnnotationMissing, LabelsError, StopRequested
from har.explain import Window, contact_sheet, explain, read, write
from har.explain.perturbations import hidden
from har.explain.store import FACTS, FRAMES, overlays
from tests.test_recognition import make_classifier

SPEC = ClipSpec(6, 64, 64, 0.6)


@pytest.fixture(scope="module")
def classifier():
    found = make_classifier(spec=SPEC, labels=("TaiChi", "run", "jump"))
    found.card = replace(found.card, temperature=2.0)
    return found


@pytest.fixture(scope="module")
def window():
    return Window(np.random.default_rng(0).integers(0, 255, SPEC.shape, np.uint8), np.arange(6) / 10)


@pytest.fixture(scope="module")
def explanation(classifier, window):
    return explain(classifier, window, "jump")


def test_its_numbers_are_what_the_classifier_says(classifier, window, explanation):
    facts = explanation.facts
    said = classifier(window.frames[None])[0]
    assert facts.probability == pytest.approx(float(said[2]), abs=1e-5)
    np.testing.assert_allclose(explanation.probabilities, said, atol=1e-5)
    assert [label for label, _ in facts.likeliest] == [classifier.card.labels[index] for index in np.argsort(-said)]
    without = classifier(window.frames[hidden(6, 3)][None])[0, 2]
    assert facts.drops[3] == pytest.approx(float(said[2] - without), abs=1e-5)
    assert facts.orders["reversed"] == pytest.approx(float(classifier(window.frames[::-1][None])[0, 2]), abs=1e-5)
    assert (facts.temperature, facts.hidden_count, facts.layers) == (2.0, 3, ("conv2",))
    assert explanation.heat.shape == (6, 16, 16)
    np.testing.assert_array_equal(explanation.frames, window.frames)


def test_without_a_wish_the_likeliest_label_is_explained(classifier, window):
    facts = explain(classifier, window).facts
    assert facts.label == facts.likeliest[0][0]


def test_labels_are_taken_in_any_spelling_and_others_are_refused(classifier, window):
    assert explain(classifier, window, "tai chi").facts.label == "TaiChi"
    with pytest.raises(LabelsError, match="swim"):
        explain(classifier, window, "swim")


def test_another_label_has_another_heat(classifier, window, explanation):
    assert not np.allclose(explain(classifier, window, "run").heat, explanation.heat)


def test_it_can_be_stopped(classifier, window):
    def stop(event):
        raise StopRequested

    with pytest.raises(StopRequested):
        explain(classifier, window, on_event=stop)


def test_what_is_written_is_read_again_and_the_frames_are_exact(explanation, tmp_path):
    write(tmp_path / "new", explanation)
    kept = read(tmp_path / "new")
    assert kept.facts == explanation.facts
    strip = cv2.cvtColor(cv2.imdecode(np.frombuffer(kept.frames_png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(np.stack(np.split(strip, 6, axis=1)), explanation.frames)
    cells = cv2.imdecode(np.frombuffer(kept.heat_png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert cells.shape == (16, 6 * 16)
    assert cells.max() == 255


@pytest.mark.parametrize("name", [FACTS, FRAMES])
def test_half_of_one_is_none(explanation, tmp_path, name):
    write(tmp_path, explanation)
    (tmp_path / name).unlink()
    with pytest.raises(AnnotationMissing):
        read(tmp_path)


def test_the_overlay_leaves_cold_places_as_they_were(explanation):
    cold = replace(explanation, heat=np.zeros_like(explanation.heat))
    np.testing.assert_array_equal(overlays(cold), explanation.frames)
    assert not np.array_equal(overlays(explanation), explanation.frames)
    assert contact_sheet(explanation).shape == (2 * 186, 5 * 166, 3)
