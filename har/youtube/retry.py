"""Fetching, with one new look where the addresses of an earlier one are no longer good."""

from pathlib import Path

from har.youtube.address import VideoAddress
from har.youtube.fetch import OnEvent, fetch, ignore
from har.youtube.listing import Listing
from har.youtube.look import look
from har.youtube.relay import Expired


def get(listing: Listing, start_sec: float, end_sec: float, target: Path, on_event: OnEvent = ignore) -> Path:
    """`fetch` a stretch. YouTube signs addresses for one machine and some hours: where they are refused, look anew.

    Raises:
        YouTubeError, OptionsError, VideoTooLong, VideoTooBig: as `look` and `fetch`.
    """
    try:
        return fetch(listing, start_sec, end_sec, target, on_event)
    except Expired:
        return fetch(look(VideoAddress(listing.video_id)), start_sec, end_sec, target, on_event)
