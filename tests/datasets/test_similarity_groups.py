"""Groups guessed from likeness."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from har.datasets import Dataset, LabelledVideo, figures
from har.datasets import similarity_groups as likeness_module
from har.datasets.similarity_groups import joined, likeness, small_frames, with_guessed_groups
from har.errors import NotAVideo, StopRequested
from har.settings import reload_settings, settings
from har.video import write_video

SCENES, CLIPS, LABELS = 5, 2, ("Kick", "Wave")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder that no other test has written to."""
    monkeypatch.setenv("HAR_HOME", str(tmp_path / "home"))
    reload_settings()
    yield tmp_path
    monkeypatch.undo()
    reload_settings()


def scene(number: int) -> np.ndarray:
    """A place: coarse blots of colour."""
    blots = np.random.default_rng(number).integers(0, 256, (4, 5, 3), np.uint8)
    return cv2.resize(blots, (64, 48), interpolation=cv2.INTER_CUBIC)


def film(path: Path, number: int, clip: int) -> None:
    """Something small that moves before a scene, in slightly other light each time."""
    frames = []
    for step in range(10):
        frame = np.clip(scene(number).astype(int) + 8 * clip, 0, 255).astype(np.uint8)
        left = (step * 5 + clip * 17) % 54
        frame[20:30, left : left + 10] = 40 * clip
        frames.append(frame)
    write_video(path, frames, Fraction(10))


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Clips of five scenes under two labels; their names say nothing, and their groups are hidden."""
    folder = tmp_path_factory.mktemp("scenes")
    videos = []
    for label in LABELS:
        (folder / label).mkdir()
        for number in range(SCENES):
            for clip in range(CLIPS):
                path = folder / label / f"{(number * CLIPS + clip) * 7 % 10:02}.mp4"
                film(path, number, clip + (label == "Wave"))
                videos.append(LabelledVideo(path, label, f"scene {number}"))
    return Dataset("scenes", "Scenes", tuple(videos))


def hidden(dataset: Dataset) -> Dataset:
    return replace(dataset, videos=tuple(replace(video, group=None) for video in dataset.videos))


def parts(dataset: Dataset) -> set[frozenset[Path]]:
    """Who is together with whom."""
    return {
        frozenset(video.path for video in dataset.videos if video.group == group)
        for group in {video.group for video in dataset.videos}
    }


def test_clips_of_one_scene_come_together_whatever_their_label(scenes: Dataset) -> None:
    guessed = with_guessed_groups(hidden(scenes))
    assert parts(guessed) == parts(scenes)
    assert guessed.guessed_groups
    assert guessed.groups == tuple(f"likely {number:03}" for number in range(1, SCENES + 1))
    assert [replace(video, group=None) for video in guessed.videos] == list(hidden(scenes).videos)


def test_numbers_follow_the_paths_whatever_the_order_of_the_videos(scenes: Dataset) -> None:
    names = {video.path: video.group for video in with_guessed_groups(hidden(scenes)).videos}
    assert names[min(names)] == "likely 001"
    firsts = [names[path] for path in sorted(names)]
    assert sorted(set(firsts), key=firsts.index) == sorted(set(firsts))
    shuffled = tuple(hidden(scenes).videos[index] for index in np.random.default_rng(0).permutation(len(scenes.videos)))
    again = with_guessed_groups(replace(scenes, videos=shuffled))
    assert {video.path: video.group for video in again.videos} == names
    assert tuple(video.path for video in again.videos) == tuple(video.path for video in shuffled)


def test_known_groups_are_left_alone(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    some = tuple(replace(video, group=None) if video.label == "Wave" else video for video in scenes.videos)
    guessed = with_guessed_groups(replace(scenes, videos=some))
    for before, after in zip(some, guessed.videos, strict=True):
        assert before.group in (None, after.group)
    assert {video.group for video in guessed.videos if video.label == "Wave"} == {
        f"likely {number:03}" for number in range(1, SCENES + 1)
    }
    monkeypatch.delattr(likeness_module, "decode")
    assert with_guessed_groups(scenes) is scenes


@pytest.mark.parametrize("count", [0, 1])
def test_no_video_and_a_single_one(scenes: Dataset, count: int) -> None:
    guessed = with_guessed_groups(replace(hidden(scenes), videos=hidden(scenes).videos[:count]))
    assert [video.group for video in guessed.videos] == ["likely 001"][:count]
    assert guessed.guessed_groups == (count > 0)


def test_copies_of_one_video_are_together_even_if_there_is_nothing_else(scenes: Dataset, tmp_path: Path) -> None:
    copies = []
    for number in range(6):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(scenes.videos[0].path.read_bytes())
        copies.append(LabelledVideo(path, "Kick"))
    assert with_guessed_groups(Dataset("copies", "Copies", tuple(copies))).groups == ("likely 001",)


def test_generated_clips_of_one_actor_come_together(tmp_path: Path) -> None:
    drawn = figures.write_figures(tmp_path / "figures", ["Kick"], range(1, 6))
    guessed = with_guessed_groups(hidden(drawn))
    for together in parts(guessed):
        assert len({video.group for video in drawn.videos if video.path in together}) == 1
    assert len(guessed.groups) < 10


def test_of_many_videos_only_those_of_one_label_are_compared(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness_module, "_ALL_AT_ONCE", len(scenes.videos) - 1)
    guessed = with_guessed_groups(hidden(scenes))
    assert parts(guessed) == {
        frozenset(video.path for video in scenes.videos if (video.group, video.label) == (group, label))
        for group in scenes.groups
        for label in LABELS
    }


def test_every_video_is_decoded_once(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    first: list[tuple[int, int]] = []
    with_guessed_groups(hidden(scenes), lambda done, total: first.append((done, total)))
    monkeypatch.delattr(likeness_module, "decode")
    second: list[tuple[int, int]] = []
    with_guessed_groups(hidden(scenes), lambda done, total: second.append((done, total)))
    assert first == second == [(done, len(scenes.videos)) for done in range(1, len(scenes.videos) + 1)]


def test_what_was_kept_and_is_damaged_is_decoded_again(scenes: Dataset) -> None:
    expected = small_frames(scenes.videos[0])
    for path in settings().previews.glob("*/*"):
        path.write_bytes(path.read_bytes()[:-1])
    np.testing.assert_array_equal(small_frames(replace(scenes.videos[0])), expected)


def test_stopping_keeps_what_was_found(scenes: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(done: int, total: int) -> None:
        if done == 5:
            raise StopRequested

    with pytest.raises(StopRequested):
        with_guessed_groups(hidden(scenes), stop)
    counted: list[LabelledVideo] = []
    decode: Callable[..., np.ndarray] = likeness_module.decode
    monkeypatch.setattr(likeness_module, "decode", lambda *given: (counted.append(given[0]), decode(*given))[1])
    with_guessed_groups(hidden(scenes))
    assert 0 < len(counted) <= len(scenes.videos) - 5


def test_a_video_that_cannot_be_read_is_named(scenes: Dataset, tmp_path: Path) -> None:
    broken = LabelledVideo(tmp_path / "broken.mp4", "Kick")
    broken.path.write_bytes(b"no video")
    with pytest.raises(NotAVideo, match="broken"):
        with_guessed_groups(replace(scenes, videos=(*scenes.videos, broken)))


def test_likeness_is_even_and_highest_for_the_same() -> None:
    frames = np.random.default_rng(0).integers(0, 256, (5, 3, 12, 16, 3), np.uint8)
    frames[4] = frames[1]
    alike = likeness(frames)
    np.testing.assert_allclose(alike, alike.T, atol=1e-5)
    np.testing.assert_array_equal(np.diag(alike), 1.0)
    assert alike[1, 4] == 1.0
    assert alike[0, 1:4].max() < 0.5


def test_pictures_of_one_colour_are_no_reason_to_warn() -> None:
    assert np.isfinite(likeness(np.zeros((3, 3, 12, 16, 3), np.uint8))).all()


def pairs(*alike: tuple[int, int, float], count: int) -> np.ndarray:
    matrix = np.zeros((count, count), np.float32)
    for one, other, value in alike:
        matrix[one, other] = matrix[other, one] = value
    return matrix


def test_one_video_between_two_scenes_does_not_join_them() -> None:
    chain = pairs((0, 1, 0.9), (1, 2, 0.8), (2, 3, 0.9), (0, 2, 0.1), (1, 3, 0.1), count=4)
    assert joined(chain, 0.5).tolist() == [0, 0, 2, 2]


def test_groups_join_by_the_mean_over_all_their_pairs() -> None:
    alike = pairs((0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.4), count=3)
    assert joined(alike, 0.59).tolist() == [0, 0, 0]
    assert joined(alike, 0.61).tolist() == [0, 0, 2]
    assert joined(alike, 0.95).tolist() == [0, 1, 2]


def test_joining_is_the_same_as_done_the_slow_way() -> None:
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
        assert joined(alike, 0.55).tolist() == expected


def test_where_all_looks_alike_it_looks_closer_until_there_are_groups_to_split() -> None:
    alike = np.full((6, 6), 0.7, np.float32)
    alike[0, 1] = alike[1, 0] = 0.95
    assert len(set(joined(alike, 0.48))) == 1
    assert len(set(likeness_module._guessed(alike, ["Kick"] * 6))) == 5
