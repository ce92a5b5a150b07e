"""Small videos encoded by ffmpeg, whose frames show their numbers."""

import subprocess
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from har.settings import Settings
from har.video import VideoInfo, probe, read_frames, write_video
from tests.video.barcode import HEIGHT, WIDTH, barcode, number

Override = Callable[..., Settings]  # of the fixture `override`

FRAMES = 50
FPS = 25


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test in this folder is marked `media`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("media")


def ffmpeg(*arguments: str | Path) -> bytes:
    """Run ffmpeg, and return what it writes to its output; a failure fails the test."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def first_frame(video: VideoInfo | Path, **options: object) -> np.ndarray:
    """The first frame of a video."""
    info = video if isinstance(video, VideoInfo) else probe(video)
    with read_frames(info, **options) as reader:  # type: ignore[arg-type]
        return next(reader)


def read_numbers(video: VideoInfo | Path, **options: object) -> list[int]:
    """The numbers that the frames of a video show."""
    info = video if isinstance(video, VideoInfo) else probe(video)
    with read_frames(info, **options) as reader:  # type: ignore[arg-type]
        return [number(frame) for frame in reader]


def read_times(video: VideoInfo | Path) -> np.ndarray:
    """When the frames of a video are shown, in seconds."""
    info = video if isinstance(video, VideoInfo) else probe(video)
    with read_frames(info, size=(2, 2), collect_times=True) as reader:
        for _ in reader:
            pass
    return reader.times_sec


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds, 25 frames a second, 160×120, no sound: frame n shows the number n."""
    path = tmp_path_factory.mktemp("source") / "source.mp4"
    write_video(path, (barcode(n) for n in range(FRAMES)), Fraction(FPS))
    assert (HEIGHT, WIDTH) == (120, 160)
    return path


SOUND = "-f lavfi -i sine=duration=2"
_UNEVEN = "-vf setpts=(N*0.04+floor(N/5)*0.1)/TB -fps_mode passthrough -enc_time_base 1/1000"
FORMATS = {  # ffmpeg's output options
    "h264.mp4": "-c:v libx264",
    "sound.mp4": f"{SOUND} -c:v libx264 -c:a aac -movflags +faststart",
    "hevc.mp4": "-c:v libx265 -x265-params log-level=none -tag:v hvc1",
    "vp9.webm": f"{SOUND} -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus",
    "av1.mkv": "-c:v libsvtav1 -preset 12 -crf 10 -svtav1-params lp=1",
    "xvid.avi": f"{SOUND} -c:v mpeg4 -vtag XVID -q:v 3 -c:a pcm_s16le",
    "libxvid.avi": f"{SOUND} -c:v libxvid -q:v 3 -c:a libmp3lame",
    "bframes.avi": "-c:v mpeg4 -bf 2 -q:v 3",
    "h264.avi": "-c:v libx264",
    "mjpeg.avi": "-c:v mjpeg -q:v 3 -pix_fmt yuvj420p",
    "mpeg1.mpg": f"{SOUND} -c:v mpeg1video -q:v 3 -c:a mp2",
    "mpeg2.ts": f"{SOUND} -c:v mpeg2video -q:v 3 -c:a mp2",
    "h264.mov": "-c:v libx264 -f mov",
    "h264.mkv": f"{SOUND} -c:v libx264 -c:a aac",
    "wmv2.wmv": f"{SOUND} -c:v wmv2 -q:v 3 -c:a wmav2",
    "flv1.flv": "-c:v flv1 -q:v 3",
    "theora.ogv": "-c:v libtheora -q:v 7",
    "small.gif": "",
    "ntsc.mp4": "-vf setpts=N*1001/30000/TB -r 30000/1001 -c:v libx264",
    "ntsc.mkv": "-vf setpts=N*1001/30000/TB -r 30000/1001 -c:v libx264",
    "variable.mp4": f"{_UNEVEN} -c:v libx264",
    "variable.mkv": f"{_UNEVEN} -c:v libx264",
    "late.mp4": f"{SOUND} -vf setpts=PTS+0.2/TB -fps_mode passthrough -enc_time_base 1/1000 -c:v libx264 -c:a aac",
    "odd.mp4": "-vf scale=161:121 -c:v libx264 -pix_fmt yuv444p",
    "wide.mp4": "-vf setsar=3/2 -c:v libx264",
    "tall.mp4": "-vf setsar=2/3 -c:v libx264",
    "absurd.mp4": "-vf setsar=1/200 -c:v libx264",
}

Make = Callable[[str], Path]
InfoOf = Callable[[str], VideoInfo]


@pytest.fixture(scope="session")
def make(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Encode the source into one of FORMATS, once a session."""
    folder = tmp_path_factory.mktemp("formats")

    def encode(name: str) -> Path:
        path = folder / name
        if not path.exists():
            ffmpeg("-i", source, *FORMATS[name].split(), path)
        return path

    return encode


@pytest.fixture(scope="session")
def info_of(make: Make) -> InfoOf:
    """What `probe` says of the source in one of FORMATS, within the usual limits."""
    return cache(lambda name: probe(make(name)))
