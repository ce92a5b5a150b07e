"""A stand-in for YouTube that answers yt-dlp's own extractor in YouTube's format."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.youtube.local_server import local_server

ID = "aqz-KE-bpKQ"


def formats(host: str = "rr1---sn-x.googlevideo.com") -> list[dict[str, Any]]:
    """Formats as in the player's answer: single files for picture and for sound."""

    def stream(itag: int, mime: str, **more: Any) -> dict[str, Any]:
        url = f"https://{host}/videoplayback?itag={itag}&expire=1800000000&sig=abc"
        known = {"lastModified": "1", "contentLength": "1000000", "approxDurationMs": "634000"}
        return {"itag": itag, "mimeType": mime, "url": url, "quality": "medium", **known, **more}

    def picture(itag: int, codec: str, height: int, bitrate: int) -> dict[str, Any]:
        width = height * 16 // 9
        mime = f'video/{"webm" if codec == "vp9" else "mp4"}; codecs="{codec}"'
        label = {"qualityLabel": f"{height}p", "fps": 25, "bitrate": bitrate}
        return stream(itag, mime, width=width, height=height, **label)

    def sound(itag: int, codec: str, bitrate: int) -> dict[str, Any]:
        mime = f'audio/{"webm" if codec == "opus" else "mp4"}; codecs="{codec}"'
        return stream(itag, mime, bitrate=bitrate, audioSampleRate="44100", audioChannels=2)

    return [
        picture(137, "avc1.640028", 1080, 4_000_000),
        picture(136, "avc1.4d401f", 720, 2_000_000),
        picture(135, "avc1.4d401e", 480, 900_000),
        picture(244, "vp9", 480, 500_000),
        picture(134, "avc1.4d401e", 360, 500_000),
        picture(160, "avc1.4d400c", 144, 100_000),
        sound(140, "mp4a.40.2", 129_000),
        sound(139, "mp4a.40.5", 50_000),
        sound(250, "opus", 66_000),
    ]


def player(status: str = "OK", reason: str | None = None, **more: Any) -> dict[str, Any]:
    """The player's answer."""
    playability: dict[str, Any] = {"status": status} | ({"reason": reason} if reason else {})
    details = {
        "videoId": ID,
        "title": more.pop("title", "Big Buck Bunny"),
        "lengthSeconds": more.pop("length", "634"),
        "channelId": "UCSMOQeBJ2RAnuFungnQOxLg",
        "author": more.pop("author", "Blender"),
        "shortDescription": "</p><script>alert(1)</script>",
        "isLiveContent": False,
        **more.pop("details", {}),
    }
    answer = {"playabilityStatus": playability | more.pop("playability", {}), "videoDetails": details}
    if status == "OK":
        answer["streamingData"] = more.pop("streams", {"expiresInSeconds": "21540", "adaptiveFormats": formats()})
    return answer | more


Answer = dict[str, Any] | Exception | tuple[int, str | None]


class FakeYouTube:
    """A local server to which all requests are redirected just before they would leave.

    Args:
        answer: the player's answer; or, for every request, an exception to raise or a status and a `Location`.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requested: list[str] = []  # original URLs
        self.cookies: list[str] = []

    def respond(self, handler: BaseHTTPRequestHandler) -> None:
        status, location, content = self._response(handler.path)
        handler.send_response(status)
        if location:
            handler.send_header("Location", location)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def _response(self, path: str) -> tuple[int, str | None, bytes]:
        """Status, `Location` and content."""
        if isinstance(self.answer, tuple):
            return *self.answer, b""
        content: Any = {}
        if path.startswith("/youtubei/v1/player"):
            content = self.answer
        elif path.startswith("/youtubei/v1/next") and isinstance(self.answer, dict):
            content = {"contents": _channel_info(self.answer["videoDetails"]["author"])}
        elif path.startswith("/embed/"):
            client = {"clientName": "WEB_EMBEDDED_PLAYER", "clientVersion": "1.20260115.01.00"}
            page = f"<script>ytcfg.set({json.dumps({'INNERTUBE_CONTEXT': {'client': client}})});</script>"
            return 200, None, page.encode()
        return 200, None, json.dumps(content).encode()


StartFake = Callable[[Answer], FakeYouTube]


@contextmanager
def running_fake(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> Iterator[FakeYouTube]:
    """Redirect all requests to a fake with an answer."""
    fake, responses, send = FakeYouTube(answer), [], HTTPAdapter.send
    with local_server(fake.respond, "HTTP/1.0") as port:

        def send_here(adapter: HTTPAdapter, request: requests.PreparedRequest, **options: Any) -> requests.Response:
            url = request.url or ""
            fake.requested.append(url)
            fake.cookies.append(request.headers.get("Cookie", ""))
            if isinstance(answer, Exception):
                raise answer
            request.url = f"http://127.0.0.1:{port}{request.path_url}"
            response = send(adapter, request, **options)
            request.url = response.url = url
            responses.append(response)
            return response

        monkeypatch.setattr(HTTPAdapter, "send", send_here)
        yield fake
        for response in responses:  # yt-dlp does not close failed ones
            response.close()


def _channel_info(channel: str) -> dict[str, Any]:
    owner = {"owner": {"videoOwnerRenderer": {"title": {"runs": [{"text": channel}]}}}}
    rows = {"contents": [{"videoSecondaryInfoRenderer": owner}]}
    return {"twoColumnWatchNextResults": {"results": {"results": rows}}}
