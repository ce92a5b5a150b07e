from dataclasses import replace

import numpy as np
import pytest

from har.clips import ClipSpec
from har.recipe import recipe_for
from har.training.augmentation import augment

PLAIN = recipe_for("lrcn", "tutorial", spec=ClipSpec(frames=3, height=64, width=64))  # changes nothing
STRONG = replace(PLAIN, flip=True, recolour=True, shift=0.1, zoom=0.1, brightness=0.3, contrast=0.2, saturation=0.5)


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture
def clip() -> np.ndarray:
    """The same picture in every frame, with a mark in the middle that gets brighter from frame to frame."""
    picture = np.random.default_rng(0).integers(0, 200, (64, 64, 3), np.uint8)
    clip = np.repeat(picture[None], 3, axis=0)
    clip[:, 30:34, 30:34] = np.array([10, 60, 110], np.uint8)[:, None, None, None]
    return clip


def test_all_frames_of_a_clip_change_alike(clip: np.ndarray, random: np.random.Generator) -> None:
    still = np.repeat(clip[:1], 3, axis=0)
    for _ in range(20):
        changed = augment(still, STRONG, random)
        np.testing.assert_array_equal(changed, np.repeat(changed[:1], 3, axis=0))
        assert changed.dtype == np.uint8
        assert not np.array_equal(changed, still)


def test_time_is_never_reversed(clip: np.ndarray, random: np.random.Generator) -> None:
    for _ in range(50):
        marks = augment(clip, STRONG, random).astype(int)[:, 20:44, 20:44].mean(axis=(1, 2, 3))
        assert marks[0] < marks[1] < marks[2]


def test_about_half_of_the_clips_are_mirrored(clip: np.ndarray, random: np.random.Generator) -> None:
    recipe = replace(PLAIN, flip=True)
    mirrored = [np.array_equal(augment(clip, recipe, random), clip[:, :, ::-1]) for _ in range(200)]
    assert 70 < sum(mirrored) < 130


def test_a_recipe_without_augmentation_changes_nothing(clip: np.ndarray, random: np.random.Generator) -> None:
    np.testing.assert_array_equal(augment(clip, PLAIN, random), clip)


def test_brightened_pixels_are_clipped(random: np.random.Generator) -> None:
    white = np.full((3, 64, 64, 3), 250, np.uint8)
    changed = [augment(white, replace(PLAIN, brightness=0.9), random) for _ in range(20)]
    assert max(clip.max() for clip in changed) == 255
    assert min(clip.min() for clip in changed) > 20  # no overflow to 0


def test_saturation_ranges_from_grey_to_colourful(random: np.random.Generator) -> None:
    red = np.full((3, 64, 64, 3), (200, 100, 100), np.uint8)
    spreads = [int(np.ptp(augment(red, replace(PLAIN, saturation=1.0), random)[0, 0, 0])) for _ in range(100)]
    assert min(spreads) < 10
    assert max(spreads) > 180


def test_an_enlarged_picture_shows_any_part(random: np.random.Generator) -> None:
    marked = np.zeros((3, 64, 64, 3), np.uint8)  # a mark in each corner
    for number, (top, left) in enumerate(((0, 0), (0, 56), (56, 0), (56, 56)), start=1):
        marked[:, top : top + 8, left : left + 8] = 60 * number
    seen = np.array([augment(marked, replace(PLAIN, zoom=1.0), random)[0, 8:56, 8:56].max() for _ in range(100)])
    assert len(np.unique(seen // 30)) >= 3
