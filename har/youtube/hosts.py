"""Whom we talk to, and nobody else: checked before every connection, also of those that a redirect leads to."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from har.settings import settings


def may_ask(url: str) -> bool:
    """Whether yt-dlp may send a request there: YouTube's own servers, with encryption."""
    chosen = settings()
    return _allowed(url, (*chosen.youtube_hosts, *chosen.youtube_api_hosts), False)


def may_fetch(url: str) -> bool:
    """Whether a video may be fetched from there."""
    chosen = settings()
    return _allowed(url, chosen.youtube_media_hosts, chosen.youtube_media_http)


def _allowed(url: str, hosts: Iterable[str], unencrypted: bool) -> bool:
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
