import os
from fractions import Fraction

import numpy as np
import pytest

from har.datasets import open_dataset, takes, user_sets
from har.errors import DatasetMissing, DatasetTooLarge, HarError, LabelsError, NotAVideo, VideoTooLarge, VideoTooLong
from har.storage import owners, quota
from har.video import probe, read_frames, run_ffmpeg, write_video

OWNER = "o" * 22
WEBM = "video/webm;codecs=vp8"


@pytest.fixture
def home(tmp_path, override):
    return override(home=tmp_path).home


@pytest.fixture
def name(home):
    return takes.new_draft(OWNER)


_WEBM = ["-c:v", "libvpx", "-f", "webm", "-live", "1"]  # Chromium and Firefox: there is no duration in the header
_MP4 = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags", "frag_keyframe+empty_moov", "-f", "mp4"]  # Safari


def recording(folder, seconds=1.0, shade=90, kind=_WEBM):
    """What a browser sends."""
    source, target = folder / f"{shade}.mp4", folder / f"{shade}.recorded"
    frames = np.full((round(10 * seconds), 48, 64, 3), shade, np.uint8)
    write_video(source, iter(frames), Fraction(10))
    run_ffmpeg(["-i", str(source), *kind, str(target)])
    return target.read_bytes()


@pytest.fixture(scope="module")
def webm(tmp_path_factory):
    return recording(tmp_path_factory.mktemp("recorded"))


def test_recordings_become_clips_of_the_set_and_a_take_is_a_group(name, webm):
    for label, take in (("Wave", 1), ("Wave", 1), ("Wave", 2), ("Jump", 1)):
        takes.add_recording(name, label, take, webm, WEBM)
    dataset = open_dataset(name)
    assert [(video.label, video.group, video.path.name) for video in dataset.videos] == [
        ("Jump", "g01", "take_g01_c01.webm"),
        ("Wave", "g01", "take_g01_c01.webm"),
        ("Wave", "g01", "take_g01_c02.webm"),
        ("Wave", "g02", "take_g02_c01.webm"),
    ]
    assert dataset.title == "Shown to the camera"
    assert [takes.next_take(name, label) for label in ("Wave", "Jump", "Sit")] == [3, 2, 1]
    assert {takes.take_of(video.path) for video in dataset.videos} == {1, 2}
    assert owners.owner_of(user_sets.dataset_folder(name)) == OWNER


@pytest.mark.parametrize(
    ("kind", "media_type"), [(_WEBM, "video/webm;codecs=vp8"), (_MP4, "video/mp4"), (_MP4, 'VIDEO/MP4; codecs="avc1"')]
)
def test_what_any_browser_records_is_read_whole(name, tmp_path, kind, media_type):
    path = takes.add_recording(name, "Wave", 1, recording(tmp_path, seconds=3, kind=kind), media_type)
    info = probe(path)
    assert info.duration_sec == pytest.approx(3, abs=0.15)
    with read_frames(info) as frames:
        assert sum(1 for _ in frames) == 30


@pytest.mark.parametrize(
    ("content", "media_type", "error"),
    [
        (b"not a video at all" * 100, WEBM, NotAVideo),
        (b"", WEBM, HarError),
        (b"#EXTM3U\nhttp://example.org/a.ts", WEBM, HarError),
        (b"x" * (takes.MAX_CLIP_BYTES + 1), WEBM, VideoTooLarge),
        (b"x", "text/html", NotAVideo),
        (b"x", "../../video/webm", NotAVideo),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(name, content, media_type, error):
    with pytest.raises(error):
        takes.add_recording(name, "Wave", 1, content, media_type)
    assert takes.clips_by_label(name) == {}
    assert [path.name for path in user_sets.dataset_folder(name).parent.iterdir()] == [name]


def test_a_long_clip_is_refused(name, tmp_path):
    with pytest.raises(VideoTooLong, match="20 seconds"):
        takes.add_recording(name, "Wave", 1, recording(tmp_path, seconds=20), WEBM)
    assert takes.clips_by_label(name) == {}


def test_a_label_and_a_set_take_so_many_clips_and_no_more(name, webm, monkeypatch):
    monkeypatch.setattr(takes, "MAX_CLIPS", 2)
    monkeypatch.setattr(takes, "MAX_LABELS", 2)
    for label in ("Wave", "Wave", "Jump"):
        takes.add_recording(name, label, 1, webm, WEBM)
    with pytest.raises(DatasetTooLarge, match="Wave would have 3 clips"):
        takes.add_recording(name, "Wave", 1, webm, WEBM)
    with pytest.raises(DatasetTooLarge, match="There are 2 classes"):
        takes.add_recording(name, "Sit", 1, webm, WEBM)
    assert {label: len(clips) for label, clips in takes.clips_by_label(name).items()} == {"Jump": 1, "Wave": 2}


def test_files_that_come_together_are_one_take(name, webm, tmp_path):
    takes.add_recording(name, "Wave", 1, webm, WEBM)
    files = []
    for number in (1, 2):
        path = tmp_path / f"{number}.webm"
        path.write_bytes(recording(tmp_path, shade=20 * number))
        files.append((f"holiday {number}.webm", path))
    (tmp_path / "text.webm").write_text("no video")
    added = takes.add_files(name, "Wave", [*files, ("text.webm", tmp_path / "text.webm")])
    assert added.counts == {"Wave": 2}
    (text,) = added.left_out
    assert text.name == "text.webm"
    assert text.reason.startswith("text.webm is not a video")
    groups = {video.path.name: video.group for video in open_dataset(name).videos}
    assert groups["take_g02_c01_holiday 1.webm"] == groups["take_g02_c02_holiday 2.webm"] == "g02"


def test_labels_must_differ_and_be_names_of_folders(name):
    assert takes.check_label("  Tai   Chi ", ["Wave"]) == "Tai Chi"
    for label in ("wave", "W a v e/..", "", "../up", ".hidden"):
        with pytest.raises(LabelsError):
            takes.check_label(label, ["Wave"])


@pytest.mark.parametrize(("label", "other"), [("train", "test"), ("g01", "Wave")])
def test_labels_that_a_data_set_would_read_as_something_else_are_refused(name, label, other):
    with pytest.raises(LabelsError, match="reads as a part of a data set"):
        takes.check_label(label, [other])


def test_a_label_is_renamed_with_its_clips(name, webm):
    takes.add_recording(name, "Move 1", 1, webm, WEBM)
    takes.rename(name, "Move 1", "move 1")
    takes.rename(name, "move 1", "Wave")
    assert [video.label for video in open_dataset(name).videos] == ["Wave"]
    takes.rename(name, "Sit", "Stand")  # without clips there is nothing to rename
    assert set(takes.clips_by_label(name)) == {"Wave"}


def test_clips_labels_and_sets_are_deleted(name, webm):
    for label in ("Wave", "Wave", "Jump"):
        takes.add_recording(name, label, 1, webm, WEBM)
    takes.remove(name, "Wave", "take_g01_c01.webm")
    takes.remove(name, "Wave", "../Jump/take_g01_c01.webm")
    assert {label: len(clips) for label, clips in takes.clips_by_label(name).items()} == {"Jump": 1, "Wave": 1}
    takes.remove(name, "Wave")
    assert set(takes.clips_by_label(name)) == {"Jump"}
    takes.discard(name)
    with pytest.raises(DatasetMissing, match="deleted"):
        takes.add_recording(name, "Jump", 1, webm, WEBM)


@pytest.mark.promise("jobs", "Nothing that was recorded is kept unless its owner keeps it")
def test_a_draft_is_removed_soon_after_its_page_was_closed_and_a_kept_set_is_not(home, override, webm):
    override(home=home, draft_minutes=30, job_hours=24)
    left, shown, kept = (takes.new_draft(OWNER) for _ in range(3))
    for name in (left, shown, kept):
        takes.add_recording(name, "Wave", 1, webm, WEBM)
        mark = user_sets.dataset_folder(name) / ".draft"
        os.utime(mark, (mark.stat().st_mtime - 3600,) * 2)
    quota.touch_draft(user_sets.dataset_folder(shown))
    quota.keep_draft(user_sets.dataset_folder(kept))
    quota.remove_expired(())
    assert {path.name for path in home.joinpath("own-datasets").iterdir()} == {shown, kept}
    assert quota.draft_until(user_sets.dataset_folder(kept)) is None
