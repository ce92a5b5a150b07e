from fractions import Fraction
from pathlib import Path

import pytest

from har.video import cut, probe, read_frames, write_video
from tests.video.barcode import barcode, number
from tests.video.conftest import ffmpeg


def numbers(path: Path) -> list[int]:
    with read_frames(probe(path)) as frames:
        return [number(frame) for frame in frames]


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(60)])
@pytest.mark.parametrize(("first", "last"), [(0, 10), (37, 61), (99, 100)])
def test_exactly_the_frames_that_were_asked_for(tmp_path: Path, fps: Fraction, first: int, last: int) -> None:
    write_video(tmp_path / "whole.mp4", (barcode(frame) for frame in range(100)), fps)
    cut(probe(tmp_path / "whole.mp4"), round(float(first / fps), 6), round(float(last / fps), 6), tmp_path / "cut.mp4")
    assert numbers(tmp_path / "cut.mp4") == list(range(first, last))


def test_sound_and_what_the_file_says_of_its_making_stay_behind(tmp_path: Path, source: Path) -> None:
    ffmpeg("-i", source, "-f", "lavfi", "-i", "sine=duration=2", "-metadata", "title=at home", tmp_path / "told.mp4")
    cut(probe(tmp_path / "told.mp4"), 0.5, 1.0, tmp_path / "cut.mp4")
    assert not probe(tmp_path / "cut.mp4").has_audio
    assert b"at home" not in (tmp_path / "cut.mp4").read_bytes()
