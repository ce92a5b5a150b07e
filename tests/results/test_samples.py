"""Of which videos the truth is known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har import results
from har.classifier import read_card
from har.results import Annotation, LabelOptions, label
from har.results.samples import _folder, true_timeline
from har.timeline import Scored, WindowScores
from har.video import VideoInfo
from tests.exports.test_texts import INFO


def annotated(info: VideoInfo, *labels: str) -> Annotation:
    scores = WindowScores(labels, np.zeros(1), np.ones(1), np.full((1, len(labels)), 1 / len(labels), np.float32))
    scored = Scored(scores, np.arange(10) / 10, 1.0)
    return Annotation(Path(), info, read_card("lrcn-figures"), LabelOptions(), scored, label(scored, LabelOptions()))


def sample(name: str) -> VideoInfo:
    return replace(INFO, path=_folder().absolute() / f"{name}.mp4")


def test_the_truth_of_a_sample_is_known() -> None:
    found = results.against_truth(annotated(sample("delivery"), "pick up", "Wave", "sitting"))
    assert found is not None
    assert [part.label for part in found.timeline.segments] == ["Walk"]  # of the first second
    truth = true_timeline(sample("delivery").path)
    assert truth is not None
    assert [part.label for part in truth.segments] == ["Walk", "PickUp", "PutDown", "Wave"]
    assert truth.duration_sec == pytest.approx(17)


def test_of_other_videos_nothing_is_known_whatever_they_are_called() -> None:
    elsewhere = replace(INFO, path=Path("/somewhere/delivery.mp4"))
    for info in (INFO, elsewhere, sample("another")):
        assert results.against_truth(annotated(info, "Walk")) is None
