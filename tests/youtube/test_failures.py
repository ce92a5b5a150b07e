"""Each failure that YouTube may answer with, through yt-dlp's own extractor."""

from typing import Any

import pytest
import requests

from har.errors import ExtractorOutdated, HarError, YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable
from har.youtube.address import VideoAddress
from har.youtube.failures import classify
from har.youtube.ytdlp import extract
from tests.youtube.fake_youtube import ID, StartFake, formats, player

ADDRESS = VideoAddress(ID)
pytestmark = pytest.mark.usefixtures("own_home")

AGE = {"playability": {"desktopLegacyAgeGateReason": 1}}
CAPTCHA = {"playability": {"errorScreen": {"playerCaptchaViewModel": {"a": 1}}}}
TERMINATED = "This video is no longer available because the YouTube account associated has been terminated"
UNAVAILABLE: list[tuple[str, str, dict[str, Any], str]] = [  # status, reason and more of the player's answer; message
    ("LOGIN_REQUIRED", "Private video. Sign in if you've been granted access to this video", {}, "private"),
    ("LOGIN_REQUIRED", "This video is private", {}, "private"),
    ("ERROR", "This video has been removed by the uploader", {}, "has been removed"),
    ("ERROR", "Video unavailable", {}, "has been removed"),
    ("ERROR", TERMINATED, {}, "has been removed"),
    ("ERROR", "This video is no longer available due to a copyright claim by Example", {}, "has been removed"),
    ("LOGIN_REQUIRED", "Sign in to confirm your age", AGE, "adults"),
    ("UNPLAYABLE", "The uploader has not made this video available in your country", {}, "country"),
    ("UNPLAYABLE", "Join this channel to get access to members-only content like this video.", {}, "members"),
    ("UNPLAYABLE", "This video requires payment to watch", {}, "requires payment"),
    ("LIVE_STREAM_OFFLINE", "Premieres in 3 days", {}, "not been published yet"),
    ("LIVE_STREAM_OFFLINE", "This live event will begin", {"details": {"isUpcoming": True}}, "published yet"),
    ("UNPLAYABLE", "This live stream recording is not available.", {}, "not recorded"),
    ("OK", "", {"details": {"isLive": True, "isLiveContent": True}}, "live stream"),
    ("OK", "", {"details": {"isPostLiveDvr": True}}, "not finished"),
    ("OK", "", {"length": "0"}, "the length"),
    ("OK", "", {"streams": {"adaptiveFormats": formats("evil.test")}}, "no format that can be fetched"),
    ("OK", "", {"streams": {"adaptiveFormats": formats("127.0.0.1")}}, "no format that can be fetched"),
]
FAILURES: list[tuple[str, str, dict[str, Any], str, type[HarError]]] = [
    *((*failure, YouTubeUnavailable) for failure in UNAVAILABLE),
    ("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot", {}, "upload it", YouTubeRefused),
    ("ERROR", "Video unavailable", CAPTCHA, "suspects a bot", YouTubeRefused),
    ("UNPLAYABLE", "This content isn’t available, try again later.", {}, "too many requests", YouTubeRefused),
    ("OK", "", {"streams": {}}, r"yt-dlp 20\d\d\.", ExtractorOutdated),
]


@pytest.mark.parametrize(("status", "reason", "more", "message", "kind"), FAILURES)
def test_each_failure_has_its_own_error(
    fake_youtube: StartFake, status: str, reason: str, more: dict[str, Any], message: str, kind: type[HarError]
) -> None:
    fake_youtube(player(status, reason, **more))
    with pytest.raises(kind, match=message) as raised:
        extract(ADDRESS)
    assert type(raised.value) is kind
    assert "yt-dlp -U" not in str(raised.value)
    assert "http" not in str(raised.value)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (requests.ConnectionError("Failed to resolve 'www.youtube.com'"), YouTubeUnreachable),
        (requests.ConnectTimeout("timed out"), YouTubeUnreachable),
        (requests.exceptions.SSLError("no proof"), YouTubeUnreachable),
        ((503, None), YouTubeUnreachable),
        ((429, None), YouTubeRefused),
        ((403, None), YouTubeRefused),
        ((302, "http://127.0.0.1/inside"), HarError),
        ((302, "https://evil.test/"), HarError),
        ((302, "file:///etc/passwd"), HarError),
    ],
)
def test_failed_requests_are_reported_and_redirects_not_followed(
    fake_youtube: StartFake, answer: Any, kind: type
) -> None:
    youtube = fake_youtube(answer)
    with pytest.raises(kind):
        extract(ADDRESS)
    assert all(url.startswith("https://www.youtube.com/") for url in youtube.requested)


def test_without_a_javascript_runtime_the_error_says_what_to_install(
    fake_youtube: StartFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yt_dlp.utils._jsruntime import DenoJsRuntime

    monkeypatch.setattr(DenoJsRuntime, "_info", lambda runtime: None)
    fake_youtube(player(streams={}))
    with pytest.raises(ExtractorOutdated, match=r"deno"):
        extract(ADDRESS)


def test_an_extractor_that_crashes_is_out_of_date(monkeypatch: pytest.MonkeyPatch) -> None:
    from yt_dlp.extractor.youtube import YoutubeIE

    def crash(*arguments: object) -> None:
        raise TypeError("'NoneType' object is not subscriptable")

    monkeypatch.setattr(YoutubeIE, "_real_extract", crash)
    with pytest.raises(ExtractorOutdated, match="newer version"):
        extract(ADDRESS)


@pytest.mark.parametrize("warnings", [[], ["x: n challenge solving failed: Some formats may be missing."]])
def test_unknown_messages_mean_an_outdated_extractor(warnings: list[str]) -> None:
    assert isinstance(classify("something new", warnings, "2099.01.01"), ExtractorOutdated)
