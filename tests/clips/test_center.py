"""The centre clip is one that training draws, with the original frames at the same times."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from har.clips import ClipSpec, center, center_clip, decode
from tests.clips.test_samples import brightening


def test_the_clip_is_the_middle_of_what_training_decodes(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 100)
    spec = ClipSpec(10, 16, 16, 1.0)
    clip = center_clip(info, spec, high=30)
    np.testing.assert_array_equal(clip.frames, decode(info, spec)[15:25])
    np.testing.assert_allclose(clip.times_sec, np.arange(15, 25) / 10)
    assert not clip.spread


def test_originals_are_at_the_same_times_in_the_videos_aspect_ratio(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 100, step=2, size=(60, 80))
    clip = center_clip(info, ClipSpec(10, 16, 16, 1.0, "crop"), high=30)
    assert clip.originals.shape == (10, 30, 40, 3)
    brightness = clip.originals.mean(axis=(1, 2, 3)) - 10
    np.testing.assert_allclose(brightness, 2 * clip.times_sec * 25, atol=3.5)  # the next sample is 5 brighter


def test_a_video_shorter_than_the_span_is_spread(tmp_path: Path) -> None:
    info = brightening(tmp_path / "video.mp4", 31)
    spec = ClipSpec(11, 16, 16, 2.0)
    clip = center_clip(info, spec, high=30)
    assert clip.spread
    np.testing.assert_array_equal(clip.frames, decode(info, spec))
    np.testing.assert_allclose(clip.times_sec, np.linspace(0, 30, 11) / 25, atol=1e-6)


def test_the_clip_of_a_long_video_is_an_early_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = brightening(tmp_path / "video.mp4", 200)
    monkeypatch.setattr(center, "_LATEST_SEC", 1.0)
    clip = center_clip(info, ClipSpec(10, 16, 16, 1.0), high=30)
    np.testing.assert_allclose(clip.times_sec[[0, -1]], [1.0, 1.9])


def test_a_video_shorter_than_announced_gives_its_last_clip(tmp_path: Path) -> None:
    info = replace(brightening(tmp_path / "video.mp4", 50), duration_sec=20.0, last_frame_sec=19.96)
    clip = center_clip(info, ClipSpec(10, 16, 16, 1.0), high=30)
    np.testing.assert_allclose(clip.times_sec[[0, -1]], [1.0, 1.9])
    assert not clip.spread
