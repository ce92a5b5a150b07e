"""Frames that need not be decoded are not, and what comes out is the same to the last bit."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.video import VideoInfo, disposable, frames, probe, read_frames, run_ffmpeg
from har.video.process import Ffmpeg

SOURCE = "testsrc2=s=160x120:r=25:d=6,noise=alls=4:allf=t"
B_FRAMES = ("-c:v", "libx264", "-bf", "3")
VIDEOS = {  # a name, and how it is encoded
    "usual.mp4": B_FRAMES,
    "usual.mov": B_FRAMES,
    "milliseconds.mkv": B_FRAMES,
    "pieces.mp4": (*B_FRAMES, "-movflags", "frag_keyframe+empty_moov"),
    "flat.mp4": (*B_FRAMES, "-x264-params", "b-pyramid=none"),
    "strict.mp4": (*B_FRAMES, "-x264-params", "b-pyramid=strict"),
    "many.mp4": ("-c:v", "libx264", "-bf", "16", "-b_strategy", "2", "-g", "60"),
    "open.mp4": (*B_FRAMES, "-x264-params", "open-gop=1:keyint=20"),
    "slices.mp4": (*B_FRAMES, "-x264-params", "slices=4:aud=1"),
    "fast.mp4": ("-r", "240", "-c:v", "libx264", "-bf", "5"),
    "uneven.mp4": ("-vf", "setpts='(N+0.3*mod(N,5)+3*gt(N,60))/25/TB'", "-enc_time_base", "1/1000", *B_FRAMES),
    "late.mp4": ("-vf", "setpts=PTS+0.7/TB", *B_FRAMES),
}
RATES = [Fraction(1), Fraction(7), Fraction(29, 2)]


@pytest.fixture(autouse=True)
def small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disposable, "_WORTH_PIXELS", 0)


def made(folder: Path, name: str, encode: tuple[str, ...]) -> VideoInfo:
    sound = ["-f", "lavfi", "-i", "sine=d=4", "-c:a", "aac"]
    run_ffmpeg(["-f", "lavfi", "-i", SOURCE, *sound, *encode, f"file:{folder / name}"])
    return probe(folder / name)


def left_out(info: VideoInfo, rate: Fraction) -> int:
    return len(re.findall(r"eq\(n,", " ".join(disposable.leaving_out(info, rate, 0.45 / float(info.fps)))))


def samples(info: VideoInfo, rate: Fraction) -> np.ndarray:
    with read_frames(info, size=(24, 32), fps=rate) as reader:
        return np.stack(list(reader))


@pytest.mark.parametrize("name", VIDEOS)
def test_samples_are_the_same_without_what_they_do_not_need(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = made(tmp_path, name, VIDEOS[name])
    assert info.frame_count
    assert left_out(info, RATES[0]) > info.frame_count / 3
    assert left_out(info, RATES[0]) > left_out(info, RATES[-1])
    found = [samples(info, rate) for rate in RATES]
    monkeypatch.setattr(frames, "leaving_out", lambda *rest: [])
    for rate, some in zip(RATES, found, strict=True):
        assert np.array_equal(samples(info, rate), some), rate


def test_fewer_frames_are_decoded(tmp_path: Path) -> None:
    info = made(tmp_path, "a.mp4", B_FRAMES)
    options = disposable.leaving_out(info, Fraction(1), 0.45 / 25)
    count = ["-i", str(info.path), "-map", "0:V:0", "-fps_mode", "passthrough", "-s", "8x8", "-pix_fmt", "gray"]
    with Ffmpeg(["-loglevel", "error", *options, *count, "-f", "rawvideo", "pipe:1"]) as ffmpeg:
        size = sum(map(len, ffmpeg.chunks()))
    assert size == 64 * (150 - left_out(info, Fraction(1)))


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("none_that_is_spare.mp4", ("-c:v", "libx264", "-bf", "0")),
        ("other_codec.mp4", ("-c:v", "libx265", "-x265-params", "log-level=error")),
        ("interlaced.mp4", (*B_FRAMES, "-flags", "+ilme+ildct")),
        ("no_times.avi", ("-c:v", "libx264", "-bf", "0")),
    ],
)
def test_where_none_can_be_told_all_are_decoded(name: str, encode: tuple[str, ...], tmp_path: Path) -> None:
    assert disposable.leaving_out(made(tmp_path, name, encode), Fraction(1), 0.018) == []


def test_where_there_is_little_to_gain_nobody_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = made(tmp_path, "a.mp4", B_FRAMES)
    monkeypatch.setattr(disposable, "_look", lambda *rest: pytest.fail("looked"))
    assert disposable.leaving_out(info, Fraction(20), 0.018) == []
    with monkeypatch.context() as patched:
        patched.setattr(disposable, "_WORTH_PIXELS", 1e9)
        assert disposable.leaving_out(info, Fraction(1), 0.018) == []
    monkeypatch.setattr(disposable, "_LONGEST", 149)
    assert disposable.leaving_out(info, Fraction(1), 0.018) == []


def test_a_file_that_holds_more_than_it_announced_is_decoded_whole(tmp_path: Path) -> None:
    info = made(tmp_path, "a.mp4", B_FRAMES)
    assert info.frame_count
    assert disposable.leaving_out(replace(info, frame_count=info.frame_count - 1), Fraction(1), 0.018) == []


def test_a_file_with_something_odd_in_it_is_decoded_whole(tmp_path: Path) -> None:
    info = made(tmp_path, "a.mkv", B_FRAMES)
    assert left_out(info, Fraction(1))
    data = info.path.read_bytes()
    info.path.write_bytes(data[: len(data) * 2 // 3])
    assert disposable.leaving_out(info, Fraction(1), 0.018) == []
    assert len(samples(info, Fraction(1))) == 4


def test_an_ffmpeg_that_cannot_leave_out_is_asked_for_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = made(tmp_path, "a.mp4", B_FRAMES)
    real = disposable.Ffmpeg
    monkeypatch.setattr(
        disposable, "Ffmpeg", lambda given, **rest: real([each.replace("noise", "nosuch") for each in given], **rest)
    )
    assert disposable.leaving_out(info, Fraction(1), 0.018) == []


def test_no_argument_grows_beyond_what_a_command_may_have() -> None:
    size = np.full(400_000, 99_999_999)
    expression = disposable._among(list(range(0, 400_000, 100))[: disposable._MOST], size)
    assert len(expression) < 128 << 10
