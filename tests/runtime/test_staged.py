"""The shipped I3D, run over videos; so without TensorFlow. That it equals the original network: `test_conversion`."""

from collections.abc import Iterator
from itertools import chain, repeat

import numpy as np
import pytest

from har.classifier import Classifier, load, with_temperature
from har.networks import NETWORKS
from har.recognition import window_probabilities
from tests.runtime.smooth import smooth_clips


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return load("i3d-kinetics400")


@pytest.fixture(scope="module")
def frames(classifier: Classifier) -> np.ndarray:
    _, *frame = classifier.card.spec.shape
    return smooth_clips(1, (24, *frame))[0]


def test_a_video_of_one_clip_gives_what_the_clip_gives(classifier: Classifier, frames: np.ndarray) -> None:
    steps = np.stack(list(classifier.steps(frames[:16])))
    assert classifier.step_samples == 8
    assert len(steps) == 2
    alone = classifier(frames[None, :16])
    assert NETWORKS["i3d"].stages.temperature == 1.5  # what it says in context is that much less certain
    np.testing.assert_allclose(classifier.classify_steps(steps[None]), with_temperature(alone, 1.5), atol=1e-6)


def test_the_last_frames_are_played_backwards_where_the_last_step_lacks_some(
    classifier: Classifier, frames: np.ndarray
) -> None:
    completed = np.concatenate([frames[:13], frames[11:8:-1]])
    np.testing.assert_array_equal(list(classifier.steps(frames[:13])), list(classifier.steps(completed)))


def test_an_endless_video_is_read_no_further_than_its_steps_depend_on_it(
    classifier: Classifier, frames: np.ndarray
) -> None:
    read = 0

    def endless() -> Iterator[np.ndarray]:
        nonlocal read
        for frame in chain.from_iterable(repeat(frames)):
            read += 1
            yield frame

    next(classifier.steps(endless()))
    assert read <= 104  # 8 of the step; 47 that it depends on; the rest wait for whole batches


def test_windows_that_overlap_by_whole_steps_are_seen_in_their_context(
    classifier: Classifier, frames: np.ndarray
) -> None:
    steps = np.stack(list(classifier.steps(frames)))
    (rows,) = window_probabilities([frames], classifier, 8)
    np.testing.assert_array_equal(rows, classifier.classify_steps(np.stack([steps[:2], steps[1:]])))


@pytest.mark.parametrize(("stride", "expected"), [(5, [0, 5, 8]), (16, [0, 8])])
def test_other_windows_are_classified_one_by_one(
    classifier: Classifier, frames: np.ndarray, stride: int, expected: list[int]
) -> None:
    (rows,) = window_probabilities([frames], classifier, stride)
    clips = np.stack([frames[at : at + 16] for at in expected])
    np.testing.assert_array_equal(rows, classifier(clips))


def test_windows_in_another_order_are_classified_one_by_one(classifier: Classifier, frames: np.ndarray) -> None:
    (rows,) = window_probabilities([frames[:16]], classifier, 8, lambda window: window[::-1])
    np.testing.assert_array_equal(rows, classifier(frames[None, 15::-1]))


def test_clips_of_another_size_are_refused(classifier: Classifier, frames: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected clips of shape"):
        classifier(frames[None])


def test_libraries_print_nothing(frames: np.ndarray, capfd: pytest.CaptureFixture[str]) -> None:
    list(load("i3d-kinetics400").steps(frames[:8]))
    assert capfd.readouterr() == ("", "")
