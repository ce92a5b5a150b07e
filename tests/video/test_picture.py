"""HDR, RGB and interlaced video looks right where it is read, and in every copy."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from har.video import VideoInfo, make_preview, make_proxy, probe, read_frames
from har.video.combs import find_fields
from har.video.cut import cut_clip
from har.video.fit import fitted_size
from har.video.header import Film, HeaderReader
from har.video.picture import HDR_REMARK, deinterlace, is_rgb, scale_to_write, to_sdr
from tests.video.conftest import FRAMES, InfoOf, ffmpeg, first_frame, read_times

SDR = [
    (190, 190, 190),
    (128, 128, 128),
    (64, 64, 64),
    (191, 0, 0),
    (0, 191, 0),
    (0, 0, 191),
    (192, 190, 0),
    (200, 120, 90),
]
PATCHES = [(255, 255, 255), *SDR]
PATCH = 32  # pixels a side

Write = Callable[[VideoInfo, Path], Path]


def write_preview(info: VideoInfo, folder: Path) -> Path:
    make_preview(info, folder / "preview.mp4", mark="")
    return folder / "preview.mp4"


def write_cut(info: VideoInfo, folder: Path) -> Path:
    cut_clip(info, 0.0, 0.1, folder / "cut.mp4")
    return folder / "cut.mp4"


def colours(frame: np.ndarray) -> np.ndarray:
    """The centre of each patch."""
    width = frame.shape[1] / len(PATCHES)
    return frame[frame.shape[0] // 2, [int(width * (n + 0.5)) for n in range(len(PATCHES))]].astype(int)


def description(path: Path) -> str:
    """What ffmpeg prints about the picture."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-i", str(path)]
    lines = subprocess.run(command, capture_output=True, check=False).stderr.decode().splitlines()
    return next(line for line in lines if "Video: " in line)


@pytest.fixture(scope="session")
def patches(tmp_path_factory: pytest.TempPathFactory) -> tuple[str | Path, ...]:
    """Options for an input of two frames of `PATCHES`, as shown on an ordinary screen."""
    path = tmp_path_factory.mktemp("patches") / "patches.rgb"
    row = np.repeat(np.array(PATCHES, np.uint8), PATCH, axis=0)
    path.write_bytes(np.tile(row, (2 * 2 * PATCH, 1, 1)).tobytes())
    size = f"{PATCH * len(PATCHES)}x{2 * PATCH}"
    return ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", "25", "-i", path)


def make_hdr(patches: tuple[str | Path, ...], transfer: str, out: Path, *encode: str) -> Path:
    """The patches at the brightness that HDR gives them, in BT.2020."""
    tags = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"]
    source = "format=gbrpf32le,zscale=pin=709:tin=iec61966-2-1:min=gbr"
    filters = f"{source}:p=2020:t={transfer}:m=2020_ncl:npl=203:r=tv,format=yuv420p10le"
    encode = encode or ("-c:v", "libx265", "-x265-params", "log-level=none", "-crf", "8", "-tag:v", "hvc1")
    ffmpeg(*patches, "-vf", filters, *encode, *tags, out)
    return out


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_read_and_written_as_what_it_looks_like(transfer: str, patches, tmp_path: Path) -> None:
    info = probe(make_hdr(patches, transfer, tmp_path / "hdr.mov"))
    assert info.remarks == (HDR_REMARK,)
    for frame in (first_frame(info), first_frame(info, size=(16, 2 * len(PATCHES) * 8), fit="crop")):
        white, *others = colours(frame)
        np.testing.assert_allclose(others, SDR, atol=4)
        assert white.min() > 240
    for write in (write_preview, write_cut):
        copy = write(info, tmp_path)
        assert "yuv420p(tv, bt709, progressive)" in description(copy)
        np.testing.assert_allclose(colours(first_frame(copy))[1:], SDR, atol=12)


def test_a_copy_of_hdr_in_8_bits_is_sdr_too(patches, tmp_path: Path) -> None:
    encode = ("-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", "8")
    info = probe(make_hdr(patches, "arib-std-b67", tmp_path / "hdr.mp4", *encode))
    assert (info.codec, info.container, info.pixel_format) == ("h264", "mp4", "yuv420p")
    assert not info.plays_in_browsers
    assert "bt709" in description(make_proxy(info, tmp_path, mark=""))


def test_wide_colours_become_ordinary_ones(patches, tmp_path: Path) -> None:
    encode = ("-c:v", "libx265", "-x265-params", "log-level=none", "-crf", "8", "-tag:v", "hvc1")
    info = probe(make_hdr(patches, "bt2020-10", tmp_path / "wide.mov", *encode))
    assert info.remarks == ()
    assert colours(first_frame(info))[4] == pytest.approx((191, 0, 0), abs=12)
    assert "bt709" in description(write_preview(info, tmp_path))


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("x.gif", ""),
        ("x.mov", "-c:v png"),
        ("x.mp4", "-c:v libx264rgb -crf 0"),
        ("x.mkv", "-c:v ffv1 -pix_fmt gbrp10le"),
        ("raw.avi", "-c:v rawvideo -pix_fmt bgr24"),
        ("x.webm", "-c:v libvpx-vp9 -lossless 1 -pix_fmt gbrp"),
    ],
)
def test_rgb_keeps_its_colours_in_copies(name: str, encode: str, patches, tmp_path: Path) -> None:
    palette = ["-vf", "split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none"] if name == "x.gif" else []
    ffmpeg(*patches, *palette, *encode.split(), tmp_path / name)
    info = probe(tmp_path / name)
    assert is_rgb(info)
    assert not info.plays_in_browsers
    np.testing.assert_allclose(colours(first_frame(info)), PATCHES, atol=2)
    copy = write_preview(info, tmp_path)
    assert "yuv420p(tv, bt709, progressive)" in description(copy)  # otherwise browsers guess from the size
    np.testing.assert_allclose(colours(first_frame(copy)), PATCHES, atol=8)


def test_ordinary_video_passes_through_no_further_filter(info_of: InfoOf) -> None:
    for name in ("h264.mp4", "xvid.avi", "mjpeg.avi", "mpeg2.ts", "vp9.webm", "odd.mp4", "wmv2.wmv", "theora.ogv"):
        info = info_of(name)
        assert deinterlace(info) == to_sdr(info) == []
        assert scale_to_write(info, 16, 12) == [f"scale={fitted_size(info, 16, 12)}:flags=bicubic"]
        assert info.remarks == ()


def moving(folder: Path, name: str, *encode: str, order: str = "tff", mark: str = "", size: str = "320x240") -> Path:
    """A bright box that moves fast, interlaced; with `prog` the frames are not marked."""
    box = f"color=gray:s={size}:r=50:d=1[a];color=white:s=40x120:r=50:d=1[b];[a][b]overlay=x=8+5*n:y=60,format=yuv422p"
    fields = f",interlace=scan={order},setfield={mark or order}" if order != "none" else ",fps=25"
    ffmpeg("-f", "lavfi", "-i", box + fields, *encode, folder / name)
    return folder / name


def combing(video: VideoInfo | Path) -> float:
    """How much lines differ from those above and below."""
    info = video if isinstance(video, VideoInfo) else probe(video)
    with read_frames(info) as reader:
        frames = np.stack(list(reader))[2:-2, 70:170, :, 1].astype(int)
    return float(np.abs(2 * frames[:, 1:-1] - frames[:, :-2] - frames[:, 2:]).mean())


X264 = ("-pix_fmt", "yuv420p", "-c:v", "libx264", "-flags", "+ildct+ilme")


@pytest.mark.parametrize(
    ("name", "order", "encode", "fields"),
    [
        ("tff.mp4", "tff", (*X264, "-x264opts", "tff=1"), "auto"),
        ("bff.mkv", "bff", (*X264, "-x264opts", "bff=1"), "auto"),
        ("broadcast.ts", "tff", ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "2"), "auto"),
        ("part2.avi", "tff", ("-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-flags", "+ildct+ilme", "-q:v", "2"), "auto"),
        ("capture.mov", "tff", ("-c:v", "huffyuv", "-field_order", "tt"), "tff"),  # its frames are not marked
    ],
)
def test_interlaced_video_is_deinterlaced_and_keeps_its_times(
    name: str, order: str, encode: tuple[str, ...], fields: str, tmp_path: Path
) -> None:
    info = probe(moving(tmp_path, name, *encode, order=order))
    combed = replace(info, fields=None)
    assert (info.fields, info.progressive, info.plays_in_browsers) == (fields, False, False)
    assert combing(info) < 0.25 * combing(combed)
    times_sec = read_times(info)
    assert len(times_sec) == info.frame_count == 25
    np.testing.assert_array_equal(times_sec, read_times(combed))
    copy = write_preview(info, tmp_path)
    assert "progressive" in description(copy)
    assert combing(copy) < 0.25 * combing(combed)
    np.testing.assert_allclose(read_times(copy), times_sec, atol=2e-3)


@pytest.mark.parametrize(
    ("size", "order", "encode", "found"),
    [
        ("720x576", "bff", ("-c:v", "rawvideo", "-pix_fmt", "uyvy422"), "bff"),
        ("720x480", "tff", ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p"), "tff"),
        # This one says that it is progressive.
        ("720x576", "tff", ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "10"), "tff"),
        ("720x576", "none", ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p"), None),
    ],
)
def test_combs_are_found_in_the_formats_of_tape(
    size: str, order: str, encode: tuple[str, ...], found: str | None, tmp_path: Path
) -> None:
    info = probe(moving(tmp_path, "tape.avi", *encode, order=order, mark="prog", size=size))
    assert info.fields == found


@pytest.mark.parametrize(
    ("size", "codec", "progressive", "fps"),
    [((1920, 1080), "h264", True, 30), ((320, 240), "mjpeg", False, 25), ((720, 576), "gif", False, 25)],
)
def test_other_formats_are_not_searched_for_combs(size, codec: str, progressive: bool, fps: int) -> None:
    film = Film(0, codec, size, progressive=progressive)
    assert find_fields(Path("no such file"), film, Fraction(fps)) is None


def test_progressive_frames_of_a_file_marked_as_interlaced_stay(info_of: InfoOf) -> None:
    info = info_of("h264.mp4")
    with read_frames(replace(info, fields="auto")) as filtered, read_frames(info) as plain:
        for one, other in zip(filtered, plain, strict=True):
            np.testing.assert_array_equal(one, other)
    assert filtered.frame_count == FRAMES


@pytest.mark.parametrize(
    ("text", "pixels", "colour", "fields", "progressive"),
    [
        ("h264 (High), yuv420p(tv, bt709, top coded first (swapped)), 720x576 [SAR 1:1 DAR 5:4]",
         "yuv420p", ("unknown", "unknown", "unknown"), "tff", False),
        ("mjpeg (Baseline) (jpeg / 0x6765706A), yuvj420p(pc, bt470bg/unknown/unknown, bottom first), 64x48",
         "yuvj420p", ("bt470bg", "unknown", "unknown"), "bff", False),
    ],
)  # fmt: skip
def test_the_header_says_how_pixels_are_stored(text: str, pixels: str, colour, fields, progressive: bool) -> None:
    reader = HeaderReader()
    for line in ("Input #0, mov,mp4, from 'x':", f"  Stream #0:0: Video: {text}"):
        reader.is_complaint(line)
    [film] = reader.header().films
    assert (film.pixel_format, film.colour, film.fields) == (pixels, colour, fields)
    assert film.progressive == progressive
