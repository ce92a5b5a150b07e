"""From whatever somebody pastes to the id of one video on YouTube. Nothing is asked of anybody here.

Only the id goes on from here: every address that is asked later is built anew from it.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from har.errors import AddressRefused
from har.settings import settings

_LONGEST = 2000  # characters; what browsers make of a long playlist and its trackers has a few hundred
_MOST_FIELDS = 60
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.I)  # a number behind the colon is a port
_BEFORE_ID = ("shorts", "embed", "live", "v", "e")
_CHANNELS = ("channel", "c", "user")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)")
_UNITS = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,7}(?:\.\d{1,6})?)s?)?", re.I)
_WANTED = (
    "The address of one video on YouTube is expected, such as https://www.youtube.com/watch?v=… or https://youtu.be/…."
)
_COPY = "Open the video and copy its address."


@dataclass(frozen=True)
class VideoAddress:
    """A video on YouTube."""

    video_id: str  # 11 letters, digits, - and _
    start_sec: float = 0.0  # where `t=` wants to begin

    @property
    def url(self) -> str:
        """Its page, built from the id alone."""
        return f"https://www.youtube.com/watch?v={self.video_id}"


def parse(text: str) -> VideoAddress:
    """Take an address apart: watch, youtu.be, shorts, embed and live, with `t=` or `start=`.

    >>> parse("youtu.be/aqz-KE-bpKQ?t=1m30s")
    VideoAddress(video_id='aqz-KE-bpKQ', start_sec=90.0)

    Args:
        text: as pasted; the scheme may be missing. A playlist that the video was found in is left aside.

    Raises:
        AddressRefused: it leads to another server, or to something that is not one video.
    """
    parts = _split(text.strip())
    host = _host(parts)
    try:
        query = parse_qs(parts.query, max_num_fields=_MOST_FIELDS)
        behind = parse_qs(parts.fragment, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise _refused("The address has too many parts.") from error
    path = [part for part in parts.path.split("/") if part]
    video_id = path[0] if host == "youtu.be" and path else _id(path, query)
    if not _ID.fullmatch(video_id):
        raise AddressRefused("The address names no video that can be.", "A video's name has 11 characters.", _COPY)
    times = [values[-1] for fields in (query, behind) for key in ("t", "start") if (values := fields.get(key))]
    return VideoAddress(video_id, next((start for time in times if (start := seconds(time)) is not None), 0.0))


def is_address(text: str) -> bool:
    """Whether this is meant as an address on the web rather than as a file's name; `parse` says whether it will do."""
    start = text.strip().lower()
    return start.startswith(("http://", "https://", *(f"{host}/" for host in settings().youtube_hosts)))


def seconds(text: str) -> float | None:
    """A time as people write it; None: it is none.

    >>> [seconds(text) for text in ("90", "90s", "1m30s", "1h2m3s", "1:30", "1:02:03.5", "soon")]
    [90.0, 90.0, 90.0, 3723.0, 90.0, 3723.5, None]
    """
    found = _CLOCK.fullmatch(text) or _UNITS.fullmatch(text)
    if not text or not text.isascii() or found is None:
        return None
    hours, minutes, rest = (float(part or 0) for part in found.groups())
    return 3600 * hours + 60 * minutes + rest


def _split(text: str) -> SplitResult:
    if len(text) > _LONGEST:
        raise _refused(f"The address has {len(text):,} characters.")
    if not text or any(not sign.isprintable() or sign in ' \\"<>`' for sign in text):
        raise _refused("There is no address." if not text else "The text has signs in it that no address has.")
    scheme = _WITH_SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https") and scheme[1].lower() not in settings().youtube_hosts:
        raise _refused("This is no address on the web.")
    whole = text if scheme and scheme[1].lower() in ("http", "https") else f"https://{text.removeprefix('//')}"
    try:
        return urlsplit(whole)
    except ValueError as error:
        raise _refused("The address cannot be understood.") from error


def _host(parts: SplitResult) -> str:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _refused("The address cannot be understood.") from error
    if "@" in parts.netloc:
        raise _refused("The address has a user's name in it.")
    if port not in (None, 80 if parts.scheme == "http" else 443):
        raise _refused("The address names a port of its own.")
    if host not in settings().youtube_hosts:
        raise _refused("The address leads to another server than YouTube's.")
    return host


def _id(path: list[str], query: dict[str, list[str]]) -> str:
    """The video's id, on all hosts but youtu.be.

    Raises:
        AddressRefused: a page that is not one video.
    """
    first, second = (*path, "", "")[:2]
    if first in ("watch", "watch_popup") and "v" in query:
        return query["v"][0]
    if second == "videoseries" or first in ("playlist", "watch_videos") or (first == "watch" and "list" in query):
        raise _page("a playlist", "Open one of its videos and copy that address.")
    if first.startswith("@") or first in _CHANNELS or second == "live_stream":
        raise _page("a channel", "Open one of its videos and copy that address.")
    if first in ("results", "hashtag"):
        raise _page("a search", "Open one of the videos found and copy that address.")
    if first == "clip":
        raise _page("a clip that somebody cut out", "Open the whole video, copy its address, and choose the stretch.")
    if first in _BEFORE_ID and second:
        return second
    raise _page("a page of YouTube without a video", _COPY)


def _refused(received: str) -> AddressRefused:
    return AddressRefused(received, _WANTED, _COPY)


def _page(what: str, remedy: str) -> AddressRefused:
    return AddressRefused(f"The address leads to {what}.", "The address of one video is expected.", remedy)
