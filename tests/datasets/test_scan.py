from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.datasets.scan import guess_groups, scan_dataset
from har.progress import Progress, Stage
from har.video import write_video

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six videos, and a file that is none."""
    folder = tmp_path_factory.mktemp("set")
    for label in ("jump", "run"):
        (folder / label).mkdir()
        for number in range(3):
            frames = np.random.default_rng(number).integers(0, 255, (6, 48, 64, 3), np.uint8)
            write_video(folder / label / f"{number}.mp4", iter(frames), Fraction(25))
    (folder / "run" / "text.avi").write_text("no video")
    return folder


def test_every_video_is_probed(folder: Path) -> None:
    reports: list[Progress] = []
    dataset = scan_dataset(str(folder), reports.append)
    assert len(dataset.videos) == 6
    assert all(video.info is not None and video.info.frame_count == 6 for video in dataset.videos)
    assert [item.name for item in dataset.skipped] == ["run/text.avi"]
    assert reports[-1] == Progress(Stage.SCAN_VIDEOS, 7, 7)


def test_groups_are_guessed_without_videos_that_cannot_be_read(folder: Path) -> None:
    reports: list[Progress] = []
    dataset = guess_groups(str(folder), reports.append)
    assert dataset.guessed_groups
    assert len(dataset.videos) == 6
    assert all(video.group is not None for video in dataset.videos)
    assert [item.name for item in dataset.skipped] == ["run/text.avi"]
    assert reports[-1] == Progress(Stage.COMPARE_VIDEOS, 6, 6)
