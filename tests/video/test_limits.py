"""Claimed sizes, rates and lengths are not trusted, and refusing them costs little."""

import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from har.clips import ClipSpec, Samples
from har.errors import EncodingFailed, FrameTooLarge, VideoStalled, VideoTooLong
from har.video import probe, read_frames, run_ffmpeg
from har.video.ffmpeg import Ffmpeg, Messages, input_arguments
from har.video.header import Film, HeaderReader
from tests.video.conftest import InfoOf, Make, Override, ffmpeg, read_numbers

LARGE = 30_000


def tiny(path: Path, *arguments: str | Path) -> bytes:
    """A video of 48×32 pixels."""
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=10:d=0.5", *arguments, path)
    return path.read_bytes()


def with_claimed_size(path: Path, data: bytes, forms: tuple[str, ...]) -> Path:
    """The same video with 30,000 in place of 48 and 32, wherever these are stored in one of the given forms."""
    for form in forms:
        data = data.replace(struct.pack(form, 48, 32), struct.pack(form, LARGE, LARGE))
        data = data.replace(struct.pack(form, 32, 48), struct.pack(form, LARGE, LARGE))  # JPEG stores the height first
    path.write_bytes(data)
    return path


@pytest.mark.promise("hostile", "What a file claims is compared with the limits first")
@pytest.mark.parametrize(
    ("name", "arguments", "forms"),
    [
        ("jpeg.avi", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), ("<II", ">HH")),
        ("jpeg.mov", ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p"), (">HH", ">II")),
        ("png.mov", ("-c:v", "png"), (">HH", ">II")),
        ("small.gif", (), ("<HH",)),
    ],
)
def test_a_claimed_size_of_30000_by_30000_is_refused(
    name: str, arguments: tuple[str, ...], forms: tuple[str, ...], tmp_path: Path
) -> None:
    path = with_claimed_size(tmp_path / f"large-{name}", tiny(tmp_path / name, *arguments), forms)
    with pytest.raises(FrameTooLarge, match="30000×30000"):
        probe(path)


def gif(path: Path, frames: int, delay: int) -> Path:
    """A GIF of one pixel that blinks; the delay in hundredths of a second."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    control = b"\x21\xf9\x04\0" + struct.pack("<H", delay) + b"\0\0"
    pictures = [control + b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02" + code + b"\0" for code in (b"\x44\x01", b"\x4c\x01")]
    path.write_bytes(head + b"".join(pictures) * (frames // 2) + b";")
    return path


def test_a_gif_of_100000_frames_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(VideoTooLong, match="15 minutes"):
        probe(gif(tmp_path / "a.gif", 100_000, 10))


def test_very_high_rates_are_sampled_in_constant_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The video is shorter than the span, so all of its 1,500 frames would be held to choose 20."""
    monkeypatch.setattr("har.clips.samples._SPREAD_BYTES", 50 * 64 * 64 * 3)
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=1000:d=1.5", "-c:v", "mpeg4", tmp_path / "fast.mp4")
    info = probe(tmp_path / "fast.mp4")
    assert info.fps == 1000
    assert info.frame_count == 1500
    frames = list(Samples(info, ClipSpec(20, 64, 64, 2.0)))
    assert len(frames) == 20
    assert any((first != second).any() for first, second in pairwise(frames))


def test_a_still_of_ten_hours_is_too_long(tmp_path: Path) -> None:
    still = ("-f", "lavfi", "-i", "color=red:s=48x32:r=1/3600:d=36000")
    ffmpeg(*still, "-c:v", "mpeg4", "-fps_mode", "passthrough", "-enc_time_base", "1/1000", tmp_path / "still.mkv")
    with pytest.raises(VideoTooLong):
        probe(tmp_path / "still.mkv")


def test_one_frame_per_second_is_read_as_it_is(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=48x32:r=1:d=12", "-c:v", "mpeg4", tmp_path / "slow.mp4")
    info = probe(tmp_path / "slow.mp4")
    assert (info.fps, info.frame_count, info.duration_sec) == (1, 12, 12.0)
    assert 110 <= len(list(Samples(info, ClipSpec(20, 64, 64, 2.0)))) <= 120


def test_a_claim_of_a_billion_frames_is_ignored(tmp_path: Path) -> None:
    data = bytearray(tiny(tmp_path / "a.avi", "-c:v", "mpeg4"))
    struct.pack_into("<I", data, data.index(b"avih") + 8 + 16, 10**9)  # of the file
    struct.pack_into("<I", data, data.index(b"strh") + 8 + 32, 10**9)  # of the stream
    (tmp_path / "liar.avi").write_bytes(data)
    info = probe(tmp_path / "liar.avi")
    assert info.frame_count == 5
    assert "announces" in str(info.warning)


def test_frames_beyond_the_limit_on_length_are_not_read(info_of: InfoOf, override: Override) -> None:
    info = info_of("h264.mp4")
    override(max_video_sec=0.5)  # as if the file had announced half a second
    with pytest.raises(VideoTooLong):
        read_numbers(info, size=(8, 8), fps=Fraction(25))


def test_complaints_do_not_hide_the_header(tmp_path: Path) -> None:
    """Hundreds of damaged tracks make ffmpeg print hundreds of lines before the container's name."""
    header_lines = [
        "Input #0, mov,mp4, from 'file:a.mp4':",
        "  Stream #0:0[0x1](und): Video: h264, yuv420p, 48x32, 10 fps",
    ]
    complaints = [f"[mov @ 0x{number:x}] stream {number}, contradictory STSC and STCO" for number in range(300)]
    lines = [*complaints, header_lines[0], *complaints, header_lines[1], *complaints]
    (tmp_path / "messages").write_text("\n".join(lines))
    with (tmp_path / "messages").open("rb", buffering=0) as stream:
        reader = HeaderReader()
        Messages(stream, reader.is_complaint).lines()
    header = reader.header()
    assert header.containers == ("mov", "mp4")
    assert header.films == [Film(0, "h264", (48, 32), common_pixels=True, pixel_format="yuv420p")]


# Limits of one run of ffmpeg


def test_a_run_that_needs_too_much_memory_fails(override: Override, tmp_path: Path) -> None:
    override(ffmpeg_memory_bytes=128 << 20)
    source = ["-f", "lavfi", "-i", "testsrc2=s=3840x2160:r=25:d=1", "-c:v", "mpeg4", "-y", str(tmp_path / "a.mp4")]
    with pytest.raises(EncodingFailed, match=r"128 MiB of memory \(HAR_FFMPEG_MEMORY_BYTES\)"):
        run_ffmpeg(source)


def test_a_run_that_writes_too_much_is_ended(override: Override, tmp_path: Path) -> None:
    override(ffmpeg_output_bytes=1 << 20)
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=9", "-c:v", "rawvideo", "-y", str(tmp_path / "a.avi")]
    with pytest.raises(EncodingFailed, match="wrote more than 1 MiB"):
        run_ffmpeg(source)
    assert (tmp_path / "a.avi").stat().st_size <= 1 << 20


def test_an_endless_run_is_ended(override: Override) -> None:
    override(ffmpeg_sec=1)
    with pytest.raises(EncodingFailed, match="took more than"):
        run_ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=640x480", "-f", "null", "-"])


def test_endless_reading_is_ended(info_of: InfoOf, override: Override) -> None:
    override(ffmpeg_sec=1)
    with read_frames(info_of("h264.mp4")) as reader:
        reader._arguments = ["-stream_loop", "-1", *reader._arguments]
        reader._max_frames = 1 << 40
        with pytest.raises(VideoStalled, match="took more than"):
            for _ in reader:
                pass


@pytest.mark.promise("hostile", "ffmpeg is limited in memory, processor time and output")
def test_the_kernel_limits_every_run(make: Make) -> None:
    with Ffmpeg([*input_arguments(make("h264.mp4")), "-f", "rawvideo", "pipe:1"]) as running:
        pid = running._process.pid
        file = Path(f"/proc/{pid}/limits")
        if not file.exists():
            pytest.skip("only Linux shows the limits of a process")
        limits = {line[:26].strip(): line[26:].split()[:2] for line in file.read_text().splitlines()[1:]}
    assert limits["Max data size"] == [str(2 << 30)] * 2
    assert limits["Max cpu time"] == ["7200"] * 2
    assert limits["Max file size"] == [str(1 << 30)] * 2
    assert limits["Max core file size"] == ["0"] * 2
