"""Pasted text is the address of one YouTube video or refused, without any connection."""

import random
import re
import socket
import string

import pytest

from har.errors import AddressInvalid, HarError
from har.youtube.address import VideoAddress, is_address, parse_address, parse_seconds
from har.youtube.hosts import is_allowed_api_url, is_allowed_media_url

ID = "aqz-KE-bpKQ"
GOOD = [
    f"https://www.youtube.com/watch?v={ID}",
    f"http://youtube.com/watch?v={ID}",
    f"HTTPS://WWW.YouTube.COM/watch?v={ID}",
    f"https://m.youtube.com/watch?app=desktop&v={ID}&feature=share",
    f"https://www.youtube.com/watch?list=PL0123456789&index=3&v={ID}",
    f"https://www.youtube.com/watch?v={ID}&ab_channel=Łódź",
    f"youtu.be/{ID}?si=abcdefgh",
    f"//youtu.be/{ID}",
    f"  https://youtu.be/{ID}\n",
    f"https://www.youtube.com/shorts/{ID}/?feature=share",
    f"https://www.youtube-nocookie.com/embed/{ID}",
    f"https://www.youtube.com/live/{ID}?feature=share",
    f"https://www.youtube.com:443/watch?v={ID}",
    f"youtu.be:443/{ID}",
    ID,
    f" {ID}\n",
    f"https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3D{ID}%26feature%3Dshare",
    f"https://www.youtube.com/redirect?q=https%3A%2F%2Fyoutu.be%2F{ID}",
    f"https://www.youtube.com/oembed?url=http%3A//www.youtube.com/watch?v%3D{ID}&format=json",
    f"https://www.youtube.com/verify_age?next_url=/watch%3Fv%3D{ID}",
    f"consent.youtube.com/ml?continue=https://m.youtube.com/watch?v%3D{ID}%26cbrd%3D1&gl=IT&hl=it",
    f"https://consent.google.com/ml?continue=https://www.youtube.com/shorts/{ID}",
    "https://accounts.google.com/ServiceLogin?service=youtube&continue=https%3A%2F%2Fwww.youtube.com%2Fsignin%3F"
    f"action_handle_signin%3Dtrue%26next%3D%252Fwatch%253Fv%253D{ID}",
    f"https://www.google.com/url?sa=t&q=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D{ID}&sa=D",
    f"https://www.google.co.uk/url?q=&url=https://youtu.be/{ID}",
    f"https://www.youtube.com/watch/{ID}",
    f"https://www.youtube.com/watch/?v={ID}",
    f"https://www.youtube.com/watch?feature=shared&amp;v={ID}",
    f"https://www.youtube.com/watch?a=1&amp;amp;v={ID}&#38;b=2",
    f"https://www.youtube.com/watch%3Fv%3D{ID}",
    f"https://www.youtube.com/watch&v={ID}",
    f"https://www.youtube.com/watch?v={ID}?feature=share",
    f"https://www.youtube.com/watch?v={ID}/",
    f"https://www.youtube.com/?v={ID}",
    f"https://www.youtube.com/?feature=player_embedded&vi={ID}",
    f"https://www.youtube.com/watch.php?v={ID}",
    f"https://www.youtube.com/watch#!v={ID}",
    f"https://www.youtube.com/#!/watch?v={ID}",
    f"https://www.youtube.com/user/somebody#p/u/1/{ID}",
    f"https://www.youtube.com/view_play_list?p=0123456789&v={ID}",
    f"https://www.youtube.com/embed/?v={ID}",
    f"https://www.youtube.com/v/{ID}&hl=en",
    f"https://www.youtube.com/vi/{ID}?fs=1",
    f"https://youtu.be/{ID}&feature=share",
    f"https://youtu.be/watch?v={ID}",
    f"https://www.youtu.be/{ID}",
    f"https://de.youtube.com/watch?v={ID}",
    f"https://studio.youtube.com/video/{ID}/edit",
    f"https://www.youtube.com/Shorts/{ID}",
    f"<https://youtu.be/{ID}>",
    f"(https://youtu.be/{ID}).",
    f"Look at this (youtu.be/{ID}) please",
]
TIMES = {90: ("90", "90s", "1m30s", "1:30"), 3723: ("1h2m3s",), 3600: ("1h",), 120: ("2m",), 0: ("0", "soon", "-5")}
OTHER_SITES = [
    "",
    "hello",
    f"https://evil.test/watch?v={ID}",
    f"https://youtube.com.evil.test/watch?v={ID}",
    f"https://evilyoutube.com/watch?v={ID}",
    f"https://www.youtube.com@evil.test/watch?v={ID}",
    f"https://user:word@www.youtube.com/watch?v={ID}",
    f"https://evil.test\\@www.youtube.com/watch?v={ID}",
    f"https://www.youtube.com\\.evil.test/watch?v={ID}",
    f"https://evil.test#www.youtube.com/watch?v={ID}",
    f"https://127.0.0.1/watch?v={ID}",
    f"http://[::1]/watch?v={ID}",
    f"https://www.youtube.com:8443/watch?v={ID}",
    f"http://www.youtube.com:22/watch?v={ID}",
    f"https://www.youtube.com./watch?v={ID}",
    f"https://www.youtube。com/watch?v={ID}",
    f"https://ｗｗｗ.youtube.com/watch?v={ID}",
    f"https://www.you\u200btube.com/watch?v={ID}",
    f"https://www.youtube.com/\x00watch?v={ID}",
    f"https://www.youtube.com/wa\ntch?v={ID}",
    f"https://www.youtube.com/\u202ewatch?v={ID}",
    f"ftp://www.youtube.com/watch?v={ID}",
    f"file://www.youtube.com/watch?v={ID}",
    "javascript:alert(1)",
    "ytsearch:cats",
    f"https://www.youtube.com/watch?v={ID}&" + "x" * 3000,
    f"https://www.youtube.com/watch?v={ID}&" + "&".join(f"a{n}=1" for n in range(99)),
    f"https://www.youtube.com/watch?v={ID}x",
    "https://www.youtube.com/watch?v=short",
    f"https://www.youtube.com/redirect?q=https://evil.test/watch?v={ID}",
    f"https://www.youtube.com/redirect?q=https%3A%2F%2Fevil.test%2F&v={ID}",
    f"https://www.youtube.com/attribution_link?u=//evil.test/watch?v={ID}",
    f"https://www.youtube.com/attribution_link?u=https%3A%2F%2Fwww.youtube.com%40evil.test%2Fwatch%3Fv%3D{ID}",
    f"https://consent.youtube.com/m?continue=https%3A%2F%2Fevil.test%2Fwatch%3Fv%3D{ID}",
    f"https://consent.youtube.com.evil.test/m?continue=https%3A%2F%2Fyoutu.be%2F{ID}",
    f"https://www.google.com/url?q=https://vimeo.com/{ID}",
    f"https://www.google.com/watch?v={ID}",
    f"https://google.evil.test/url?q=https://youtu.be/{ID}",
    "https://www.youtube.com/redirect?q=" + "/redirect?q%3D" * 9,
    "https://www.youtube.com/watch?v=aqz-KE-bpK%26",
    "https://www.youtube.com/",
    "https://youtu.be/",
    f"https://youtu.be/../{ID}",
    f"https://youtu.be/{ID} https://youtu.be/0123456789a",
    f"watch this https://evil.test/watch?v={ID}",
]
PAGES = {
    "https://www.youtube.com/playlist?list=PL0123456789": "a playlist",
    "https://www.youtube.com/watch?list=PL0123456789": "a playlist",
    "https://www.youtube.com/embed/videoseries?list=PL0123456789": "a playlist",
    "https://www.youtube.com/@somebody": "a channel",
    "https://www.youtube.com/channel/UC0123456789/live": "a channel",
    "https://www.youtube.com/c/somebody": "a channel",
    "https://www.youtube.com/user/somebody": "a channel",
    "https://www.youtube.com/embed/live_stream?channel=UC0123456789": "a channel",
    "https://www.youtube.com/results?search_query=tai+chi": "a search",
    "https://www.youtube.com/hashtag/dance": "a search",
    "https://www.youtube.com/clip/Ugkx0123456789": "a clip",
    "https://www.youtube.com/feed/trending": "without a video",
}


@pytest.fixture(autouse=True)
def _no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise AssertionError("a connection was made")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("text", GOOD)
def test_every_form_of_address_gives_its_video(text: str) -> None:
    address = parse_address(text)
    assert address == VideoAddress(ID, 0.0)
    assert address.url == f"https://www.youtube.com/watch?v={ID}"


@pytest.mark.parametrize(("text", "start"), [(text, start) for start, texts in TIMES.items() for text in texts])
def test_a_time_in_the_address_is_the_start(text: str, start: float) -> None:
    for form in ("youtu.be/{}?t={}", "www.youtube.com/watch?v={}&start={}", "youtu.be/{}#t={}", "youtu.be/{}?a=b?t={}"):
        assert parse_address(form.format(ID, text)).start_sec == start, form


@pytest.mark.parametrize("text", OTHER_SITES)
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        parse_address(text)


def test_a_time_inside_a_consent_page_s_address_is_the_start() -> None:
    text = f"https://consent.youtube.com/m?continue=https%3A%2F%2Fyoutu.be%2F{ID}%3Ft%3D1m30s&gl=DE&t=5"
    assert parse_address(text).start_sec == 90


@pytest.mark.parametrize(("text", "what"), PAGES.items())
def test_youtube_pages_that_are_not_one_video_are_named(text: str, what: str) -> None:
    with pytest.raises(AddressInvalid, match=what):
        parse_address(text)


def test_addresses_are_distinguished_from_file_names() -> None:
    assert is_address(f"youtu.be/{ID}")
    assert is_address("https://evil.test/x")
    assert not is_address("file:///etc/passwd")
    assert is_address(f"gaming.youtube.com/watch?v={ID}")
    assert not is_address("clips/youtu.be/x.mp4")
    assert not is_address("notyoutu.be/x.mp4")
    assert not is_address(ID)  # a file may be called so


def test_invalid_times() -> None:
    assert [parse_seconds(text) for text in ("", "1e9", "٣", "1h1h", ":", "5:", "nan", "9" * 40)] == [None] * 8


def _mutated(text: str, rng: random.Random) -> str:
    odd = "\x00\x07\u202e\u200b\u3002％ſKß\ud800…\\@#?&=:/[]%.;'\"<> \t\r\n" + string.printable
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        extra = "".join(rng.choice(odd) for _ in range(rng.randint(0, 3)))
        match rng.randrange(6):
            case 0:
                text = text[:at] + extra + text[at:]
            case 1:
                text = text[:at] + extra + text[at + rng.randint(0, 4) :]
            case 2:
                text = text[:at] + rng.choice([*GOOD, *OTHER_SITES])[: rng.randint(1, 40)] + text[at:]
            case 3:
                text = text[:at] + text[:at]
            case 4:
                text = text.replace(rng.choice([".", "/", ":", "=", "youtube", "watch", "https"]), extra)
            case 5:
                text = "".join(f"%{ord(s):02x}" if rng.random() < 0.1 and ord(s) < 256 else s for s in text)
    return text


@pytest.mark.promise("youtube", "Only addresses of YouTube videos are accepted, and only their id is used")
def test_mutated_addresses_are_valid_or_refused() -> None:
    rng = random.Random(20)
    seeds = [*GOOD, *GOOD, *OTHER_SITES, *PAGES]
    valid = 0
    for _ in range(3000):
        text = _mutated(rng.choice(seeds), rng)
        try:
            address = parse_address(text)
        except HarError:
            continue
        valid += 1
        assert re.fullmatch(r"[A-Za-z0-9_-]{11}", address.video_id)
        assert 0 <= address.start_sec < 1e8
        assert re.fullmatch(r"https://www\.youtube\.com/watch\?v=[\w-]{11}", address.url)
    assert valid > 50


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://rr3---sn-4g5e6nez.googlevideo.com/videoplayback?x=1", True),
        ("https://googlevideo.com/videoplayback", False),
        ("https://evilgooglevideo.com/videoplayback", False),
        ("https://x.googlevideo.com.evil.test/", False),
        ("https://x.googlevideo.com:8080/", False),
        ("https://x.googlevideo.com:443/", True),
        ("http://x.googlevideo.com/", False),
        ("https://me@x.googlevideo.com/", False),
        ("https://evil.test\\.googlevideo.com/", False),
        ("https://x.googlevideo.com:x/", False),
        ("file:///x.googlevideo.com", False),
    ],
)
def test_only_youtubes_hosts_are_allowed(url: str, allowed: bool) -> None:
    assert is_allowed_media_url(url) is allowed
    assert is_allowed_api_url(url) is allowed
