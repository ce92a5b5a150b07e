"""An annotation held against what truly happens."""

import json
from dataclasses import replace

import numpy as np
import pytest

from har import results
from har.classifier import read_card
from har.errors import TruthRefused
from har.results import JSON, Annotation, LabelOptions, label
from har.timeline import Scored, TimelineOptions, WindowScores, read_truth
from tests.exports.test_texts import INFO

SHARP = LabelOptions(timeline=TimelineOptions(threshold=0.5, smooth_sec=0, min_sec=0))
TRUTH = b"start_sec,end_sec,label\n0,2,tai chi\n2,3,levitating\n"


def annotated(folder, until_sec=3.0):
    """A second each of TaiChi, squat, and squat once more."""
    starts = np.arange(until_sec)
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], np.float32)[: len(starts)]
    scores = WindowScores(("TaiChi", "squat"), starts, starts + 1, shares)
    scored = Scored(scores, np.arange(10 * until_sec) / 10, until_sec)
    return Annotation(folder, INFO, read_card("lrcn-figures"), SHARP, scored, label(scored, SHARP))


def test_without_a_truth_nothing_is_measured(tmp_path):
    result = annotated(tmp_path)
    assert results.against_truth(result) is None
    assert json.loads(results.export_text(result, JSON))["truth"] is None


def test_labels_are_spelt_as_the_classifier_does_and_others_are_told(tmp_path):
    result = replace(annotated(tmp_path), truth=read_truth(TRUTH, 3.0))
    found = results.against_truth(result)
    assert [part.label for part in found.timeline.segments] == ["TaiChi", "levitating"]
    assert found.unknown == ("levitating",)
    assert found.measures.frame_accuracy == pytest.approx(1 / 3)
    assert found.measures.edit_score == pytest.approx(1 / 2)  # squat in place of levitating
    assert found.measures.f1 == pytest.approx((0.5, 0.5, 0.5))
    told = json.loads(results.export_text(result, JSON))["truth"]
    assert told["unknown_labels"] == ["levitating"]
    assert told["frame_accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    assert told["segmental_f1"] == {"0.1": 0.5, "0.25": 0.5, "0.5": 0.5}


def test_labels_that_were_not_chosen_are_as_unknown(tmp_path):
    result = annotated(tmp_path)
    chosen = replace(SHARP, labels=("squat",))
    shown = replace(result, labelled=label(result.scored, chosen), truth=read_truth(TRUTH, 3.0))
    found = results.against_truth(shown)
    assert found.unknown == ("tai chi", "levitating")
    assert found.measures is None
    assert found.to_json()["edit_score"] is None


def test_what_was_stopped_is_measured_as_far_as_it_came(tmp_path):
    result = replace(annotated(tmp_path, 1.0), truth=read_truth(TRUTH, 3.0))
    found = results.against_truth(result)
    assert found.timeline.duration_sec == 1.0
    assert found.measures.frame_accuracy == 1
    assert found.unknown == ()


def test_a_truth_is_kept_beside_the_result_and_a_wrong_one_changes_nothing(tmp_path):
    from har.results.ground_truth import kept_truth

    assert kept_truth(tmp_path) is None
    kept = results.keep_truth(tmp_path, TRUTH, 3.0)
    assert kept_truth(tmp_path) == kept
    with pytest.raises(TruthRefused):
        results.keep_truth(tmp_path, TRUTH, 1.0)
    assert kept_truth(tmp_path) == kept
    results.forget_truth(tmp_path)
    assert kept_truth(tmp_path) is None
