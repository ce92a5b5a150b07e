"""The generated data set: what is in a clip, and what its files are like."""

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
    write_figures,
)
from har.datasets.figures.clips import FPS
from har.errors import LabelsError, StopRequested
from har.settings import settings
from har.video import probe


@pytest.fixture
def plain_clips(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, int]]:
    """Replaces drawing by a few grey frames, and says which clips were asked for."""
    asked: list[tuple[str, int, int]] = []

    def grey(label: str, group: int, clip: int) -> np.ndarray:
        asked.append((label, group, clip))
        return np.full((5, 240, 320, 3), 20 * clip, np.uint8)

    monkeypatch.setattr(dataset_files, "draw_clip", grey)
    return asked


@pytest.mark.parametrize("label", ACTIONS)
def test_a_clip_moves_and_lasts_two_to_four_seconds(label: str) -> None:
    frames = draw_clip(label, 3, 1)
    assert frames.shape[1:] == (240, 320, 3)
    assert 2.1 * FPS <= len(frames) <= 4.3 * FPS
    changed = np.abs(np.diff(frames.astype(np.int16), axis=0)).max(axis=(1, 2, 3)) > 25
    assert changed.mean() > 0.75


def test_the_same_clip_is_the_same_to_the_byte_and_another_is_not() -> None:
    first = draw_clip("Kick", 2, 1)
    draw_clip("Walk", 9, 2)  # what is drawn in between makes no difference
    assert np.array_equal(first, draw_clip("Kick", 2, 1))
    assert not np.array_equal(first[:50], draw_clip("Kick", 2, 2)[:50])
    assert not np.array_equal(first[:50], draw_clip("Kick", 2, 1, seed=1)[:50])


@pytest.mark.parametrize(("backwards", "forwards"), REVERSED.items())
def test_an_action_is_the_other_played_backwards(backwards: str, forwards: str) -> None:
    assert np.array_equal(draw_clip(backwards, 4, 3), draw_clip(forwards, 4, 3)[::-1])


@pytest.mark.parametrize("label", REVERSED)
def test_a_reversible_action_never_holds_still_for_longer_than_a_fifth_of_a_second(label: str) -> None:
    for clip in (1, 2):
        frames = draw_clip(label, 5, clip).astype(np.int16)
        apart = np.abs(frames[5:] - frames[:-5]).mean(axis=(1, 2, 3))
        assert apart.min() > 0.1


@pytest.mark.parametrize(("label", "group"), [("JumpingJack", 1), ("Walk", 2), ("Wave", 5), ("Kick", 7)])
def test_the_person_is_large_and_within_the_picture(label: str, group: int) -> None:
    for clip in (1, 2):
        frames = draw_clip(label, group, clip)[::3].astype(np.int16)
        plate = np.median(frames, axis=0).astype(np.int16)
        moved = (np.abs(frames - plate).max(axis=3) > 30).any(axis=0)
        rows, columns = np.flatnonzero(moved.any(axis=1)), np.flatnonzero(moved.any(axis=0))
        if label != "Walk":  # which comes near and goes far, and may touch an edge
            assert rows[0] > 0
            assert rows[-1] < 239
            assert columns[0] > 0
            assert columns[-1] < 319
        if label in ("JumpingJack", "Walk"):  # all of the body moves
            assert 0.55 * 240 <= np.ptp(rows) <= 0.97 * 240


def test_every_action_of_a_group_has_the_same_props_and_place() -> None:
    for label in ("Wave", "Squat", "SitDown", "PickUp"):
        brightness = draw_clip(label, 6, 1)[0].astype(int).mean(axis=(0, 1))
        assert np.allclose(brightness, draw_clip("Punch", 6, 1)[0].astype(int).mean(axis=(0, 1)), atol=14)


def test_files_lie_in_folders_by_label_with_group_and_clip_in_the_name(tmp_path: Path) -> None:
    dataset = write_figures(tmp_path, ["Squat"], groups=[3])
    assert [video.path.relative_to(tmp_path).as_posix() for video in dataset.videos] == [
        f"Squat/v_Squat_g03_c0{clip}.mp4" for clip in (1, 2, 3, 4)
    ]
    assert {(video.label, video.group) for video in dataset.videos} == {("Squat", "g03")}
    info = probe(dataset.videos[0].path)
    assert (info.width, info.height, info.fps) == (320, 240, 25)
    assert info.duration_sec == pytest.approx(len(draw_clip("Squat", 3, 1)) / FPS, abs=0.05)


def test_only_what_is_asked_for_and_missing_is_made(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    write_figures(tmp_path, ["Walk"], groups=[1, 2])
    assert sorted(plain_clips) == [("Walk", group, clip) for group in (1, 2) for clip in (1, 2, 3, 4)]
    (tmp_path / "Walk" / "v_Walk_g02_c03.mp4").unlink()
    plain_clips.clear()
    seen: list[tuple[int, int]] = []
    dataset = write_figures(
        tmp_path, ["walk"], groups=[1, 2], on_progress=lambda done, total: seen.append((done, total))
    )
    assert plain_clips == [("Walk", 2, 3)]
    assert seen == [(7, 8), (8, 8)]
    assert dataset.groups == ("g01", "g02")
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".")]


def test_the_folder_carries_a_version(plain_clips: list[tuple[str, int, int]]) -> None:
    dataset = open_figures(["Punch"], groups=[1])
    assert dataset.videos[0].path.parent.parent == settings().datasets / f"figures-v{dataset_files.VERSION}"


def test_a_list_draws_nothing_and_names_what_will_be_there(
    tmp_path: Path, plain_clips: list[tuple[str, int, int]]
) -> None:
    listed = list_figures(["walk"], groups=[2], root=tmp_path)
    assert not plain_clips
    assert not list(tmp_path.iterdir())
    assert listed == write_figures(tmp_path, ["Walk"], groups=[2])
    assert len(list_figures().videos) == len(ACTIONS) * 25 * 4
    with pytest.raises(LabelsError, match="Juggle"):
        list_figures(["Juggle"])


def test_missing_files_of_the_set_are_drawn_and_no_others(plain_clips: list[tuple[str, int, int]]) -> None:
    folder = settings().datasets / f"figures-v{dataset_files.VERSION}"
    wanted = [video.path for video in list_figures(["Kick"], groups=[7]).videos[:3]]
    others = [
        folder.parent / "other" / "Kick" / "v_Kick_g08_c01.mp4",  # of another folder
        folder / "Walk" / "v_Kick_g08_c01.mp4",  # of another label's
        folder / "Juggle" / "v_Juggle_g08_c01.mp4",
        folder / "Kick" / "v_Kick_g8_c1.mp4",
        folder / "Kick" / "mine.mp4",
    ]
    seen: list[tuple[int, int]] = []
    draw_missing([*wanted, *others], on_progress=lambda done, total: seen.append((done, total)))
    assert sorted(plain_clips) == [("Kick", 7, 1), ("Kick", 7, 2), ("Kick", 7, 3)]
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert all(path.exists() for path in wanted)
    assert not any(path.exists() for path in others)
    wanted[1].unlink()
    plain_clips.clear()
    draw_missing(wanted)
    assert plain_clips == [("Kick", 7, 2)]
    seen.clear()
    draw_missing(others, on_progress=lambda done, total: seen.append((done, total)))
    assert not seen


def test_stopping_leaves_whole_files_only(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    def stop(done: int, total: int) -> None:
        if done == 2:
            raise StopRequested

    with pytest.raises(StopRequested):
        write_figures(tmp_path, ["Wave"], groups=range(1, 9), on_progress=stop)
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert 2 <= len(left) < 32
    for path in left:
        assert re.fullmatch(r"v_Wave_g\d\d_c\d\d\.mp4", path.name)
        assert probe(path).warning is None


def test_a_clip_that_cannot_be_drawn_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(label: str, group: int, clip: int) -> np.ndarray:
        raise ZeroDivisionError

    monkeypatch.setattr(dataset_files, "draw_clip", broken)
    with pytest.raises(ZeroDivisionError):
        write_figures(tmp_path, ["Wave"], groups=[1])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_a_killed_process_left_is_cleared_away_and_nothing_else(
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


def test_two_at_the_same_time_do_not_clash(tmp_path: Path, plain_clips: list[tuple[str, int, int]]) -> None:
    made: list[tuple[str, ...]] = []

    def make() -> None:
        made.append(tuple(video.content for video in write_figures(tmp_path, ["Kick"], groups=[1, 2]).videos))

    threads = [threading.Thread(target=make) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 3
    assert len(set(made)) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 8


def test_an_unknown_label_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(LabelsError, match=r"Juggle.*JumpingJack"):
        write_figures(tmp_path, ["Walk", "Juggle"])
    assert not list(tmp_path.iterdir())
