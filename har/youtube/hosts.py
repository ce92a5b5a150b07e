"""Allowed hosts, checked before every connection, including those after a redirect."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from har.settings import settings


def is_allowed_api_url(url: str) -> bool:
    """Whether yt-dlp may send a request to this URL: YouTube's own servers, encrypted."""
    chosen = settings()
    return _is_allowed(url, (*chosen.youtube_hosts, *chosen.youtube_api_hosts), unencrypted=False)


def is_allowed_media_url(url: str) -> bool:
    """Whether a stream may be fetched from this URL."""
    chosen = settings()
    return _is_allowed(url, chosen.youtube_media_hosts, chosen.youtube_media_http)


def _is_allowed(url: str, hosts: Iterable[str], unencrypted: bool) -> bool:
    if not url.isprintable() or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or parts.scheme not in (("https", "http") if unencrypted else ("https",)):
        return False
    if port not in (None, 443) and not unencrypted:
        return False
    return any(host.endswith(name[1:]) if name.startswith("*.") else host == name for name in hosts)
