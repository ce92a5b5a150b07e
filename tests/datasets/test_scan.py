from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.datasets.scan import guess_groups, scan_dataset
from har.errors import DatasetMissing, StopRequested
from har.progress import Progress, Stage
from har.video import write_video
from tests.datasets.conftest import stop_when

pytestmark = pytest.mark.media


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("jump", "run"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for number in range(3):
            frames = np.random.default_rng(number).integers(0, 255, (6, 48, 64, 3), np.uint8)
            write_video(tmp_path / "set" / label / f"{number}.mp4", iter(frames), Fraction(25))
    return tmp_path / "set"


def test_every_video_is_probed(folder: Path) -> None:
    (folder / "run" / "text.avi").write_text("no video")
    reports: list[Progress] = []
    dataset = scan_dataset(str(folder), reports.append)
    assert len(dataset.videos) == 6
    assert all(video.info is not None and video.info.frame_count == 6 for video in dataset.videos)
    assert [item.name for item in dataset.skipped] == ["run/text.avi"]
    assert reports[-1] == Progress(Stage.SCAN_VIDEOS, 7, 7)


def test_groups_are_guessed(folder: Path) -> None:
    reports: list[Progress] = []
    dataset = guess_groups(str(folder), reports.append)
    assert dataset.guessed_groups
    assert all(video.group is not None for video in dataset.videos)
    assert reports[-1] == Progress(Stage.COMPARE_VIDEOS, 6, 6)


def test_groups_are_guessed_without_videos_that_cannot_be_read(folder: Path) -> None:
    (folder / "run" / "text.avi").write_text("no video")
    dataset = guess_groups(str(folder))
    assert len(dataset.videos) == 6
    assert [item.name for item in dataset.skipped] == ["run/text.avi"]


def test_a_scan_can_be_cancelled(folder: Path) -> None:
    with pytest.raises(StopRequested):
        scan_dataset(str(folder), stop_when())


def test_a_missing_set_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DatasetMissing):
        scan_dataset(str(tmp_path / "nowhere"))
