import json
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from har.datasets import Dataset, LabelledVideo, facts, open_dataset
from har.datasets.facts import probe_all, video_info
from har.errors import DatasetMissing, DatasetTooSmall, NotAVideo, StopRequested, VideoMissing
from har.progress import Progress, Stage
from har.storage.cache import FileCache
from har.video import VideoInfo, probe, write_video
from tests.datasets.conftest import stop_when

pytestmark = pytest.mark.media


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    frames = np.zeros((10, 48, 64, 3), np.uint8)
    frames[..., 0] = np.arange(10)[:, None, None] * 20
    write_video(path, frames, Fraction(25))
    return path


@pytest.fixture
def probed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are probed. The cache is empty at first."""
    paths: list[Path] = []

    def probe_and_record(path: Path) -> VideoInfo:
        paths.append(path)
        return probe(path)

    cache = FileCache(tmp_path / "cache", 1 << 20)
    monkeypatch.setattr(facts, "preview_cache", lambda: cache)
    monkeypatch.setattr(facts, "probe", probe_and_record)
    return paths


def dataset_folder(tmp_path: Path, clip: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clip.read_bytes() + name.encode())  # all different
    return tmp_path / "set"


def video_with_info(label: str, group: str | None, frame_count: int | None = 50, **changes: object) -> LabelledVideo:
    info = VideoInfo(
        path=Path("a.mp4"),
        width=320,
        height=240,
        fps=Fraction(25),
        duration_sec=2.0,
        frame_count=frame_count,
        has_audio=False,
        codec="h264",
        container="mp4",
        variable_rate=False,
        size_bytes=1000,
        warning=None,
    )
    return LabelledVideo(Path("a.mp4"), label, group, replace(info, **changes))


def test_the_info_of_a_file_is_cached_for_its_copies(clip: Path, tmp_path: Path, probed: list[Path]) -> None:
    first = video_info(LabelledVideo(clip, "run"))
    again = tmp_path / "again.mp4"
    copyfile(clip, again)
    second = video_info(LabelledVideo(again, "jump"))
    assert first == probe(clip)
    assert second == probe(again)
    assert isinstance(second.fps, Fraction)
    assert second.path == again
    assert probed == [clip]


def test_known_info_is_used(probed: list[Path]) -> None:
    video = video_with_info("run", None)
    assert video_info(video) is video.info
    assert probe_all(Dataset("a", "A", (video,))).videos == (video,)
    assert not probed


@pytest.mark.parametrize("damage", [b'{"width": 1}', b"\xff\x00"])
def test_damaged_cache_entries_are_replaced(clip: Path, tmp_path: Path, probed: list[Path], damage: bytes) -> None:
    video_info(LabelledVideo(clip, "run"))
    (cached,) = (path for path in (tmp_path / "cache").rglob("*") if path.is_file())
    cached.write_bytes(damage)
    assert video_info(LabelledVideo(clip, "run")) == probe(clip)
    assert video_info(LabelledVideo(clip, "run")) == probe(clip)
    assert probed == [clip, clip]


def test_errors_are_not_cached(tmp_path: Path, probed: list[Path]) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(VideoMissing):
        video_info(LabelledVideo(path, "run"))
    path.write_bytes(b"words, not pictures")
    for _ in range(2):
        with pytest.raises(NotAVideo):
            video_info(LabelledVideo(path, "run"))
    assert probed == [path, path]


def test_probing_a_set_skips_videos_that_cannot_be_read(clip: Path, tmp_path: Path, probed: list[Path]) -> None:
    folder = dataset_folder(tmp_path, clip, "run/a.mp4", "run/b.mp4", "jump/c.mp4")
    (folder / "run" / "words.mp4").write_bytes(b"words")
    (folder / "jump" / "none.mp4").touch()
    (folder / "loose.mp4").touch()
    dataset = open_dataset(str(folder))
    (folder / "run" / "b.mp4").unlink()
    reports: list[Progress] = []
    probed_set = probe_all(dataset, reports.append)
    assert [video.path.name for video in probed_set.videos] == ["c.mp4", "a.mp4"]
    assert [video.info for video in probed_set.videos] == [probe(video.path) for video in probed_set.videos]
    names = [skipped.name for skipped in probed_set.skipped]
    assert names == ["loose.mp4", "jump/none.mp4", "run/b.mp4", "run/words.mp4"]
    assert "no file b.mp4" in probed_set.skipped[2].reason  # without the path of the folder
    assert reports == [Progress(Stage.SCAN_VIDEOS, done, 5) for done in range(1, 6)]
    assert (probed_set.name, probed_set.title, probed_set.licence) == (dataset.name, dataset.title, dataset.licence)
    probed.clear()
    assert probe_all(dataset).videos == probed_set.videos
    assert [path.name for path in probed] == ["words.mp4"]


def test_videos_that_cannot_be_read_are_left_out_with_a_reason(clip: Path, tmp_path: Path, probed: list[Path]) -> None:
    folder = dataset_folder(tmp_path, clip, "run/a.mp4", "run/b.mp4", "jump/c.mp4")
    (folder / "run" / "b.mp4").write_bytes(b"words")
    dataset = open_dataset(str(folder))
    reports: list[Progress] = []
    rest = facts.readable(dataset, reports.append)
    assert [video.path.name for video in rest.videos] == ["c.mp4", "a.mp4"]
    assert all(video.info is None for video in rest.videos)
    [skipped] = rest.skipped
    assert skipped.name == "run/b.mp4"
    assert "b.mp4 is not a video" in skipped.reason
    assert reports[-1] == Progress(Stage.SCAN_VIDEOS, 3, 3)
    probed.clear()
    facts.readable(dataset, is_decoded=lambda video: True)
    assert not probed


def test_a_set_or_for_training_a_label_without_a_readable_video_is_refused(tmp_path: Path, clip: Path) -> None:
    folder = dataset_folder(tmp_path, clip, "run/a.mp4", *(f"jump/{number}.mp4" for number in range(5)))
    for path in folder.glob("jump/*"):
        path.write_bytes(b"")
    dataset = open_dataset(str(folder))
    assert facts.readable(dataset).labels == ("run",)
    with pytest.raises(DatasetMissing, match=r"None of the 5 videos of set with the label jump.*jump/0\.mp4"):
        facts.readable(dataset, for_training=True)
    (folder / "run" / "a.mp4").write_bytes(b"")
    with pytest.raises(DatasetMissing, match=r"None of the 6 videos of set.*jump/0\.mp4.*jump/2\.mp4.*and 3 more"):
        facts.readable(dataset)


def test_a_file_is_hashed_once(clip: Path, tmp_path: Path, probed: list[Path]) -> None:
    dataset = open_dataset(str(dataset_folder(tmp_path, clip, "run/a.mp4")))
    (video,) = probe_all(dataset).videos
    expected = LabelledVideo(video.path, "run").content
    video.path.unlink()
    assert video.content == expected


def test_cancelling_keeps_what_was_found(clip: Path, tmp_path: Path, probed: list[Path]) -> None:
    dataset = open_dataset(str(dataset_folder(tmp_path, clip, *(f"run/{number}.mp4" for number in range(12)))))
    threads = threading.active_count()
    with pytest.raises(StopRequested):
        probe_all(dataset, stop_when(lambda progress: progress.done == 2))
    assert threading.active_count() == threads
    first = set(probed)
    assert 2 <= len(first) < 12
    probed.clear()
    probe_all(dataset)
    assert set(probed) == {video.path for video in dataset.videos} - first


def test_facts_summarise_the_videos_and_can_be_written_as_json() -> None:
    dataset = Dataset(
        "a",
        "A",
        (
            video_with_info("run", "g1", 50),
            video_with_info("run", "g2", None, width=640, height=480),
            video_with_info("run", "g2", 70, duration_sec=3.0, fps=Fraction(30000, 1001)),
            video_with_info("jump", "g1", 60, duration_sec=4.0, size_bytes=5000),
            video_with_info("jump", None, 60, fps=Fraction(30000, 1001)),
        ),
    )
    result = facts.compute_facts(dataset)
    assert result == facts.Facts(
        label_count=2,
        clip_count=5,
        clips_per_label={"jump": 2, "run": 3},
        group_count=2,
        groups_per_label=(1, 1.5, 2),
        mean_frame_count=60.0,
        size=(320, 240),
        size_share=0.8,
        fps=Fraction(25),
        fps_share=0.6,
        mean_duration_sec=2.6,
        min_duration_sec=2.0,
        max_duration_sec=4.0,
        total_duration_sec=13.0,
        total_bytes=9000,
    )
    written = json.loads(json.dumps(result.to_json()))
    assert (written["clips_per_label"], written["groups_per_label"]) == ({"jump": 2, "run": 3}, [1, 1.5, 2])
    assert (written["size"], written["fps"], written["total_bytes"]) == ([320, 240], 25.0, 9000)


def test_unknown_facts_are_none() -> None:
    result = facts.compute_facts(Dataset("a", "A", (video_with_info("run", None, None),)))
    assert (result.group_count, result.groups_per_label, result.mean_frame_count) == (None, None, None)


def test_facts_need_probed_videos() -> None:
    with pytest.raises(DatasetTooSmall, match="no readable video"):
        facts.compute_facts(Dataset("a", "A", ()))
    with pytest.raises(ValueError, match="not probed"):
        facts.compute_facts(Dataset("a", "A", (video_with_info("run", None), LabelledVideo(Path("b.mp4"), "run"))))
