"""Held frames, pauses and slow rates keep their time; hidden frames do not count."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.video import VideoInfo, cut_clip, make_preview, make_proxy, probe, write_video
from tests.video.barcode import barcode
from tests.video.conftest import FRAMES, Override, ffmpeg, read_numbers, read_times

HELD_SEC = 5.0  # how long the last frame of the videos below is shown
TONE = ("-f", "lavfi", "-i", "sine=duration=6.9:sample_rate=8000")


def hold(source: Path, out: Path, *more: str | Path) -> VideoInfo:
    """Copy a video without B-frames so that its last frame is shown for `HELD_SEC`."""
    last_sec = probe(source).last_frame_sec or 0.0
    held = f"setts=pts=PTS:dts=DTS:duration='if(gte(PTS*TB,{last_sec - 0.001}),{HELD_SEC}/TB,DURATION)'"
    ffmpeg("-i", source, *more, "-c:v", "copy", "-bsf:v", held, out)
    return probe(out)


@pytest.fixture(scope="module")
def in_order(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in_order") / "source.mp4"
    ffmpeg("-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", path)
    return path


def test_reading_ends_where_the_last_frame_is_shorter_than_usual(
    in_order: Path, tmp_path: Path, override: Override
) -> None:
    override(ffmpeg_stall_sec=3)  # ffmpeg waits until all that it sends is read
    short = f"setts=pts=PTS:dts=DTS:duration='if(gte(PTS*TB,{49 / 25 - 0.001}),0.005/TB,DURATION)'"
    ffmpeg("-i", in_order, "-c:v", "copy", "-bsf:v", short, path := tmp_path / "short.mp4")
    info = probe(path)
    assert info.last_frame_is_held
    assert len(read_numbers(info, fps=Fraction(60), size=(480, 640))) == pytest.approx(60 * info.duration_sec, abs=2)


@pytest.fixture(params=["held.mp4", "held.mkv", "sound.mp4", "held.gif", "held.webm"])
def held(request: pytest.FixtureRequest, source: Path, in_order: Path, tmp_path: Path) -> VideoInfo:
    path = tmp_path / request.param
    if path.suffix == ".gif":
        ffmpeg("-i", source, "-final_delay", str(round(100 * HELD_SEC)), path)
        return probe(path)
    if path.suffix == ".webm":
        ffmpeg("-i", source, "-c:v", "libvpx", "-b:v", "1M", "-deadline", "realtime", "-cpu-used", "8",
               tmp_path / "plain.webm")  # fmt: skip
        return hold(tmp_path / "plain.webm", path)
    return hold(in_order, path, *(TONE if path.name == "sound.mp4" else ()))


@pytest.mark.promise("numbers", "The last frame of slides and screen recordings lasts as long as the file says")
def test_a_held_last_frame_lasts_as_long_as_the_file_says(held: VideoInfo, tmp_path: Path) -> None:
    end_sec = 49 / 25 + HELD_SEC
    assert held.duration_sec == pytest.approx(end_sec, abs=0.02)
    assert held.warning is None
    assert held.last_frame_sec == pytest.approx(49 / 25, abs=0.02)
    assert held.last_frame_is_held
    seen = read_numbers(held, fps=Fraction(10))
    assert len(seen) == pytest.approx(10 * end_sec, abs=1)
    assert set(seen[21:]) == {FRAMES - 1}
    make_preview(held, tmp_path / "preview.mp4", mark="x")
    proxy = make_proxy(held, tmp_path / "player", mark="x")
    for copy in (tmp_path / "preview.mp4", proxy):
        assert probe(copy).duration_sec == pytest.approx(end_sec, abs=0.02)
        np.testing.assert_allclose(read_times(copy), read_times(held), atol=2e-3)


def test_a_usual_last_frame_is_not_held(in_order: Path, source: Path) -> None:
    assert not probe(in_order).last_frame_is_held
    assert not probe(source).last_frame_is_held


def test_a_file_that_announces_more_without_damage_holds_its_last_frame(in_order: Path, tmp_path: Path) -> None:
    """Matroska has no duration of a single frame, only that of the file."""
    data = hold(in_order, tmp_path / "held.mkv").path.read_bytes()
    plain = tmp_path / "plain.mkv"
    ffmpeg("-i", in_order, "-c", "copy", plain)
    at = data.index(b"\x44\x89\x88") + 3  # Duration: a double
    other = plain.read_bytes()
    there = other.index(b"\x44\x89\x88") + 3
    plain.write_bytes(other[:there] + data[at : at + 8] + other[there + 8 :])
    info = probe(plain)
    assert info.warning is None
    assert info.duration_sec == pytest.approx(49 / 25 + HELD_SEC, abs=0.01)
    assert len(read_numbers(info, fps=Fraction(10))) == pytest.approx(10 * info.duration_sec, abs=1)


def pause(source: Path, out: Path, frame: int, pause_sec: float) -> VideoInfo:
    """A video with B-frames whose clock jumps before a frame."""
    times = f"setpts='(N/25+gte(N,{frame})*{pause_sec})/TB'"
    encode = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3", "-x264-params", "b-adapt=0")
    ffmpeg("-i", source, "-vf", times, "-fps_mode", "passthrough", "-enc_time_base", "1:1000", *encode, out)
    return probe(out)


@pytest.mark.parametrize("frame", [4, 5, 47])
def test_a_pause_counts_once(source: Path, tmp_path: Path, override: Override, frame: int) -> None:
    override(max_video_sec=20)
    info = pause(source, tmp_path / "pause.mp4", frame, 15.0)
    assert info.duration_sec == pytest.approx(17.0, abs=0.09)
    assert info.warning is None
    assert len(read_numbers(info, fps=Fraction(10))) == pytest.approx(170, abs=1)
    make_preview(info, tmp_path / "preview.mp4", mark="x")
    proxy = make_proxy(info, tmp_path / "player", mark="x")
    for copy in (tmp_path / "preview.mp4", proxy):
        assert probe(copy).duration_sec == pytest.approx(17.0, abs=0.09)


def test_a_clip_holds_the_frame_that_is_shown_at_its_start(source: Path, tmp_path: Path) -> None:
    info = pause(source, tmp_path / "pause.mp4", 20, 10.0)  # frame 19 is shown from 0.76 to 10.8 s
    for name, times_sec in (("read.mp4", None), ("known.mp4", read_times(info))):
        clip = tmp_path / name
        cut_clip(info, 8.0, 11.0, clip, times_sec)
        assert read_numbers(clip) == [19, *range(20, 25)]
        np.testing.assert_allclose(read_times(clip), [0.0, *(2.8 + np.arange(5) / 25)], atol=2e-3)
        assert probe(clip).duration_sec == pytest.approx(3.0, abs=0.01)
        cut_clip(info, 2.0, 4.0, clip, times_sec)
        assert read_numbers(clip) == [19]
        assert probe(clip).duration_sec == pytest.approx(2.0, abs=0.01)
        cut_clip(info, 0.4, 2.4, clip, times_sec)
        assert read_numbers(clip) == list(range(10, 20))
        assert probe(clip).duration_sec == pytest.approx(2.0, abs=0.01)


@pytest.mark.parametrize("rate", [Fraction(2), Fraction(1, 4)])
def test_slides_are_sampled_while_they_are_shown(tmp_path: Path, rate: Fraction) -> None:
    write_video(tmp_path / "slides.mp4", (barcode(n) for n in range(6)), rate)
    seen = read_numbers(tmp_path / "slides.mp4", size=(60, 80), fps=Fraction(10))
    assert seen == [n for n in range(6) for _ in range(int(10 / rate))]


def test_hidden_frames_of_vp8_do_not_count(tmp_path: Path) -> None:
    source = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=3")
    encode = ("-c:v", "libvpx", "-auto-alt-ref", "1", "-lag-in-frames", "25", "-b:v", "200k", "-deadline", "good")
    for number_of_pass in ("1", "2"):
        log = ("-pass", number_of_pass, "-passlogfile", tmp_path / "log")
        ffmpeg(*source, *encode, "-cpu-used", "4", *log, tmp_path / "hidden.webm")
    info = probe(tmp_path / "hidden.webm")
    assert info.frame_count == len(read_times(info)) == 75
    assert not info.variable_rate
    assert info.fps == 25
