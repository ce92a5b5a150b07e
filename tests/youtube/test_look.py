"""What is behind an address, found out by yt-dlp's own extractor and read with care; and nobody else is asked."""

import os
import signal
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
    SettingsError,
    StopRequested,
    YouTubeRefused,
    YouTubeUnavailable,
    YouTubeUnreachable,
)
from har.settings import settings
from har.youtube.address import VideoAddress
from har.youtube.listing import choose, clean
from har.youtube.look import Asking, look
from har.youtube.ytdlp import ask
from tests.conftest import ROOT
from tests.youtube.pretended import ID, Answer, Pretended, player

ADDRESS = VideoAddress(ID)
Limits = Callable[..., None]
Pretend = Callable[[Answer], Pretended]
pytestmark = pytest.mark.usefixtures("own_home")


def test_title_length_and_the_smallest_streams_that_serve(pretend: Pretend) -> None:
    youtube = pretend(player())
    found = ask(ADDRESS)
    assert (found.title, found.channel, found.duration_sec, found.short_side) == ("Big Buck Bunny", "Blender", 634, 480)
    assert "itag=135" in found.video.url  # H.264 of 480 lines, though VP9 would be smaller
    assert found.sound is not None
    assert "itag=250" in found.sound.url
    assert found.thumbnail == f"https://i.ytimg.com/vi/{ID}/mqdefault.jpg"
    assert found.video.user_agent is not None
    assert {requests.utils.urlparse(url).hostname for url in youtube.asked} == {"www.youtube.com"}


def test_a_strangers_words_are_cleaned(pretend: Pretend) -> None:
    title = "\u202eevil\u2066 <b>x</b>\n\x1b[31m -i /etc/passwd \u200bz" + "a\u0300\u0301\u0302\u0303" * 9 + "y" * 500
    pretend(player(title=title, author="\x00\u202e"))
    found = ask(ADDRESS)
    assert found.title.startswith("evil <b>x</b> [31m -i /etc/passwd z")
    assert len(found.title) == 120
    assert found.title.isprintable()
    assert found.channel == ""


def test_cleaning_keeps_what_people_write() -> None:
    for text in ("Ćwiczenia tai-chi – część 1", "太極拳 入門", "رقص شعبي", "Squat & Deadlift (100 kg)"):
        assert clean(text) == text
    assert [clean(text) for text in (None, 5, "", "\ud800")] == ["", "", "", ""]


def test_a_live_stream_that_is_over_is_a_video(pretend: Pretend) -> None:
    pretend(player(details={"isLive": False, "isLiveContent": True}))
    assert ask(ADDRESS).duration_sec == 634


def test_the_owners_cookies_are_used_from_a_copy(pretend: Pretend, limits: Limits, tmp_path: Path) -> None:
    jar = tmp_path / "cookies.txt"
    jar.write_text("# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tPREF\thl=en\n")
    jar.chmod(0o400)
    before = jar.read_bytes()
    limits(youtube_cookies=jar)
    pretend(player())
    assert ask(ADDRESS).title == "Big Buck Bunny"
    assert jar.read_bytes() == before
    limits(youtube_cookies=tmp_path / "missing.txt")  # and it counts before a text
    with pytest.raises(SettingsError, match="HAR_YOUTUBE_COOKIES"):
        ask(ADDRESS)


def test_cookies_can_be_given_as_text_and_are_not_told(pretend: Pretend, limits: Limits) -> None:
    text = "# Netscape HTTP Cookie File\n.youtube.com\tTRUE\t/\tTRUE\t4000000000\tSID\thush\n"
    limits(youtube_cookies_text=text)
    youtube = pretend(player())
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


def test_a_look_can_be_stopped_and_leaves_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Asking] = []
    started = []
    popen = subprocess.Popen

    def start(arguments: list[str], **ways: Any) -> "subprocess.Popen[str]":
        """One that never answers."""
        started.append(popen([*arguments[:1], "-c", "import time; time.sleep(600)"], **ways))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)

    def stop(event: Asking) -> None:
        told.append(event)
        if len(told) == 2:
            raise StopRequested

    with pytest.raises(StopRequested):
        look(ADDRESS, stop)
    assert 0 < told[0].waited_sec < told[1].waited_sec
    assert [process.returncode for process in started] == [-signal.SIGKILL]


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
