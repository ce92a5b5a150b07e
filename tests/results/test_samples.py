"""The ground truth of generated samples."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import results
from har.classifier import read_card
from har.results import Annotation, LabelOptions, label_scores
from har.results.samples import _folder, sample_ground_truth
from har.timeline import Scored, WindowScores
from har.video import VideoInfo
from tests.exports.data import INFO


def annotated(info: VideoInfo, *labels: str) -> Annotation:
    scores = WindowScores(labels, np.zeros(1), np.ones(1), np.full((1, len(labels)), 1 / len(labels), np.float32))
    scored = Scored(scores, np.arange(10) / 10, 1.0)
    return Annotation(
        Path(), info, read_card("lrcn-figures"), LabelOptions(), scored, label_scores(scored, LabelOptions())
    )


def sample(name: str) -> VideoInfo:
    return replace(INFO, path=_folder().absolute() / f"{name}.mp4")


def test_ground_truth_of_samples_is_known() -> None:
    comparison = results.compare_with_ground_truth(annotated(sample("delivery"), "pick up", "Wave", "sitting"))
    assert comparison is not None
    assert [part.label for part in comparison.timeline.segments] == ["Walk"]  # in the first second
    truth = sample_ground_truth(sample("delivery").path)
    assert truth is not None
    assert [part.label for part in truth.segments] == ["Walk", "PickUp", "PutDown", "Wave"]
    assert truth.duration_sec == pytest.approx(17)


def test_ground_truth_of_other_videos_is_unknown_whatever_their_name() -> None:
    elsewhere = replace(INFO, path=Path("/somewhere/delivery.mp4"))
    for info in (INFO, elsewhere, sample("another")):
        assert results.compare_with_ground_truth(annotated(info, "Walk")) is None
