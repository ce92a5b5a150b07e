import os
from fractions import Fraction

import cv2
import numpy as np
import pytest

from har.errors import AnnotationMissing, VideoError
from har.results.filmstrip import FRAMES, find_filmstrip, write_filmstrip
from har.video import write_video


def brightness(path):
    """The mean grey of each frame of a strip."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert picture.shape == (72, FRAMES * 96)
    return picture.reshape(72, FRAMES, 96).mean(axis=(0, 2))


@pytest.mark.parametrize("seconds", [0.4, 6.0, 61.0])
def test_frames_are_spread_over_the_whole_video_and_the_result_is_not_kept_longer(tmp_path, seconds):
    count = round(10 * seconds)
    frames = (np.full((48, 64, 3), round(240 * frame / count), np.uint8) for frame in range(count))
    write_video(tmp_path / "proxy.mp4", frames, Fraction(10))
    assert find_filmstrip(tmp_path) is None
    os.utime(tmp_path, (1000, 1000))
    write_filmstrip(tmp_path)
    assert tmp_path.stat().st_mtime == 1000
    found = brightness(find_filmstrip(tmp_path))
    expected = 240 * np.arange(FRAMES) / FRAMES
    np.testing.assert_allclose(found, expected, atol=240 * max(0.1, 2 / count, 5 / seconds if seconds > 60 else 0))


def test_without_a_video_that_can_be_read_there_is_none(tmp_path):
    with pytest.raises(AnnotationMissing):
        write_filmstrip(tmp_path)
    (tmp_path / "proxy.mp4").write_bytes(b"not a video at all" * 100)
    with pytest.raises(VideoError):
        write_filmstrip(tmp_path)
    assert find_filmstrip(tmp_path) is None
