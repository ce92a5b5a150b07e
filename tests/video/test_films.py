"""Files with more than one film: thumbnails, small copies and other angles come first."""

from pathlib import Path

import pytest

from har.video import cut_clip, make_preview, make_proxy, probe
from tests.video.conftest import FRAMES, Make, ffmpeg, read_numbers

THUMBNAIL = ("-f", "lavfi", "-i", "color=red:s=64x48:r=25:d=0.04")
SMALL = ("-f", "lavfi", "-i", "color=red:s=64x48:r=25:d=2")
H264 = ("-c:v", "libx264", "-preset", "ultrafast")
MJPEG = ("-c:v:0", "mjpeg", "-q:v", "3")


@pytest.mark.parametrize(
    ("first", "encode", "name"),
    [
        (THUMBNAIL, (*MJPEG, "-c:v:1", "copy"), "thumbnail.mov"),
        (THUMBNAIL, (*H264, "-c:v:1", "copy"), "thumbnail.mkv"),
        (SMALL, (*MJPEG, "-c:v:1", "copy"), "small.mov"),
        (SMALL, (*H264, "-c:v:1", "copy"), "small.mp4"),
        (SMALL, ("-c:v:0", "mpeg2video", "-c:v:1", "copy"), "small.ts"),
    ],
)
def test_the_main_film_is_read_and_copied(first, encode, name: str, make: Make, tmp_path: Path) -> None:
    ffmpeg(*first, "-i", make("sound.mp4"), "-map", "0:v", "-map", "1:v", "-map", "1:a", *encode, tmp_path / name)
    info = probe(tmp_path / name)
    assert (info.width, info.height, info.codec, info.frame_count) == (160, 120, "h264", FRAMES)
    assert info.warning is None
    assert info.duration_sec == pytest.approx(2.0, abs=0.05)
    assert read_numbers(info) == list(range(FRAMES))
    make_preview(info, tmp_path / "preview.mp4", mark="x")
    proxy = make_proxy(info, tmp_path / "player", mark="x")
    assert read_numbers(tmp_path / "preview.mp4") == read_numbers(proxy) == list(range(FRAMES))
    start_sec = (info.last_frame_sec or 0.0) - 19 / 25  # in TS, sound and picture do not start together
    cut_clip(info, start_sec, start_sec + 0.4, tmp_path / "clip.mp4")
    assert read_numbers(tmp_path / "clip.mp4") == list(range(30, 40))


def test_a_film_that_is_marked_as_default_is_taken(make: Make, tmp_path: Path) -> None:
    large = ("-f", "lavfi", "-i", "color=red:s=320x240:r=25:d=2")
    inputs = (*large, "-i", make("h264.mp4"), "-map", "0:v", "-map", "1:v", *H264, "-c:v:1", "copy")
    ffmpeg(*inputs, "-disposition:v:0", "0", "-disposition:v:1", "default", tmp_path / "second.mkv")
    assert read_numbers(tmp_path / "second.mkv") == list(range(FRAMES))
    ffmpeg(*inputs, "-disposition:v:0", "default", "-disposition:v:1", "0", tmp_path / "first.mkv")
    assert probe(tmp_path / "first.mkv").width == 320


def test_a_short_film_after_the_main_one_changes_nothing(make: Make, tmp_path: Path) -> None:
    trailer = ("-f", "lavfi", "-i", "color=red:s=640x480:r=25:d=0.5")
    ffmpeg("-i", make("h264.mp4"), *trailer, "-map", "0:v", "-map", "1:v", "-c:v:0", "copy", "-c:v:1", "libx264",
           tmp_path / "both.mp4")  # fmt: skip
    info = probe(tmp_path / "both.mp4")
    assert (info.width, info.frame_count, info.warning) == (160, FRAMES, None)
