"""Mutated URLs: each is either a YouTube video or refused, and no other host is ever connected to."""

import random
import re
from pathlib import Path
from urllib.parse import urlsplit

from har.youtube import parse_address
from har.youtube.address import is_address, parse_seconds
from har.youtube.hosts import is_allowed_api_url, is_allowed_media_url
from stress.fuzz import seeds, text_changes
from stress.fuzz.case import Case
from stress.fuzz.tripwire import Tripwire

_ID = "aqz-KE-bpKQ"
_VALID = (
    f"https://www.youtube.com/watch?v={_ID}", f"https://youtu.be/{_ID}?t=1m30s", f"youtube.com/shorts/{_ID}",
    f"https://m.youtube.com/watch?v={_ID}&t=90",
    f"https://www.youtube-nocookie.com/embed/{_ID}?start=5", f"https://www.youtube.com/live/{_ID}#t=1:02:03",
    f"//youtu.be/{_ID}",
    f"https://music.youtube.com/watch?v={_ID}&list=PL1&index=2",
    "https://rr3---sn-4g5e6nez.googlevideo.com/videoplayback?x=1",
    "https://youtubei.googleapis.com/youtubei/v1/player",
)  # fmt: skip
_INVALID = (
    "https://youtube.com@evil.test/watch?v=aqz-KE-bpKQ", "https://evil.test/youtu.be/aqz-KE-bpKQ",
    "https://youtube.com.evil.test/watch?v=aqz-KE-bpKQ",
    "http://127.0.0.1/watch?v=aqz-KE-bpKQ", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd",
    "https://[::1]/watch?v=aqz-KE-bpKQ",
    "https://youtube.com:22/watch?v=aqz-KE-bpKQ", "javascript:alert(1)//youtube.com",
    "https://youtube.com\\@evil.test/", "https://evil.test#.googlevideo.com",
    "https://www.youtube.com/redirect?q=http://evil.test", "https://googlevideo.com.evil.test/x",
    "gopher://youtube.com/1", "https://xn--youtube-.com/",
    "https://youtube\u3002com/watch?v=aqz-KE-bpKQ", "https://www.youtube.com/playlist?list=PL1",
    "https://www.youtube.com/@someone/videos",
)  # fmt: skip
_ALLOWED_HOSTS = re.compile(
    r"(www\.|m\.|music\.)?youtube\.com|youtu\.be|(www\.)?youtube-nocookie\.com|youtubei\.googleapis\.com|(.+\.)googlevideo\.com"
)


class Urls:
    """Cases of the kind `url`."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._seed = seed
        self.tripwire = Tripwire(folder / "planted", seeds.videos(folder / "seeds", ["mpeg4.mp4"])["mpeg4.mp4"])

    def generate(self, index: int) -> str:
        """A text that a visitor pastes."""
        rng = random.Random(f"{self._seed} url {index}")
        return text_changes.change(
            rng.choice((*_VALID, *_VALID, *_INVALID)), (*_VALID, *_INVALID, self.tripwire.url), rng
        )

    def make_case(self, index: int, folder: Path) -> Case:
        """Parse it."""
        text = self.generate(index)
        return Case(repr(text[:200]), lambda: _process(text), set())


def _process(text: str) -> object:
    is_address(text)
    parse_seconds(text)
    for allowed in (is_allowed_api_url, is_allowed_media_url):
        if allowed(text) and not _ALLOWED_HOSTS.fullmatch((urlsplit(text).hostname or "").lower()):
            raise TypeError(f"{allowed.__name__} allows it")
    address = parse_address(text)
    if not re.fullmatch(r"https://www\.youtube\.com/watch\?v=[A-Za-z0-9_-]{11}", address.url):
        raise TypeError(f"{address.url!r} is requested")
    if not 0 <= address.start_sec < 1e8:
        raise TypeError(f"{address.start_sec} is the start")
    return address
