"""Burned-in labels are on the right frames, and everything else stays as it was."""

import sys

import numpy as np
import pytest

from har.errors import StopRequested
from har.progress import Progress, Stage
from har.render import burn_in
from har.video import probe
from tests.jobs import job_functions
from tests.render.conftest import (
    bar_labels,
    changing_labels,
    check_each_frame_shows_its_own_label,
    frames_of,
    labels_at,
    make_video,
    packets_of,
    text_pixels,
)
from tests.video.conftest import ffmpeg, read_times

pytestmark = pytest.mark.media

TONE = ("-f", "lavfi", "-i", "sine=d=1:r=44100")


@pytest.mark.promise("numbers", "Every frame of the labelled video shows its own label")
@pytest.mark.parametrize("rate", ["12", "60", "480"])
def test_each_frame_shows_its_own_label(tmp_path, rate):
    source = make_video(tmp_path / "in.mp4", rate=rate, seconds=1.0)
    check_each_frame_shows_its_own_label(source, tmp_path / "out.mp4")


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv", "in.ts"])
def test_each_frame_shows_its_own_label_at_a_variable_rate(tmp_path, name):
    """Intervals are between 3 and 60 ms; Matroska counts in milliseconds."""
    steps = "0.0038*mod(N\\,5)*mod(N\\,3)+0.033*N"
    wobble = ("-vf", f"settb=1/90000,setpts='({steps})/TB'", "-fps_mode", "passthrough", "-enc_time_base", "1:90000")
    source = make_video(tmp_path / name, *wobble, "-c:v", "libx264", "-preset", "ultrafast", seconds=2.0)
    times = read_times(source)
    assert len(np.unique(np.diff(times).round(3))) > 5
    check_each_frame_shows_its_own_label(source, tmp_path / "out.mp4")
    np.testing.assert_allclose(read_times(tmp_path / "out.mp4"), times, atol=2e-5)


def test_text_changes_on_the_same_frame_as_the_bar(tmp_path):
    source = make_video(tmp_path / "in.mp4", rate="60", seconds=1.0, colour="black", size="320x240")
    times = read_times(source)
    index = changing_labels(len(times)) % 2
    top = np.where(index[:, None] == 0, [[0, -1, -1]], [[1, -1, -1]])
    labels = labels_at(times, index, ("i", "MMMMMMMM", "-"), top=top)
    burn_in(probe(source), labels, tmp_path / "out.mp4")
    bright = np.array([text_pixels(frame) for frame in frames_of(tmp_path / "out.mp4")])
    assert ((bright > bright.mean()) == (index == 1)).all()


@pytest.mark.promise("numbers", "Labelled videos keep frame rate, duration, times and sound")
@pytest.mark.parametrize(
    ("encode", "name"),
    [
        (("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"), "in.mp4"),
        (("-c:v", "mpeg4", "-c:a", "mp3"), "in.avi"),
        (("-c:v", "mjpeg", "-c:a", "pcm_s16le"), "in.mov"),
        (("-c:v", "mpeg2video", "-c:a", "mp2"), "in.mpg"),
        (("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"), "in.ts"),
        (("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus"), "in.webm"),
    ],
)
def test_rate_duration_times_and_sound_are_kept(tmp_path, encode, name):
    source = make_video(tmp_path / name, *encode, rate="30000/1001", seconds=1.001, inputs=TONE)
    check_each_frame_shows_its_own_label(source, tmp_path / "out.mp4")
    info, out = probe(source), probe(tmp_path / "out.mp4")
    assert (out.codec, out.has_audio, out.width, out.height) == ("h264", True, info.width, info.height)
    assert abs(out.duration_sec - info.duration_sec) < 0.1
    np.testing.assert_allclose(read_times(out), read_times(info), atol=2e-5)
    if info.container not in ("matroska", "webm"):  # these round times to milliseconds
        assert out.fps == info.fps


def test_sound_that_mp4_holds_is_copied_packet_by_packet_and_the_last_frame_keeps_its_duration(tmp_path):
    source = make_video(tmp_path / "in.mp4", rate="30000/1001", seconds=1.001, inputs=(*TONE, "-c:a", "aac"))
    burn_in(probe(source), labels_at(np.arange(30) * 1001 / 30000, [0] * 30), tmp_path / "out.mp4")
    assert packets_of(tmp_path / "out.mp4", "0:a:0") == packets_of(source, "0:a:0")
    shown, original = ([packet[:2] for packet in packets_of(path, "0:V:0")] for path in (tmp_path / "out.mp4", source))
    assert shown == original


@pytest.mark.parametrize(
    ("encode", "name"),
    [
        (("-c:v", "mpeg4", "-c:a", "mp3", "-ar", "8000"), "in.avi"),  # MP4 does not allow MP3 at this rate
        (("-c:v", "libx264", "-g", "5", "-preset", "ultrafast", "-c:a", "aac"), "in.ts"),
    ],
)
def test_damaged_sound_and_unsupported_sound_are_converted(tmp_path, encode, name):
    tone = ("-f", "lavfi", "-i", "sine=d=4")
    content = bytearray(make_video(tmp_path / name, *encode, seconds=4.0, inputs=tone).read_bytes())
    for at in np.random.default_rng(0).integers(len(content) // 4, len(content), 60 * (name == "in.ts")).tolist():
        content[at] ^= 0xFF
    (tmp_path / name).write_bytes(content)
    check_each_frame_shows_its_own_label(tmp_path / name, tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").has_audio


@pytest.mark.parametrize("name", ["in.mp4", "in.gif"])
def test_a_last_frame_that_is_held_keeps_its_duration(tmp_path, name):
    source = make_video(tmp_path / "plain.mp4", seconds=1.0, rate="20")
    held = "setts=pts=PTS:dts=DTS:duration='if(gte(PTS*TB,0.949),4/TB,DURATION)'"
    more = ("-c", "copy", "-bsf:v", held) if name == "in.mp4" else ("-final_delay", "400")
    ffmpeg("-i", source, *more, tmp_path / name)
    info = probe(tmp_path / name)
    times = read_times(info)
    burn_in(info, labels_at(times, [0] * len(times)), tmp_path / "out.mp4")
    assert probe(tmp_path / "out.mp4").duration_sec == pytest.approx(4.95, abs=0.01)
    np.testing.assert_allclose(read_times(tmp_path / "out.mp4"), times, atol=2e-5)


def test_a_picture_that_is_turned_is_fitted_and_not_squeezed(tmp_path):
    for number, size in enumerate(("161x121", "120x160")):
        make_video(tmp_path / f"part{number}.ts", "-c:v", "mjpeg", "-f", "matroska", size=size, seconds=0.4)
    parts = "".join(f"file '{tmp_path}/part{number}.ts'\n" for number in (0, 1))
    (tmp_path / "parts.txt").write_text(parts)
    ffmpeg("-f", "concat", "-safe", "0", "-i", tmp_path / "parts.txt", "-c", "copy", tmp_path / "in.mkv")
    check_each_frame_shows_its_own_label(tmp_path / "in.mkv", tmp_path / "out.mp4")
    frames = frames_of(tmp_path / "out.mp4")
    assert frames.shape == (20, 122, 162, 3)
    below = frames[:, 70:110]  # of the panel
    assert below[:10, :, 4:156].min() > 180
    assert below[10:, :, :28].max() < 40
    assert below[10:, :, 40:120].min() > 180


def test_odd_sizes_rotation_and_pixel_aspect_are_normalised(tmp_path):
    odd = make_video(tmp_path / "odd.gif", "-c:v", "gif", size="161x119", seconds=0.2)
    plain = make_video(tmp_path / "plain.mp4", size="160x90", seconds=0.2)
    ffmpeg("-display_rotation", "90", "-i", plain, "-c", "copy", tmp_path / "turned.mp4")
    sar = ("-vf", "setsar=16/15", "-c:v", "libx264")
    wide = make_video(tmp_path / "wide.mp4", *sar, size="180x144", seconds=0.2)
    for path, size in ((odd, (162, 120)), (tmp_path / "turned.mp4", (90, 160)), (wide, (192, 144))):
        count = len(times := read_times(path))
        burn_in(probe(path), labels_at(times, [0] * count), tmp_path / "out.mp4")
        out = probe(tmp_path / "out.mp4")
        assert (out.width, out.height) == size
        header = ffmpeg("-i", tmp_path / "out.mp4", "-c", "copy", "-f", "framecrc", "-").decode()
        assert f"#dimensions 0: {size[0]}x{size[1]}" in header
        assert "#sar 0: 1/1" in header


def test_text_is_drawn_without_installed_fonts(tmp_path, only_our_font):
    source = make_video(tmp_path / "in.mp4", seconds=0.2, colour="black")
    labels = labels_at(np.arange(5) / 25, [0] * 5, ("squat", "jump", "walk"))
    burn_in(probe(source), labels, tmp_path / "out.mp4")
    bright = [text_pixels(frame) for frame in frames_of(tmp_path / "out.mp4")]
    assert min(bright) > 150  # of 19200


HDR = ("-vf", "format=gbrpf32le,zscale=pin=709:tin=iec61966-2-1:min=gbr:p=2020:t=arib-std-b67:m=2020_ncl:npl=203:r=tv")


@pytest.mark.parametrize(
    ("name", "encode"),
    [
        ("in.gif", ()),
        ("hlg.mp4", (*HDR, "-pix_fmt", "yuv420p10le", "-c:v", "libx264")),
        ("combed.mp4", ("-vf", "setfield=tff", "-c:v", "libx264", "-flags", "+ildct+ilme")),
    ],
)
def test_colours_are_those_of_the_original_on_an_ordinary_screen(tmp_path, name, encode):
    tags = ("-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc")
    options = (*encode, *(tags if name == "hlg.mp4" else ()))
    source = make_video(tmp_path / name, *(options or ("-c:v", "gif")), seconds=0.2, colour="0xBE0000")
    times = read_times(source)
    burn_in(probe(source), labels_at(times, [0] * len(times)), tmp_path / "out.mp4")
    np.testing.assert_allclose(frames_of(tmp_path / "out.mp4")[:, -20:].mean(axis=(0, 1, 2)), (190, 0, 0), atol=4)
    content = (tmp_path / "out.mp4").read_bytes()
    if name != "combed.mp4":
        assert content[content.index(b"colrnclx") + 8 :][:6] == bytes((0, 1, 0, 1, 0, 1))  # BT.709
    assert probe(tmp_path / "out.mp4").progressive


def test_sound_of_unusual_channels_is_mixed_down(tmp_path):
    tone = ("-f", "lavfi", "-i", "anullsrc=cl=FL:d=1:r=48000", "-c:v", "mjpeg", "-c:a", "pcm_s16le")
    source = make_video(tmp_path / "in.mov", seconds=1.0, inputs=tone)
    burn_in(probe(source), labels_at(np.arange(25) / 25, [0] * 25), tmp_path / "out.mp4", on_remark=pytest.fail)
    assert probe(tmp_path / "out.mp4").audio_layout == "stereo"


def test_folder_names_need_no_escaping(tmp_path):
    place = tmp_path / "it's a: [test], 100%;\\ ü"
    place.mkdir()
    source = make_video(place / "in.mp4", seconds=0.2)
    labels = labels_at(np.arange(5) / 25, [0, 0, 1, 1, -1])
    burn_in(probe(source), labels, place / "out.mp4")
    assert bar_labels(frames_of(place / "out.mp4"), labels) == [0, 0, 1, 1, -1]
    assert sorted(path.name for path in place.iterdir()) == ["in.mp4", "out.mp4"]


def test_stopping_keeps_the_earlier_file(tmp_path):
    source = make_video(tmp_path / "in.mp4", seconds=1.0)
    (tmp_path / "out.mp4").write_text("an earlier result")

    def stop(progress: Progress) -> None:
        assert progress.stage is Stage.WRITE_VIDEO
        raise StopRequested

    with pytest.raises(StopRequested):
        burn_in(probe(source), labels_at(np.arange(25) / 25, [0] * 25), tmp_path / "out.mp4", on_progress=stop)
    assert (tmp_path / "out.mp4").read_text() == "an earlier result"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]


@pytest.mark.promise("private", "Downloaded videos have no metadata of the original")
def test_metadata_is_removed_and_output_is_reproducible(tmp_path):
    private = ("-metadata", "title=secret place", "-metadata", "location=+48.1+11.5/")
    source = make_video(tmp_path / "in.mp4", *private, "-c:v", "libx264", seconds=0.2)
    assert b"secret place" in source.read_bytes()
    for name in ("out.mp4", "again.mp4"):
        burn_in(probe(source), labels_at(np.arange(5) / 25, changing_labels(5)), tmp_path / name)
    content = (tmp_path / "out.mp4").read_bytes()
    assert content == (tmp_path / "again.mp4").read_bytes()
    assert b"secret place" not in content
    assert b"+48.1" not in content
    assert b"Lavf" not in content
    assert content.index(b"moov") < content.index(b"mdat")


def test_memory_is_released_before_and_saved_while_encoding(tmp_path):
    """Pages of libraries are released first, and x264 looks few frames ahead."""
    (tmp_path / "library.so").write_bytes(bytes(1 << 20))
    assert job_functions.load_library(tmp_path / "library.so", print) == 1 << 20
    source = make_video(tmp_path / "in.mp4", seconds=1.0)
    burn_in(probe(source), labels_at(np.arange(25) / 25, changing_labels(25)), tmp_path / "out.mp4")
    if sys.platform.startswith("linux"):
        assert job_functions.resident_bytes(tmp_path / "library.so", print) == 0
    assert b" rc_lookahead=3 " in (tmp_path / "out.mp4").read_bytes()
