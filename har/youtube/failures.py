"""yt-dlp's failures, sorted into what a visitor can do about them. What YouTube said is read, but never shown."""

import re
from collections.abc import Callable, Sequence

from har.errors import ExtractorOutdated, YouTubeError, YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable

_UPLOAD = "Download the clip on your own computer and upload it."
_OTHER = "Choose another video."


def sort(message: str, warnings: Sequence[str], version: str) -> YouTubeError:
    """The error to raise for what yt-dlp reported.

    Args:
        message: what its exception says.
        warnings: what it said before that.
        version: yt-dlp's own.
    """
    said = message.replace("’", "'")
    for pattern, made in _SORTED:
        if re.search(pattern, said, re.IGNORECASE):
            return made()
    for pattern, made in _ON_THE_WAY:
        if any(re.search(pattern, warning, re.IGNORECASE) for warning in warnings):
            return made()
    if any("JavaScript runtime" in warning or "challenge solving failed" in warning for warning in warnings):
        return ExtractorOutdated(
            "YouTube's player could not be run on this server.",
            f"yt-dlp {version} needs the JavaScript runtime deno for that.",
            f"Whoever runs this app can install `yt-dlp[default,deno]`. Until then: {_UPLOAD}",
        )
    return ExtractorOutdated(
        "YouTube's answer is not understood.",
        f"yt-dlp {version} is installed; YouTube changes often, and a newer one may understand it.",
        f"Whoever runs this app can update yt-dlp. Until then: {_UPLOAD}",
    )


def timed_out(limit_sec: float) -> YouTubeUnreachable:
    """It took too long to find out what is behind an address."""
    return YouTubeUnreachable(
        f"YouTube did not answer within {limit_sec:g} seconds.", "It mostly takes less than ten.", "Try again later."
    )


def _refused() -> YouTubeError:
    return YouTubeRefused(
        "YouTube refuses this server: it takes it for a robot, as it does with most data centres.",
        "Nothing is wrong with your address.",
        _UPLOAD,
    )


def _too_often() -> YouTubeError:
    return YouTubeRefused(
        "YouTube has had too many questions from this server.",
        "It answers again after an hour or so.",
        f"Come back then. Or: {_UPLOAD}",
    )


def _unreachable() -> YouTubeError:
    return YouTubeUnreachable(
        "YouTube cannot be reached from here.", "Perhaps this server has no network.", f"Try again. Or: {_UPLOAD}"
    )


def _unavailable(received: str, expected: str, remedy: str = _OTHER) -> Callable[[], YouTubeError]:
    return lambda: YouTubeUnavailable(received, expected, remedy)


_ANYBODY = "A video that anybody can watch without signing in is expected."

# Told of single questions, some of which may have been answered none the less.
_ON_THE_WAY: tuple[tuple[str, Callable[[], YouTubeError]], ...] = (
    (r"HTTP Error 429|Too Many Requests", _too_often),
    (r"HTTP Error 403", _refused),
    (
        r"Failed to resolve|timed out|Connection (refused|reset|aborted)|network|HTTP Error 5\d\d|unreachable"
        r"|TransportError|SSLError|ProxyError|IncompleteRead|Remote end closed|Max retries",
        _unreachable,
    ),
)
# The first that fits counts, so the more particular stand further up.
_SORTED: tuple[tuple[str, Callable[[], YouTubeError]], ...] = (
    (r"not a bot|captcha|IP is likely being blocked|unusual traffic", _refused),
    (r"HTTP Error 429|rate.limited|try again later|Too Many Requests", _too_often),
    (
        r"members.only|to this channel's members|join this channel|members on level",
        _unavailable("The video is for members of its channel only.", _ANYBODY),
    ),
    (r"private video|video is private", _unavailable("The video is private.", _ANYBODY)),
    (
        r"confirm your age|age.restricted|age.verif|inappropriate for some users",
        _unavailable("The video is restricted to adults who are signed in.", _ANYBODY),
    ),
    (
        r"in your country|geo.?.?restrict|from your location|your region|blocked it (in|on)",
        _unavailable("The video is not shown in the country where this server stands.", "Yours may differ.", _UPLOAD),
    ),
    (
        r"requires payment|purchase|to rent|Premium members|YouTube Premium|paid",
        _unavailable("The video must be paid for.", _ANYBODY),
    ),
    (
        r"premieres? |live event will|will begin|has not started|is upcoming|Offline",
        _unavailable("The video has not been shown yet.", "It can be had when it has been.", "Try again then."),
    ),
    (
        r"live stream recording is not available|live event has ended",
        _unavailable("The live stream is over, and there is no recording of it.", "A recording is needed."),
    ),
    (r"DRM", _unavailable("The video is encrypted against copying (DRM).", "A video without it is expected.")),
    (r"please sign in|sign in to|login required|login details", _refused),
    (
        r"removed|terminated|no longer available|account associated|does not exist|deleted"
        r"|video (is )?(unavailable|not available)|content (is ?n[o']t|is not|isn't) available|copyright",
        _unavailable("The video is not there, or no longer.", "Check the address: each of its signs counts."),
    ),
    *_ON_THE_WAY,
)
