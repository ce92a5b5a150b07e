"""Whole explanations and their files."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from har.clips import ClipSpec
from har.errors import AnnotationMissing, LabelsError, StopRequested
from har.explain import Window, contact_sheet, explain, read_explanation, write_explanation
from har.explain.perturbations import order_hiding
from har.explain.store import FACTS, FRAMES, overlays
from har.progress import Stage
from tests.test_recognition import make_classifier

pytestmark = pytest.mark.training

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


def test_numbers_equal_those_of_the_classifier(classifier, window, explanation):
    facts = explanation.facts
    probabilities = classifier(window.frames[None])[0]
    assert facts.probability == pytest.approx(float(probabilities[2]), abs=1e-5)
    np.testing.assert_allclose(explanation.probabilities, probabilities, atol=1e-5)
    assert [label for label, _ in facts.likeliest] == [
        classifier.card.labels[index] for index in np.argsort(-probabilities)
    ]
    without = classifier(window.frames[order_hiding(6, 3)][None])[0, 2]
    assert facts.drops[3] == pytest.approx(float(probabilities[2] - without), abs=1e-5)
    assert facts.orders["reversed"] == pytest.approx(float(classifier(window.frames[::-1][None])[0, 2]), abs=1e-5)
    assert (facts.temperature, facts.hidden_count, facts.layers) == (2.0, 3, ("conv2",))
    assert explanation.heat.shape == (6, 16, 16)
    np.testing.assert_array_equal(explanation.frames, window.frames)


def test_the_most_probable_label_is_explained_by_default(classifier, window):
    facts = explain(classifier, window).facts
    assert facts.label == facts.likeliest[0][0]


def test_labels_are_accepted_in_any_spelling_and_unknown_ones_are_refused(classifier, window):
    assert explain(classifier, window, "tai chi").facts.label == "TaiChi"
    with pytest.raises(LabelsError, match="swim"):
        explain(classifier, window, "swim")


def test_each_label_has_its_own_heatmap(classifier, window, explanation):
    assert not np.allclose(explain(classifier, window, "run").heat, explanation.heat)


def test_progress_is_reported_and_can_stop_the_work(classifier, window):
    def stop(progress):
        assert progress.stage is Stage.EXPLAIN
        assert 0 < progress.fraction < 1
        raise StopRequested

    with pytest.raises(StopRequested):
        explain(classifier, window, on_progress=stop)


def test_a_written_explanation_is_read_unchanged_with_exact_frames(explanation, tmp_path):
    write_explanation(tmp_path / "new", explanation)
    stored = read_explanation(tmp_path / "new")
    assert stored.facts == explanation.facts
    strip = cv2.cvtColor(cv2.imdecode(np.frombuffer(stored.frames_png, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    np.testing.assert_array_equal(np.stack(np.split(strip, 6, axis=1)), explanation.frames)
    cells = cv2.imdecode(np.frombuffer(stored.heat_png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert cells.shape == (16, 6 * 16)
    assert cells.max() == 255


@pytest.mark.parametrize("name", [FACTS, FRAMES])
def test_an_incomplete_explanation_is_refused(explanation, tmp_path, name):
    write_explanation(tmp_path, explanation)
    (tmp_path / name).unlink()
    with pytest.raises(AnnotationMissing):
        read_explanation(tmp_path)


def test_overlays_do_not_change_cold_places(explanation):
    cold = replace(explanation, heat=np.zeros_like(explanation.heat))
    np.testing.assert_array_equal(overlays(cold), explanation.frames)
    assert not np.array_equal(overlays(explanation), explanation.frames)
    assert contact_sheet(explanation).shape == (2 * 186, 5 * 166, 3)
