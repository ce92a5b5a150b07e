from dataclasses import replace

import numpy as np
import pytest

from har.clips import ClipSpec
from har.datasets import Dataset
from har.errors import VideoError
from har.recipe import Recipe, recipe_for
from har.training.events import Decoding
from har.training.examples import Examples, augment, decode_all, drawn, middles

SPEC = ClipSpec(frames=3, height=64, width=64)
PLAIN = recipe_for(
    "lrcn", spec=SPEC, flip=False, recolour=False, tempo=0.0, shift=0.0, zoom=0.0, brightness=0.0, batch_size=4
)


def numbered(*lengths: int) -> Examples:
    """Videos whose every pixel says which video it is (tens) and which sample (ones)."""
    samples = [
        np.broadcast_to((10 * video + np.arange(length, dtype=np.uint8))[:, None, None, None], (length, 64, 64, 3))
        for video, length in enumerate(lengths)
    ]
    return Examples(samples, np.arange(len(lengths)))


def test_an_epoch_takes_a_window_of_every_video_in_its_order_of_time() -> None:
    batches = list(drawn(numbered(3, 5, 9, 3, 4), PLAIN, np.random.default_rng(0)))
    assert [len(clips) for clips, _ in batches] == [4, 1]
    clips, targets = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    assert sorted(targets) == [0, 1, 2, 3, 4]
    values = clips[:, :, 0, 0, 0].astype(int)
    np.testing.assert_array_equal(values[:, 0] // 10, targets)
    np.testing.assert_array_equal(np.diff(values, axis=1), 1)


def test_windows_differ_from_epoch_to_epoch_and_reach_both_ends() -> None:
    random = np.random.default_rng(0)
    starts = {int(next(drawn(numbered(6), PLAIN, random))[0][0, 0, 0, 0, 0]) for _ in range(60)}
    assert starts == {0, 1, 2, 3}


def test_the_pace_varies_but_time_runs_forward_and_the_video_is_not_left() -> None:
    recipe, random = replace(PLAIN, tempo=0.5), np.random.default_rng(0)
    spans = []
    for _ in range(100):
        times = next(drawn(numbered(9), recipe, random))[0][0, :, 0, 0, 0].astype(int)
        assert (np.diff(times) >= 0).all()
        assert times.max() <= 8
        spans.append(times[-1] - times[0])
    assert set(spans) == {1, 2, 3}
    exact = next(drawn(numbered(3), recipe, random))[0][0, :, 0, 0, 0]
    assert exact[-1] <= 2


def test_validation_takes_the_middle() -> None:
    ((clips, targets),) = middles(numbered(3, 5, 9), PLAIN)
    np.testing.assert_array_equal(clips[:, :, 0, 0, 0], [[0, 1, 2], [11, 12, 13], [23, 24, 25]])
    np.testing.assert_array_equal(targets, [0, 1, 2])


@pytest.fixture
def clip() -> np.ndarray:
    """The same picture in every frame, but for a mark that says which frame it is."""
    picture = np.random.default_rng(0).integers(0, 200, (64, 64, 3), np.uint8)
    clip = np.repeat(picture[None], 3, axis=0)
    clip[:, 30:34, 30:34] = np.array([10, 60, 110], np.uint8)[:, None, None, None]
    return clip


def test_augmentation_changes_the_picture_but_alike_in_all_frames(clip: np.ndarray) -> None:
    recipe = replace(PLAIN, flip=True, recolour=True, shift=0.1, zoom=0.1, brightness=0.3)
    random = np.random.default_rng(0)
    still = np.repeat(clip[:1], 3, axis=0)
    for _ in range(20):
        changed = augment(still, recipe, random)
        np.testing.assert_array_equal(changed, np.repeat(changed[:1], 3, axis=0))
        assert changed.dtype == np.uint8
        assert not np.array_equal(changed, still)


def test_augmentation_never_turns_time_around(clip: np.ndarray) -> None:
    recipe = replace(PLAIN, flip=True, recolour=True, shift=0.1, zoom=0.1, brightness=0.3)
    random = np.random.default_rng(0)
    for _ in range(50):
        marks = augment(clip, recipe, random).astype(int)[:, 20:44, 20:44].mean(axis=(1, 2, 3))
        assert marks[0] < marks[1] < marks[2]


def test_about_every_other_clip_is_mirrored(clip: np.ndarray) -> None:
    recipe, random = replace(PLAIN, flip=True), np.random.default_rng(0)
    mirrored = [np.array_equal(augment(clip, recipe, random), clip[:, :, ::-1]) for _ in range(200)]
    assert 70 < sum(mirrored) < 130


def test_nothing_chosen_nothing_changed(clip: np.ndarray) -> None:
    np.testing.assert_array_equal(augment(clip, PLAIN, np.random.default_rng(0)), clip)


def test_bright_pixels_stay_bright() -> None:
    recipe = replace(PLAIN, brightness=0.9)
    white = np.full((3, 64, 64, 3), 250, np.uint8)
    random = np.random.default_rng(1)
    found = [augment(white, recipe, random).max() for _ in range(20)]
    assert max(found) == 255  # and has not begun again at 0


def test_videos_are_decoded_in_order_with_an_event_each(squares: Dataset, recipe: Recipe) -> None:
    events: list[Decoding] = []
    examples = decode_all(squares.videos, squares.labels, recipe, events.append, 3, 13)
    assert [len(samples) for samples in examples.samples] == [12, 13, 14, 15, 16, 12, 13, 14, 15, 16]
    np.testing.assert_array_equal(examples.targets, [0] * 5 + [1] * 5)
    assert events == [Decoding(done, 13) for done in range(4, 14)]


def test_a_video_that_cannot_be_read_is_named(
    squares: Dataset, recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> None:
    broken = tmp_path_factory.mktemp("broken") / "broken.mp4"
    broken.write_bytes(b"no video")
    videos = (*squares.videos, replace(squares.videos[0], path=broken))
    with pytest.raises(VideoError, match="broken"):
        decode_all(videos, squares.labels, recipe, lambda event: None, 0, 11)
