"""yt-dlp's failures, classified by what users can do about them. YouTube's own messages are never shown."""

import re
from collections.abc import Sequence

from har.errors import ExtractorOutdated, YouTubeError, YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable

_UPLOAD = "Download the clip on your own computer and upload it."
_PUBLIC = "It must be possible to watch the video without signing in."

_Failure = tuple[type[YouTubeError], str, str, str]  # received, expected, remedy

_REFUSED: _Failure = (
    YouTubeRefused,
    "YouTube refuses requests from this server, as from most data centres, because it suspects a bot.",
    "Nothing is wrong with your address.",
    _UPLOAD,
)
_TOO_MANY: _Failure = (
    YouTubeRefused,
    "YouTube has received too many requests from this server.",
    "It usually answers again after an hour.",
    f"Try again then. Or: {_UPLOAD}",
)
_UNREACHABLE: _Failure = (
    YouTubeUnreachable,
    "YouTube cannot be reached from this server.",
    "A working network connection is needed.",
    f"Try again. Or: {_UPLOAD}",
)

# Failures of single requests, which other requests may have made up for.
_REQUEST_PATTERNS: tuple[tuple[str, _Failure], ...] = (
    (r"HTTP Error 429|Too Many Requests", _TOO_MANY),
    (r"HTTP Error 403", _REFUSED),
    (
        r"Failed to resolve|timed out|Connection (refused|reset|aborted)|network|HTTP Error 5\d\d|unreachable"
        r"|TransportError|SSLError|ProxyError|IncompleteRead|Remote end closed|Max retries",
        _UNREACHABLE,
    ),
)


def _unavailable(received: str, expected: str, remedy: str = "Choose another video.") -> _Failure:
    return YouTubeUnavailable, received, expected, remedy


# The first match counts, so specific ones come first.
_PATTERNS: tuple[tuple[str, _Failure], ...] = (
    (r"not a bot|captcha|IP is likely being blocked|unusual traffic", _REFUSED),
    (r"HTTP Error 429|rate.limited|try again later|Too Many Requests", _TOO_MANY),
    (
        r"members.only|to this channel's members|join this channel|members on level",
        _unavailable("The video is only for members of its channel.", _PUBLIC),
    ),
    (r"private video|video is private", _unavailable("The video is private.", _PUBLIC)),
    (
        r"confirm your age|age.restricted|age.verif|inappropriate for some users",
        _unavailable("The video is restricted to adults who are signed in.", _PUBLIC),
    ),
    (
        r"in your country|geo.?.?restrict|from your location|your region|blocked it (in|on)",
        _unavailable("The video is not available in this server's country.", "It may be available in yours.", _UPLOAD),
    ),
    (
        r"requires payment|purchase|to rent|Premium members|YouTube Premium|paid",
        _unavailable("The video requires payment.", _PUBLIC),
    ),
    (
        r"premieres? |live event will|will begin|has not started|is upcoming|Offline",
        _unavailable("The video has not been published yet.", "It is available after its premiere.", "Try again then."),
    ),
    (
        r"live stream recording is not available|live event has ended",
        _unavailable("The live stream is over and was not recorded.", "A recording is needed."),
    ),
    (r"DRM", _unavailable("The video is copy-protected (DRM).", "It must be unprotected.")),
    (r"please sign in|sign in to|login required|login details", _REFUSED),
    (
        r"removed|terminated|no longer available|account associated|does not exist|deleted"
        r"|video (is )?(unavailable|not available)|content (is ?n[o']t|is not|isn't) available|copyright",
        _unavailable("The video does not exist or has been removed.", "The address of an existing video was expected."),
    ),
    *_REQUEST_PATTERNS,
)


def classify(message: str, warnings: Sequence[str], version: str) -> YouTubeError:
    """The error to raise for yt-dlp's exception and the warnings that it printed before."""
    for patterns, texts in ((_PATTERNS, [message.replace("’", "'")]), (_REQUEST_PATTERNS, warnings)):
        for pattern, (kind, *sentences) in patterns:
            if any(re.search(pattern, text, re.IGNORECASE) for text in texts):
                return kind(*sentences)
    if any("JavaScript runtime" in warning or "challenge solving failed" in warning for warning in warnings):
        return ExtractorOutdated(
            "YouTube's player could not be run on this server.",
            f"yt-dlp {version} needs the JavaScript runtime deno for that.",
            f"Ask the operator of this app to install `yt-dlp[default,deno]`. Until then: {_UPLOAD}",
        )
    return ExtractorOutdated(
        "YouTube's answer could not be read.",
        f"yt-dlp {version} is installed; YouTube changes often, and a newer version may be able to read it.",
        f"Ask the operator of this app to update yt-dlp. Until then: {_UPLOAD}",
    )


def timed_out(limit_sec: float) -> YouTubeUnreachable:
    """The lookup took too long."""
    return YouTubeUnreachable(
        f"YouTube did not answer within {limit_sec:g} seconds.", "It usually takes less than ten.", "Try again later."
    )
