"""Stretches come exactly, within their limits, from nowhere else; and what fails leaves nothing behind."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from har.errors import FetchFailed, OptionsError, StopRequested, VideoTooBig, VideoTooLong
from har.video import probe, read_frames
from har.youtube import retry
from har.youtube.fetch import Fetching, fetch
from har.youtube.listing import Listing
from har.youtube.relay import Expired
from tests.video.barcode import number
from tests.youtube.conftest import FPS, Server, listed

Serve = Callable[[], Server]
Limits = Callable[..., None]


@pytest.fixture
def server(serve: Serve, numbered: Path, limits: Limits) -> Server:
    state = serve()
    state.content = numbered.read_bytes()
    return state


def shown(path: Path) -> list[int]:
    info = probe(path)
    with read_frames(info) as frames:
        return [number(frame) for frame in frames]


def nothing_left(folder: Path) -> None:
    assert list(folder.iterdir()) == []
    deadline = time.monotonic() + 5
    while running() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert running() == []


def running() -> list[str]:
    return [child.name() for child in psutil.Process().children(recursive=True) if "ffmpeg" in child.name()]


@pytest.mark.parametrize(("start", "end"), [(0.0, 10.0), (0.0, 1.0), (3.24, 5.6), (9.0, 10.0), (2.0, 2.2)])
def test_a_stretch_is_cut_to_the_frame(server: Server, tmp_path: Path, start: float, end: float) -> None:
    events: list[Fetching] = []
    path = fetch(listed(server.url()), start, end, tmp_path / "out.mp4", events.append)
    assert shown(path) == list(range(round(start * FPS), round(end * FPS)))
    info = probe(path)
    assert info.duration_sec == pytest.approx(end - start, abs=1 / FPS)
    assert info.has_audio
    assert info.codec == "h264"
    assert [file.name for file in tmp_path.iterdir()] == ["out.mp4"]
    assert all(0 <= event.done <= 1 for event in events)
    assert events[-1].received_bytes > 1000
    assert events[-1].bytes_per_sec > 0
    assert server.agents == {"a browser"}


def test_picture_and_sound_that_lie_apart_come_together(
    serve: Serve, apart: tuple[Path, Path], limits: Limits, tmp_path: Path
) -> None:
    picture, sound = serve(), serve()
    picture.content, sound.content = (path.read_bytes() for path in apart)
    path = fetch(listed(picture.url(), sound.url()), 3.0, 7.0, tmp_path / "out.mp4")
    assert shown(path) == list(range(75, 175))
    assert probe(path).has_audio


def test_a_large_picture_is_made_smaller(server: Server, limits: Limits, tmp_path: Path) -> None:
    limits(youtube_short_side=64)
    info = probe(fetch(listed(server.url()), 0.0, 1.0, tmp_path / "out.mp4"))
    assert (info.width, info.height) == (86, 64)


@pytest.mark.parametrize(("start", "end"), [(5.0, 5.0), (5.0, 4.0), (-1.0, 3.0), (8.0, 12.0), (float("nan"), 3.0)])
def test_a_stretch_that_cannot_be_is_refused_before_anybody_is_asked(
    server: Server, tmp_path: Path, start: float, end: float
) -> None:
    with pytest.raises(OptionsError, match="within the video's 10 seconds"):
        fetch(listed(server.url()), start, end, tmp_path / "out.mp4")
    assert server.asked == []


def test_a_stretch_that_is_too_long_is_refused_but_not_a_long_video(
    server: Server, limits: Limits, tmp_path: Path
) -> None:
    limits(max_video_sec=2)
    with pytest.raises(VideoTooLong):
        fetch(listed(server.url()), 0.0, 3.0, tmp_path / "out.mp4")
    assert server.asked == []
    assert probe(fetch(listed(server.url()), 0.0, 2.0, tmp_path / "out.mp4")).duration_sec <= 2


def test_cancelling_leaves_nothing(server: Server, tmp_path: Path) -> None:
    server.hang_after = 20_000

    def stop(event: Fetching) -> None:
        raise StopRequested

    begun = time.monotonic()
    with pytest.raises(StopRequested):
        fetch(listed(server.url()), 0.0, 10.0, tmp_path / "out.mp4", stop)
    assert time.monotonic() - begun < 10
    nothing_left(tmp_path)


def test_a_server_that_hangs_is_given_up(server: Server, limits: Limits, tmp_path: Path) -> None:
    limits(youtube_stall_sec=1)
    server.hang_after = 20_000
    with pytest.raises(FetchFailed):
        fetch(listed(server.url()), 0.0, 10.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


def test_a_server_that_trickles_is_given_up(server: Server, limits: Limits, tmp_path: Path) -> None:
    limits(youtube_stall_sec=1)
    server.trickle_sec = 0.01
    with pytest.raises(FetchFailed, match="sends too little"):
        fetch(listed(server.url()), 0.0, 10.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


def test_a_fetch_that_takes_too_long_is_ended(server: Server, limits: Limits, tmp_path: Path) -> None:
    limits(youtube_fetch_sec=1)
    server.hang_after = 20_000
    with pytest.raises(FetchFailed, match="ended after"):
        fetch(listed(server.url()), 0.0, 10.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


@pytest.mark.parametrize("limit", ["max_video_bytes", "youtube_fetch_bytes"])
def test_what_becomes_too_big_is_ended(server: Server, limits: Limits, tmp_path: Path, limit: str) -> None:
    if limit == "youtube_fetch_bytes":
        server.hang_after = 20_000
    limits(**{limit: 15_000}, youtube_stall_sec=5)
    with pytest.raises(VideoTooBig):
        fetch(listed(server.url()), 0.0, 10.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


def test_connections_that_break_are_gone_on_with(server: Server, tmp_path: Path) -> None:
    server.breaks = 2
    assert shown(fetch(listed(server.url()), 1.0, 3.0, tmp_path / "out.mp4")) == list(range(25, 75))


def test_a_server_that_keeps_failing_is_given_up(server: Server, tmp_path: Path) -> None:
    server.status = 503
    with pytest.raises(FetchFailed, match="broke off"):
        fetch(listed(server.url()), 1.0, 3.0, tmp_path / "out.mp4")
    assert len(server.asked) >= 3
    nothing_left(tmp_path)


@pytest.mark.parametrize("way", ["{}://127.0.0.2:{}/x", "file:///etc/passwd", "http://localhost:{1}/", "//evil.test/"])
def test_nobody_else_is_asked_where_a_server_sends_us_on(
    server: Server, serve: Serve, tmp_path: Path, way: str
) -> None:
    other = serve()
    server.redirect_to = way.format("http", other.port)
    with pytest.raises(FetchFailed, match="not YouTube's"):
        fetch(listed(server.url()), 0.0, 1.0, tmp_path / "out.mp4")
    assert other.asked == []
    nothing_left(tmp_path)


def test_a_redirect_that_stays_on_the_list_is_followed(
    server: Server, serve: Serve, limits: Limits, tmp_path: Path
) -> None:
    first = serve()
    first.redirect_to = server.url()
    assert len(shown(fetch(listed(first.url()), 0.0, 1.0, tmp_path / "out.mp4"))) == 25


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.2/x", "concat:/etc/passwd", "http://me@127.0.0.1/", "data:text/plain,x", ""],
)
def test_addresses_of_other_kinds_are_refused(limits: Limits, tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchFailed, match="not YouTube's"):
        fetch(listed(url), 0.0, 1.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


def test_without_the_tests_setting_only_https_will_do(server: Server, limits: Limits, tmp_path: Path) -> None:
    limits(youtube_media_http=False)
    with pytest.raises(FetchFailed, match="not YouTube's"):
        fetch(listed(server.url()), 0.0, 1.0, tmp_path / "out.mp4")
    assert server.asked == []


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"",
        b"<html>no</html>" * 1000,
    ],
)
def test_what_is_no_video_is_refused(server: Server, tmp_path: Path, content: bytes) -> None:
    server.content = content
    with pytest.raises(FetchFailed):
        fetch(listed(server.url()), 0.0, 1.0, tmp_path / "out.mp4")
    nothing_left(tmp_path)


def test_addresses_that_have_expired_are_looked_up_anew_once(
    server: Server, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = serve()
    old.status = 403
    looks: list[str] = []

    def look(address: object) -> Listing:
        looks.append(str(address))
        return listed(server.url())

    monkeypatch.setattr(retry, "look", look)
    assert len(shown(retry.get(listed(old.url()), 0.0, 1.0, tmp_path / "out.mp4"))) == 25
    server.status = 403
    with pytest.raises(Expired):
        retry.get(listed(old.url()), 0.0, 1.0, tmp_path / "again.mp4")
    assert len(looks) == 2


def test_a_proxy_for_the_world_outside_does_not_stand_before_the_door(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setattr("requests.sessions.get_environ_proxies", lambda *arguments, **options: {})
    assert len(shown(fetch(listed(server.url()), 0.0, 1.0, tmp_path / "out.mp4"))) == 25


def test_the_door_opens_for_nobody_else(limits: Limits) -> None:
    from har.youtube.relay import Relay

    with Relay([]) as relay:
        port = relay._server.server_port
        command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{port}/0/0"]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "404"
