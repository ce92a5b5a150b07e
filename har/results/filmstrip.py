"""The filmstrip of a result: small frames of the video at equal intervals, shown under the timeline."""

from pathlib import Path

from har.datasets.previews import unchanged, write_sprites
from har.errors import AnnotationMissing
from har.results.store import playable_file
from har.storage import atomic, quota
from har.video import probe

FRAMES = 24  # in one row, as in ui/assets/player/timeline.js
_SIZE = (96, 72)  # of each, in pixels
_LONG_SEC = 60.0  # of longer videos, only key frames are decoded
_FILE = "filmstrip.jpg"


def find_filmstrip(folder: Path) -> Path | None:
    """The filmstrip in a result's folder, a JPEG, if it has been written."""
    path = folder / _FILE
    return path if path.exists() else None


@quota.raising_disk_full()
def write_filmstrip(folder: Path) -> None:
    """Write the filmstrip of the video that a result plays. The folder is kept for as long as before.

    Raises:
        AnnotationMissing: there is no video to play.
        VideoError: it cannot be read.
        DiskFull: there is no room for it.
    """
    video = playable_file(folder)
    if video is None:
        raise AnnotationMissing("This result has no video.", "A video was expected.", "Annotate the video again.")
    info = probe(video)
    with unchanged(folder), atomic.replacing(folder / _FILE) as path:
        is_long = info.duration_sec > _LONG_SEC
        write_sprites(info, 0.0, info.duration_sec, path, count=FRAMES, size=_SIZE, key_frames_only=is_long)
