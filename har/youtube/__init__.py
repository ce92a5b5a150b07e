"""Stretches of videos on YouTube: yt-dlp finds where a video is, and our own bounded ffmpeg fetches the stretch.

address → parse → look (title, length, where its streams are) → fetch (an MP4 of the stretch)
"""

from har.youtube.address import VideoAddress, is_address, parse, seconds
from har.youtube.fetch import Fetching
from har.youtube.listing import Listing, clean
from har.youtube.look import look
from har.youtube.retry import get
from har.youtube.together import Looks

__all__ = ["Fetching", "Listing", "Looks", "VideoAddress", "clean", "get", "is_address", "look", "parse", "seconds"]
