"""Copies of videos for players."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from har.progress import Progress, Stage
from har.video import is_directly_playable, make_preview, make_proxy, probe, read_frames
from har.video.preview import preview_size
from tests.video.conftest import FRAMES, InfoOf, Make, Override, ffmpeg, read_numbers, read_times

NAMES = ("sound.mp4", "h264.avi", "libxvid.avi", "mpeg1.mpg", "mpeg2.ts", "variable.mp4", "odd.mp4", "small.gif")


@pytest.mark.parametrize("name", [*NAMES, "late.mp4"])
def test_a_preview_has_every_frame_at_its_time_in_a_format_all_browsers_play(
    name: str, info_of: InfoOf, tmp_path: Path
) -> None:
    info = info_of(name)
    make_preview(info, tmp_path / "small.mp4", mark="job")
    small = probe(tmp_path / "small.mp4")
    assert (small.codec, small.container, small.has_audio) == ("h264", "mp4", info.has_audio)
    assert read_numbers(small) == list(range(FRAMES))
    times = [read_times(info), read_times(small)]
    if not info.has_audio:  # without sound, players start with the first frame
        times = [times_sec - times_sec[0] for times_sec in times]
    np.testing.assert_allclose(*times, atol=2e-3)
    data = small.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.promise("private", "The URL of a player's file reveals neither a job's id nor another video")
def test_files_with_different_marks_differ_at_the_end(info_of: InfoOf, tmp_path: Path) -> None:
    reports: list[Progress] = []
    for mark in ("aaaaaaaa", "bbbbbbbb"):
        make_preview(info_of("sound.mp4"), tmp_path / f"{mark}.mp4", mark=mark, on_progress=reports.append)
    assert reports[-1] == Progress(Stage.PREPARE_PLAYER, 1.0, 1.0)
    one, two = ((tmp_path / f"{mark}.mp4").read_bytes() for mark in ("aaaaaaaa", "bbbbbbbb"))
    assert len(one) == len(two)
    assert one[-8:] == b"aaaaaaaa"
    assert one != two
    assert one[:-8] == two[:-8]
    info = probe(tmp_path / "aaaaaaaa.mp4")
    assert (info.frame_count, info.warning) == (FRAMES, None)


def test_previews_are_scaled_down_but_never_up(info_of: InfoOf, tmp_path: Path, override: Override) -> None:
    override(preview_short_side=64)
    make_preview(info_of("wide.mp4"), tmp_path / "small.mp4", mark="")
    small = probe(tmp_path / "small.mp4")
    assert (small.width, small.height) == (128, 64)
    override(preview_short_side=480)
    assert preview_size(160, 120) == (160, 120)
    assert preview_size(161, 121) == (160, 120)
    assert preview_size(1080, 1920) == (480, 854)


@pytest.mark.parametrize("name", ["h264.mp4", "sound.mp4", "variable.mp4", "late.mp4", "vp9.webm"])
def test_streams_that_browsers_play_are_copied(name: str, info_of: InfoOf, tmp_path: Path) -> None:
    info = info_of(name)
    assert is_directly_playable(info)
    out = make_proxy(info, tmp_path, mark="m" * 32)
    proxy = probe(out)
    assert out.name == f"proxy.{info.container}"
    assert (proxy.codec, proxy.has_audio, proxy.warning) == (info.codec, info.has_audio, None)
    with read_frames(info) as original, read_frames(proxy) as copy:
        for before, after in zip(original, copy, strict=True):
            np.testing.assert_array_equal(before, after)
    np.testing.assert_allclose(read_times(info), read_times(proxy), atol=2e-3)


@pytest.mark.parametrize("name", ["hevc.mp4", "av1.mkv", "libxvid.avi", "h264.mov", "h264.mkv", "odd.mp4", "mpeg2.ts"])
def test_streams_that_some_browsers_do_not_play_become_a_preview(name: str, info_of: InfoOf, tmp_path: Path) -> None:
    info = info_of(name)
    assert not is_directly_playable(info)
    out = make_proxy(info, tmp_path, mark="m" * 32)
    assert out.name == "proxy.mp4"
    assert probe(out).plays_in_browsers


def test_large_videos_become_a_preview(info_of: InfoOf, override: Override) -> None:
    info = info_of("h264.mp4")
    override(max_played_bytes=info.size_bytes - 1)
    assert not is_directly_playable(info)
    override(max_played_bytes=info.size_bytes)
    assert is_directly_playable(info)


@pytest.mark.parametrize(("codec", "container"), [("libx264", "mp4"), ("libvpx-vp9", "webm")])
def test_a_proxy_has_no_metadata(codec: str, container: str, source: Path, tmp_path: Path) -> None:
    metadata = ["title=Our street", "location=+48.2082+016.3738/", "artist=Anna", "creation_time=2020-02-02T02:02:02Z"]
    tags = [part for each in metadata for part in ("-metadata", each)] + ["-metadata:s:v", "title=A camera of a make"]
    video = tmp_path / f"tagged.{container}"
    ffmpeg("-i", source, *tags, "-c:v", codec, "-deadline", "realtime", video)
    assert b"Our street" in video.read_bytes()
    data = make_proxy(probe(video), tmp_path, mark="m" * 32).read_bytes()
    recorded = int(datetime(2020, 2, 2, 2, 2, 2, tzinfo=UTC).timestamp() - datetime(1904, 1, 1, tzinfo=UTC).timestamp())
    seconds = recorded.to_bytes(4, "big")  # as MP4 counts them
    for secret in (b"Our street", b"48.2082", b"Anna", b"A camera", b"2020-02", seconds):
        assert secret not in data
    assert data.endswith(b"m" * 32)


def test_damaged_files_do_not_play_directly(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(make("sound.mp4").read_bytes()[:-2000])  # its index comes before the frames
    info = probe(path)
    assert info.warning
    assert not info.plays_in_browsers
