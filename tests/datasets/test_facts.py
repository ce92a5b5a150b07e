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
from har.errors import DatasetTooSmall, NotAVideo, StopRequested, VideoMissing
from har.storage.cache import FileCache
from har.video import VideoInfo, probe, write_video


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    frames = np.zeros((10, 48, 64, 3), np.uint8)
    frames[..., 0] = np.arange(10)[:, None, None] * 20
    write_video(path, frames, Fraction(25))
    return path


@pytest.fixture
def looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Begins with nothing kept, and tells which files are looked at."""
    looked_at: list[Path] = []

    def look(path: Path) -> VideoInfo:
        looked_at.append(path)
        return probe(path)

    cache = FileCache(tmp_path / "kept", 1 << 20)
    monkeypatch.setattr(facts, "preview_cache", lambda: cache)
    monkeypatch.setattr(facts, "probe", look)
    return looked_at


def dataset_folder(tmp_path: Path, clip: Path, *names: str) -> Path:
    for name in names:
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(clip.read_bytes() + name.encode())  # no two alike
    return tmp_path / "set"


def known(label: str, group: str | None, frame_count: int | None = 50, **changes: object) -> LabelledVideo:
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


def test_what_was_found_is_kept_for_the_same_file_under_another_name(
    clip: Path, tmp_path: Path, looks: list[Path]
) -> None:
    first = video_info(LabelledVideo(clip, "run"))
    again = tmp_path / "again.mp4"
    copyfile(clip, again)
    second = video_info(LabelledVideo(again, "jump"))
    assert first == probe(clip)
    assert second == probe(again)
    assert isinstance(second.fps, Fraction)
    assert second.path == again
    assert looks == [clip]


def test_what_a_video_knows_of_itself_is_taken(looks: list[Path]) -> None:
    video = known("run", None)
    assert video_info(video) is video.info
    assert probe_all(Dataset("a", "A", (video,))).videos == (video,)
    assert not looks


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"width": 1}', b"\xff\x00"])
def test_what_was_kept_and_is_damaged_is_made_anew(
    clip: Path, tmp_path: Path, looks: list[Path], damage: bytes
) -> None:
    video_info(LabelledVideo(clip, "run"))
    (kept,) = (path for path in (tmp_path / "kept").rglob("*") if path.is_file())
    kept.write_bytes(damage)
    assert video_info(LabelledVideo(clip, "run")) == probe(clip)
    assert video_info(LabelledVideo(clip, "run")) == probe(clip)
    assert looks == [clip, clip]


def test_a_file_that_is_no_video_says_so_each_time(tmp_path: Path, looks: list[Path]) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(VideoMissing):
        video_info(LabelledVideo(path, "run"))
    path.write_bytes(b"words, not pictures")
    for _ in range(2):
        with pytest.raises(NotAVideo):
            video_info(LabelledVideo(path, "run"))
    assert looks == [path, path]


def test_a_set_that_was_probed_knows_its_videos_and_skips_what_cannot_be_read(
    clip: Path, tmp_path: Path, looks: list[Path]
) -> None:
    folder = dataset_folder(tmp_path, clip, "run/a.mp4", "run/b.mp4", "jump/c.mp4")
    (folder / "run" / "words.mp4").write_bytes(b"words")
    (folder / "jump" / "none.mp4").touch()
    (folder / "loose.mp4").touch()
    dataset = open_dataset(str(folder))
    (folder / "run" / "b.mp4").unlink()
    seen: list[tuple[int, int]] = []
    found = probe_all(dataset, lambda done, total: seen.append((done, total)))
    assert [video.path.name for video in found.videos] == ["c.mp4", "a.mp4"]
    assert [video.info for video in found.videos] == [probe(video.path) for video in found.videos]
    assert [skipped.name for skipped in found.skipped] == [
        "loose.mp4",
        "jump/none.mp4",
        "run/b.mp4",
        "run/words.mp4",
    ]
    assert "no file b.mp4" in found.skipped[2].reason  # and not where the folder lies
    assert seen == [(done, 5) for done in range(1, 6)]
    assert (found.name, found.title, found.licence) == (dataset.name, dataset.title, dataset.licence)
    looks.clear()
    assert probe_all(dataset).videos == found.videos
    assert [path.name for path in looks] == ["words.mp4"]


def test_a_file_is_read_once_to_be_told_apart(clip: Path, tmp_path: Path, looks: list[Path]) -> None:
    dataset = open_dataset(str(dataset_folder(tmp_path, clip, "run/a.mp4")))
    (video,) = probe_all(dataset).videos
    expected = LabelledVideo(video.path, "run").content
    video.path.unlink()
    assert video.content == expected


def test_stopping_keeps_what_was_found(clip: Path, tmp_path: Path, looks: list[Path]) -> None:
    dataset = open_dataset(str(dataset_folder(tmp_path, clip, *(f"run/{number}.mp4" for number in range(12)))))

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise StopRequested

    threads = threading.active_count()
    with pytest.raises(StopRequested):
        probe_all(dataset, stop)
    assert threading.active_count() == threads
    first = set(looks)
    assert 2 <= len(first) < 12
    looks.clear()
    probe_all(dataset)
    assert set(looks) == {video.path for video in dataset.videos} - first


def test_facts_are_what_the_videos_add_up_to() -> None:
    dataset = Dataset(
        "a",
        "A",
        (
            known("run", "g1", 50),
            known("run", "g2", None, width=640, height=480),
            known("run", "g2", 70, duration_sec=3.0, fps=Fraction(30000, 1001)),
            known("jump", "g1", 60, duration_sec=4.0, size_bytes=5000),
            known("jump", None, 60, fps=Fraction(30000, 1001)),
        ),
    )
    assert facts.compute_facts(dataset) == facts.Facts(
        label_count=2,
        clip_count=5,
        clips_per_label={"jump": 2, "run": 3},
        mean_clips_per_label=2.5,
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


def test_facts_that_nobody_knows_are_none() -> None:
    told = facts.compute_facts(Dataset("a", "A", (known("run", None, None),)))
    assert (told.group_count, told.groups_per_label, told.mean_frame_count) == (None, None, None)


def test_facts_can_be_written_as_json() -> None:
    told = json.loads(
        json.dumps(facts.compute_facts(Dataset("a", "A", (known("run", "g1", fps=Fraction(15)),))).to_json())
    )
    assert told["clips_per_label"] == {"run": 1}
    assert told["groups_per_label"] == [1, 1, 1]
    assert (told["size"], told["fps"], told["total_bytes"]) == ([320, 240], 15.0, 1000)


def test_facts_need_videos_that_were_looked_at() -> None:
    with pytest.raises(DatasetTooSmall, match="no video"):
        facts.compute_facts(Dataset("a", "A", ()))
    with pytest.raises(ValueError, match="probe_all"):
        facts.compute_facts(Dataset("a", "A", (known("run", None), LabelledVideo(Path("b.mp4"), "run"))))


def test_facts_of_real_clips(shared: Path) -> None:
    told = facts.compute_facts(probe_all(open_dataset(str(shared / "data" / "kth"))))
    assert (told.label_count, told.clip_count, told.group_count) == (6, 6, 1)
    assert (told.size, told.size_share, told.fps) == ((160, 120), 1.0, 25)
