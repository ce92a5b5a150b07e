"""Lookups through yt-dlp's own extractor: what they return, how they end, and which servers they contact."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from har.errors import SettingsError, StopRequested, YouTubeRefused, YouTubeUnavailable, YouTubeUnreachable
from har.progress import Progress, Stage
from har.settings import settings
from har.youtube.address import VideoAddress
from har.youtube.details import choose_formats, clean
from har.youtube.lookup import look_up
from har.youtube.ytdlp import extract
from tests.conftest import ROOT
from tests.video.conftest import Override
from tests.youtube.fake_youtube import ID, StartFake, player

ADDRESS = VideoAddress(ID)
pytestmark = pytest.mark.usefixtures("own_home")


def test_title_length_and_the_best_small_streams_are_returned(fake_youtube: StartFake) -> None:
    youtube = fake_youtube(player())
    details = extract(ADDRESS)
    assert (details.title, details.channel) == ("Big Buck Bunny", "Blender")
    assert details.duration_sec == 634
    assert "itag=135" in details.video.url  # H.264, though VP9 would be smaller
    assert details.sound is not None
    assert "itag=250" in details.sound.url
    assert details.thumbnail == f"https://i.ytimg.com/vi/{ID}/mqdefault.jpg"
    assert details.video.user_agent is not None
    assert {requests.utils.urlparse(url).hostname for url in youtube.requested} == {"www.youtube.com"}


def test_title_and_channel_are_cleaned(fake_youtube: StartFake) -> None:
    title = "\u202eevil\u2066 <b>x</b>\n\x1b[31m -i /etc/passwd \u200bz" + "a\u0300\u0301\u0302\u0303" * 9 + "y" * 500
    recorded = {"isLive": False, "isLiveContent": True}  # a stream that has ended is a video
    fake_youtube(player(title=title, author="\x00\u202e", details=recorded))
    details = extract(ADDRESS)
    assert details.title.startswith("evil <b>x</b> [31m -i /etc/passwd z")
    assert len(details.title) == 120
    assert details.title.isprintable()
    assert (details.channel, details.duration_sec) == ("", 634)


def test_cleaning_keeps_ordinary_text() -> None:
    for text in ("Ćwiczenia tai-chi – część 1", "太極拳 入門", "رقص شعبي", "Squat & Deadlift (100 kg)"):
        assert clean(text) == text
    assert [clean(text) for text in (None, 5, "", "\ud800")] == ["", "", "", ""]


@pytest.mark.promise("youtube", "The operator's cookies are neither changed nor shown")
def test_cookies_are_read_from_a_copy_of_the_file(fake_youtube: StartFake, override: Override, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tPREF\thl=en\n")
    jar.chmod(0o400)
    before = jar.read_bytes()
    override(youtube_cookies=jar)
    fake_youtube(player())
    assert extract(ADDRESS).title == "Big Buck Bunny"
    assert jar.read_bytes() == before
    override(youtube_cookies=tmp_path / "missing.txt")
    with pytest.raises(SettingsError, match="HAR_YOUTUBE_COOKIES"):
        extract(ADDRESS)


def test_cookies_can_be_given_as_text_and_stay_secret(fake_youtube: StartFake, override: Override) -> None:
    text = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tSID\thush\n"
    override(youtube_cookies_text=SecretStr(text))
    youtube = fake_youtube(player())
    extract(ADDRESS)
    assert any("hush" in sent for sent in youtube.cookies)
    assert "hush" not in repr(settings())


def test_segmented_streams_are_refused() -> None:
    segmented = {"url": "https://x.googlevideo.com/a.m3u8", "protocol": "m3u8_native", "vcodec": "avc1", "height": 360}
    with pytest.raises(YouTubeUnavailable, match="segmented stream"):
        choose_formats([segmented])


def make_format(name: str, side: int, **more: Any) -> dict[str, Any]:
    url = f"https://x.googlevideo.com/{name}"
    return {"url": url, "protocol": "https", "vcodec": "avc1", "acodec": "none", "height": side, "width": 2000} | more


def test_the_best_format_is_chosen() -> None:
    sound = make_format("sound", 0, vcodec="none", acodec="mp4a.40.2", abr=129, language_preference=10)
    dubbed = make_format("dubbed", 0, vcodec="none", acodec="mp4a.40.2", abr=64, language_preference=-1)
    both = make_format("both", 360, acodec="mp4a.40.2")
    video, audio = choose_formats([make_format("large", 720), make_format("small", 144), both, sound, dubbed])
    assert (video, audio) == (both, None)
    video, audio = choose_formats([make_format("large", 720), make_format("larger", 1080), dubbed, sound])
    assert (video["url"][-5:], audio) == ("large", sound)
    upright = make_format("upright", 854, width=480)
    assert choose_formats([make_format("small", 360), upright])[0] == upright
    assert choose_formats([make_format("silent", 240)])[1] is None
    broken = make_format("broken", 480, preference=-10)
    assert choose_formats([broken, make_format("whole", 480, tbr=9e9)])[0]["url"].endswith("whole")
    locked = make_format("locked", 480, has_drm=True)
    assert choose_formats([locked, make_format("free", 144)])[0]["url"].endswith("free")


@pytest.mark.parametrize("formats", [[], [{}], [{"url": 5, "protocol": "https"}], [make_format("x", 0, width=None)]])
def test_invalid_formats_are_refused(formats: list[dict[str, Any]]) -> None:
    with pytest.raises(YouTubeUnavailable):
        choose_formats(formats)


def test_errors_of_the_lookup_process_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")  # unreachable with or without a network
    with pytest.raises(YouTubeUnreachable, match="cannot be reached"):
        look_up(ADDRESS)


def test_a_lookup_that_takes_too_long_is_ended(override: Override) -> None:
    override(youtube_look_sec=0.05)
    with pytest.raises(YouTubeUnreachable, match=r"within 0\.05 seconds"):
        look_up(ADDRESS)


def test_a_cancelled_lookup_leaves_no_process_and_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Progress] = []
    started: list[subprocess.Popen[str]] = []
    folders: list[Path] = []
    popen = subprocess.Popen

    def start(arguments: list[str], **options: Any) -> "subprocess.Popen[str]":
        """A process that never answers, and leaves a file."""
        folders.append(Path(options["env"]["TMPDIR"]))
        (folders[0] / "cookies.txt").write_text("secret")
        started.append(popen([*arguments[:1], "-c", "import time; time.sleep(600)"], **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)

    def cancel(progress: Progress) -> None:
        reports.append(progress)
        if len(reports) == 2:
            raise StopRequested

    with pytest.raises(StopRequested):
        look_up(ADDRESS, cancel)
    assert reports == [Progress(Stage.LOOK_UP)] * 2
    assert [process.returncode for process in started] == [-signal.SIGKILL]
    assert [folder.exists() for folder in folders] == [False]


def test_yt_dlp_is_imported_only_when_needed() -> None:
    code = "import sys, har.youtube, har.cli; sys.exit('yt_dlp' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=os.environ)


@pytest.mark.network
def test_a_real_video_can_be_looked_up() -> None:
    try:
        socket.create_connection(("www.youtube.com", 443), timeout=5).close()
    except OSError:
        pytest.skip("no network")
    try:
        details = look_up(ADDRESS)
    except YouTubeRefused as error:
        pytest.skip(str(error))
    assert details.duration_sec == pytest.approx(635, abs=5)
