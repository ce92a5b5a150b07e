import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from har.clips import ClipSpec, decode
from har.datasets import Dataset
from har.progress import Progress, Stage
from har.recipe import Recipe
from har.settings import Settings, settings
from har.training.batches import frame_batches, training_batches
from har.training.examples import Examples, LazyArrays, decode_all
from har.video import VideoInfo, probe

pytestmark = pytest.mark.media

Override = Callable[..., Settings]
DECODING = [Progress(Stage.DECODE, done, 10) for done in range(1, 11)]


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, override: Override) -> list[Path]:
    """Paths of the videos that are decoded; the cache is empty at first."""
    paths: list[Path] = []

    def recording(info: VideoInfo, spec: ClipSpec) -> np.ndarray:
        paths.append(info.path)
        return decode(info, spec)

    monkeypatch.setattr("har.clips.cache.decode", recording)
    override(home=tmp_path)
    return paths


def test_videos_are_decoded_once_and_in_order(squares: Dataset, recipe: Recipe, decoded: list[Path]) -> None:
    for _ in range(2):
        progress: list[Progress] = []
        examples = decode_all(squares.videos, squares.labels, recipe, progress.append)
        assert progress == DECODING
        np.testing.assert_array_equal(examples.targets, [0] * 5 + [1] * 5)
        for video, samples in zip(squares.videos, examples.samples, strict=True):
            np.testing.assert_array_equal(samples, decode(probe(video.path), recipe.spec))
    assert sorted(decoded) == sorted(video.path for video in squares.videos)


@pytest.mark.parametrize("content", [b"no video", b"", None])
def test_videos_that_cannot_be_decoded_are_left_out_and_named(
    squares: Dataset, recipe: Recipe, decoded: list[Path], tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    videos = (*squares.videos[:1], replace(squares.videos[0], path=path), *squares.videos[-1:])
    examples = decode_all(videos, squares.labels, recipe)
    assert examples.videos == (squares.videos[0], squares.videos[-1])
    assert [len(samples) for samples in examples.samples] == [12, 16]
    assert examples.targets.tolist() == [0, 1]
    [skipped] = examples.skipped
    assert skipped.name.endswith("/broken.mp4")
    assert "broken.mp4" in skipped.reason


def test_samples_are_a_sequence_that_keeps_no_files_open(squares: Dataset, recipe: Recipe, decoded: list[Path]) -> None:
    samples = decode_all(squares.videos, squares.labels, recipe).samples
    before = len(os.listdir("/proc/self/fd"))
    assert [len(one) for one in samples[2:6]] == [14, 15, 16, 12]
    assert len(samples[-1]) == 16
    assert type(samples[0]) is np.ndarray
    with pytest.raises(IndexError):
        samples[10]
    for _ in range(200):
        list(samples)
    assert len(os.listdir("/proc/self/fd")) == before


def test_samples_that_were_removed_from_the_cache_are_decoded_again(
    squares: Dataset, recipe: Recipe, decoded: list[Path]
) -> None:
    samples = decode_all(squares.videos[:2], squares.labels, recipe).samples
    expected = [np.array(one) for one in samples]
    for path in settings().clips.glob("*/*"):
        path.unlink()
    for _ in range(2):
        for one, other in zip(samples, expected, strict=True):
            np.testing.assert_array_equal(one, other)
    assert len(decoded) == 4


def test_samples_that_the_cache_does_not_take_stay_in_memory(
    squares: Dataset, recipe: Recipe, decoded: list[Path], override: Override
) -> None:
    override(clip_cache_bytes=0)
    samples = decode_all(squares.videos[:3], squares.labels, recipe).samples
    assert [len(each) for each in samples] == [12, 13, 14]
    assert len(decoded) == 3


def test_arrays_are_loaded_again_if_there_is_no_room_in_memory() -> None:
    loaded: list[int] = []

    def load(index: int) -> np.ndarray:
        loaded.append(index)
        return np.zeros(10 * (index + 1), np.uint8)

    arrays = LazyArrays(3, load, room_bytes=10)
    for _ in range(2):
        assert [len(each) for each in arrays] == [10, 20, 30]
    assert loaded == [0, 1, 2, 1, 2]


def test_batches_are_the_same_from_cache_and_from_memory(squares: Dataset, recipe: Recipe, decoded: list[Path]) -> None:
    cached = decode_all(squares.videos, squares.labels, recipe)
    memory = Examples([decode(probe(video.path), recipe.spec) for video in squares.videos], cached.targets)
    for draw in (training_batches, *(partial(frame_batches, steps=3, stack=stack) for stack in (1, 3))):
        pairs = zip(*(draw(each, recipe, random=np.random.default_rng(3)) for each in (cached, memory)), strict=True)
        for (clips, targets), (same_clips, same_targets) in pairs:
            np.testing.assert_array_equal(clips, same_clips)
            np.testing.assert_array_equal(targets, same_targets)
