from dataclasses import replace

import numpy as np
import pytest

from har.clips import ClipSpec
from har.recipe import recipe_for
from har.training.batches import center_batches, mixup, training_batches
from har.training.examples import Examples

PLAIN = recipe_for("lrcn", "tutorial", spec=ClipSpec(frames=3, height=64, width=64))  # batches of four, no augmentation


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def numbered(*lengths: int) -> Examples:
    """Videos in which the value of every pixel is ten times the video's index plus the frame's."""
    samples = [
        np.broadcast_to((10 * video + np.arange(length, dtype=np.uint8))[:, None, None, None], (length, 64, 64, 3))
        for video, length in enumerate(lengths)
    ]
    return Examples(samples, np.arange(len(lengths)))


def test_an_epoch_has_a_window_of_every_video(random: np.random.Generator) -> None:
    batches = list(training_batches(numbered(3, 5, 9, 3, 4), PLAIN, random))
    assert [len(clips) for clips, _ in batches] == [4, 1]
    clips, targets = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert sorted(targets) == [0, 1, 2, 3, 4]
    values = clips[:, :, 0, 0, 0].astype(int)
    np.testing.assert_array_equal(values[:, 0] // 10, targets)
    np.testing.assert_array_equal(np.diff(values, axis=1), 1)  # consecutive frames, in order


def test_windows_start_anywhere_in_a_video(random: np.random.Generator) -> None:
    starts = {int(next(training_batches(numbered(6), PLAIN, random))[0][0, 0, 0, 0, 0]) for _ in range(60)}
    assert starts == {0, 1, 2, 3}


def test_the_tempo_varies_within_the_video(random: np.random.Generator) -> None:
    recipe = replace(PLAIN, tempo=0.5)
    spans = []
    for _ in range(100):
        frames = next(training_batches(numbered(9), recipe, random))[0][0, :, 0, 0, 0].astype(int)
        assert (np.diff(frames) >= 0).all()
        assert frames.max() <= 8
        spans.append(frames[-1] - frames[0])
    assert set(spans) == {1, 2, 3}
    shortest = next(training_batches(numbered(3), recipe, random))[0][0, :, 0, 0, 0]
    assert shortest[-1] <= 2


def test_validation_takes_the_centre_window() -> None:
    ((clips, targets),) = center_batches(numbered(3, 5, 9), PLAIN)
    np.testing.assert_array_equal(clips[:, :, 0, 0, 0], [[0, 1, 2], [11, 12, 13], [23, 24, 25]])
    np.testing.assert_array_equal(targets, [0, 1, 2])


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_mixup_blends_clips_and_labels_with_the_same_weight(kind: type, random: np.random.Generator) -> None:
    clips = np.stack([np.zeros((3, 8, 8, 3)), np.full((3, 8, 8, 3), 200)]).astype(kind)
    ((mixed, rows),) = mixup(iter([(clips, np.array([0, 2]))]), 3, replace(PLAIN, mixup=1.0), random)
    assert mixed.dtype == kind
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-6)
    assert 0.01 < rows[0, 0] < 0.99
    np.testing.assert_allclose(mixed[:, 0, 0, 0, 0], 200 * rows[:, 2], atol=0.51)


@pytest.mark.parametrize(("smoothing", "expected"), [(0.3, [0.1, 0.8, 0.1]), (0.0, [0, 1, 0])])
def test_label_smoothing_spreads_probability_over_all_labels(
    smoothing: float, expected: list[float], random: np.random.Generator
) -> None:
    batch = (np.zeros((1, 2), np.float32), np.array([1]))
    ((inputs, rows),) = mixup(iter([batch]), 3, replace(PLAIN, smoothing=smoothing), random)
    np.testing.assert_allclose(rows, [expected], rtol=1e-6)
    assert (inputs == 0).all()
