"""What can be said against a file before ffmpeg is let at it."""

import re
from pathlib import Path

from har.errors import PlaylistRefused, VideoEmpty, VideoMissing, VideoTooBig, VideoTooLong
from har.settings import MIB, settings

MAX_FRAMES = 1 << 22  # more than any video within the limits has: 15 minutes at 240 a second are 216,000
_HEAD_BYTES = 8192

# Beginnings of files that name other files: HLS, ffmpeg's own list, Winamp's, QuickTime's and RealMedia's references.
_LISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"[reference]", b"rtsptext", b"rtsp://", b"http://", b"https://")
_LISTS_IN_XML = re.compile(rb"<(mpd|smil|playlist|asx|smoothstreamingmedia|wpl|rss|embed|assetmap)\b")
_CONCAT_SCRIPT = re.compile(rb"^\s*(file|stream|option|inpoint|duration)\s+\S", re.MULTILINE)


def check_file(path: Path) -> int:
    """Refuse what is no file, empty, too big, or a list of other files.

    Returns:
        Size in bytes.

    Raises:
        VideoMissing, VideoEmpty, VideoTooBig, PlaylistRefused: as their names say.
    """
    if not path.is_file():
        raise VideoMissing(
            f"{path} is a folder." if path.is_dir() else f"There is no file {path}.",
            "A video file is expected.",
            "Check the name.",
        )
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise VideoEmpty(
            f"{path.name} is empty: 0 bytes.", "A video file is expected.", "Copy or download it once more."
        )
    check_size(path.name, size_bytes)
    if is_playlist(_head(path)):
        raise PlaylistRefused(
            f"{path.name} is a list of other files or addresses, not a video.",
            "A file that holds its pictures itself is expected.",
            "Download the video that the list points to, and use that.",
        )
    return size_bytes


def check_size(name: str, size_bytes: int) -> None:
    """Refuse a file of that name with so many bytes.

    Raises:
        VideoTooBig: they are more than the limit.
    """
    limit = settings().max_video_bytes
    if size_bytes > limit:
        raise VideoTooBig(
            f"{name} has {size_bytes / MIB:.0f} MiB.",
            f"At most {limit / MIB:.0f} MiB are allowed.",
            "Cut it, or save it smaller; HAR_MAX_VIDEO_BYTES raises the limit.",
        )


def too_long(path: Path) -> VideoTooLong:
    """A video of more seconds, or more frames, than are allowed."""
    limit = settings().max_video_sec
    return VideoTooLong(
        f"{path.name} is longer than {limit / 60:g} minutes.",
        f"At most {limit / 60:g} minutes are allowed.",
        "Cut out the part that matters; HAR_MAX_VIDEO_SEC raises the limit.",
    )


def is_playlist(head: bytes) -> bool:
    """Whether a file that begins so is a list of other files: HLS, DASH, concat and their like."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_LISTS):
        return True
    if text.startswith(b"<"):
        return _LISTS_IN_XML.search(text) is not None
    return b"\0" not in text and _CONCAT_SCRIPT.match(text) is not None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
