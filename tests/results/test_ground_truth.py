"""Comparing an annotation with its ground truth."""

import json
from dataclasses import replace

import numpy as np
import pytest

from har import results
from har.classifier import read_card
from har.errors import GroundTruthInvalid
from har.results import Annotation, LabelOptions, label_scores
from har.results.ground_truth import stored_ground_truth
from har.timeline import Scored, TimelineOptions, WindowScores, parse_ground_truth
from tests.exports.data import INFO

SHARP = LabelOptions(timeline=TimelineOptions(threshold=0.5, smooth_sec=0, min_sec=0))
TRUTH = b"start_sec,end_sec,label\n0,2,tai chi\n2,3,levitating\n"


def annotated(folder, until_sec=3.0):
    """One second of TaiChi, two of squat."""
    starts = np.arange(until_sec)
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.2, 0.8]], np.float32)[: len(starts)]
    scores = WindowScores(("TaiChi", "squat"), starts, starts + 1, shares)
    scored = Scored(scores, np.arange(10 * until_sec) / 10, until_sec)
    return Annotation(folder, INFO, read_card("lrcn-figures"), SHARP, scored, label_scores(scored, SHARP))


def test_unknown_ground_truth_gives_no_comparison(tmp_path):
    result = annotated(tmp_path)
    assert results.compare_with_ground_truth(result) is None
    assert json.loads(results.export_text(result, "json"))["truth"] is None


def test_labels_are_spelt_as_the_classifier_does_and_unknown_ones_are_listed(tmp_path):
    result = replace(annotated(tmp_path), ground_truth=parse_ground_truth(TRUTH, 3.0))
    comparison = results.compare_with_ground_truth(result)
    assert [part.label for part in comparison.timeline.segments] == ["TaiChi", "levitating"]
    assert comparison.unknown == ("levitating",)
    assert comparison.metrics.frame_accuracy == pytest.approx(1 / 3)
    assert comparison.metrics.edit_score == pytest.approx(1 / 2)  # squat in place of levitating
    assert comparison.metrics.f1 == pytest.approx((0.5, 0.5, 0.5))
    exported = json.loads(results.export_text(result, "json"))["truth"]
    assert exported["unknown_labels"] == ["levitating"]
    assert exported["frame_accuracy"] == pytest.approx(1 / 3, abs=1e-6)
    assert exported["segmental_f1"] == {"0.1": 0.5, "0.25": 0.5, "0.5": 0.5}


def test_the_ground_truth_that_a_sample_is_printed_with_can_be_imported(tmp_path):
    printed = [{"start_sec": 0, "end_sec": 2.0, "label": "tai chi"}, {"start_sec": 2.0, "end_sec": 3, "label": "a,b"}]
    truth = results.import_ground_truth(tmp_path, json.dumps(printed).encode(), 3.0, INFO)
    assert [(part.start_sec, part.end_sec, part.label) for part in truth.segments] == [(0, 2, "tai chi"), (2, 3, "a,b")]


def test_labels_that_were_not_chosen_are_unknown(tmp_path):
    result = annotated(tmp_path)
    chosen = replace(SHARP, labels=("squat",))
    shown = replace(result, labelled=label_scores(result.scored, chosen), ground_truth=parse_ground_truth(TRUTH, 3.0))
    comparison = results.compare_with_ground_truth(shown)
    assert comparison.unknown == ("tai chi", "levitating")
    assert comparison.metrics is None
    assert comparison.to_json()["edit_score"] is None


def test_stopped_annotations_are_compared_up_to_their_end(tmp_path):
    result = replace(annotated(tmp_path, 1.0), ground_truth=parse_ground_truth(TRUTH, 3.0))
    comparison = results.compare_with_ground_truth(result)
    assert comparison.timeline.duration_sec == 1.0
    assert comparison.metrics.frame_accuracy == 1
    assert comparison.unknown == ()
    assert comparison.left_out_sec == pytest.approx(2.0)
    assert "2.00 labelled seconds of the ground truth are after the end of the annotation at 1.00 s" in (
        comparison.notice
    )
    assert comparison.to_json()["left_out_sec"] == pytest.approx(2.0)


def test_ground_truth_within_the_annotation_is_compared_without_notice(tmp_path):
    comparison = results.compare_with_ground_truth(
        replace(annotated(tmp_path), ground_truth=parse_ground_truth(TRUTH, 3.2))
    )
    assert comparison.notice is None
    assert "left_out_sec" not in comparison.to_json()


def test_ground_truth_is_stored_and_a_refused_table_changes_nothing(tmp_path):
    assert stored_ground_truth(tmp_path) is None
    truth = results.import_ground_truth(tmp_path, TRUTH, 3.0)
    assert stored_ground_truth(tmp_path) == truth
    with pytest.raises(GroundTruthInvalid):
        results.import_ground_truth(tmp_path, TRUTH, 1.0)
    assert stored_ground_truth(tmp_path) == truth
    results.remove_ground_truth(tmp_path)
    assert stored_ground_truth(tmp_path) is None


@pytest.mark.parametrize("name", ["srt", "label-studio"])
def test_exported_files_are_imported_as_ground_truth(tmp_path, name):
    result = annotated(tmp_path)
    text = results.export_text(result, name).encode()
    truth = results.import_ground_truth(tmp_path, text, 3.0, INFO)
    assert truth == stored_ground_truth(tmp_path)
    assert [part.label for part in truth.segments] == ["TaiChi", "squat"]
    comparison = results.compare_with_ground_truth(replace(result, ground_truth=truth))
    assert comparison.metrics.frame_accuracy > 0.96  # Label Studio counts in frames


def test_ground_truth_is_read_as_a_whole_or_refused(tmp_path):
    content = json.loads(results.export_text(annotated(tmp_path), "activitynet"))
    next(iter(content["database"].values()))["annotations"].append({"label": "jump"})
    another = "1\n00:00:00,000 --> 00:01:10,000\nsquat\n"
    for text, message in (
        (json.dumps(content), r"as a whole\. Left out: 1 annotations"),
        (another, r"This ground truth cannot be used\. A segment from 0\.00 to 70\.00"),
    ):
        with pytest.raises(GroundTruthInvalid, match=message):
            results.import_ground_truth(tmp_path, text.encode(), 3.0, INFO)
        assert stored_ground_truth(tmp_path) is None
