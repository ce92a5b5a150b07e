"""What is known of a video before it is fetched, from yt-dlp's answer. Nothing in it is trusted."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from har.errors import YouTubeUnavailable
from har.settings import settings
from har.youtube.hosts import is_allowed_media_url

_MAX_TITLE_LENGTH = 120
_MAX_DURATION_SEC = 200 * 3600  # YouTube's limit is 12 hours; recordings of week-long streams exist
_CODECS = ("avc1", "vp9", "vp09", "av01")  # fastest to decode first
_SOUND_KBPS = 64  # enough to follow a video
NOT_RECORDED_YET = {  # yt-dlp's `live_status`: messages
    "is_live": ("The video is a live stream.", "A recording is available once the stream is over."),
    "is_upcoming": ("The video has not been published yet.", "It is available after its premiere."),
    "post_live": ("The stream is over, but YouTube has not finished its recording.", "That takes a few hours."),
}
_UPLOAD = "Download the clip in another way and upload it."


@dataclass(frozen=True)
class Media:
    """A stream of a video, and how to request it."""

    url: str  # signed by YouTube for this machine and some hours; secret
    user_agent: str | None


@dataclass(frozen=True)
class VideoDetails:
    """A video that can be fetched."""

    video_id: str
    title: str  # untrusted: cleaned of control characters and cut to length, but not of markup
    channel: str
    duration_sec: float
    video: Media
    sound: Media | None  # None: in `video`, or there is none

    @property
    def thumbnail(self) -> str:
        """URL of a small picture, built from the ID: URLs in YouTube's answer are not passed on to browsers."""
        return f"https://i.ytimg.com/vi/{self.video_id}/mqdefault.jpg"


def parse_info(info: Mapping[str, Any], video_id: str) -> VideoDetails:
    """Check and convert yt-dlp's information dictionary of the requested video.

    Raises:
        YouTubeUnavailable: it is another video or live, its length is missing, or no format can be used.
    """
    if info.get("id") != video_id:
        raise YouTubeUnavailable("YouTube returned a different video.", "It must be the requested one.", _UPLOAD)
    status = info.get("live_status") or ("is_live" if info.get("is_live") else "")
    if status in NOT_RECORDED_YET:
        raise YouTubeUnavailable(*NOT_RECORDED_YET[status], "Try again then, or choose another video.")
    duration_sec = _number(info.get("duration"))
    if not 0 < duration_sec < _MAX_DURATION_SEC:
        raise YouTubeUnavailable("YouTube does not report the length of this video.", "The length is needed.", _UPLOAD)
    video, sound = choose_formats(info.get("formats") or [])
    return VideoDetails(
        video_id=video_id,
        title=clean(info.get("title")) or "Untitled video",
        channel=clean(info.get("channel") or info.get("uploader")),
        duration_sec=duration_sec,
        video=_media(video),
        sound=_media(sound) if sound is not None else None,
    )


def choose_formats(formats: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The format to fetch, and that of the sound if it is a separate file.

    Of the formats that are single files, the largest picture whose short side is within `settings`, or else the
    smallest. Playlists of segments (HLS, DASH) are not used: ffmpeg would follow them to any server.

    Raises:
        YouTubeUnavailable: there is none.
    """
    usable = [form for form in formats if _is_file(form)]
    videos = [form for form in usable if form.get("vcodec") != "none" and _short_side(form) > 0]
    if not videos:
        segmented = any(str(form.get("protocol")).startswith(("m3u8", "http_dash")) for form in formats)
        received = "only as a segmented stream" if segmented else "in no format that can be fetched"
        raise YouTubeUnavailable(
            f"YouTube offers this video {received}.", "A single file is needed.", f"Try again later. Or: {_UPLOAD}"
        )
    limit = settings().youtube_short_side
    small = [form for form in videos if _short_side(form) <= limit]
    side = max(map(_short_side, small)) if small else min(map(_short_side, videos))
    video = min((form for form in videos if _short_side(form) == side), key=_video_cost)
    if video.get("acodec") != "none":
        return video, None
    sounds = [form for form in usable if form.get("vcodec") == "none" and form.get("acodec") not in (None, "none")]
    return video, min(sounds, key=_sound_cost, default=None)


def clean(text: object) -> str:
    """Untrusted text on one short line, without control, direction and invisible characters or stacked accents."""
    if not isinstance(text, str):
        return ""
    kept, accents = [], 0
    for character in unicodedata.normalize("NFC", text[: 10 * _MAX_TITLE_LENGTH]):
        accents = accents + 1 if unicodedata.combining(character) else 0
        if character.isspace() or unicodedata.category(character)[0] in "CZ":
            kept.append(" " if character.isspace() or unicodedata.category(character) == "Cc" else "")
        elif accents <= 2:
            kept.append(character)
    line = " ".join("".join(kept).split())
    return line if len(line) <= _MAX_TITLE_LENGTH else f"{line[: _MAX_TITLE_LENGTH - 1].rstrip()}…"


def _is_file(form: Mapping[str, Any]) -> bool:
    url = form.get("url")
    whole = form.get("protocol") in ("https", "http") and not form.get("fragments") and not form.get("has_drm")
    return whole and isinstance(url, str) and is_allowed_media_url(url)


def _short_side(form: Mapping[str, Any]) -> float:
    sides = [_number(form.get("width")), _number(form.get("height"))]
    return min(sides) if all(sides) else max(sides)


def _video_cost(form: Mapping[str, Any]) -> tuple[float, ...]:
    """Lowest is best, among formats of one size."""
    codec = str(form.get("vcodec"))
    rank = next((rank for rank, known in enumerate(_CODECS) if codec.startswith(known)), len(_CODECS))
    return -_number(form.get("preference")), rank, _number(form.get("tbr")) or math.inf


def _sound_cost(form: Mapping[str, Any]) -> tuple[float, ...]:
    """Lowest is best: the original language, then the smallest that is clear enough."""
    kbps = _number(form.get("abr")) or _number(form.get("tbr"))
    return -_number(form.get("language_preference")), kbps < _SOUND_KBPS, abs(kbps - _SOUND_KBPS)


def _media(form: Mapping[str, Any]) -> Media:
    agent = (form.get("http_headers") or {}).get("User-Agent")
    valid = isinstance(agent, str) and re.fullmatch(r"[ -~]{1,500}", agent)
    return Media(form["url"], agent if valid else None)


def _number(value: object) -> float:
    """A number; 0 for anything else."""
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 and math.isfinite(value) else 0.0
