from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har import networks
from har.classifier import Card, Classifier, TrainingData
from har.clips import ClipSpec, decode
from har.datasets import LabelledVideo
from har.errors import StopRequested
from har.evaluation import ClipScored, Share, examine, settle
from har.evaluation.evaluate import reordered_probabilities, rows_of, window_probabilities
from har.evaluation.examine import ORDERS
from har.video import probe, write_video

SPEC = ClipSpec(frames=6, height=64, width=64, span_sec=0.6)


class Brightness:
    """In place of a network: it says 'brighter' of a window that ends brighter than it begins."""

    name, input_shape, inputs, layers = "brightness", (None, *SPEC.shape), (), ()


class Knows(Classifier):
    def __init__(self, sure: float) -> None:
        card = Card(
            name="knows",
            title="",
            description="",
            network="lrcn",
            labels=("brighter", "darker"),
            spec=SPEC,
            stride_sec=0.3,
            licence="",
            data=TrainingData("nothing"),
        )
        super().__init__(card, Brightness())  # type: ignore[arg-type]
        self.sure = sure

    def _run(self, model: object, batch: np.ndarray) -> np.ndarray:
        """Wrong for every clip of a recording that is very dark."""
        first, last = batch[:, 0].mean(axis=(1, 2, 3)), batch[:, -1].mean(axis=(1, 2, 3))
        brighter = (last > first) != (np.minimum(first, last) < 20)
        sure = np.where(brighter, self.sure, 1 - self.sure)
        return np.stack([sure, 1 - sure], axis=1).astype(np.float32)


def ramp(down: bool, lowest: int) -> Iterator[np.ndarray]:
    for step in range(6):
        yield np.full((64, 64, 3), lowest + 25 * (5 - step if down else step), np.uint8)


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[LabelledVideo]:
    """Two of each label; the last two are of the dark recording."""
    folder, found = tmp_path_factory.mktemp("ramps"), []
    for lowest in (60, 5):
        for label in ("brighter", "darker"):
            path = Path(folder) / f"{label}{lowest}.mp4"
            write_video(path, ramp(label == "darker", lowest), Fraction(10))
            found.append(LabelledVideo(path, label, f"g{lowest}"))
    return found


def test_a_network_that_needs_motion_is_found_out(videos: list[LabelledVideo]) -> None:
    found = examine(Knows(0.9), videos, videos[:2])
    assert found.report.share == Share(2, 2)
    assert found.orders["reversed"] == Share(0, 2)
    assert found.orders["frozen"] == Share(1, 2)  # always the same answer
    assert set(found.orders) == {"shuffled", "reversed", "frozen"}
    assert [clip.group for clip in found.report.clips] == ["g60", "g60"]


def test_confidence_is_brought_down_to_how_often_it_is_right(videos: list[LabelledVideo]) -> None:
    """Half of the validation clips are right, whatever it says."""
    found = examine(Knows(0.95), videos, videos)
    assert found.report.accuracy == 0.5
    assert found.calibration.temperature > 1.2
    assert found.calibration.ece_after < found.calibration.ece_before
    assert all(clip.confidence < 0.93 for clip in found.report.clips)


def test_the_card_is_left_alone_and_the_temperature_in_it_takes_effect(videos: list[LabelledVideo]) -> None:
    classifier = Knows(0.95)
    found = examine(classifier, videos, videos)
    assert classifier.card.temperature == 1.0
    clip = np.stack(list(ramp(False, 60)))[None]
    before = classifier(clip)[0, 0]
    classifier.card = replace(classifier.card, temperature=found.calibration.temperature)
    assert 0.5 < classifier(clip)[0, 0] < before
    assert settle(Knows(0.95), videos) == (found.calibration.temperature, found.calibration.threshold)


def test_an_event_a_clip_and_no_half_report(videos: list[LabelledVideo]) -> None:
    events: list[ClipScored] = []
    examine(Knows(0.9), videos, videos[:2], events.append)
    assert events == [ClipScored(done, 6) for done in range(1, 7)]

    def stop(event: ClipScored) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        examine(Knows(0.9), videos, videos[:2], stop)


@pytest.mark.parametrize("order", ORDERS)
def test_frames_seen_together_are_looked_at_anew_in_another_order(videos: list[LabelledVideo], order: str) -> None:
    """Moments of the reordered clip, not the clip's own moments reordered."""
    model = networks.build("lrcn", 2, SPEC, wide=True, motion=True)
    random = np.random.default_rng(0)
    for weight in model.trainable_weights:
        weight.assign(random.normal(0, 0.25, weight.shape))
    classifier = Classifier(Knows(0.9).card, model)
    for video in videos[:2]:
        clip = decode(probe(video.path), SPEC)
        rows = rows_of(classifier, video)
        found = reordered_probabilities(classifier, video, rows, ORDERS[order])
        np.testing.assert_allclose(found, classifier(ORDERS[order](clip)[None]), atol=1e-6)
        assert np.abs(found - window_probabilities(classifier, rows)).max() > 1e-4


def test_what_a_pretrained_encoder_gave_is_kept_in_every_order(
    videos: list[LabelledVideo], monkeypatch: pytest.MonkeyPatch
) -> None:
    card = replace(Knows(0.9).card, network="lrcn-lite0", options={"motion": True})
    classifier = Classifier(card, networks.build("lrcn-lite0", 2, SPEC, motion=True))
    first = examine(classifier, videos, videos[:2])

    def never(self: Classifier, moments: np.ndarray) -> None:
        raise AssertionError("it has looked at these before")

    monkeypatch.setattr(Classifier, "encode", never)
    assert examine(classifier, videos, videos[:2]) == first
    with pytest.raises(AssertionError, match="looked at these"):
        examine(Classifier(replace(card, spec=replace(SPEC, span_sec=0.3)), classifier.model), videos, videos[:2])


@pytest.mark.parametrize("order", ORDERS)
def test_orders_of_pretrained_features_are_those_of_the_frames(videos: list[LabelledVideo], order: str) -> None:
    card = replace(Knows(0.9).card, network="lrcn-lite0", options={"motion": True})
    classifier = Classifier(card, networks.build("lrcn-lite0", 2, SPEC, motion=True))
    clip = decode(probe(videos[0].path), SPEC)
    rows = rows_of(classifier, videos[0])
    for _ in ("made", "read"):
        found = reordered_probabilities(classifier, videos[0], rows, ORDERS[order])
        np.testing.assert_allclose(found, classifier(ORDERS[order](clip)[None]), atol=2e-3)
