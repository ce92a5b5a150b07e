"""YouTube's side of a look, on this machine: yt-dlp's own extractor asks, and is answered in YouTube's shape."""

import io
import json
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

ID = "aqz-KE-bpKQ"


def formats(host: str = "rr1---sn-x.googlevideo.com") -> list[dict[str, Any]]:
    """Streams as the player's answer lists them: whole files for picture and for sound."""

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


class Pretended:
    """In YouTube's place.

    Args:
        monkeypatch: makes it so.
        answer: the player's; or what to raise, or a status with a place to be sent on to, for whatever is asked.
    """

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any] | Exception | tuple[int, str | None]
    ) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.cookies: list[str] = []
        monkeypatch.setattr(HTTPAdapter, "send", lambda adapter, request, **options: self._send(request))

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        self.asked.append(request.url or "")
        self.cookies.append(request.headers.get("Cookie", ""))
        if isinstance(self.answer, Exception):
            raise self.answer
        response = requests.Response()
        response.request, response.url = request, request.url or ""
        body = b"{}"
        if isinstance(self.answer, tuple):
            response.status_code, onwards = self.answer
            if onwards:
                response.headers["Location"] = onwards
        else:
            response.status_code = 200
            if "/youtubei/v1/player" in response.url:
                body = json.dumps(self.answer).encode()
            elif "/youtubei/v1/next" in response.url:
                body = json.dumps({"contents": _owned_by(self.answer["videoDetails"]["author"])}).encode()
            elif "/embed/" in response.url:
                client = {"clientName": "WEB_EMBEDDED_PLAYER", "clientVersion": "1.20260115.01.00"}
                body = f"<script>ytcfg.set({json.dumps({'INNERTUBE_CONTEXT': {'client': client}})});</script>".encode()
            elif "/watch" in response.url:
                body = b"<html><head></head><body></body></html>"
        response.raw = _raw(body)
        return response


def _owned_by(channel: str) -> dict[str, Any]:
    owner = {"owner": {"videoOwnerRenderer": {"title": {"runs": [{"text": channel}]}}}}
    rows = {"contents": [{"videoSecondaryInfoRenderer": owner}]}
    return {"twoColumnWatchNextResults": {"results": {"results": rows}}}


def _raw(body: bytes) -> Any:
    return HTTPResponse(io.BytesIO(body), headers={}, status=200, preload_content=False)
