"""The small copy that pages play."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from har.video import make_preview, probe, read_frames
from har.video.preview import preview_size
from tests.video.barcode import number
from tests.video.conftest import FRAMES, Make

NAMES = [
    "sound.mp4",
    "h264.avi",
    "libxvid.avi",
    "mpeg1.mpg",
    "mpeg2.ts",
    "variable.mp4",
    "late.mp4",
    "odd.mp4",
    "small.gif",
]


@pytest.mark.parametrize("name", NAMES)
def test_it_has_every_frame_at_its_time_in_a_form_that_any_browser_plays(name: str, make: Make, tmp_path: Path) -> None:
    info = probe(make(name))
    make_preview(info, tmp_path / "small.mp4", mark="job")
    small = probe(tmp_path / "small.mp4")
    assert (small.codec, small.container, small.has_audio) == ("h264", "mp4", info.has_audio)
    assert b"yuv" not in small.path.read_bytes()[:4]
    times = []
    for each in (info, small):
        with read_frames(each, collect_times=True) as reader:
            assert [number(frame) for frame in reader] == list(range(FRAMES))
        times.append(reader.times_sec)
    if not info.has_audio:  # without sound a player starts with the first picture
        times = [each - each[0] for each in times]
    np.testing.assert_allclose(times[0], times[1], atol=2e-3)
    data = small.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_two_marks_make_two_files_that_differ_at_the_end(make: Make, tmp_path: Path) -> None:
    for mark in ("aaaaaaaa", "bbbbbbbb"):
        make_preview(make("sound.mp4"), tmp_path / f"{mark}.mp4", mark=mark)
    one, two = ((tmp_path / f"{mark}.mp4").read_bytes() for mark in ("aaaaaaaa", "bbbbbbbb"))
    assert len(one) == len(two)
    assert one[-8:] == b"aaaaaaaa"
    assert one != two
    assert one[:-8] == two[:-8]
    info = probe(tmp_path / "aaaaaaaa.mp4")
    assert (info.frame_count, info.warning) == (FRAMES, None)


def test_it_is_no_larger_than_asked_and_never_enlarged(make: Make, tmp_path: Path, limits: Callable[..., None]) -> None:
    limits(preview_short_side=64)
    make_preview(make("wide.mp4"), tmp_path / "small.mp4", mark="")
    small = probe(tmp_path / "small.mp4")
    assert (small.width, small.height) == (128, 64)
    limits(preview_short_side=480)
    assert preview_size(160, 120) == (160, 120)
    assert preview_size(161, 121) == (160, 120)
    assert preview_size(1080, 1920) == (480, 854)


def test_progress_ends_at_1(make: Make, tmp_path: Path) -> None:
    told: list[float] = []
    make_preview(make("sound.mp4"), tmp_path / "small.mp4", mark="", on_progress=told.append)
    assert told[-1] == 1.0
