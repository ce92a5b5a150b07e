"""Frames that need not be decoded are dropped, and the samples stay identical."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.video import VideoInfo, frames, nonreference, probe, read_frames, run_ffmpeg
from har.video.ffmpeg import Ffmpeg

SOURCE = "testsrc2=s=160x120:r=25:d=4,noise=alls=4:allf=t"
B_FRAMES = ("-c:v", "libx264", "-preset", "veryfast", "-bf", "3")
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
    "uneven.mp4": ("-vf", "setpts='(N+0.3*mod(N,5)+3*gt(N,40))/25/TB'", "-enc_time_base", "1/1000", *B_FRAMES),
    "late.mp4": ("-vf", "setpts=PTS+0.7/TB", *B_FRAMES),
}
RATES = [Fraction(1), Fraction(29, 2)]


@pytest.fixture(autouse=True)
def _even_for_small_videos(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonreference, "_MIN_PIXELS", 0)


def make_video(folder: Path, name: str, encode: tuple[str, ...]) -> VideoInfo:
    sound = ["-f", "lavfi", "-i", "sine=d=3", "-c:a", "aac"]
    run_ffmpeg(["-f", "lavfi", "-i", SOURCE, *sound, *encode, f"file:{folder / name}"])
    return probe(folder / name)


def dropped_count(info: VideoInfo, rate: Fraction) -> int:
    return len(re.findall(r"eq\(n,", " ".join(nonreference.drop_arguments(info, rate, 0.45 / float(info.fps)))))


def samples(info: VideoInfo, rate: Fraction) -> np.ndarray:
    with read_frames(info, size=(24, 32), fps=rate) as reader:
        return np.stack(list(reader))


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> VideoInfo:
    return make_video(tmp_path_factory.mktemp("usual"), "a.mp4", B_FRAMES)


@pytest.mark.promise("numbers", "Samples are identical without the frames that decoding skips")
@pytest.mark.parametrize("name", VIDEOS)
def test_samples_are_identical_without_dropped_frames(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = make_video(tmp_path, name, VIDEOS[name])
    assert info.frame_count
    assert dropped_count(info, RATES[0]) > info.frame_count / 3
    assert dropped_count(info, RATES[0]) > dropped_count(info, RATES[-1])
    expected = [samples(info, rate) for rate in RATES]
    monkeypatch.setattr(frames, "drop_arguments", lambda *rest: [])
    for rate, before in zip(RATES, expected, strict=True):
        np.testing.assert_array_equal(samples(info, rate), before, err_msg=str(rate))


def test_fewer_frames_are_decoded(usual: VideoInfo) -> None:
    options = nonreference.drop_arguments(usual, Fraction(1), 0.45 / 25)
    count = ["-i", str(usual.path), "-map", "0:V:0", "-fps_mode", "passthrough", "-s", "8x8", "-pix_fmt", "gray"]
    with Ffmpeg(["-loglevel", "error", *options, *count, "-f", "rawvideo", "pipe:1"]) as ffmpeg:
        size = sum(map(len, ffmpeg.chunks()))
    assert size == 64 * (100 - dropped_count(usual, Fraction(1)))


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("no_b_frames.mp4", ("-c:v", "libx264", "-bf", "0")),
        ("other_codec.mp4", ("-c:v", "libx265", "-x265-params", "log-level=error")),
        ("interlaced.mp4", (*B_FRAMES, "-flags", "+ilme+ildct")),
        ("no_times.avi", ("-c:v", "libx264", "-bf", "0")),
    ],
)
def test_videos_without_known_nonreference_frames_are_decoded_whole(
    name: str, encode: tuple[str, ...], tmp_path: Path
) -> None:
    assert nonreference.drop_arguments(make_video(tmp_path, name, encode), Fraction(1), 0.018) == []


def test_where_little_is_gained_packets_are_not_read(usual: VideoInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nonreference, "_read_packets", lambda *rest: pytest.fail("packets were read"))
    assert nonreference.drop_arguments(usual, Fraction(20), 0.018) == []
    assert nonreference.drop_arguments(replace(usual, stream="0:1"), Fraction(1), 0.018) == []
    with monkeypatch.context() as patched:
        patched.setattr(nonreference, "_MIN_PIXELS", 1e9)
        assert nonreference.drop_arguments(usual, Fraction(1), 0.018) == []
    monkeypatch.setattr(nonreference, "_MAX_FRAMES", 99)
    assert nonreference.drop_arguments(usual, Fraction(1), 0.018) == []


def test_a_file_with_more_frames_than_announced_is_decoded_whole(usual: VideoInfo) -> None:
    assert usual.frame_count
    assert nonreference.drop_arguments(replace(usual, frame_count=usual.frame_count - 1), Fraction(1), 0.018) == []


def test_a_damaged_file_is_decoded_whole(tmp_path: Path) -> None:
    info = make_video(tmp_path, "a.mkv", B_FRAMES)
    assert dropped_count(info, Fraction(1))
    data = info.path.read_bytes()
    info.path.write_bytes(data[: len(data) * 2 // 3])
    assert nonreference.drop_arguments(info, Fraction(1), 0.018) == []
    assert len(samples(info, Fraction(1))) == 3


def test_with_an_ffmpeg_that_cannot_drop_packets_all_are_decoded(
    usual: VideoInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = nonreference.Ffmpeg

    def without_filter(arguments: list[str], **options: object) -> Ffmpeg:
        return real([argument.replace("noise", "nosuch") for argument in arguments], **options)

    monkeypatch.setattr(nonreference, "Ffmpeg", without_filter)
    assert nonreference.drop_arguments(usual, Fraction(1), 0.018) == []


def test_the_argument_stays_within_the_length_limit() -> None:
    size = np.full(400_000, 99_999_999)
    expression = nonreference._match_expression(list(range(0, 400_000, 100))[: nonreference._MAX_DROPPED], size)
    assert len(expression) < 128 << 10
