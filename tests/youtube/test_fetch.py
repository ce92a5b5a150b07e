"""Sections arrive frame by frame, within the limits, from allowed servers only; failures leave nothing behind."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from har.errors import FetchFailed, OptionsError, StopRequested, VideoTooLarge, VideoTooLong
from har.progress import Progress, Stage
from har.video import probe
from har.youtube import VideoDetails, fetch_section
from har.youtube import fetch as fetch_module
from har.youtube.relay import LinkExpired, Relay
from tests.video.conftest import Override, read_numbers
from tests.video.test_frames import children
from tests.youtube.conftest import FPS, Server, make_details

Serve = Callable[[], Server]
pytestmark = [pytest.mark.media, pytest.mark.usefixtures("local_media")]


@pytest.fixture
def server(serve: Serve, numbered: Path) -> Server:
    server = serve()
    server.content = numbered.read_bytes()
    return server


@pytest.fixture
def fetch(tmp_path: Path) -> Callable[..., Path]:
    def fetch(server: Server | str, start: float, end: float, on_progress: Callable[[Progress], None] = print) -> Path:
        url = server if isinstance(server, str) else server.url()
        return fetch_section(make_details(url), start, end, tmp_path / "new" / "out.mp4", on_progress)

    return fetch


def assert_nothing_left(tmp_path: Path) -> None:
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    _, alive = psutil.wait_procs(children(), timeout=5)
    assert alive == []


@pytest.mark.promise("youtube", "The chosen section is cut to the frame")
@pytest.mark.parametrize(("start", "end"), [(0.0, 1.0), (3.24, 5.6), (9.0, 10.0)])
def test_a_section_is_cut_to_the_frame(server: Server, fetch, start: float, end: float) -> None:
    reports: list[Progress] = []
    path = fetch(server, start, end, reports.append)
    assert read_numbers(path) == list(range(round(start * FPS), round(end * FPS)))
    info = probe(path)
    assert info.duration_sec == pytest.approx(end - start, abs=1 / FPS)
    assert (info.has_audio, info.codec) == (True, "h264")
    assert [file.name for file in path.parent.iterdir()] == ["out.mp4"]
    assert {report.stage for report in reports} == {Stage.FETCH}
    assert all(0 <= report.done <= report.total == pytest.approx(end - start, abs=0.2) for report in reports)
    assert " MB/s" in reports[-1].note
    assert server.user_agents == {"a browser"}


def test_progress_notes_the_speed_and_the_time_left() -> None:
    history = fetch_module.deque([(0.0, 0), (2.0, 3_000_000)])
    notes = [fetch_module._note(history, fraction, 20.0) for fraction in (0.0, 0.5, 0.1)]
    assert notes == ["1.5 MB/s", "1.5 MB/s, 20 s left", "1.5 MB/s, 3 min left"]


def test_separate_picture_and_sound_are_joined(
    serve: Serve, separate_streams: tuple[Path, Path], tmp_path: Path
) -> None:
    picture, sound = serve(), serve()
    picture.content, sound.content = (path.read_bytes() for path in separate_streams)
    path = fetch_section(make_details(picture.url(), sound.url()), 3.0, 7.0, tmp_path / "out.mp4")
    assert read_numbers(path) == list(range(75, 175))
    assert probe(path).has_audio


def test_a_large_picture_is_scaled_down(server: Server, override: Override, fetch) -> None:
    override(youtube_short_side=64)
    info = probe(fetch(server, 0.0, 1.0))
    assert (info.width, info.height) == (86, 64)


@pytest.mark.parametrize(("start", "end"), [(5.0, 5.0), (5.0, 4.0), (-1.0, 3.0), (8.0, 12.0), (float("nan"), 3.0)])
def test_an_impossible_section_is_refused_before_any_request(server: Server, fetch, start: float, end: float) -> None:
    with pytest.raises(OptionsError, match="within the video's 10 seconds"):
        fetch(server, start, end)
    assert server.ranges == []


def test_the_limit_on_seconds_applies_to_the_section_not_to_the_video(
    server: Server, override: Override, fetch
) -> None:
    override(max_video_sec=2)
    with pytest.raises(VideoTooLong):
        fetch(server, 0.0, 3.0)
    assert server.ranges == []
    assert probe(fetch(server, 0.0, 2.0)).duration_sec <= 2


def test_a_cancelled_fetch_leaves_nothing(server: Server, tmp_path: Path, fetch) -> None:
    server.hang_after = 20_000

    def cancel(progress: Progress) -> None:
        raise StopRequested

    with pytest.raises(StopRequested):
        fetch(server, 0.0, 10.0, cancel)
    assert_nothing_left(tmp_path)


@pytest.mark.promise("youtube", "A fetch is limited in time and size")
@pytest.mark.parametrize(
    ("failure", "limits", "error", "message"),
    [
        ({"hang_after": 20_000}, {"youtube_stall_sec": 1}, FetchFailed, "video server"),
        ({"trickle_sec": 0.01}, {"youtube_stall_sec": 1}, FetchFailed, "too slow"),
        ({"hang_after": 20_000}, {"youtube_fetch_sec": 1}, FetchFailed, "cancelled after"),
        ({"hang_after": 20_000}, {"youtube_fetch_bytes": 15_000, "youtube_stall_sec": 5}, VideoTooLarge, "exceeds"),
        ({}, {"max_video_bytes": 15_000, "youtube_stall_sec": 5}, VideoTooLarge, "exceeds"),
    ],
    ids=["hangs", "trickles", "takes too long", "sends too much", "gives too large a file"],
)
def test_a_fetch_beyond_a_limit_is_ended(
    server: Server, override: Override, tmp_path: Path, fetch, failure: dict, limits: dict, error: type, message: str
) -> None:
    override(**limits)
    vars(server).update(failure)
    with pytest.raises(error, match=message):
        fetch(server, 0.0, 10.0)
    assert_nothing_left(tmp_path)


def test_broken_connections_are_resumed(server: Server, fetch) -> None:
    server.breaks = 2
    assert read_numbers(fetch(server, 1.0, 3.0)) == list(range(25, 75))


def test_a_server_that_keeps_failing_is_given_up(server: Server, tmp_path: Path, fetch) -> None:
    server.status = 503
    with pytest.raises(FetchFailed, match="The connection to YouTube's video server failed"):
        fetch(server, 1.0, 3.0)
    assert len(server.ranges) >= 3
    assert_nothing_left(tmp_path)


@pytest.mark.promise("youtube", "Videos come only from YouTube's servers, also after a redirect")
@pytest.mark.parametrize(
    "location", ["http://127.0.0.2:{}/x", "file:///etc/passwd", "http://localhost:{}/", "//evil.test/"]
)
def test_redirects_to_other_servers_are_not_followed(
    server: Server, serve: Serve, tmp_path: Path, fetch, location: str
) -> None:
    other = serve()
    server.redirect_to = location.format(other.port)
    with pytest.raises(FetchFailed, match="not YouTube's"):
        fetch(server, 0.0, 1.0)
    assert other.ranges == []
    assert_nothing_left(tmp_path)


def test_redirects_to_allowed_servers_are_followed_and_no_proxy_is_used_for_the_relay(
    server: Server, serve: Serve, fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setattr("requests.sessions.get_environ_proxies", lambda *arguments, **options: {})
    first = serve()
    first.redirect_to = server.url()
    assert len(read_numbers(fetch(first, 0.0, 1.0))) == 25


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "http://127.0.0.2/x", "concat:/etc/passwd", "http://me@127.0.0.1/", "data:text/plain,x", ""],
)
def test_other_servers_and_schemes_are_refused(tmp_path: Path, fetch, url: str) -> None:
    with pytest.raises(FetchFailed, match="not YouTube's"):
        fetch(url, 0.0, 1.0)
    assert_nothing_left(tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n", b"", b"<html>" * 1000],
)
def test_a_stream_that_is_not_a_video_is_refused(server: Server, tmp_path: Path, fetch, content: bytes) -> None:
    server.content = content
    with pytest.raises(FetchFailed):
        fetch(server, 0.0, 1.0)
    assert_nothing_left(tmp_path)


def test_expired_links_are_renewed_once(server: Server, serve: Serve, fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    expired = serve()
    expired.status = 403
    lookups: list[str] = []

    def look_up(address: object, on_progress: object) -> VideoDetails:
        lookups.append(str(address))
        return make_details(server.url())

    monkeypatch.setattr(fetch_module, "look_up", look_up)
    assert len(read_numbers(fetch(expired, 0.0, 1.0))) == 25
    server.status = 403
    with pytest.raises(LinkExpired):
        fetch(expired, 0.0, 1.0)
    assert len(lookups) == 2


def test_the_relay_serves_nothing_without_its_secret() -> None:
    with Relay([]) as relay:
        url = f"http://127.0.0.1:{relay._server.server_port}/0/0"
        command = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url]
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "404"
