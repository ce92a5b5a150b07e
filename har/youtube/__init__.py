"""Sections of YouTube videos: yt-dlp finds the streams, and our own bounded ffmpeg fetches the section.

`parse_address` → `look_up` (title, length, streams) → `fetch_section` (an MP4 of the section)
"""

from har.youtube.address import VideoAddress, is_address, parse_address, parse_seconds
from har.youtube.details import VideoDetails, clean
from har.youtube.fetch import fetch_section
from har.youtube.lookup import look_up
from har.youtube.shared_lookups import SharedLookups
