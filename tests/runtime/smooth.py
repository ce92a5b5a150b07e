"""Clips on which networks give different answers, unlike noise."""

import numpy as np


def smooth_clips(count: int, shape: tuple[int, ...]) -> np.ndarray:
    """Blurred random pictures that drift: uint8 `(count, *shape)` for a shape `(time, height, width, 3)`."""
    frames, height, width, _ = shape
    random = np.random.default_rng(7)
    clips = np.empty((count, *shape), np.uint8)
    for clip in clips:
        picture = np.kron(random.uniform(0, 255, (8, 8, 3)), np.ones((height // 4, width // 4, 1)))
        drift = random.integers(-4, 5, 2)
        clip[:] = [np.roll(picture, drift * step, (0, 1))[:height, :width] for step in range(frames)]
    return clips
