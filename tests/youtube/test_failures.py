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
AGE = {"desktopLegacyAgeGateReason": 1}
pytestmark = pytest.mark.usefixtures("own_home")

FAILURES: dict[str, tuple[dict[str, Any], type[HarError], str]] = {
    "robot": (player("LOGIN_REQUIRED", "Sign in to confirm you’re not a bot"), YouTubeRefused, "upload it"),
    "captcha": (
        player("ERROR", "Video unavailable", playability={"errorScreen": {"playerCaptchaViewModel": {"a": 1}}}),
        YouTubeRefused,
        "robot",
    ),
    "too often": (
        player("UNPLAYABLE", "This content isn’t available, try again later."),
        YouTubeRefused,
        "too many requests",
    ),
    "private": (
        player("LOGIN_REQUIRED", "Private video. Sign in if you've been granted access to this video"),
        YouTubeUnavailable,
        "private",
    ),
    "private, newer": (player("LOGIN_REQUIRED", "This video is private"), YouTubeUnavailable, "private"),
    "removed by its owner": (
        player("ERROR", "This video has been removed by the uploader"),
        YouTubeUnavailable,
        "no longer",
    ),
    "unavailable": (player("ERROR", "Video unavailable"), YouTubeUnavailable, "no longer"),
    "channel closed": (
        player("ERROR", "This video is no longer available because the YouTube account associated has been terminated"),
        YouTubeUnavailable,
        "no longer",
    ),
    "copyright": (
        player("ERROR", "This video is no longer available due to a copyright claim by Example"),
        YouTubeUnavailable,
        "no longer",
    ),
    "age": (
        player("LOGIN_REQUIRED", "Sign in to confirm your age", playability=AGE),
        YouTubeUnavailable,
        "adults",
    ),
    "region": (
        player("UNPLAYABLE", "The uploader has not made this video available in your country"),
        YouTubeUnavailable,
        "country",
    ),
    "members": (
        player("UNPLAYABLE", "Join this channel to get access to members-only content like this video."),
        YouTubeUnavailable,
        "members",
    ),
    "to be paid for": (
        player("UNPLAYABLE", "This video requires payment to watch"),
        YouTubeUnavailable,
        "paid",
    ),
    "premiere": (player("LIVE_STREAM_OFFLINE", "Premieres in 3 days"), YouTubeUnavailable, "not been published yet"),
    "announced": (
        player("LIVE_STREAM_OFFLINE", "This live event will begin in 2 hours.", details={"isUpcoming": True}),
        YouTubeUnavailable,
        "not been published yet",
    ),
    "live": (player(details={"isLive": True, "isLiveContent": True}), YouTubeUnavailable, "live stream"),
    "just ended": (player(details={"isPostLiveDvr": True}), YouTubeUnavailable, "not finished"),
    "no recording": (
        player("UNPLAYABLE", "This live stream recording is not available."),
        YouTubeUnavailable,
        "not recorded",
    ),
    "not understood": (player(streams={}), ExtractorOutdated, r"yt-dlp 20\d\d\."),
    "without a length": (player(length="0"), YouTubeUnavailable, "no length"),
    "streams from elsewhere": (
        player(streams={"adaptiveFormats": formats("evil.test")}),
        YouTubeUnavailable,
        "no format that can be fetched",
    ),
    "streams from this machine": (
        player(streams={"adaptiveFormats": formats("127.0.0.1")}),
        YouTubeUnavailable,
        "no format that can be fetched",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_has_its_own_error(fake_youtube: StartFake, name: str) -> None:
    answer, kind, text = FAILURES[name]
    fake_youtube(answer)
    with pytest.raises(kind, match=text) as raised:
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
