import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Card, Classifier, SeenVideo, TrainingData
from har.clips import ClipSpec
from har.datasets import Dataset, LabelledVideo
from har.errors import DatasetError, DatasetTooSmall, StopRequested
from har.evaluation import ClipScored, Report, Share, evaluate, unseen
from har.recognition import score
from har.timeline import verdict
from har.video import probe, write_video


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two clips of 'TaiChi', one of 'squat'; the last one is shorter than the classifier's span."""
    folder = tmp_path_factory.mktemp("clips")
    videos = []
    for number, (label, frames) in enumerate((("TaiChi", 9), ("TaiChi", 12), ("squat", 2))):
        path = folder / f"{number}.mp4"
        grey = [np.full((64, 64, 3), 30 * number + 5 * step, np.uint8) for step in range(frames)]
        write_video(path, grey, Fraction(10))
        videos.append(LabelledVideo(path, label, f"g0{number}"))
    return Dataset("clips", "Clips", tuple(videos))


@pytest.fixture(scope="module")
def always_tai_chi() -> Classifier:
    card = Card(
        name="always",
        title="Always tai chi",
        description="",
        network="lrcn",
        labels=("squat", "swim", "tai chi"),
        spec=ClipSpec(frames=4, height=64, width=64, span_sec=0.4),
        stride_sec=0.2,
        licence="MIT",
        data=TrainingData("nothing"),
    )
    model = networks.build("lrcn", 3, card.spec)
    model.get_layer("head").get_layer("labels").bias.assign([0, 0, 5])
    return Classifier(card, model)


def having_seen(classifier: Classifier, name: str, *videos: LabelledVideo, path: str = "elsewhere.mp4") -> Classifier:
    rows = tuple(SeenVideo(video.content, video.group, video.label, path) for video in videos)
    return Classifier(
        replace(classifier.card, data=TrainingData(name, trained=rows[:1], validated=rows[1:])), classifier.model
    )


def test_every_clip_is_counted_once_under_its_true_label(always_tai_chi: Classifier, dataset: Dataset) -> None:
    report = evaluate(always_tai_chi, dataset)
    np.testing.assert_array_equal(report.confusion, [[0, 0, 1], [0, 0, 0], [0, 0, 2]])
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.recall() == {"squat": Share(0, 1), "tai chi": Share(2, 2)}
    assert [clip.label for clip in report.clips] == ["tai chi", "tai chi", "squat"]
    assert report.left_out == 0


def test_a_clips_verdict_is_the_one_recognition_gives(always_tai_chi: Classifier, dataset: Dataset) -> None:
    report = evaluate(always_tai_chi, dataset)
    for clip, video in zip(report.clips, dataset.videos, strict=True):
        label, confidence = verdict(score(probe(video.path), always_tai_chi).scores, 1)[0]
        assert (clip.path, clip.predicted, clip.confidence) == (str(video.path), label, confidence)


def test_clips_that_were_seen_are_left_out_under_any_name_unless_asked_for(
    always_tai_chi: Classifier, dataset: Dataset
) -> None:
    classifier = having_seen(always_tai_chi, "other", *dataset.videos[:2])
    report = evaluate(classifier, dataset)
    assert [clip.label for clip in report.clips] == ["squat"]
    assert report.left_out == 2
    assert len(evaluate(classifier, dataset, include_seen=True).clips) == 3


def test_generated_clips_are_told_apart_by_actor(always_tai_chi: Classifier, dataset: Dataset) -> None:
    """The same clip drawn on another machine has other bytes."""
    redrawn = []
    for video in dataset.videos:
        path = video.path.with_stem(f"{video.path.stem}-redrawn")
        path.write_bytes(video.path.read_bytes() + b"other")
        redrawn.append(replace(video, path=path))
    figures = replace(dataset, name="figures")
    assert unseen(having_seen(always_tai_chi, "figures", redrawn[1]).card, figures) == (
        dataset.videos[0],
        dataset.videos[2],
    )
    assert unseen(having_seen(always_tai_chi, "other", redrawn[1]).card, figures) == dataset.videos
    assert unseen(having_seen(always_tai_chi, "clips", redrawn[1]).card, dataset) == dataset.videos


def test_nothing_left_to_measure_on_is_an_error(always_tai_chi: Classifier, dataset: Dataset) -> None:
    with pytest.raises(DatasetTooSmall, match="every clip"):
        evaluate(having_seen(always_tai_chi, "clips", *dataset.videos), dataset)


def test_labels_the_classifier_lacks_are_named(always_tai_chi: Classifier, dataset: Dataset) -> None:
    odd = replace(dataset, videos=(*dataset.videos, replace(dataset.videos[0], label="Juggling")))
    with pytest.raises(DatasetError, match=r"Juggling.*squat, swim, tai chi"):
        evaluate(always_tai_chi, odd)


def test_an_event_a_clip_and_no_half_report(always_tai_chi: Classifier, dataset: Dataset) -> None:
    events: list[ClipScored] = []
    evaluate(always_tai_chi, dataset, on_event=events.append)
    assert events == [ClipScored(done, 3) for done in (1, 2, 3)]

    def stop(event: ClipScored) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        evaluate(always_tai_chi, dataset, on_event=stop)


def test_the_report_is_json(always_tai_chi: Classifier, dataset: Dataset) -> None:
    report: Report = evaluate(always_tai_chi, dataset)
    found = json.loads(json.dumps(report.to_json()))
    assert found["accuracy"] == report.accuracy
    assert found["labels"] == ["squat", "swim", "tai chi"]
    assert found["confusion"] == [[0, 0, 1], [0, 0, 0], [0, 0, 2]]
    assert found["clips"][2] == {
        "path": str(Path(dataset.videos[2].path)),
        "label": "squat",
        "predicted": "tai chi",
        "confidence": report.clips[2].confidence,
        "group": "g02",
    }


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(right: int, count: int, low: float, high: float) -> None:
    """The last one is Newcombe's example (1998), method 3."""
    assert Share(right, count).interval == pytest.approx((low, high), abs=1e-4)
