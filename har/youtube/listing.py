"""What is known of a video before any of it is fetched, from what yt-dlp found. Nothing of it is taken on trust."""

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from har.errors import YouTubeUnavailable
from har.settings import settings
from har.youtube.hosts import may_fetch

_LONGEST_TITLE = 120
_LONGEST_SEC = 200 * 3600  # YouTube's limit is 12 hours; a stream that ran for a week has been seen
_CODECS = ("avc1", "vp9", "vp09", "av01")  # in the order of how quickly they are decoded
_SOUND_KBPS = 64  # what is enough to follow a video
NOT_YET = {
    "is_live": ("The video is being sent live.", "When the stream is over, it is a video like others."),
    "is_upcoming": ("The video has not been shown yet.", "It can be had when it has been."),
    "post_live": ("The stream is over, but YouTube has not finished its recording.", "That takes some hours."),
}  # yt-dlp's words for it, and ours
_UPLOAD = "Download the clip in another way and upload it."


@dataclass(frozen=True)
class Media:
    """One stream of a video: where it is, and as whom to ask for it."""

    url: str  # signed by YouTube for this machine, and valid for some hours; shown to nobody
    user_agent: str | None


@dataclass(frozen=True)
class Listing:
    """A video that can be fetched."""

    video_id: str
    title: str  # a stranger's words, without control signs and not long; no markup is taken out of it
    channel: str
    duration_sec: float
    short_side: int  # pixels of the chosen format
    video: Media
    sound: Media | None  # None: in `video`, or there is none

    @property
    def thumbnail(self) -> str:
        """Address of a small picture, built from the id: what YouTube names is not passed on to browsers."""
        return f"https://i.ytimg.com/vi/{self.video_id}/mqdefault.jpg"


def read(info: Mapping[str, Any], video_id: str) -> Listing:
    """Read what yt-dlp found, in the shape of its information dictionaries.

    Args:
        info: with formats.
        video_id: whom was asked for.

    Raises:
        YouTubeUnavailable: another video came back, it is live, its length is not told, or no format will do.
    """
    if info.get("id") != video_id:
        raise YouTubeUnavailable("YouTube answers with another video.", "Only the one asked for is taken.", _UPLOAD)
    _check_live(info.get("live_status") or ("is_live" if info.get("is_live") else ""))
    duration_sec = _number(info.get("duration"))
    if not 0 < duration_sec < _LONGEST_SEC:
        raise YouTubeUnavailable("YouTube does not tell how long the video is.", "A video has an end.", _UPLOAD)
    video, sound = choose(info.get("formats") or [])
    return Listing(
        video_id=video_id,
        title=clean(info.get("title")) or "A video without a title",
        channel=clean(info.get("channel") or info.get("uploader")),
        duration_sec=duration_sec,
        short_side=int(_short_side(video)),
        video=_media(video),
        sound=_media(sound) if sound is not None else None,
    )


def choose(formats: list[Mapping[str, Any]]) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
    """The video to fetch, and the sound to go with it where it lies apart.

    Of whole files with an address of their own, the largest video whose short side is within `settings`, or else the
    smallest. Lists of small pieces (HLS, DASH) are left aside: ffmpeg would follow them wherever they lead.

    Raises:
        YouTubeUnavailable: there is none.
    """
    usable = [of for of in formats if _is_file(of)]
    videos = [of for of in usable if of.get("vcodec") != "none" and _short_side(of) > 0]
    if not videos:
        in_pieces = any(str(of.get("protocol")).startswith(("m3u8", "http_dash")) for of in formats)
        received = "only as a stream in many small pieces" if in_pieces else "in no form that can be fetched here"
        raise YouTubeUnavailable(
            f"YouTube offers this video {received}.",
            "A file that can be fetched from any place on is needed.",
            f"Try again later. Or: {_UPLOAD}",
        )
    limit = settings().youtube_short_side
    small = [of for of in videos if _short_side(of) <= limit]
    side = max(map(_short_side, small)) if small else min(map(_short_side, videos))
    video = min((of for of in videos if _short_side(of) == side), key=_cost)
    if video.get("acodec") != "none":
        return video, None
    sounds = [of for of in usable if of.get("vcodec") == "none" and of.get("acodec") not in (None, "none")]
    return video, min(sounds, key=_cost_of_sound, default=None)


def clean(text: object) -> str:
    """A stranger's words on one short line, without signs that steer: control, direction, invisible, piled-up."""
    if not isinstance(text, str):
        return ""
    kept, accents = [], 0
    for sign in unicodedata.normalize("NFC", text[: 10 * _LONGEST_TITLE]):
        accents = accents + 1 if unicodedata.combining(sign) else 0
        if sign.isspace() or unicodedata.category(sign)[0] in "CZ":
            kept.append(" " if sign.isspace() or unicodedata.category(sign) == "Cc" else "")
        elif accents <= 2:
            kept.append(sign)
    line = " ".join("".join(kept).split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1].rstrip()}…"


def _check_live(status: str) -> None:
    if status in NOT_YET:
        received, expected = NOT_YET[status]
        raise YouTubeUnavailable(received, expected, "Try again then, or choose another video.")


def _is_file(of: Mapping[str, Any]) -> bool:
    url = of.get("url")
    whole = of.get("protocol") in ("https", "http") and not of.get("fragments") and not of.get("has_drm")
    return whole and isinstance(url, str) and may_fetch(url)


def _short_side(of: Mapping[str, Any]) -> float:
    sides = [_number(of.get("width")), _number(of.get("height"))]
    return min(sides) if all(sides) else max(sides)


def _cost(of: Mapping[str, Any]) -> tuple[float, ...]:
    """Less is better, among formats of one size."""
    codec = str(of.get("vcodec"))
    place = next((place for place, known in enumerate(_CODECS) if codec.startswith(known)), len(_CODECS))
    return -_number(of.get("preference")), place, _number(of.get("tbr")) or math.inf


def _cost_of_sound(of: Mapping[str, Any]) -> tuple[float, ...]:
    """Less is better: the original language, then the smallest that is clear enough."""
    kbps = _number(of.get("abr")) or _number(of.get("tbr"))
    return -_number(of.get("language_preference")), kbps < _SOUND_KBPS, abs(kbps - _SOUND_KBPS)


def _media(of: Mapping[str, Any]) -> Media:
    agent = (of.get("http_headers") or {}).get("User-Agent")
    plain = isinstance(agent, str) and re.fullmatch(r"[ -~]{1,500}", agent)
    return Media(of["url"], agent if plain else None)


def _number(value: object) -> float:
    """What ought to be a number; 0 where it is none."""
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 and math.isfinite(value) else 0.0
