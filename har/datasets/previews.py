"""Small moving pictures of videos for pages, made once and kept while there is room."""

from fractions import Fraction
from pathlib import Path

from har.datasets.dataset import LabelledVideo
from har.datasets.facts import video_info
from har.errors import NoFrames
from har.settings import settings
from har.storage import quota
from har.storage.cache import cache_key, preview_cache
from har.video import VideoInfo, input_arguments, make_preview, run_ffmpeg
from har.video.checks import check_file

SPRITE_COUNT = 12  # pictures of a strip, side by side
SPRITE_WIDTH, SPRITE_HEIGHT = 160, 120  # of each, in pixels
SPRITE_FPS = 5  # to be shown at: as fast as it was

_VERSION = 1  # raise it when strips come to look otherwise
_QUALITY = 7  # of JPEG, as ffmpeg counts: 2 is best, 31 is worst


@quota.raising_disk_full()
def sprite_sheet(video: LabelledVideo) -> Path:
    """A JPEG of `SPRITE_COUNT` pictures side by side: 2.4 seconds from the middle of a video.

    A video that is shorter is spread over all the pictures, and so moves slower at `SPRITE_FPS`.

    Args:
        video: its file must be there; see `har.datasets.ensure_drawn` for generated ones.

    Returns:
        A file that may go when room is needed: read it soon.

    Raises:
        VideoMissing: no such file.
        VideoError: it cannot be read.
        DiskFull: there is no room for it.
    """
    check_file(video.path)
    key = _key(video.path, "strip")
    found = preview_cache().find(key)
    if found:
        return found
    info = video_info(video)
    with preview_cache().writing(key) as beside:
        long_sec = min(SPRITE_COUNT / SPRITE_FPS, info.duration_sec)
        _write_strip(info, (info.duration_sec - long_sec) / 2, long_sec, beside)
        if beside.stat().st_size == 0:  # a damaged file may announce a middle that it has not
            _write_strip(info, 0.0, long_sec, beside)
        if beside.stat().st_size == 0:
            raise NoFrames(
                f"No frame of {video.path.name} could be decoded.",
                "A video has at least one picture that can be shown.",
                "Check that it plays, or convert it to MP4 (H.264) first.",
            )
    return beside.with_name(key)


def find_sprite_sheet(video: LabelledVideo) -> Path | None:
    """The strip of a video if it was made before: an answer at once, for pages of hundreds of them."""
    try:
        key = _key(video.path, "strip")
    except FileNotFoundError:
        return None
    return preview_cache().find(key)


@quota.raising_disk_full()
def playable_copy(video: LabelledVideo) -> Path:
    """A small MP4 copy of a video that any browser plays.

    Args:
        video: its file must be there; see `har.datasets.ensure_drawn` for generated ones.

    Returns:
        A file that may go when room is needed: read it soon.

    Raises:
        VideoMissing: no such file.
        VideoError: it cannot be read.
        DiskFull: there is no room for it.
    """
    check_file(video.path)
    key = _key(video.path, "playable", settings().preview_short_side)
    found = preview_cache().find(key)
    if found:
        return found
    with preview_cache().writing(key) as beside:
        make_preview(video_info(video), beside, mark=key)
    return beside.with_name(key)


def _write_strip(info: VideoInfo, start_sec: float, long_sec: float, out: Path) -> None:
    rate = Fraction(SPRITE_COUNT / long_sec).limit_denominator(10_000)
    factor = max(SPRITE_WIDTH / info.width, SPRITE_HEIGHT / info.height)
    width, height = max(SPRITE_WIDTH, round(info.width * factor)), max(SPRITE_HEIGHT, round(info.height * factor))
    filters = [
        "setpts=PTS-STARTPTS",
        f"fps={rate.numerator}/{rate.denominator}",
        f"scale={width}:{height}:flags=bilinear:out_range=full",
        f"crop={SPRITE_WIDTH}:{SPRITE_HEIGHT}",
        "setsar=1",
        "format=yuvj420p",
        f"tpad=stop_mode=clone:stop={SPRITE_COUNT - 1}",  # rounding, or a damaged file, may leave it short of some
        f"tile={SPRITE_COUNT}x1",
    ]
    before = ["-ss", f"{start_sec:.6f}"] if start_sec > 0 else []
    picture = ["-map", "0:V:0", "-vf", ",".join(filters), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", str(_QUALITY)]
    run_ffmpeg([*input_arguments(info.path, *before), *picture, "-f", "mjpeg", "-y", f"file:{out}"])


def _key(path: Path, *parts: object) -> str:
    """Tells files apart without reading them, so that a page of many is quick."""
    status = path.stat()
    return cache_key(path.absolute(), status.st_size, status.st_mtime_ns, _VERSION, *parts)
