"""yt-dlp, kept on a short lead. The only place that imports it, and only once somebody asks: it is large.

It asks YouTube's own servers and no other, also not where it is sent on; reads no configuration, runs no plugin, and
fetches no video. `har.youtube.look` runs this in a process of its own: `python -m har.youtube.ytdlp ID`.
"""

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests

from har.errors import ExtractorOutdated, HarError, SettingsError
from har.settings import settings
from har.youtube import failures
from har.youtube.address import VideoAddress
from har.youtube.hosts import may_ask
from har.youtube.listing import NOT_YET, Listing, read

_ANSWER_SEC = 15  # for one answer; a look takes several


class _Said:
    """Where yt-dlp's messages go: warnings are kept, for they tell why something failed later."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        pass

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    def error(self, message: str) -> None:
        self.warnings.append(message)


def ask(address: VideoAddress) -> Listing:
    """Find out what is behind an address.

    Raises:
        YouTubeError: a subclass for each kind of reason.
        SettingsError: the owner's file of cookies is not there.
    """
    os.environ["YTDLP_NO_PLUGINS"] = "1"
    try:
        import yt_dlp
        from yt_dlp.version import __version__ as version
    except ImportError as error:
        raise ExtractorOutdated(
            "yt-dlp is not installed.",
            "It finds out what is behind an address.",
            "Install what requirements.txt lists.",
        ) from error
    said = _Said()
    with _cookies() as cookies:
        try:
            with downloader(said, cookies) as asking:
                found = asking.extract_info(address.url, download=False, ie_key="Youtube", process=False)
                if found and found.get("_type", "video") == "video" and found.get("live_status") not in NOT_YET:
                    found = asking.process_ie_result(found, download=False)
                return read(found or {}, address.video_id)
        except HarError:
            raise
        except yt_dlp.utils.YoutubeDLError as error:
            raise failures.sort(str(error), said.warnings, version) from error
        except Exception as error:  # an extractor that stumbles over what YouTube sent raises anything
            raise failures.sort("", said.warnings, version) from error


def downloader(said: _Said, cookies: Path | None) -> Any:
    """A `YoutubeDL` that knows YouTube alone and asks no other server."""
    from yt_dlp import YoutubeDL
    from yt_dlp.extractor.youtube import YoutubeIE
    from yt_dlp.networking._requests import RequestsRH

    class OnlyYouTubeRH(RequestsRH):  # type: ignore[misc]  # yt-dlp has no types; it wants such a name
        def _create_instance(self, *arguments: Any, **options: Any) -> Any:
            session = super()._create_instance(*arguments, **options)
            session.send = _guarded(session.send)
            return session

    class Downloader(YoutubeDL):  # type: ignore[misc]
        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
            return super().build_request_director([OnlyYouTubeRH], preferences)

    made = Downloader(_parameters(said, cookies), auto_init=False)
    made.add_info_extractor(YoutubeIE())
    return made


def _guarded(send: Callable[..., Any]) -> Callable[..., Any]:
    """A session's `send` that looks at every address before it connects, and so at those of redirects."""

    def checked(request: Any, **options: Any) -> Any:
        if not may_ask(request.url):
            raise requests.exceptions.InvalidURL("It leads to a server that is on no list.")
        return send(request, **options)

    return checked


def _parameters(said: _Said, cookies: Path | None) -> dict[str, Any]:
    return {
        "logger": said,
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "simulate": True,
        "noplaylist": True,
        "format": lambda found: found["formats"][-1:],  # any: ours is chosen in `listing`
        "socket_timeout": _ANSWER_SEC,
        "extractor_retries": 1,
        "geo_bypass": False,
        "cachedir": str(settings().youtube),
        "cookiefile": str(cookies) if cookies else None,
        "extractor_args": {"youtube": {"skip": ["dash", "translated_subs"]}},
    }


@contextmanager
def _cookies() -> Iterator[Path | None]:
    """A copy of the owner's cookies, for yt-dlp writes back to the file it was given."""
    given, text = settings().youtube_cookies, settings().youtube_cookies_text
    if given is None and text is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="har-cookies-") as folder:
        copy = Path(folder) / "cookies.txt"
        try:
            if given is not None:
                shutil.copyfile(given, copy)
            elif text is not None:
                copy.write_text(text.get_secret_value(), encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                "HAR_YOUTUBE_COOKIES names a file that cannot be read.",
                "A file of cookies in Netscape's format is expected.",
                "Correct or unset it.",
            ) from error
        yield copy


def _answer(video_id: str) -> str:
    """A line of JSON for the process that asked, whether there is something to be had or not."""
    try:
        return json.dumps({"found": asdict(ask(VideoAddress(video_id)))})
    except HarError as error:
        if isinstance(error, ExtractorOutdated):
            traceback.print_exc()  # for the app's log: whoever runs it is to see what has changed
        return json.dumps({"kind": type(error).__name__, "refused": error.args})


if __name__ == "__main__":
    sys.stdout.write(f"{_answer(sys.argv[1])}\n")
