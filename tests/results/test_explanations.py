"""Explanations of a stored annotation: of the scored window, by the classifier that scored it."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from har import results
from har.errors import AnnotationMissing, ClassifierChanged, ClassifierMissing, OptionsError, VideoMissing
from har.progress import Stage
from har.results.store import write_notes
from har.settings import settings
from har.timeline import save_scores
from tests.test_annotation import annotated, classifier, video  # noqa: F401  fixtures

pytestmark = pytest.mark.training


@pytest.fixture
def stored(annotated, tmp_path):  # noqa: F811
    result, _ = annotated
    folder = shutil.copytree(result.folder, tmp_path / "job")
    return results.open_annotation(folder)


def test_scored_window_is_explained_and_stored(stored):
    scores = stored.scored.scores
    target = results.target_at(stored, 1.03)
    assert target.window == 7  # from 0.7 s to 1.3 s
    assert target.label == scores.labels[int(scores.probabilities[7].argmax())]
    events = []
    results.explain_target(stored.folder, target, events.append)
    assert events[0].stage is Stage.LOAD_CLASSIFIER
    assert results.list_explanations(stored.folder) == [target.key]
    facts = results.read_explanation(stored.folder, target.key).facts
    assert facts.times_sec[0] == pytest.approx(scores.start_sec[7])
    assert facts.probability == pytest.approx(float(scores.probabilities[7].max()), abs=1e-4)
    assert facts.label == target.label


def test_several_labels_of_one_window(stored):
    first = results.target_at(stored, 0.5)
    second = results.ExplanationTarget.with_label(first.key, "wave")
    for target in (first, second):
        results.explain_target(stored.folder, target)
    assert first.window == second.window
    assert set(results.list_explanations(stored.folder)) == {first.key, second.key}


def test_invalid_targets_are_refused(stored):
    with pytest.raises(OptionsError, match=r"2\.00"):
        results.target_at(stored, 2.5)
    with pytest.raises(AnnotationMissing):
        results.read_explanation(stored.folder, "../000001-aaaaaaaa")
    assert results.list_explanations(stored.folder) == []


def test_explanation_needs_the_video_and_the_classifier(stored, tmp_path):
    target = results.target_at(stored, 1.0)
    for info, folder, error in (
        (replace(stored.info, path=tmp_path / "gone.mp4"), stored.classifier, VideoMissing),
        (stored.info, settings().classifiers / "deleted", ClassifierMissing),
    ):
        write_notes(stored.folder, info, stored.card, stored.options, folder)
        with pytest.raises(error):
            results.explain_target(stored.folder, target)


@pytest.mark.promise("numbers", "Explanations come from the classifier that gave the scores")
def test_explanation_needs_the_classifier_that_gave_the_scores(stored):
    scores = stored.scored.scores
    other = replace(scores, probabilities=np.roll(scores.probabilities, 1, axis=1))
    save_scores(stored.folder / results.SCORES, replace(stored.scored, scores=other))
    with pytest.raises(ClassifierChanged):
        results.explain_target(stored.folder, results.target_at(stored, 1.0))
    assert results.list_explanations(stored.folder) == []


def test_results_without_a_classifier_folder_find_it_by_name(stored):
    write_notes(stored.folder, stored.info, stored.card, stored.options)
    results.explain_target(stored.folder, results.target_at(stored, 1.0))
    assert len(results.list_explanations(stored.folder)) == 1


def test_oldest_explanations_are_removed(stored, monkeypatch):
    monkeypatch.setattr("har.results.explanations._MAX_STORED", 1)
    for at_sec in (0.8, 1.3):
        results.explain_target(stored.folder, results.target_at(stored, at_sec))
    assert [int(key.split("-")[0]) for key in results.list_explanations(stored.folder)] == [10]
