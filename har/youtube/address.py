"""From a pasted address to the ID of one YouTube video, without any request to a server.

Only the ID is used afterwards: every URL that is requested is built from it.
"""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from har.errors import AddressInvalid
from har.settings import settings

_MAX_CHARACTERS = 2000  # a URL with a playlist and tracking parameters has a few hundred
_MAX_FIELDS = 60
_MAX_LINKS = 4  # a consent page may lead to a sign-in page, and that to the video
_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_AROUND = " \t\r\n<>()[]\"',;."  # around an address in a text
_ESCAPED_AND = re.compile(r"&(?:amp;|#38;|#x26;)+", re.I)  # '&' in the source of a page
_WITH_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.I)  # a number behind the colon is a port
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):(\d{1,2}(?:\.\d{1,6})?)")
_UNITS = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,7}(?:\.\d{1,6})?)s?)?", re.I)
_EXPECTED = "It should look like https://www.youtube.com/watch?v=… or https://youtu.be/…."
_COPY = "Open the video and copy its address."
_OPEN_ONE = "Open one of its videos and copy that address."

# Pages that lead to another address, and the parameters that hold it, by host and path.
_LINKS = (
    (r"(?:consent|accounts)\.(?:youtube|google)\.com/.*", ("continue", "next")),
    (r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?/url", ("url", "q")),
    (r"[^/]*/attribution_link", ("u",)),
    (r"[^/]*/redirect", ("q",)),
    (r"[^/]*/oembed", ("url",)),
    (r"[^/]*/(?:signin|verify_age|verify_controversy)", ("next", "next_url")),
)
# Where an address has its video's ID, apart from the parameter `v`.
_VIDEOS = (
    r"[^/]*/(?:watch|shorts|embed|live|video|vi?|e)/(?!videoseries|live_stream)([^/#]+)",
    r"(?:www\.)?youtu\.be/([^/#]+)",
    r"[^#]*#p/.*/([^/]+)",  # the player on an old channel page
)
# Pages of YouTube that are not one video.
_OTHER_PAGES = (
    (r"embed/videoseries|playlist|watch_videos|view_play_list|watch\?list", "a playlist", _OPEN_ONE),
    (r"@|channel/|c/|user/|embed/live_stream", "a channel", _OPEN_ONE),
    (r"results|hashtag/", "a search", "Open one of the results and copy that address."),
    (r"clip/", "a clip from a video", "Open the whole video, copy its address, and choose the section."),
    (r"", "a YouTube page without a video", _COPY),
)


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
    """Parse the address of a video in any of the forms that people paste, with `t=` or `start=`; or an ID alone.

    The scheme may be missing, and apps add words to what they share. A playlist around the video is ignored.

    >>> parse_address("youtu.be/aqz-KE-bpKQ?t=1m30s")
    VideoAddress(video_id='aqz-KE-bpKQ', start_sec=90.0)
    >>> parse_address("youtube.com/attribution_link?u=%2Fwatch%3Fv%3Daqz-KE-bpKQ")
    VideoAddress(video_id='aqz-KE-bpKQ', start_sec=0.0)

    Raises:
        AddressInvalid: it is not on YouTube, or not one video.
    """
    addresses = [word for part in text.split(" ") if is_address(word := part.strip(_AROUND))]
    bare = addresses[0] if len(addresses) == 1 else text.strip(_AROUND)
    return VideoAddress(bare) if _ID.fullmatch(bare) else _follow(_ESCAPED_AND.sub("&", bare))


def is_address(text: str) -> bool:
    """Whether text is meant as a web address rather than a file name, valid or not."""
    start = text.strip().lower()
    host, slash, _ = start.partition("/")
    return start.startswith(("http://", "https://")) or bool(slash and _is_youtube(host))


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


def _follow(text: str) -> VideoAddress:
    """The video of an address, or of the address inside it."""
    for _ in range(_MAX_LINKS):
        parts = _split(text)
        host = _host(parts)
        place = f"{host}{parts.path}".rstrip("/")
        fields = next((fields for pattern, fields in _LINKS if re.fullmatch(pattern, place)), ())
        query = _fields(parts.query)
        target = next((query[field][0] for field in fields if field in query), None)
        if target is None:
            break
        text = f"https://www.youtube.com{target}" if re.match(r"/(?!/)", target) else target
    if not _is_youtube(host):
        raise _invalid("That isn't a YouTube link.")
    return _video(host, parts)


def _video(host: str, parts: SplitResult) -> VideoAddress:
    # People add parameters with '&' where '?' belongs and the other way round, and encode what need not be.
    path, _, more = unquote(parts.path).replace("?", "&").partition("&")
    path = "/".join(part for part in path.split("/") if part)
    fragment = parts.fragment.lstrip("!/")
    query = _fields(f"{more}&{parts.query}".replace("?", "&"))
    after = _fields(fragment.replace("?", "&"))
    named = [values[0].rstrip("/") for fields in (query, after) for key in ("v", "vi") if (values := fields.get(key))]
    named += [match[1] for pattern in _VIDEOS if (match := re.match(pattern, f"{host}/{path}#{fragment}", re.I))]
    if not named:
        page = f"{path}?list" if "list" in query else path
        what, remedy = next(names for pattern, *names in _OTHER_PAGES if re.match(pattern, page))
        raise AddressInvalid(f"The address is that of {what}.", "It must be that of a single video.", remedy)
    if not _ID.fullmatch(named[0]):
        raise AddressInvalid("That video ID isn't valid.", "Video IDs have 11 characters.", _COPY)
    times = [values[-1] for fields in (query, after) for key in ("t", "start") if (values := fields.get(key))]
    return VideoAddress(named[0], next((start for time in times if (start := parse_seconds(time)) is not None), 0.0))


def _fields(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, max_num_fields=_MAX_FIELDS)
    except ValueError as error:
        raise _invalid("The address has too many parameters.") from error


def _is_youtube(host: str) -> bool:
    """Whether a host is one of YouTube's: subdomains may be pasted (gaming., consent.), though none is contacted."""
    return host.isascii() and any(f".{host}".endswith(f".{name}") for name in settings().youtube_hosts)


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
    return host


def _invalid(received: str) -> AddressInvalid:
    return AddressInvalid(received, _EXPECTED, _COPY)
