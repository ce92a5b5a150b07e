"""Clips that a network can train on in seconds."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from har.video import write_video


def write_shades(folder: Path, groups: Iterable[int], frame_count: int = 12) -> Path:
    """Write one clip of each of two labels, 'bright' and 'dark', for each group, and return the folder."""
    for label, shade in (("bright", 220), ("dark", 30)):
        (folder / label).mkdir()
        for group in groups:
            path = folder / label / f"v_{label}_g{group:02}_c01.mp4"
            write_video(path, _growing_bar(shade, group, frame_count), Fraction(10))
    return folder


def _growing_bar(shade: int, group: int, frame_count: int) -> Iterator[np.ndarray]:
    for step in range(frame_count):
        frame = np.full((64, 64, 3), shade, np.uint8)
        frame[: 5 + step, 10 * group : 10 * group + 8] = 128
        yield frame
