from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Classifier
from har.clips import ClipSpec, decode
from har.datasets import LabelledVideo
from har.errors import DatasetMissing, StopRequested
from har.evaluation import Evaluation, Proportion, evaluate_test_clips, fit_calibration
from har.evaluation.predictions import clip_probabilities, encode_clip, reordered_probabilities
from har.evaluation.split_evaluation import ORDERS
from har.networks.parts import NETWORK
from har.progress import Progress, Stage
from har.video import probe, write_video
from tests.classifier.conftest import CARD
from tests.datasets.conftest import stop_when

SPEC = ClipSpec(frames=6, height=64, width=64, span_sec=0.6)


class Brightness:
    """Predicts 'brighter' for a window that ends brighter than it begins; wrong for very dark recordings."""

    input_shape = SPEC.shape

    def __init__(self, confidence: float) -> None:
        self.confidence = confidence

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        first, last = batch[:, 0].mean(axis=(1, 2, 3)), batch[:, -1].mean(axis=(1, 2, 3))
        brighter = (last > first) != (np.minimum(first, last) < 20)
        probability = np.where(brighter, self.confidence, 1 - self.confidence)
        return np.stack([probability, 1 - probability], axis=1).astype(np.float32)


class FakeClassifier(Classifier):
    """Runs `Brightness` in place of a network."""

    def __init__(self, confidence: float) -> None:
        card = replace(CARD, labels=("brighter", "darker"), spec=SPEC, stride_sec=0.3)
        super().__init__(card, {NETWORK: Brightness(confidence)})


def ramp(down: bool, lowest: int) -> Iterator[np.ndarray]:
    for step in range(6):
        yield np.full((64, 64, 3), lowest + 25 * (5 - step if down else step), np.uint8)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledVideo]:
    """Two of each label; the last two are of a very dark recording."""
    folder, videos = tmp_path_factory.mktemp("ramps"), []
    for lowest in (60, 5):
        for label in ("brighter", "darker"):
            path = Path(folder) / f"{label}{lowest}.mp4"
            write_video(path, ramp(label == "darker", lowest), Fraction(10))
            videos.append(LabelledVideo(path, label, f"g{lowest}"))
    return videos


def evaluated(classifier: Classifier, validation: list[LabelledVideo], test: list[LabelledVideo]) -> Evaluation:
    return evaluate_test_clips(classifier, fit_calibration(classifier, validation), test)


@pytest.mark.promise("numbers", "Reports show whether a network uses motion")
def test_other_frame_orders_show_whether_motion_is_used(videos: list[LabelledVideo]) -> None:
    evaluation = evaluated(FakeClassifier(0.9), videos, videos[:2])
    assert evaluation.report.share == Proportion(2, 2)
    assert evaluation.orders["reversed"] == Proportion(0, 2)
    assert evaluation.orders["frozen"] == Proportion(1, 2)  # always the same prediction
    assert set(evaluation.orders) == {"shuffled", "reversed", "frozen"}
    assert [clip.group for clip in evaluation.report.clips] == ["g60", "g60"]


def test_calibration_lowers_the_confidence_to_the_accuracy(videos: list[LabelledVideo]) -> None:
    """Half of the validation clips are correct."""
    evaluation = evaluated(FakeClassifier(0.95), videos, videos)
    assert evaluation.report.accuracy == 0.5
    assert evaluation.calibration.temperature > 1.2
    assert evaluation.calibration.ece_after < evaluation.calibration.ece_before
    assert all(clip.confidence < 0.93 for clip in evaluation.report.clips)


def test_the_temperature_takes_effect_once_it_is_in_the_card(videos: list[LabelledVideo]) -> None:
    classifier = FakeClassifier(0.95)
    evaluation = evaluated(classifier, videos, videos)
    assert classifier.card.temperature == 1.0
    clip = np.stack(list(ramp(False, 60)))[None]
    before = classifier(clip)[0, 0]
    classifier.card = replace(classifier.card, temperature=evaluation.calibration.temperature)
    assert 0.5 < classifier(clip)[0, 0] < before


def test_progress_is_reported_for_each_clip_and_stopping_gives_no_evaluation(videos: list[LabelledVideo]) -> None:
    progress: list[Progress] = []
    classifier = FakeClassifier(0.9)
    fitted = fit_calibration(classifier, videos, progress.append, more=2)
    evaluate_test_clips(classifier, fitted, videos[:2], progress.append, done=4)
    assert progress == [Progress(Stage.EVALUATE, done, 6) for done in range(1, 7)]
    with pytest.raises(StopRequested):
        evaluate_test_clips(classifier, fitted, videos[:2], stop_when())


def test_a_test_clip_that_cannot_be_read_is_left_out_and_named(videos: list[LabelledVideo], tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video")
    evaluation = evaluated(FakeClassifier(0.9), videos, [replace(videos[0], path=broken), *videos[:2]])
    assert evaluation.report.share == Proportion(2, 2)
    assert evaluation.orders["reversed"] == Proportion(0, 2)
    assert [item.name.split("/")[-1] for item in evaluation.report.skipped] == ["broken.mp4"]
    with pytest.raises(DatasetMissing, match="broken"):
        evaluated(FakeClassifier(0.9), videos, [replace(videos[0], path=broken)])


@pytest.mark.training
@pytest.mark.parametrize("order", ORDERS)
def test_stacks_of_frames_are_encoded_again_for_another_order(videos: list[LabelledVideo], order: str) -> None:
    """Stacks of the reordered frames, not the stacks reordered."""
    model = networks.build("lrcn", 2, SPEC, wide=True, motion=True)
    random = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(random.normal(0, 0.25, weight.shape))
    classifier = Classifier.from_model(FakeClassifier(0.9).card, model)
    for video in videos[:2]:
        clip = decode(probe(video.path), SPEC)
        rows = encode_clip(classifier, video)
        probabilities = reordered_probabilities(classifier, video, rows, ORDERS[order])
        np.testing.assert_allclose(probabilities, classifier(ORDERS[order](clip)[None]), atol=1e-6)
        assert np.abs(probabilities - clip_probabilities(classifier, rows)).max() > 1e-4


@pytest.fixture(scope="module")
def pretrained() -> Classifier:
    card = replace(FakeClassifier(0.9).card, network="lrcn-lite0", options={"motion": True})
    return Classifier.from_model(card, networks.build("lrcn-lite0", 2, SPEC, motion=True))


@pytest.mark.training
def test_features_of_a_pretrained_encoder_are_cached_in_every_order(
    pretrained: Classifier, videos: list[LabelledVideo], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluated(pretrained, videos, videos[:2])

    def fail(stacks: np.ndarray) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(Classifier, "start_encoding", lambda self: fail)
    assert evaluated(pretrained, videos, videos[:2]) == first
    monkeypatch.setattr(pretrained, "card", replace(pretrained.card, spec=replace(SPEC, span_sec=0.3)))
    with pytest.raises(AssertionError, match="computed again"):
        evaluated(pretrained, videos, videos[:2])


@pytest.mark.training
@pytest.mark.parametrize("order", ORDERS)
def test_cached_features_in_other_orders_are_those_of_the_reordered_frames(
    pretrained: Classifier, videos: list[LabelledVideo], order: str, override: Callable[..., None], tmp_path: Path
) -> None:
    override(home=tmp_path)  # with an empty cache
    clip = decode(probe(videos[0].path), SPEC)
    rows = encode_clip(pretrained, videos[0])
    for _ in ("computed", "cached"):
        probabilities = reordered_probabilities(pretrained, videos[0], rows, ORDERS[order])
        np.testing.assert_allclose(probabilities, pretrained(ORDERS[order](clip)[None]), atol=2e-3)
