"""The clip that is shown to people is one that training draws, beside the same moments of the video."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from har.clips import ClipSpec, center, decode, middle_clip
from har.video import VideoInfo, probe, write_video


def brightening(path: Path, count: int, step: int = 1) -> VideoInfo:
    """A video whose frame n has brightness 10 + n, or so many times n."""
    frames = (np.full((60, 80, 3), 10 + step * number, np.uint8) for number in range(count))
    write_video(path, frames, Fraction(25))
    return probe(path)


def test_it_is_the_middle_of_what_training_decodes(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 100)
    spec = ClipSpec(10, 16, 16, 1.0)
    clip = middle_clip(info, spec, high=30)
    np.testing.assert_array_equal(clip.frames, decode(info, spec)[15:25])
    np.testing.assert_allclose(clip.times_sec, np.arange(15, 25) / 10)
    assert not clip.spread


def test_originals_are_the_same_moments_in_the_videos_own_shape(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 100, step=2)
    clip = middle_clip(info, ClipSpec(10, 16, 16, 1.0, "crop"), high=30)
    assert clip.originals.shape == (10, 30, 40, 3)
    brightness = clip.originals.mean(axis=(1, 2, 3)) - 10
    np.testing.assert_allclose(brightness, 2 * clip.times_sec * 25, atol=3.5)  # the next sample is 5 brighter


def test_a_video_shorter_than_the_span_is_spread_and_says_so(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 31)
    spec = ClipSpec(11, 16, 16, 2.0)
    clip = middle_clip(info, spec, high=30)
    assert clip.spread
    np.testing.assert_array_equal(clip.frames, decode(info, spec))
    np.testing.assert_allclose(clip.times_sec, np.linspace(0, 30, 11) / 25, atol=1e-6)


def test_of_a_long_video_no_more_is_read_than_an_early_clip_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = brightening(tmp_path / "video.mp4", 200)
    monkeypatch.setattr(center, "_LATEST_SEC", 1.0)
    clip = middle_clip(info, ClipSpec(10, 16, 16, 1.0), high=30)
    np.testing.assert_allclose(clip.times_sec[[0, -1]], [1.0, 1.9])


def test_a_video_that_holds_less_than_it_announces_gives_its_last_clip(tmp_path: Path) -> None:
    info = replace(brightening(tmp_path / "video.mp4", 50), duration_sec=20.0)
    clip = middle_clip(info, ClipSpec(10, 16, 16, 1.0), high=30)
    np.testing.assert_allclose(clip.times_sec[[0, -1]], [1.0, 1.9])
    assert not clip.spread
