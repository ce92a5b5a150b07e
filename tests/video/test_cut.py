from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from har.errors import NoFrames
from har.video import VideoInfo, cut_clip, probe, write_video
from tests.video.barcode import barcode
from tests.video.conftest import ffmpeg, read_numbers, read_times


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(60)])
def test_the_clip_has_exactly_the_requested_frames(tmp_path: Path, fps: Fraction) -> None:
    write_video(tmp_path / "whole.mp4", (barcode(frame) for frame in range(100)), fps)
    info = probe(tmp_path / "whole.mp4")
    for first, last in ((0, 10), (37, 61), (99, 100)):
        cut_clip(info, round(float(first / fps), 6), round(float(last / fps), 6), tmp_path / "cut.mp4")
        assert read_numbers(tmp_path / "cut.mp4") == list(range(first, last))


def encode_with_sound(path: Path, *encode: str) -> VideoInfo:
    """Four seconds with sound, and one key frame in each half, in a container that seeks badly."""
    write_video(path.with_name("whole.mp4"), (barcode(frame) for frame in range(100)), Fraction(25))
    tone = ("-f", "lavfi", "-i", "sine=duration=4")
    ffmpeg("-i", path.with_name("whole.mp4"), *tone, *encode, "-g", "50", "-c:a", "mp2", path)
    return probe(path)


@pytest.mark.promise("numbers", "Clips have exactly the frames of their section, in every container")
@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("dvr.ts", ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "2")),
        ("camera.m2ts", ("-c:v", "libx264", "-preset", "ultrafast")),
        ("disc.vob", ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2")),
        ("old.mpg", ("-c:v", "mpeg1video", "-q:v", "2")),
    ],
)
def test_clips_of_containers_that_seek_badly(name: str, encode: tuple[str, ...], tmp_path: Path) -> None:
    info = encode_with_sound(tmp_path / name, *encode)
    times_sec = read_times(info)
    for known, (first, last) in product((times_sec, None), ((0, 9), (37, 48), (71, 99))):
        cut_clip(info, float(times_sec[first]), float(times_sec[last]), tmp_path / "cut.mp4", known)
        assert read_numbers(tmp_path / "cut.mp4") == list(range(first, last))


def test_a_section_far_into_the_video_is_found_from_near_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where frame times are known, it is checked that seeking gave them all; else all is read from the beginning."""
    monkeypatch.setattr("har.video.cut._LEAD_SEC", 0.1)
    info = encode_with_sound(tmp_path / "dvr.ts", "-c:v", "libx264", "-preset", "ultrafast")
    times_sec = read_times(info)
    section = (float(times_sec[70]), float(times_sec[80]))
    cut_clip(info, *section, tmp_path / "cut.mp4", times_sec)
    assert read_numbers(tmp_path / "cut.mp4") == list(range(70, 80))


def test_a_clip_without_frames_is_refused(tmp_path: Path, source: Path) -> None:
    with pytest.raises(NoFrames, match="could be decoded"):
        cut_clip(probe(source), 20.0, 21.0, tmp_path / "cut.mp4")
    assert not (tmp_path / "cut.mp4").exists()


def test_the_clip_has_neither_sound_nor_metadata(tmp_path: Path, source: Path) -> None:
    ffmpeg("-i", source, "-f", "lavfi", "-i", "sine=duration=2", "-metadata", "title=at home", tmp_path / "titled.mp4")
    cut_clip(probe(tmp_path / "titled.mp4"), 0.5, 1.0, tmp_path / "cut.mp4")
    assert not probe(tmp_path / "cut.mp4").has_audio
    assert b"at home" not in (tmp_path / "cut.mp4").read_bytes()


def test_a_frame_that_is_held_within_the_section_makes_the_clip_no_longer(tmp_path: Path, source: Path) -> None:
    held = "settb=1/1000,setpts='40*N+if(gte(N,12),3000,0)'"
    ffmpeg("-i", source, "-vf", held, "-fps_mode", "passthrough", "-enc_time_base", "1/1000", tmp_path / "held.mkv")
    info = probe(tmp_path / "held.mkv")
    times_sec = read_times(info)
    for known in (times_sec, None):
        cut_clip(info, float(times_sec[9]), float(times_sec[14]), tmp_path / "cut.mp4", known)
        assert read_numbers(tmp_path / "cut.mp4") == [9, 10, 11, 12, 13]
        assert probe(tmp_path / "cut.mp4").duration_sec == pytest.approx(3.2, abs=0.01)
