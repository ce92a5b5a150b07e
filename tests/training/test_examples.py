import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from har.clips import ClipSpec, decode
from har.datasets import Dataset
from har.errors import VideoError, VideoMissing
from har.recipe import Recipe, recipe_for
from har.settings import reload_settings, settings
from har.training import examples as examples_module
from har.training.events import Decoding
from har.training.examples import CachedSamples, Examples, augment, decode_all, drawn, drawn_moments, middles, softened
from har.video import VideoInfo, probe

SPEC = ClipSpec(frames=3, height=64, width=64)
PLAIN = recipe_for("lrcn", "tutorial", spec=SPEC)  # batches of four, and nothing is changed


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
    recipe = replace(PLAIN, flip=True, recolour=True, shift=0.1, zoom=0.1, brightness=0.3, contrast=0.2, saturation=0.5)
    random = np.random.default_rng(0)
    still = np.repeat(clip[:1], 3, axis=0)
    for _ in range(20):
        changed = augment(still, recipe, random)
        np.testing.assert_array_equal(changed, np.repeat(changed[:1], 3, axis=0))
        assert changed.dtype == np.uint8
        assert not np.array_equal(changed, still)


def test_augmentation_never_turns_time_around(clip: np.ndarray) -> None:
    recipe = replace(PLAIN, flip=True, recolour=True, shift=0.1, zoom=0.1, brightness=0.3, contrast=0.2, saturation=0.5)
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


def test_without_saturation_a_picture_is_grey_and_with_more_it_is_more_colourful() -> None:
    red = np.full((3, 64, 64, 3), (200, 100, 100), np.uint8)
    random = np.random.default_rng(0)
    spreads = [int(np.ptp(augment(red, replace(PLAIN, saturation=1.0), random)[0, 0, 0])) for _ in range(100)]
    assert min(spreads) < 10
    assert max(spreads) > 180


def test_what_is_enlarged_may_be_looked_at_anywhere(clip: np.ndarray) -> None:
    """A mark in each corner is seen in some clip and not in another."""
    marked = np.zeros((3, 64, 64, 3), np.uint8)
    for number, (top, left) in enumerate(((0, 0), (0, 56), (56, 0), (56, 56)), start=1):
        marked[:, top : top + 8, left : left + 8] = 60 * number
    random = np.random.default_rng(0)
    recipe = replace(PLAIN, zoom=1.0)
    seen = np.array([np.abs(augment(marked, recipe, random)[0, 8:56, 8:56].max()) for _ in range(100)])
    assert len(np.unique(seen // 30)) >= 3


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_blending_mixes_clips_and_labels_in_the_same_measure(kind: type) -> None:
    recipe, random = replace(PLAIN, mixup=1.0), np.random.default_rng(0)
    clips = np.stack([np.zeros((3, 8, 8, 3)), np.full((3, 8, 8, 3), 200)]).astype(kind)
    ((mixed, rows),) = softened(iter([(clips, np.array([0, 2]))]), 3, recipe, random)
    assert mixed.dtype == kind
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows.sum(axis=1), 1, rtol=1e-6)
    assert 0.01 < rows[0, 0] < 0.99
    np.testing.assert_allclose(mixed[:, 0, 0, 0, 0], 200 * rows[:, 2], atol=0.51)


def test_no_label_is_quite_certain() -> None:
    recipe = replace(PLAIN, smoothing=0.3)
    ((same, rows),) = softened(
        iter([(np.zeros((1, 2), np.float32), np.array([1]))]), 3, recipe, np.random.default_rng(0)
    )
    np.testing.assert_allclose(rows, [[0.1, 0.8, 0.1]], rtol=1e-6)
    assert (same == 0).all()
    ((_, certain),) = softened(
        iter([(np.zeros((1, 2), np.float32), np.array([1]))]), 3, PLAIN, np.random.default_rng(0)
    )
    np.testing.assert_array_equal(certain, [[0, 1, 0]])


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


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[Path]]:
    """Videos that are decoded, with a cache of its own that is empty."""
    told: list[Path] = []

    def counted(info: VideoInfo, spec: ClipSpec) -> np.ndarray:
        told.append(info.path)
        return decode(info, spec)

    monkeypatch.setattr("har.clips.cache.decode", counted)
    monkeypatch.setenv("HAR_HOME", str(tmp_path))
    reload_settings()
    yield told
    monkeypatch.undo()
    reload_settings()


def test_what_was_decoded_before_is_not_decoded_again(squares: Dataset, recipe: Recipe, decoded: list[Path]) -> None:
    for _ in range(2):
        events: list[Decoding] = []
        examples = decode_all(squares.videos, squares.labels, recipe, events.append, 0, 10)
        assert events == [Decoding(done, 10) for done in range(1, 11)]
        for video, samples in zip(squares.videos, examples.samples, strict=True):
            np.testing.assert_array_equal(samples, decode(probe(video.path), recipe.spec))
    assert sorted(decoded) == sorted(video.path for video in squares.videos)


def test_samples_are_a_sequence_and_hold_no_files_open(squares: Dataset, recipe: Recipe, decoded: list[Path]) -> None:
    samples = decode_all(squares.videos, squares.labels, recipe, lambda event: None, 0, 10).samples
    before = len(os.listdir("/proc/self/fd"))
    assert [len(one) for one in samples[2:6]] == [14, 15, 16, 12]
    assert len(samples[-1]) == 16
    assert type(samples[0]) is np.ndarray
    with pytest.raises(IndexError):
        samples[10]
    for _ in range(200):
        list(samples)
    assert len(os.listdir("/proc/self/fd")) == before


def test_samples_that_went_in_the_meantime_are_decoded_again(
    squares: Dataset, recipe: Recipe, decoded: list[Path]
) -> None:
    samples = decode_all(squares.videos[:2], squares.labels, recipe, lambda event: None, 0, 2).samples
    expected = [np.array(one) for one in samples]
    for path in settings().clips.glob("*/*"):
        path.unlink()
    for _ in range(2):
        for one, other in zip(samples, expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(decoded) == 4


def test_what_the_cache_has_no_room_for_is_decoded_once_all_the_same(
    squares: Dataset, recipe: Recipe, decoded: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAR_CLIP_CACHE_BYTES", "0")
    reload_settings()
    samples = decode_all(squares.videos[:3], squares.labels, recipe, lambda event: None, 0, 3).samples
    for _ in range(2):
        assert [len(one) for one in samples] == [12, 13, 14]
    assert len(decoded) == 3


def test_what_has_no_room_in_memory_either_is_decoded_when_asked_for(
    squares: Dataset, recipe: Recipe, decoded: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAR_CLIP_CACHE_BYTES", "0")
    monkeypatch.setattr(examples_module, "_HELD_BYTES", 12 * 64 * 64 * 3)
    reload_settings()
    samples = CachedSamples(squares.videos[:3], recipe.spec)
    for _ in range(2):
        assert [len(samples[index]) for index in range(3)] == [12, 13, 14]
    assert len(decoded) == 5  # the first one has room, the others never


def test_draws_are_the_same_whether_from_the_cache_or_from_memory(
    squares: Dataset, recipe: Recipe, decoded: list[Path]
) -> None:
    cold = decode_all(squares.videos, squares.labels, recipe, lambda event: None, 0, 10)
    memory = Examples([decode(probe(video.path), recipe.spec) for video in squares.videos], cold.targets)
    for draw in (drawn, partial(drawn_moments, steps=3, together=1), partial(drawn_moments, steps=3, together=3)):
        pairs = zip(*(draw(one, recipe, random=np.random.default_rng(3)) for one in (cold, memory)), strict=True)
        for (clips, targets), (same_clips, same_targets) in pairs:
            np.testing.assert_array_equal(clips, same_clips)
            np.testing.assert_array_equal(targets, same_targets)


def test_a_video_that_went_is_named(squares: Dataset, recipe: Recipe, tmp_path: Path) -> None:
    gone = replace(squares.videos[0], path=tmp_path / "gone.mp4")
    with pytest.raises(VideoMissing, match="gone"):
        decode_all([gone], squares.labels, recipe, lambda event: None, 0, 1)
