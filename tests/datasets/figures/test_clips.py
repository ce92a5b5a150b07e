"""The generated data set: its clips and its files."""

import os
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from har.datasets.figures import (
    ACTIONS,
    REVERSED,
    dataset_files,
    draw_clip,
    draw_missing,
    list_figures,
    open_figures,
)
from har.datasets.figures.clips import FPS
from har.errors import LabelsError, StopRequested
from har.progress import Progress, Stage
from har.settings import settings
from har.video import probe
from tests.datasets.conftest import stop_when

pytestmark = pytest.mark.media


@pytest.fixture
def plain_clips(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """The clips that are drawn; each is replaced by a few grey frames."""
    drawn: list[tuple[str, int, int]] = []

    def grey(label: str, group: int, clip: int) -> np.ndarray:
        drawn.append((label, group, clip))
        return np.full((5, 240, 320, 3), 20 * clip, np.uint8)

    monkeypatch.setattr(dataset_files, "draw_clip", grey)
    return drawn


def test_clips_move_last_two_to_four_seconds_and_have_the_scene_of_their_group() -> None:
    brightness: dict[str, np.ndarray] = {}
    for label in ACTIONS:
        frames = draw_clip(label, 6, 1)
        assert frames.shape[1:] == (240, 320, 3)
        assert 2.1 * FPS <= len(frames) <= 4.3 * FPS, label
        changed = np.abs(np.diff(frames.astype(np.int16), axis=0)).max(axis=(1, 2, 3)) > 25
        assert changed.mean() > 0.75, label
        brightness[label] = frames[0].astype(int).mean(axis=(0, 1))
    for label in ("Wave", "Squat", "SitDown", "PickUp"):
        assert np.allclose(brightness[label], brightness["Punch"], atol=14)


def test_clips_are_reproducible_and_different() -> None:
    first = draw_clip("Kick", 2, 1)
    assert not np.array_equal(first[:50], draw_clip("Kick", 2, 2)[:50])
    assert np.array_equal(first, draw_clip("Kick", 2, 1))  # clips drawn in between make no difference


@pytest.mark.parametrize(("backwards", "forwards"), REVERSED.items())
def test_a_reversed_action_is_the_other_played_backwards_without_a_pause(backwards: str, forwards: str) -> None:
    frames = draw_clip(backwards, 5, 1)
    assert np.array_equal(frames, draw_clip(forwards, 5, 1)[::-1])
    apart = np.abs(frames[5:].astype(np.int16) - frames[:-5]).mean(axis=(1, 2, 3))  # a fifth of a second
    assert apart.min() > 0.1


@pytest.mark.parametrize(("label", "group"), [("JumpingJack", 1), ("Walk", 2), ("Wave", 5), ("Kick", 7)])
def test_the_person_is_large_and_inside_the_frame(label: str, group: int) -> None:
    frames = draw_clip(label, group, 1)[::3].astype(np.int16)
    background = np.median(frames, axis=0).astype(np.int16)
    moved = (np.abs(frames - background).max(axis=3) > 30).any(axis=0)
    rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
    if label != "Walk":  # where the person may touch an edge
        assert rows[0] > 0
        assert rows[-1] < 239
        assert columns[0] > 0
        assert columns[-1] < 319
    if label in ("JumpingJack", "Walk"):  # the whole body moves
        assert 0.55 * 240 <= np.ptp(rows) <= 0.97 * 240


def test_files_are_in_label_folders_with_group_and_clip_in_their_names(
    tmp_path: Path, plain_clips: list[tuple[str, int, int]]
) -> None:
    dataset = open_figures(["Squat"], root=tmp_path, groups=[3])
    assert [video.path.relative_to(tmp_path).as_posix() for video in dataset.videos] == [
        f"Squat/v_Squat_g03_c0{clip}.mp4" for clip in (1, 2, 3, 4)
    ]
    assert {(video.label, video.group) for video in dataset.videos} == {("Squat", "g03")}
    info = probe(dataset.videos[0].path)
    assert (info.width, info.height, info.fps, info.frame_count) == (320, 240, FPS, 5)


def test_only_missing_clips_are_drawn(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    open_figures(["Walk"], root=tmp_path, groups=[1, 2])
    assert sorted(plain_clips) == [("Walk", group, clip) for group in (1, 2) for clip in (1, 2, 3, 4)]
    (tmp_path / "Walk" / "v_Walk_g02_c03.mp4").unlink()
    plain_clips.clear()
    reports: list[Progress] = []
    dataset = open_figures(["walk"], root=tmp_path, groups=[1, 2], on_progress=reports.append)
    assert plain_clips == [("Walk", 2, 3)]
    assert reports == [Progress(Stage.DRAW_CLIPS, 7, 8), Progress(Stage.DRAW_CLIPS, 8, 8)]
    assert dataset.groups == ("g01", "g02")
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_listing_draws_nothing(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    listed = list_figures(["walk"], groups=[2], root=tmp_path)
    assert not plain_clips
    assert not list(tmp_path.iterdir())
    assert listed == open_figures(["Walk"], root=tmp_path, groups=[2])
    assert len(list_figures().videos) == len(ACTIONS) * 25 * 4


def test_only_paths_of_the_set_are_drawn(plain_clips: list[tuple[str, int, int]]) -> None:
    folder = settings().datasets / f"figures-v{dataset_files.VERSION}"
    paths = [video.path for video in list_figures(["Kick"], groups=[7]).videos[:3]]
    assert paths[0].parent == folder / "Kick"
    others = [
        folder.parent / "other" / "Kick" / "v_Kick_g08_c01.mp4",  # in another folder
        folder / "Walk" / "v_Kick_g08_c01.mp4",  # in the folder of another label
        folder / "Juggle" / "v_Juggle_g08_c01.mp4",
        folder / "Kick" / "v_Kick_g8_c1.mp4",
        folder / "Kick" / "mine.mp4",
    ]
    reports: list[Progress] = []
    draw_missing([*paths, *others], reports.append)
    assert sorted(plain_clips) == [("Kick", 7, 1), ("Kick", 7, 2), ("Kick", 7, 3)]
    assert [report.done for report in reports] == [0, 1, 2, 3]
    assert all(path.exists() for path in paths)
    assert not any(path.exists() for path in others)
    paths[1].unlink()
    plain_clips.clear()
    draw_missing(paths)
    assert plain_clips == [("Kick", 7, 2)]
    reports.clear()
    draw_missing(others, reports.append)
    assert not reports


def test_cancelling_leaves_finished_files_only(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    with pytest.raises(StopRequested):
        open_figures(["Wave"], range(1, 5), tmp_path, stop_when(lambda progress: progress.done == 2))
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert 2 <= len(left) < 16
    for path in left:
        assert re.fullmatch(r"v_Wave_g\d\d_c\d\d\.mp4", path.name)
        assert probe(path).warning is None


def test_a_clip_that_cannot_be_drawn_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(label: str, group: int, clip: int) -> np.ndarray:
        raise ZeroDivisionError

    monkeypatch.setattr(dataset_files, "draw_clip", broken)
    with pytest.raises(ZeroDivisionError):
        open_figures(["Wave"], root=tmp_path, groups=[1])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_temporary_folders_of_killed_processes_are_removed(
    tmp_path: Path, plain_clips: list[tuple[str, int, int]]
) -> None:
    folders = {name: tmp_path / name for name in (f".making-{2**22 + 1}-x", f".making-{2**22 + 2}-new", ".making-odd")}
    here = tmp_path / f".making-{os.getpid()}-mine"
    for folder in (*folders.values(), here):
        folder.mkdir()
        (folder / "half.mp4").write_bytes(b"half")
    for folder in (*list(folders.values())[::2], here):
        os.utime(folder, (1000, 1000))
    open_figures(["Wave"], [1], root=tmp_path)
    assert [folder.exists() for folder in (*folders.values(), here)] == [False, True, True, True]


def test_clips_can_be_drawn_twice_at_the_same_time(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    made: list[tuple[str, ...]] = []

    def make() -> None:
        made.append(tuple(video.content for video in open_figures(["Kick"], root=tmp_path, groups=[1]).videos))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert len(set(made)) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


def test_an_unknown_label_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"Juggle.*JumpingJack"):
        open_figures(["Walk", "Juggle"], root=tmp_path)
    assert not list(tmp_path.iterdir())
