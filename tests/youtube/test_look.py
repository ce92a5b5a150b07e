"""What YouTube may answer, told apart by yt-dlp's own extractor, failure by failure; and nobody else is asked."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from har.errors import (
    ExtractorOutdated,
    HarError,
    SettingsError,
    YouTubeRefused,
    YouTubeUnavailable,
    YouTubeUnreachable,
)
from har.settings import settings
from har.youtube.address import VideoAddress
from har.youtube.ask import ask
from har.youtube.failures import sort
from har.youtube.listing import choose, clean
from har.youtube.look import look
from tests.conftest import ROOT
from tests.youtube.pretended import ID, Pretended, formats, player

ADDRESS = VideoAddress(ID)
Limits = Callable[..., None]
AGE = {"desktopLegacyAgeGateReason": 1}


@pytest.fixture(autouse=True)
def _own_home(limits: Limits, tmp_path: Path) -> None:
    limits(home=tmp_path / "home", youtube_media_hosts=["*.googlevideo.com"], youtube_media_http=False)


def test_title_length_and_the_smallest_streams_that_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    youtube = Pretended(monkeypatch, player())
    found = ask(ADDRESS)
    assert (found.title, found.channel, found.duration_sec, found.short_side) == ("Big Buck Bunny", "Blender", 634, 480)
    assert "itag=135" in found.video.url  # H.264 of 480 lines, though VP9 would be smaller
    assert found.sound is not None
    assert "itag=250" in found.sound.url
    assert found.thumbnail == f"https://i.ytimg.com/vi/{ID}/mqdefault.jpg"
    assert found.video.user_agent is not None
    assert {requests.utils.urlparse(url).hostname for url in youtube.asked} == {"www.youtube.com"}


def test_a_strangers_words_are_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    title = "\u202eevil\u2066 <b>x</b>\n\x1b[31m -i /etc/passwd \u200bz" + "a\u0300\u0301\u0302\u0303" * 9 + "y" * 500
    Pretended(monkeypatch, player(title=title, author="\x00\u202e"))
    found = ask(ADDRESS)
    assert found.title.startswith("evil <b>x</b> [31m -i /etc/passwd z")
    assert len(found.title) == 120
    assert found.title.isprintable()
    assert found.channel == ""


def test_cleaning_keeps_what_people_write() -> None:
    for text in ("Ćwiczenia tai-chi – część 1", "太極拳 入門", "رقص شعبي", "Squat & Deadlift (100 kg)"):
        assert clean(text) == text
    assert [clean(text) for text in (None, 5, "", "\ud800")] == ["", "", "", ""]


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
        "too many questions",
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
    "premiere": (player("LIVE_STREAM_OFFLINE", "Premieres in 3 days"), YouTubeUnavailable, "not been shown yet"),
    "announced": (
        player("LIVE_STREAM_OFFLINE", "This live event will begin in 2 hours.", details={"isUpcoming": True}),
        YouTubeUnavailable,
        "not been shown yet",
    ),
    "live": (player(details={"isLive": True, "isLiveContent": True}), YouTubeUnavailable, "sent live"),
    "just ended": (player(details={"isPostLiveDvr": True}), YouTubeUnavailable, "not finished"),
    "no recording": (
        player("UNPLAYABLE", "This live stream recording is not available."),
        YouTubeUnavailable,
        "no recording",
    ),
    "not understood": (player(streams={}), ExtractorOutdated, r"yt-dlp 20\d\d\."),
    "without a length": (player(length="0"), YouTubeUnavailable, "how long"),
    "streams from elsewhere": (
        player(streams={"adaptiveFormats": formats("evil.test")}),
        YouTubeUnavailable,
        "no form that can be fetched",
    ),
    "streams from this machine": (
        player(streams={"adaptiveFormats": formats("127.0.0.1")}),
        YouTubeUnavailable,
        "no form that can be fetched",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_says_what_it_is(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answer, kind, text = FAILURES[name]
    Pretended(monkeypatch, answer)
    with pytest.raises(kind, match=text) as raised:
        ask(ADDRESS)
    assert type(raised.value) is kind
    assert "yt-dlp -U" not in str(raised.value)
    assert "http" not in str(raised.value)


def test_a_live_stream_that_is_over_is_a_video(monkeypatch: pytest.MonkeyPatch) -> None:
    Pretended(monkeypatch, player(details={"isLive": False, "isLiveContent": True}))
    assert ask(ADDRESS).duration_sec == 634


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
def test_servers_that_do_not_answer_as_they_should(monkeypatch: pytest.MonkeyPatch, answer: Any, kind: type) -> None:
    youtube = Pretended(monkeypatch, answer)
    with pytest.raises(kind):
        ask(ADDRESS)
    assert all(url.startswith("https://www.youtube.com/") for url in youtube.asked)


def test_without_a_javascript_runtime_the_owner_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from yt_dlp.utils._jsruntime import DenoJsRuntime

    monkeypatch.setattr(DenoJsRuntime, "_info", lambda runtime: None)
    Pretended(monkeypatch, player(streams={}))
    with pytest.raises(ExtractorOutdated, match=r"deno"):
        ask(ADDRESS)


def test_an_extractor_that_stumbles_is_out_of_date(monkeypatch: pytest.MonkeyPatch) -> None:
    from yt_dlp.extractor.youtube import YoutubeIE

    def stumble(*arguments: object) -> None:
        raise TypeError("'NoneType' object is not subscriptable")

    monkeypatch.setattr(YoutubeIE, "_real_extract", stumble)
    with pytest.raises(ExtractorOutdated, match="newer one"):
        ask(ADDRESS)


@pytest.mark.parametrize("warnings", [[], ["x: n challenge solving failed: Some formats may be missing."]])
def test_any_message_at_all_is_sorted(warnings: list[str]) -> None:
    assert isinstance(sort("something new", warnings, "2099.01.01"), ExtractorOutdated)


def test_the_owners_cookies_are_used_from_a_copy(
    monkeypatch: pytest.MonkeyPatch, limits: Limits, tmp_path: Path
) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tPREF\thl=en\n")
    jar.chmod(0o400)
    before = jar.read_bytes()
    limits(youtube_cookies=jar)
    Pretended(monkeypatch, player())
    assert ask(ADDRESS).title == "Big Buck Bunny"
    assert jar.read_bytes() == before
    limits(youtube_cookies=tmp_path / "missing.txt")  # and it counts before a text
    with pytest.raises(SettingsError, match="HAR_YOUTUBE_COOKIES"):
        ask(ADDRESS)


def test_cookies_can_be_given_as_text_and_are_not_told(monkeypatch: pytest.MonkeyPatch, limits: Limits) -> None:
    text = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tSID\thush\n"
    limits(youtube_cookies_text=text)
    youtube = Pretended(monkeypatch, player())
    ask(ADDRESS)
    assert any("hush" in sent for sent in youtube.cookies)
    assert "hush" not in repr(settings())


def test_streams_in_pieces_are_left_aside_with_a_sentence() -> None:
    pieces = {"url": "https://x.googlevideo.com/a.m3u8", "protocol": "m3u8_native", "vcodec": "avc1", "height": 360}
    with pytest.raises(YouTubeUnavailable, match="small pieces"):
        choose([pieces])


def of(name: str, side: int, **more: Any) -> dict[str, Any]:
    url = f"https://x.googlevideo.com/{name}"
    return {"url": url, "protocol": "https", "vcodec": "avc1", "acodec": "none", "height": side, "width": 2000} | more


def test_formats_are_chosen_by_what_serves() -> None:
    sound = of("sound", 0, vcodec="none", acodec="mp4a.40.2", abr=129, language_preference=10)
    dubbed = of("dubbed", 0, vcodec="none", acodec="mp4a.40.2", abr=64, language_preference=-1)
    both = of("both", 360, acodec="mp4a.40.2")
    video, heard = choose([of("large", 720), of("small", 144), both, sound, dubbed])
    assert (video, heard) == (both, None)
    video, heard = choose([of("large", 720), of("larger", 1080), dubbed, sound])
    assert (video["url"][-5:], heard) == ("large", sound)
    upright = of("upright", 854, width=480)
    assert choose([of("small", 360), upright])[0] == upright
    assert choose([of("silent", 240)])[1] is None
    broken = of("broken", 480, preference=-10)
    assert choose([broken, of("whole", 480, tbr=9e9)])[0]["url"].endswith("whole")
    locked = of("locked", 480, has_drm=True)
    assert choose([locked, of("free", 144)])[0]["url"].endswith("free")


@pytest.mark.parametrize("formats", [[], [{}], [{"url": 5, "protocol": "https"}], [of("x", 0, width=None)]])
def test_formats_of_nonsense_are_no_formats(formats: list[dict[str, Any]]) -> None:
    with pytest.raises(YouTubeUnavailable):
        choose(formats)


def test_a_look_is_a_process_of_its_own_whose_refusal_arrives(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # nobody is there, with a network or without
    with pytest.raises(YouTubeUnreachable, match="cannot be reached"):
        look(ADDRESS)


def test_a_look_that_takes_too_long_is_ended(limits: Limits) -> None:
    limits(youtube_look_sec=0.05)
    begun = time.monotonic()
    with pytest.raises(YouTubeUnreachable, match=r"within 0\.05 seconds"):
        look(ADDRESS)
    assert time.monotonic() - begun < 5


def test_the_library_does_not_load_yt_dlp_before_it_is_needed() -> None:
    code = "import sys, har.youtube, har.cli; sys.exit('yt_dlp' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=os.environ)


@pytest.mark.network
def test_a_real_video_can_be_looked_at() -> None:
    try:
        socket.create_connection(("www.youtube.com", 443), timeout=5).close()
    except OSError:
        pytest.skip("no network")
    try:
        found = look(ADDRESS)
    except YouTubeRefused as error:
        pytest.skip(str(error))
    assert found.duration_sec == pytest.approx(635, abs=5)
