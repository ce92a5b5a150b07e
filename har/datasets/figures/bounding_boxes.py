"""Where the person stands in a generated clip: what nobody has to mark by hand."""

import numpy as np
from jaxtyping import Float64

from har.datasets.figures.actions import REVERSED
from har.datasets.figures.bodies import body_parts
from har.datasets.figures.clips import arrange
from har.datasets.figures.drawing import FIXED, HEIGHT, SHARP, WIDTH, Brush
from har.datasets.figures.skeleton import joints


def person_boxes(label: str, group: int, clip: int, seed: int = 0) -> Float64[np.ndarray, "time 4"]:
    """The box around the person, without shadow, chair and carton, in each frame of `draw_clip`.

    Returns:
        Left, top, right and bottom as shares of the picture's width and height.
    """
    if label in REVERSED:
        return person_boxes(REVERSED[label], group, clip, seed)[::-1].copy()
    shot = arrange(label, group, clip, seed)
    brush = Brush(shot.camera, shot.place.light)
    shapes = [shape for part in body_parts(shot.place.actor, joints(shot.pose), brush) for shape in part.shapes]
    lowest = np.min([shape.points.min(axis=1) for shape in shapes], axis=0)
    highest = np.max([shape.points.max(axis=1) for shape in shapes], axis=0)
    corners = np.stack([lowest, highest], axis=1) / (FIXED * SHARP * np.array([WIDTH, HEIGHT]))  # (time, 2, 2)
    if shot.stage.mirrored:
        corners[..., 0] = 1 - corners[:, ::-1, 0]
    boxes: Float64[np.ndarray, "time 4"] = np.clip(corners, 0, 1).reshape(len(corners), 4)
    return boxes
