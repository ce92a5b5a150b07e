from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from har.classifier import Classifier, load
from har.clips import Samples, windows
from har.video import probe

pytestmark = pytest.mark.training


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load("i3d-kinetics400")


def test_pixels_are_scaled_as_in_its_training(classifier: Classifier) -> None:
    rescaling = classifier.model.layers[1]
    np.testing.assert_allclose(rescaling(np.array([0, 255], np.uint8)), [-1, 1], atol=1e-6)


def test_a_bench_press_is_recognised(classifier: Classifier, shared: Path) -> None:
    path = sorted((shared / "data/ucf101_raw/BenchPress").glob("*.avi"))[0]
    spec = classifier.card.spec
    clips = [clip for _, clip in windows(Samples(probe(path), spec), spec, 2 * spec.frames)][:3]
    found = Counter(classifier.card.labels[row.argmax()] for row in classifier(np.stack(clips)))
    assert found.most_common(1)[0][0] == "bench pressing"
