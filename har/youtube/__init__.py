"""Stretches of YouTube videos: yt-dlp finds the streams, and our own bounded ffmpeg fetches the stretch.

`parse_address` → `look_up` (title, length, streams) → `fetch_stretch` (an MP4 of the stretch)
"""

from har.youtube.address import VideoAddress, is_address, parse_address, parse_seconds
from har.youtube.details import VideoDetails, clean
from har.youtube.fetch import fetch_stretch
from har.youtube.lookup import look_up
from har.youtube.shared_lookups import SharedLookups

__all__ = [
    "SharedLookups",
    "VideoAddress",
    "VideoDetails",
    "clean",
    "fetch_stretch",
    "is_address",
    "look_up",
    "parse_address",
    "parse_seconds",
]
