"""yt-dlp under tight restrictions. The only module that imports it, and only when needed: it is large.

It contacts YouTube's own servers and no others, also when redirected; reads no configuration, runs no plugins and
downloads no video. `har.youtube.lookup` runs this in a separate process: `python -m har.youtube.ytdlp ID`.
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
from har.youtube.details import NOT_RECORDED_YET, VideoDetails, parse_info
from har.youtube.hosts import is_allowed_api_url

_REQUEST_TIMEOUT_SEC = 15  # of one request; a lookup takes several


class _Logger:
    """Collects yt-dlp's warnings, which explain later failures."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        pass

    def warning(self, message: str) -> None:
        self.warnings.append(message)

    error = warning


def extract(address: VideoAddress) -> VideoDetails:
    """Look up a video in this process.

    Raises:
        YouTubeError: a subclass for each kind of reason.
        SettingsError: the file of cookies in the settings does not exist.
    """
    os.environ["YTDLP_NO_PLUGINS"] = "1"
    try:
        import yt_dlp
        from yt_dlp.version import __version__ as version
    except ImportError as error:
        raise ExtractorOutdated(
            "yt-dlp is not installed.",
            "It is needed to look up videos on YouTube.",
            "Install the packages in requirements.txt.",
        ) from error
    logger = _Logger()
    with _cookies() as cookies:
        try:
            with _downloader(logger, cookies) as downloader:
                info = downloader.extract_info(address.url, download=False, ie_key="Youtube", process=False)
                is_video = info and info.get("_type", "video") == "video"
                if is_video and info.get("live_status") not in NOT_RECORDED_YET:
                    info = downloader.process_ie_result(info, download=False)
                return parse_info(info or {}, address.video_id)
        except HarError:
            raise
        except yt_dlp.utils.YoutubeDLError as error:
            raise failures.classify(str(error), logger.warnings, version) from error
        except Exception as error:  # an extractor that trips over YouTube's answer may raise anything
            raise failures.classify("", logger.warnings, version) from error


def _downloader(logger: _Logger, cookies: Path | None) -> Any:
    """A `YoutubeDL` with YouTube's extractor only, which contacts no other server."""
    from yt_dlp import YoutubeDL
    from yt_dlp.extractor.youtube import YoutubeIE
    from yt_dlp.networking._requests import RequestsRH

    class OnlyYouTubeRH(RequestsRH):  # type: ignore[misc]  # yt-dlp has no types; it derives a key from the name
        def _create_instance(self, *arguments: Any, **options: Any) -> Any:
            session = super()._create_instance(*arguments, **options)
            session.send = _restricted(session.send)
            return session

    class Downloader(YoutubeDL):  # type: ignore[misc]
        def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
            return super().build_request_director([OnlyYouTubeRH], preferences)

    downloader = Downloader(_parameters(logger, cookies), auto_init=False)
    downloader.add_info_extractor(YoutubeIE())
    return downloader


def _restricted(send: Callable[..., Any]) -> Callable[..., Any]:
    """A session's `send` that checks every URL before it connects, and so those of redirects too."""

    def checked(request: Any, **options: Any) -> Any:
        if not is_allowed_api_url(request.url):
            raise requests.exceptions.InvalidURL("The server is not on the list of allowed hosts.")
        return send(request, **options)

    return checked


def _parameters(logger: _Logger, cookies: Path | None) -> dict[str, Any]:
    return {
        "logger": logger,
        "quiet": True,
        "noprogress": True,
        "color": "never",
        "simulate": True,
        "noplaylist": True,
        "format": lambda context: context["formats"][-1:],  # any: `details` chooses
        "socket_timeout": _REQUEST_TIMEOUT_SEC,
        "extractor_retries": 1,
        "geo_bypass": False,
        "cachedir": str(settings().youtube),
        "cookiefile": str(cookies) if cookies else None,
        "extractor_args": {"youtube": {"skip": ["dash", "translated_subs"]}},
    }


@contextmanager
def _cookies() -> Iterator[Path | None]:
    """A copy of the cookies in the settings: yt-dlp writes to the file it is given."""
    path, text = settings().youtube_cookies, settings().youtube_cookies_text
    if path is None and text is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="har-cookies-") as folder:
        copy = Path(folder) / "cookies.txt"
        try:
            if path is not None:
                shutil.copyfile(path, copy)
            elif text is not None:
                copy.write_text(text.get_secret_value(), encoding="utf-8")
        except OSError as error:
            raise SettingsError(
                "HAR_YOUTUBE_COOKIES names a file that cannot be read.",
                "It must be a file of cookies in Netscape format.",
                "Correct or unset it.",
            ) from error
        yield copy


def _answer(video_id: str) -> str:
    """Details or an error, as a line of JSON for the parent process."""
    try:
        return json.dumps({"details": asdict(extract(VideoAddress(video_id)))})
    except HarError as error:
        if isinstance(error, ExtractorOutdated):
            traceback.print_exc()  # to the app's log: its operator has to see what has changed
        return json.dumps({"error": type(error).__name__, "arguments": error.args})


if __name__ == "__main__":
    sys.stdout.write(f"{_answer(sys.argv[1])}\n")
