"""From a pasted address to the ID of one YouTube video, without any request to a server.

Only the ID is used afterwards: every URL that is requested is built from it.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from har.errors import AddressInvalid
from har.settings import settings

_MAX_CHARACTERS = 2000  # a URL with a playlist and tracking parameters has a few hundred
_MAX_FIELDS = 60
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.I)  # a number behind the colon is a port
_VIDEO_PATHS = ("shorts", "embed", "live", "v", "e")
_CHANNEL_PATHS = ("channel", "c", "user")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)")
_UNITS = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,7}(?:\.\d{1,6})?)s?)?", re.I)
_EXPECTED = "It should look like https://www.youtube.com/watch?v=… or https://youtu.be/…."
_COPY = "Open the video and copy its address."


@dataclass(frozen=True)
class VideoAddress:
    """A video on YouTube."""

    video_id: str  # 11 letters, digits, - and _
    start_sec: float = 0.0  # from `t=` or `start=`

    @property
    def url(self) -> str:
        """The video's page, built from the ID alone."""
        return f"https://www.youtube.com/watch?v={self.video_id}"


def parse_address(text: str) -> VideoAddress:
    """Parse the address of a video: watch, youtu.be, shorts, embed and live, with `t=` or `start=`.

    >>> parse_address("youtu.be/aqz-KE-bpKQ?t=1m30s")
    VideoAddress(video_id='aqz-KE-bpKQ', start_sec=90.0)

    Args:
        text: as pasted; the scheme may be missing. A playlist around the video is ignored.

    Raises:
        AddressInvalid: it is not on YouTube, or not one video.
    """
    parts = _split(text.strip())
    host = _host(parts)
    try:
        query = parse_qs(parts.query, max_num_fields=_MAX_FIELDS)
        fragment = parse_qs(parts.fragment, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise _invalid("The address has too many parameters.") from error
    path = [part for part in parts.path.split("/") if part]
    video_id = path[0] if host == "youtu.be" and path else _id(path, query)
    if not _ID.fullmatch(video_id):
        raise AddressInvalid("That video ID isn't valid.", "Video IDs have 11 characters.", _COPY)
    times = [values[-1] for fields in (query, fragment) for key in ("t", "start") if (values := fields.get(key))]
    return VideoAddress(video_id, next((start for time in times if (start := parse_seconds(time)) is not None), 0.0))


def is_address(text: str) -> bool:
    """Whether text is meant as a web address rather than a file name, valid or not."""
    start = text.strip().lower()
    return start.startswith(("http://", "https://", *(f"{host}/" for host in settings().youtube_hosts)))


def parse_seconds(text: str) -> float | None:
    """A time in any of the usual notations; None if it is not one.

    >>> [parse_seconds(text) for text in ("90", "90s", "1m30s", "1h2m3s", "1:30", "1:02:03.5", "soon")]
    [90.0, 90.0, 90.0, 3723.0, 90.0, 3723.5, None]
    """
    match = _CLOCK.fullmatch(text) or _UNITS.fullmatch(text)
    if not text or not text.isascii() or match is None:
        return None
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + rest


def _split(text: str) -> SplitResult:
    if len(text) > _MAX_CHARACTERS:
        raise _invalid(f"The address has {len(text):,} characters.")
    if not text or any(not character.isprintable() or character in ' \\"<>`' for character in text):
        raise _invalid("That isn't a web address." if text else "There is no address.")
    scheme = _WITH_SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https") and scheme[1].lower() not in settings().youtube_hosts:
        raise _invalid("That isn't a web address.")
    whole = text if scheme and scheme[1].lower() in ("http", "https") else f"https://{text.removeprefix('//')}"
    try:
        return urlsplit(whole)
    except ValueError as error:
        raise _invalid("That isn't a web address.") from error


def _host(parts: SplitResult) -> str:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _invalid("That isn't a web address.") from error
    if "@" in parts.netloc:
        raise _invalid("The address contains a user name.")
    if port not in (None, 80 if parts.scheme == "http" else 443):
        raise _invalid("The address contains a port.")
    if host not in settings().youtube_hosts:
        raise _invalid("That isn't a YouTube link.")
    return host


def _id(path: list[str], query: dict[str, list[str]]) -> str:
    """The video's ID, on all hosts but youtu.be.

    Raises:
        AddressInvalid: a page that is not one video.
    """
    first, second = (*path, "", "")[:2]
    if first in ("watch", "watch_popup") and "v" in query:
        return query["v"][0]
    if second == "videoseries" or first in ("playlist", "watch_videos") or (first == "watch" and "list" in query):
        raise _page("a playlist", "Open one of its videos and copy that address.")
    if first.startswith("@") or first in _CHANNEL_PATHS or second == "live_stream":
        raise _page("a channel", "Open one of its videos and copy that address.")
    if first in ("results", "hashtag"):
        raise _page("a search", "Open one of the results and copy that address.")
    if first == "clip":
        raise _page("a clip from a video", "Open the whole video, copy its address, and choose the section.")
    if first in _VIDEO_PATHS and second:
        return second
    raise _page("a YouTube page without a video", _COPY)


def _invalid(received: str) -> AddressInvalid:
    return AddressInvalid(received, _EXPECTED, _COPY)


def _page(what: str, remedy: str) -> AddressInvalid:
    return AddressInvalid(f"The address is that of {what}.", "It must be that of a single video.", remedy)
