"""Streams that change their size, pixel format or colours while they run."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.video import cut_clip, make_preview, probe, read_frames, write_video
from tests.video.barcode import number
from tests.video.conftest import FRAMES, Override, ffmpeg, read_numbers, read_times

H264, MJPEG = "-c:v libx264 -preset ultrafast -crf 15", "-c:v mjpeg -q:v 2"
VP8 = "-c:v libvpx -b:v 2M -deadline realtime -cpu-used 8"
CHANGES = {  # ffmpeg's output options for both halves
    "larger.ts": (H264, f"{H264} -vf scale=320:240"),
    "smaller.webm": (VP8, f"{VP8} -vf scale=80:60"),
    "pixels.ts": (H264, f"{H264} -pix_fmt yuv422p"),
    "colours.ts": (
        f"{H264} -colorspace bt709 -color_primaries bt709 -color_trc bt709",
        f"{H264} -colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m",
    ),
}
TURNED = (H264, f"{H264} -vf scale=120:160")


def join(out: Path, source: Path, *options: str, fps: int = 25) -> Path:
    """Encode equal parts of a video with different options, and join their streams."""
    parts = []
    count = probe(source).frame_count or 0
    for index, option in enumerate(options):
        part = out.with_name(f"part{index}{out.suffix}")
        filters = f"trim=start_frame={count // len(options) * index}:end_frame={count // len(options) * (index + 1)}"
        encode, _, scaled = option.partition(" -vf ")
        shown = f"{filters},setpts=N/{fps}/TB,{scaled or 'null'}"
        ffmpeg("-i", source, *encode.split(), "-vf", shown, "-r", str(fps), part)
        parts.append(part)
    (out.parent / "parts.txt").write_text("".join(f"file '{part}'\n" for part in parts))
    ffmpeg("-f", "concat", "-safe", "0", "-i", out.parent / "parts.txt", "-c", "copy", out)
    return out


@pytest.mark.promise("numbers", "A change of size or colours within a stream does not move what follows")
@pytest.mark.parametrize("name", CHANGES)
def test_every_frame_comes_once_and_samples_stay_at_their_times(name: str, source: Path, tmp_path: Path) -> None:
    info = probe(join(tmp_path / name, source, *CHANGES[name]))
    assert read_numbers(info) == list(range(FRAMES))
    for fps in (Fraction(10), Fraction(60)):
        with read_frames(info, size=(60, 80), fps=fps, collect_times=True) as reader:
            seen = [number(frame) for frame in reader]
        assert len(seen) == pytest.approx(2 * fps, abs=2)
        nearest = np.array([np.abs(reader.times_sec - k / float(fps)).argmin() for k in range(len(seen))])
        late = np.abs(np.array(seen) - nearest)
        at_change = np.abs(np.arange(len(seen)) / float(fps) - 1) < 1 / float(fps) + 0.05
        assert (late[~at_change] <= 1).all()
        assert (late[at_change] <= np.ceil(25 / float(fps)) + 1).all()


def test_changes_do_not_make_a_video_too_long(source: Path, tmp_path: Path, override: Override) -> None:
    sizes = [f"{H264} -vf scale={width}:120" for width in (160, 176, 160, 176, 160)]
    info = probe(join(tmp_path / "often.ts", source, *sizes))
    override(max_video_sec=3)
    assert len(read_numbers(info, fps=Fraction(10))) == pytest.approx(20, abs=1)


def test_slides_of_different_sizes_are_each_sampled_while_they_are_shown(source: Path, tmp_path: Path) -> None:
    ffmpeg("-i", source, "-frames:v", "4", "-c", "copy", tmp_path / "four.mp4")
    sizes = [f"{MJPEG} -vf scale={size}" for size in ("160:120", "320:240", "80:60", "240:180")]
    info = probe(join(tmp_path / "slides.mkv", tmp_path / "four.mp4", *sizes, fps=25))
    ffmpeg("-itsscale", "25", "-i", info.path, "-c", "copy", tmp_path / "slow.mkv")
    slow = probe(tmp_path / "slow.mkv")
    assert slow.fps == 1
    seen = read_numbers(slow, fps=Fraction(10))
    assert seen == [0] * 10 + [1] * 10 + [2] * 10 + [3]  # the last one lasts 0.04 s


def black_sides(frame: np.ndarray) -> bool:
    width = frame.shape[1]
    return bool(frame[:, : width // 6].max() < 40 and frame[:, -(width // 6) :].max() < 40)


def test_a_turned_picture_is_fitted_and_not_squeezed(tmp_path: Path) -> None:
    write_video(tmp_path / "white.mp4", [np.full((120, 160, 3), 230, np.uint8)] * 20, Fraction(25))
    info = probe(join(tmp_path / "turned.ts", tmp_path / "white.mp4", *TURNED))
    make_preview(info, tmp_path / "preview.mp4", mark="x")
    cut_clip(info, 0.0, 0.8, tmp_path / "clip.mp4")
    copies = [probe(tmp_path / name) for name in ("preview.mp4", "clip.mp4")]
    for video, size in ((info, None), (info, (48, 48)), *((copy, None) for copy in copies)):
        with read_frames(video, size=size) as reader:
            frames = list(reader)
        assert len(frames) == 20
        assert [black_sides(frame) for frame in frames] == [False] * 10 + [True] * 10
        middle = frames[-1][:, round(frames[-1].shape[1] * 0.25) : round(frames[-1].shape[1] * 0.75)]
        assert middle.min() > 180
    np.testing.assert_allclose(read_times(copies[0]), read_times(info), atol=2e-3)
