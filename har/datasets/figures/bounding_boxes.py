"""Bounding boxes of the person in generated clips, known without annotation."""

import numpy as np
from jaxtyping import Float64

from har.datasets.figures.actions import REVERSED
from har.datasets.figures.bodies import body_parts
from har.datasets.figures.clips import plan_clip
from har.datasets.figures.drawing import FIXED, HEIGHT, SUPERSAMPLING, WIDTH, Brush
from har.datasets.figures.skeleton import joints


def person_boxes(label: str, group: int, clip: int, seed: int = 0) -> Float64[np.ndarray, "time 4"]:
    """The box around the person, without shadow, chair and cardboard box, in each frame of `draw_clip`.

    Returns:
        Left, top, right and bottom as fractions of width and height.
    """
    if label in REVERSED:
        return person_boxes(REVERSED[label], group, clip, seed)[::-1].copy()
    plan = plan_clip(label, group, clip, seed)
    brush = Brush(plan.camera, plan.scene.light)
    shapes = [shape for part in body_parts(plan.scene.actor, joints(plan.pose), brush) for shape in part.shapes]
    lowest = np.min([shape.points.min(axis=1) for shape in shapes], axis=0)
    highest = np.max([shape.points.max(axis=1) for shape in shapes], axis=0)
    corners = np.stack([lowest, highest], axis=1) / (FIXED * SUPERSAMPLING * np.array([WIDTH, HEIGHT]))  # (time, 2, 2)
    if plan.stage.mirrored:
        corners[..., 0] = 1 - corners[:, ::-1, 0]
    boxes: Float64[np.ndarray, "time 4"] = np.clip(corners, 0, 1).reshape(len(corners), 4)
    return boxes
