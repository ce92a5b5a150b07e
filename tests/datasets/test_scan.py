from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.datasets.scan import Looking, guess_groups, scan_dataset
from har.errors import DatasetMissing, StopRequested
from har.video import write_video


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("jump", "run"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for number in range(3):
            frames = np.random.default_rng(number).integers(0, 255, (6, 48, 64, 3), np.uint8)
            write_video(tmp_path / "set" / label / f"{number}.mp4", iter(frames), Fraction(25))
    return tmp_path / "set"


def test_every_video_is_looked_into(folder: Path) -> None:
    (folder / "run" / "text.avi").write_text("no video")
    events: list[object] = []
    dataset = scan_dataset(str(folder), events.append)
    assert len(dataset.videos) == 6
    assert all(video.info is not None and video.info.frame_count == 6 for video in dataset.videos)
    assert [item.name for item in dataset.skipped] == ["run/text.avi"]
    assert events[-1] == Looking(7, 7)


def test_groups_are_guessed(folder: Path) -> None:
    events: list[object] = []
    dataset = guess_groups(str(folder), events.append)
    assert dataset.guessed_groups
    assert all(video.group is not None for video in dataset.videos)
    assert events[-1] == Looking(6, 6)


def test_it_can_be_stopped(folder: Path) -> None:
    def stop(event: object) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        scan_dataset(str(folder), stop)


def test_a_set_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing):
        scan_dataset(str(tmp_path / "nowhere"), lambda event: None)
