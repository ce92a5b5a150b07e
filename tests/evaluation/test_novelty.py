"""What 'none of these' costs and catches, on test clips."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from har.classifier import Classifier
from har.clips import ClipSpec
from har.datasets import LabelledVideo
from har.evaluation import Proportion, evaluate_novelty, novelty_of
from har.networks.parts import ENCODER, HEAD, PUBLISHED_LABELS
from har.video import write_video
from tests.classifier.conftest import CARD

SPEC = ClipSpec(frames=4, height=8, width=8, span_sec=0.4)
DARK, BRIGHT = 40, 200


class Level:
    """Features of a frame: its mean."""

    input_shape = (8, 8, 3)

    def __call__(self, frames):
        return frames.mean(axis=(1, 2, 3))[:, None].astype(np.float32)


class Half:
    """The first label in dark windows, the second in bright ones."""

    input_shape = (4, 1)

    def __call__(self, windows):
        bright = windows.mean(axis=(1, 2)) > 120
        return np.where(bright[:, None], np.float32([0.1, 0.9]), np.float32([0.9, 0.1]))


class Seen:
    """A published label for each tenth of the brightness, with a little of its neighbours."""

    input_shape = (4, 1)

    def __call__(self, windows):
        places, level = np.arange(11), windows.mean(axis=(1, 2))[:, None] / 25
        powers = np.exp(-((places - level) ** 2))
        return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def classifier():
    card = replace(
        CARD, labels=("dark", "bright"), spec=SPEC, stride_sec=0.2, threshold=0.5, network="lrcn", options={}
    )
    return Classifier(card, {ENCODER: Level(), HEAD: Half(), PUBLISHED_LABELS: Seen()})


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    folder = tmp_path_factory.mktemp("levels")

    def write(label, level, group):
        path = folder / f"{label}-{level}-{group}.mp4"
        write_video(path, np.full((12, 32, 32, 3), level, np.uint8), Fraction(10))
        return LabelledVideo(path, label, group)

    return write


@pytest.fixture(scope="module")
def known(clip):
    levels = [("dark", DARK), ("bright", BRIGHT)]
    return [clip(label, level + number, f"g{number}") for label, level in levels for number in range(7)]


def test_kept_and_wrongly_named_clips_are_counted(classifier, clip, known):
    novelty = novelty_of(classifier, known)
    assert novelty is not None
    sees = Classifier(replace(classifier.card, novelty=novelty), classifier._parts)
    tested = [clip("dark", DARK + 3, "h1"), clip("bright", BRIGHT + 3, "h2"), clip("dark", 90, "h3")]
    evaluation = evaluate_novelty(sees, tested)
    assert evaluation is not None
    assert evaluation.kept == Proportion(2, 3)  # the third is the right label, but like no training clip
    assert evaluation.named == Proportion(0, 3)
    assert "2 of 3 correct labels remain" in evaluation.describe()


def test_without_published_labels_nothing_can_be_told(classifier, known):
    parts = {name: part for name, part in classifier._parts.items() if name != PUBLISHED_LABELS}
    assert novelty_of(Classifier(classifier.card, parts), known) is None


def test_one_recording_of_each_label_is_too_little(classifier, known):
    assert novelty_of(classifier, [replace(video, group="one") for video in known]) is None
