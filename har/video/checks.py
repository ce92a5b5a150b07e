"""Checks of a file before ffmpeg opens it."""

import re
from pathlib import Path

from har.errors import NoFrames, PlaylistRefused, VideoEmpty, VideoMissing, VideoTooLarge, VideoTooLong
from har.settings import MIB, settings

MAX_FRAMES = 1 << 22  # more than any video within the limits has: 15 minutes at 240 per second are 216,000
_HEAD_BYTES = 8192

# First bytes of files that refer to other files: HLS, ffmpeg's concat, Winamp's, QuickTime's and RealMedia's lists.
_PLAYLISTS = (b"#extm3u", b"ffconcat", b"[playlist]", b"[reference]", b"rtsptext", b"rtsp://", b"http://", b"https://")
_XML_PLAYLISTS = re.compile(rb"<(mpd|smil|playlist|asx|smoothstreamingmedia|wpl|rss|embed|assetmap)\b")
_CONCAT_SCRIPT = re.compile(rb"^\s*(file|stream|option|inpoint|duration)\s+\S", re.MULTILINE)


def check_file(path: Path) -> int:
    """Check that a path is a file, not empty, not too large, and no list of other files.

    Returns:
        Size in bytes.

    Raises:
        VideoMissing, VideoEmpty, VideoTooLarge, PlaylistRefused: as their names say.
    """
    if not path.is_file():
        raise VideoMissing(
            f"{path} is a folder." if path.is_dir() else f"There is no file {path}.",
            "A video file was expected.",
            "Check the path.",
        )
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        raise VideoEmpty(f"{path.name} is empty: 0 bytes.", "A video file was expected.", "Copy or download it again.")
    check_size(path.name, size_bytes)
    if is_playlist(_head(path)):
        raise PlaylistRefused(
            f"{path.name} is a list of other files or URLs, not a video.",
            "The file itself must contain the video.",
            "Download the video that the list refers to, and use that file.",
        )
    return size_bytes


def check_size(name: str, size_bytes: int) -> None:
    """Check a file's size against the limit.

    Raises:
        VideoTooLarge: it exceeds the limit.
    """
    limit = settings().max_video_bytes
    if size_bytes > limit:
        raise VideoTooLarge(
            f"{name} is {size_bytes / MIB:.0f} MiB in size.",
            f"At most {limit / MIB:.0f} MiB are allowed.",
            "Shorten or compress it; HAR_MAX_VIDEO_BYTES raises the limit.",
        )


def too_long(path: Path) -> VideoTooLong:
    """The error for a video of more seconds, or frames, than allowed."""
    minutes = f"{round(settings().max_video_sec / 60, 1):g} minutes"
    return VideoTooLong(
        f"{path.name} is longer than {minutes}.",
        f"At most {minutes} are allowed.",
        "Trim it to the part that matters; HAR_MAX_VIDEO_SEC raises the limit.",
    )


def no_frames(path: Path, where: str = "") -> NoFrames:
    """The error for a video, or a part of it, without a frame that can be decoded."""
    return NoFrames(
        f"No frame of {path.name} could be decoded{where}.",
        "A video has at least one frame.",
        "Check that it plays, or convert it to MP4 (H.264) first.",
    )


def is_playlist(head: bytes) -> bool:
    """Whether a file with this beginning is a list of other files: HLS, DASH, concat and the like."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_PLAYLISTS):
        return True
    if text.startswith(b"<"):
        return _XML_PLAYLISTS.search(text) is not None
    return b"\0" not in text and _CONCAT_SCRIPT.match(text) is not None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)
