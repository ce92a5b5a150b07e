import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Classifier, SeenVideo, TrainingData
from har.clips import ClipSpec
from har.datasets import Dataset, LabelledVideo, figures
from har.errors import DatasetError, DatasetMissing, DatasetTooSmall, StopRequested
from har.evaluation import Proportion, evaluate, unseen
from har.progress import Progress, Stage
from har.recognition import score
from har.timeline import verdict
from har.video import probe, write_video
from tests.classifier.conftest import CARD
from tests.datasets.conftest import stop_when

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two clips of 'TaiChi', one of 'squat'; the last one is shorter than a window."""
    folder = tmp_path_factory.mktemp("clips")
    videos = []
    for number, (label, frames) in enumerate((("TaiChi", 9), ("TaiChi", 12), ("squat", 2))):
        path = folder / f"{number}.mp4"
        grey = [np.full((64, 64, 3), 30 * number + 5 * step, np.uint8) for step in range(frames)]
        write_video(path, grey, Fraction(10))
        videos.append(LabelledVideo(path, label, f"g0{number}"))
    return Dataset("clips", "Clips", tuple(videos))


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Always predicts tai chi."""
    spec = ClipSpec(frames=4, height=64, width=64, span_sec=0.4)
    card = replace(CARD, labels=("squat", "swim", "tai chi"), spec=spec, stride_sec=0.2)
    model = networks.build("lrcn", 3, card.spec)
    model.get_layer("head").get_layer("labels").bias.assign([0, 0, 5])
    return Classifier.from_model(card, model)


def trained_on(classifier: Classifier, name: str, *videos: LabelledVideo) -> Classifier:
    rows = tuple(SeenVideo(video.content, video.group, video.label, "elsewhere.mp4") for video in videos)
    data = TrainingData(name, trained=rows[:1], validated=rows[1:])
    return Classifier.from_model(replace(classifier.card, data=data), classifier.model)


def test_the_report_counts_every_clip_under_its_true_label_and_can_be_written_as_json(
    classifier: Classifier, dataset: Dataset
) -> None:
    report = evaluate(classifier, dataset)
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.recall() == {"squat": Proportion(0, 1), "tai chi": Proportion(2, 2)}
    assert [clip.label for clip in report.clips] == ["tai chi", "tai chi", "squat"]
    assert report.left_out == 0
    found = json.loads(json.dumps(report.to_json()))
    assert found["accuracy"] == report.accuracy
    assert found["labels"] == ["squat", "swim", "tai chi"]
    assert found["confusion"] == report.confusion.tolist() == [[0, 0, 1], [0, 0, 0], [0, 0, 2]]
    assert found["clips"][2] == {
        "path": str(dataset.videos[2].path),
        "label": "squat",
        "predicted": "tai chi",
        "confidence": report.clips[2].confidence,
        "group": "g02",
    }


@pytest.mark.promise("numbers", "Evaluation predicts clips exactly as recognition does")
def test_clips_are_predicted_as_recognition_predicts_them(classifier: Classifier, dataset: Dataset) -> None:
    report = evaluate(classifier, dataset)
    for clip, video in zip(report.clips, dataset.videos, strict=True):
        label, confidence = verdict(score(probe(video.path), classifier).scores, 1)[0]
        assert (clip.path, clip.predicted, clip.confidence) == (str(video.path), label, confidence)


@pytest.mark.promise("numbers", "Clips that were used in training do not count in tests")
def test_clips_used_in_training_are_left_out_unless_requested(classifier: Classifier, dataset: Dataset) -> None:
    trained = trained_on(classifier, "other", *dataset.videos[:2])
    report = evaluate(trained, dataset)
    assert [clip.label for clip in report.clips] == ["squat"]
    assert report.left_out == 2
    assert len(evaluate(trained, dataset, include_seen=True).clips) == 3


def test_generated_clips_are_compared_by_group(classifier: Classifier, dataset: Dataset) -> None:
    """The same clip may have other bytes on another machine."""
    redrawn = []
    for video in dataset.videos:
        path = video.path.with_stem(f"{video.path.stem}-redrawn")
        path.write_bytes(video.path.read_bytes() + b"other")
        redrawn.append(replace(video, path=path))
    generated = replace(dataset, name="figures")
    assert unseen(trained_on(classifier, "figures", redrawn[1]).card, generated) == (
        dataset.videos[0],
        dataset.videos[2],
    )
    assert unseen(trained_on(classifier, "other", redrawn[1]).card, generated) == dataset.videos
    assert unseen(trained_on(classifier, "clips", redrawn[1]).card, dataset) == dataset.videos


def test_generated_clips_are_drawn_if_they_are_missing(
    classifier: Classifier,
    dataset: Dataset,
    override: Callable[..., None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(figures.dataset_files, "draw_clip", lambda *clip: np.zeros((5, 240, 320, 3), np.uint8))
    override(datasets=tmp_path)
    generated = figures.list_figures(["Kick"], [1, 2])
    of_group = replace(dataset.videos[0], group="g01")
    left = unseen(trained_on(classifier, "figures", of_group).card, generated)
    assert [video.path for video in generated.videos if video.path.exists()] == [video.path for video in left]
    assert {video.group for video in left} == {"g02"}
    assert unseen(trained_on(classifier, "other", of_group).card, generated) == generated.videos


def test_clips_that_cannot_be_read_are_left_out_and_named(
    classifier: Classifier, dataset: Dataset, tmp_path: Path
) -> None:
    broken = tmp_path / "squat" / "broken.mp4"
    broken.parent.mkdir()
    broken.write_bytes(b"no video")
    with_broken = replace(dataset, videos=(replace(dataset.videos[0], path=broken), *dataset.videos))
    report = evaluate(classifier, with_broken)
    assert report.clips == evaluate(classifier, dataset).clips
    assert [item.name for item in report.skipped] == ["squat/broken.mp4"]
    assert report.to_json()["skipped"][0]["name"] == "squat/broken.mp4"
    with pytest.raises(DatasetMissing, match=r"None of the 1 videos.*squat/broken\.mp4"):
        evaluate(classifier, replace(dataset, videos=with_broken.videos[:1]))


def test_evaluating_without_unseen_clips_is_an_error(classifier: Classifier, dataset: Dataset) -> None:
    with pytest.raises(DatasetTooSmall, match="every clip"):
        evaluate(trained_on(classifier, "clips", *dataset.videos), dataset)


def test_the_error_names_labels_that_the_classifier_lacks(classifier: Classifier, dataset: Dataset) -> None:
    odd = replace(dataset, videos=(*dataset.videos, replace(dataset.videos[0], label="Juggling")))
    with pytest.raises(DatasetError, match=r"Juggling.*squat, swim, tai chi"):
        evaluate(classifier, odd)


def test_progress_is_reported_for_each_clip_and_stopping_gives_no_report(
    classifier: Classifier, dataset: Dataset
) -> None:
    progress: list[Progress] = []
    evaluate(classifier, dataset, on_progress=progress.append)
    assert progress == [Progress(Stage.EVALUATE, done, 3) for done in (1, 2, 3)]
    with pytest.raises(StopRequested):
        evaluate(classifier, dataset, on_progress=stop_when())


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_intervals_are_wilsons(right: int, count: int, low: float, high: float) -> None:
    """The last one is an example of Newcombe (1998), method 3."""
    assert Proportion(right, count).interval == pytest.approx((low, high), abs=1e-4)
