from fractions import Fraction
from pathlib import Path

import pytest

from har.video import cut_clip, probe, write_video
from tests.video.barcode import barcode
from tests.video.conftest import ffmpeg, read_numbers


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001), Fraction(60)])
@pytest.mark.parametrize(("first", "last"), [(0, 10), (37, 61), (99, 100)])
def test_the_clip_has_exactly_the_requested_frames(tmp_path: Path, fps: Fraction, first: int, last: int) -> None:
    write_video(tmp_path / "whole.mp4", (barcode(frame) for frame in range(100)), fps)
    cut_clip(
        probe(tmp_path / "whole.mp4"), round(float(first / fps), 6), round(float(last / fps), 6), tmp_path / "cut.mp4"
    )
    assert read_numbers(tmp_path / "cut.mp4") == list(range(first, last))


def test_the_clip_has_neither_sound_nor_metadata(tmp_path: Path, source: Path) -> None:
    ffmpeg("-i", source, "-f", "lavfi", "-i", "sine=duration=2", "-metadata", "title=at home", tmp_path / "titled.mp4")
    cut_clip(probe(tmp_path / "titled.mp4"), 0.5, 1.0, tmp_path / "cut.mp4")
    assert not probe(tmp_path / "cut.mp4").has_audio
    assert b"at home" not in (tmp_path / "cut.mp4").read_bytes()
