"""Groups guessed from visual similarity."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from har.datasets import Dataset, LabelledVideo, figures, similarity_groups
from har.datasets.similarity_groups import average_linkage, similarity, thumbnails, with_guessed_groups
from har.errors import NotAVideo, StopRequested
from har.progress import Progress, Stage
from har.settings import settings
from har.video import write_video
from tests.datasets.conftest import stop_when

pytestmark = pytest.mark.media

SCENES, CLIPS, LABELS = 5, 2, ("Kick", "Wave")

with_empty_cache = pytest.mark.usefixtures("home")


def scene(number: int) -> np.ndarray:
    """A background: coarse patches of colour."""
    patches = np.random.default_rng(number).integers(0, 256, (4, 5, 3), np.uint8)
    return cv2.resize(patches, (64, 48), interpolation=cv2.INTER_CUBIC)


def write_clip(path: Path, number: int, clip: int) -> None:
    """Something small moves in front of the scene; the light differs a little between clips."""
    frames = []
    for step in range(10):
        frame = np.clip(scene(number).astype(int) + 8 * clip, 0, 255).astype(np.uint8)
        left = (step * 5 + clip * 17) % 54
        frame[20:30, left : left + 10] = 40 * clip
        frames.append(frame)
    write_video(path, frames, Fraction(10))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Clips of five scenes under two labels; their names have no groups."""
    folder = tmp_path_factory.mktemp("scenes")
    videos = []
    for label in LABELS:
        (folder / label).mkdir()
        for number in range(SCENES):
            for clip in range(CLIPS):
                path = folder / label / f"{(number * CLIPS + clip) * 7 % 10:02}.mp4"
                write_clip(path, number, clip + (label == "Wave"))
                videos.append(LabelledVideo(path, label, f"scene {number}"))
    return Dataset("scenes", "Scenes", tuple(videos))


def without_groups(dataset: Dataset) -> Dataset:
    return replace(dataset, videos=tuple(replace(video, group=None) for video in dataset.videos))


def parts(dataset: Dataset) -> set[frozenset[Path]]:
    """The videos of each group."""
    return {
        frozenset(video.path for video in dataset.videos if video.group == group)
        for group in {video.group for video in dataset.videos}
    }


def test_clips_of_one_scene_are_one_group_across_labels(scenes: Dataset) -> None:
    guessed = with_guessed_groups(without_groups(scenes))
    assert parts(guessed) == parts(scenes)
    assert guessed.guessed_groups
    assert guessed.groups == tuple(f"likely {number:03}" for number in range(1, SCENES + 1))
    assert [replace(video, group=None) for video in guessed.videos] == list(without_groups(scenes).videos)


def test_groups_are_numbered_by_path(scenes: Dataset) -> None:
    names = {video.path: video.group for video in with_guessed_groups(without_groups(scenes)).videos}
    assert names[min(names)] == "likely 001"
    firsts = [names[path] for path in sorted(names)]
    assert sorted(set(firsts), key=firsts.index) == sorted(set(firsts))
    shuffled = tuple(
        without_groups(scenes).videos[index] for index in np.random.default_rng(0).permutation(len(scenes.videos))
    )
    again = with_guessed_groups(replace(scenes, videos=shuffled))
    assert {video.path: video.group for video in again.videos} == names
    assert tuple(video.path for video in again.videos) == tuple(video.path for video in shuffled)


def test_known_groups_are_not_changed(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    some = tuple(replace(video, group=None) if video.label == "Wave" else video for video in scenes.videos)
    guessed = with_guessed_groups(replace(scenes, videos=some))
    for before, after in zip(some, guessed.videos, strict=True):
        assert before.group in (None, after.group)
    assert {video.group for video in guessed.videos if video.label == "Wave"} == {
        f"likely {number:03}" for number in range(1, SCENES + 1)
    }
    monkeypatch.delattr(similarity_groups, "decode")
    assert with_guessed_groups(scenes) is scenes


@pytest.mark.parametrize("count", [0, 1])
def test_data_sets_of_no_and_of_one_video(scenes: Dataset, count: int) -> None:
    guessed = with_guessed_groups(replace(without_groups(scenes), videos=without_groups(scenes).videos[:count]))
    assert [video.group for video in guessed.videos] == ["likely 001"][:count]
    assert guessed.guessed_groups == (count > 0)


def test_copies_of_one_video_are_one_group(scenes: Dataset, tmp_path: Path) -> None:
    copies = []
    for number in range(6):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(scenes.videos[0].path.read_bytes())
        copies.append(LabelledVideo(path, "Kick"))
    assert with_guessed_groups(Dataset("copies", "Copies", tuple(copies))).groups == ("likely 001",)


def test_generated_clips_of_different_actors_are_in_different_groups(tmp_path: Path) -> None:
    drawn = figures.open_figures(["Kick"], range(1, 4), tmp_path / "figures")
    guessed = with_guessed_groups(without_groups(drawn))
    for part in parts(guessed):
        assert len({video.group for video in drawn.videos if video.path in part}) == 1
    assert len(guessed.groups) <= len(drawn.videos) / 2


def test_in_large_sets_only_videos_of_the_same_label_are_compared(
    scenes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity_groups, "_MAX_COMPARED", len(scenes.videos) - 1)
    guessed = with_guessed_groups(without_groups(scenes))
    assert parts(guessed) == {
        frozenset(video.path for video in scenes.videos if (video.group, video.label) == (group, label))
        for group in scenes.groups
        for label in LABELS
    }


@with_empty_cache
def test_every_video_is_decoded_once(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    first: list[Progress] = []
    with_guessed_groups(without_groups(scenes), first.append)
    monkeypatch.delattr(similarity_groups, "decode")
    second: list[Progress] = []
    with_guessed_groups(without_groups(scenes), second.append)
    total = len(scenes.videos)
    assert first == second == [Progress(Stage.COMPARE_VIDEOS, done, total) for done in range(1, total + 1)]


@with_empty_cache
def test_damaged_cache_entries_are_replaced(scenes: Dataset) -> None:
    expected = thumbnails(scenes.videos[0])
    for path in settings().previews.glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1])
    np.testing.assert_array_equal(thumbnails(replace(scenes.videos[0])), expected)


@with_empty_cache
def test_cancelling_keeps_the_thumbnails_made_so_far(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StopRequested):
        with_guessed_groups(without_groups(scenes), stop_when(lambda progress: progress.done == 5))
    decoded: list[LabelledVideo] = []
    decode: Callable[..., np.ndarray] = similarity_groups.decode
    monkeypatch.setattr(similarity_groups, "decode", lambda *given: (decoded.append(given[0]), decode(*given))[1])
    with_guessed_groups(without_groups(scenes))
    assert 0 < len(decoded) <= len(scenes.videos) - 5


def test_a_video_that_cannot_be_read_is_reported(scenes: Dataset, tmp_path: Path) -> None:
    broken = LabelledVideo(tmp_path / "broken.mp4", "Kick")
    broken.path.write_bytes(b"no video")
    with pytest.raises(NotAVideo, match="broken"):
        with_guessed_groups(replace(scenes, videos=(*scenes.videos, broken)))


def test_similarity_is_symmetric_and_one_for_copies_and_defined_for_uniform_frames() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 3, 12, 16, 3), np.uint8)
    frames[4] = frames[1]
    alike = similarity(frames)
    np.testing.assert_allclose(alike, alike.T, atol=1e-5)
    np.testing.assert_array_equal(np.diag(alike), 1.0)
    assert alike[1, 4] == 1.0
    assert alike[0, 1:4].max() < 0.5
    assert np.isfinite(similarity(np.zeros((3, 3, 12, 16, 3), np.uint8))).all()


def test_average_linkage_agrees_with_a_plain_implementation() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        alike = random.random((12, 12)).astype(np.float32)
        alike = (alike + alike.T) / 2
        groups = [{index} for index in range(12)]
        while len(groups) > 1:
            strength, one, other = max(
                (float(np.mean([alike[a, b] for a in groups[i] for b in groups[j]])), i, j)
                for i in range(len(groups))
                for j in range(i)
            )
            if strength < 0.55:
                break
            groups[other] |= groups.pop(one)
        expected = [min(group for group in map(min, (g for g in groups if index in g))) for index in range(12)]
        assert average_linkage(alike, 0.55).tolist() == expected


def test_the_threshold_rises_until_there_are_enough_groups_to_split() -> None:
    alike = np.full((6, 6), 0.7, np.float32)
    alike[0, 1] = alike[1, 0] = 0.95
    assert len(set(average_linkage(alike, 0.48))) == 1
    assert len(set(similarity_groups._group(alike, ["Kick"] * 6))) == 5
