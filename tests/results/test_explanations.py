"""A stored annotation explained: the window that was scored, by the classifier that scored it, kept in its folder."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from har import results
from har.errors import AnnotationMissing, ClassifierChanged, ClassifierMissing, LabelsError, OptionsError, VideoMissing
from har.results.store import write_notes
from har.settings import settings
from har.timeline import save_scores
from tests.test_annotation import annotated, classifier, video  # noqa: F401  fixtures


@pytest.fixture
def stored(annotated, tmp_path):  # noqa: F811
    result, _ = annotated
    folder = shutil.copytree(result.folder, tmp_path / "job")
    return results.open_annotation(folder)


def test_the_window_is_the_one_that_was_scored_and_is_kept(stored):
    scores = stored.scored.scores
    place = results.place_at(stored, 1.03)
    assert place.window == 7  # from 0.7 s to 1.3 s
    assert place.label == scores.labels[int(scores.probabilities[7].argmax())]
    events = []
    results.explain_place(stored.folder, place, events.append)
    assert type(events[0]).__name__ == "LoadingClassifier"
    assert results.explained(stored.folder) == [place.key]
    facts = results.read_explained(stored.folder, place.key).facts
    assert facts.times_sec[0] == pytest.approx(scores.start_sec[7])
    assert facts.probability == pytest.approx(float(scores.probabilities[7].max()), abs=1e-4)
    assert facts.label == place.label


def test_another_label_at_the_same_window_stands_beside_it(stored):
    first = results.place_at(stored, 0.5, "tai chi")
    assert first.label == "TaiChi"
    second = results.Place.beside(first.key, "wave")
    for place in (first, second):
        results.explain_place(stored.folder, place)
    assert first.window == second.window
    assert set(results.explained(stored.folder)) == {first.key, second.key}


def test_what_cannot_be_explained_is_refused_in_words(stored):
    with pytest.raises(OptionsError, match=r"2\.00"):
        results.place_at(stored, 2.5)
    with pytest.raises(LabelsError, match="swim"):
        results.place_at(stored, 1.0, "swim")
    with pytest.raises(AnnotationMissing):
        results.read_explained(stored.folder, "../000001-aaaaaaaa")
    assert results.explained(stored.folder) == []


def test_without_its_video_nothing_is_explained(stored, tmp_path):
    write_notes(
        stored.folder,
        replace(stored.info, path=tmp_path / "gone.mp4"),
        stored.card,
        stored.options,
        stored.classifier,
    )
    with pytest.raises(VideoMissing):
        results.explain_place(stored.folder, results.place_at(stored, 1.0))


def test_another_classifier_in_its_place_does_not_explain_its_scores(stored):
    scores = stored.scored.scores
    other = replace(scores, probabilities=np.roll(scores.probabilities, 1, axis=1))
    save_scores(stored.folder / results.SCORES, replace(stored.scored, scores=other))
    with pytest.raises(ClassifierChanged):
        results.explain_place(stored.folder, results.place_at(stored, 1.0))
    assert results.explained(stored.folder) == []


def test_a_classifier_that_is_gone_is_missed(stored):
    gone = settings().classifiers / "deleted"
    write_notes(stored.folder, stored.info, stored.card, stored.options, gone)
    with pytest.raises(ClassifierMissing):
        results.explain_place(stored.folder, results.place_at(stored, 1.0))


def test_a_result_of_before_finds_its_classifier_by_name(stored):
    write_notes(stored.folder, stored.info, stored.card, stored.options)
    results.explain_place(stored.folder, results.place_at(stored, 1.0))
    assert len(results.explained(stored.folder)) == 1


def test_only_the_newest_are_kept(stored, monkeypatch):
    monkeypatch.setattr("har.results.explanations._MOST_KEPT", 2)
    for at_sec in (0.3, 0.8, 1.3):
        results.explain_place(stored.folder, results.place_at(stored, at_sec))
    assert [int(key.split("-")[0]) for key in results.explained(stored.folder)] == [5, 10]
