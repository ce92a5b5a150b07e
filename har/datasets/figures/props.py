"""The chair and the cardboard box in every scene."""

import numpy as np
from jaxtyping import Float

from har.datasets.figures.base_motion import BOX, SEAT, SEAT_BACK
from har.datasets.figures.drawing import EYE_HEIGHT, Brush, Colour, Part, Shape, mix
from har.datasets.figures.skeleton import body_axes


def _to_world(heading: float, points: list[tuple[float, float, float]]) -> list[np.ndarray]:
    """Points (forward, left, up) of an object at the origin with that heading, in the world, at one moment."""
    axes = body_axes(np.array([heading]))[0]
    return [(np.array(point) @ axes)[None] for point in points]


def chair_parts(heading: float, wood: Colour, cloth: Colour, brush: Brush) -> list[Part]:
    """A chair behind the origin, at one moment: it never moves."""
    near, far, half = -SEAT_BACK + 0.2, -SEAT_BACK - 0.21, 0.2

    def beam(points: list[tuple[float, float, float]], radius: float, colour: Colour) -> Part:
        centres = _to_world(heading, points)
        shapes = brush.shaded([(centres, [radius] * len(points), colour)])
        return Part(np.mean([centre[:, 1] for centre in centres], axis=0), shapes)

    parts = []
    for side in (half, -half):
        parts.append(beam([(near, side, 0.02), (near, side, SEAT - 0.04)], 0.02, wood))
        parts.append(beam([(far, side, 0.02), (far, side, SEAT), (far - 0.06, side, 0.92)], 0.021, wood))
    for height in (0.64, 0.82):
        back = far - 0.06 * (height - SEAT) / 0.46
        ends = [(back, side, height + rise) for side in (half, -half) for rise in (-0.035, 0.035)]
        parts.append(beam(ends, 0.016, cloth))
    seat = [(x, y, SEAT - 0.025) for x in (near, far) for y in (half, -half)]
    slab = brush.hull(_to_world(heading, seat), [0.03] * 4, mix(cloth, (20, 10, 30), 0.4))
    top = [(x, y, SEAT) for x in (near, far) for y in (half, -half)]
    cushion = brush.hull(_to_world(heading, top), [0.024] * 4, cloth)
    middle = _to_world(heading, [(-SEAT_BACK, 0, SEAT)])[0][:, 1]
    parts.append(Part(middle - 0.02, [slab, cushion]))
    return parts


def box_part(
    position: Float[np.ndarray, "time 3"], heading: Float[np.ndarray, " time"], colour: Colour, brush: Brush
) -> Part:
    """A cardboard box; `position` is the centre of its bottom."""
    deep, wide, high = BOX[0] / 2, BOX[1] / 2, BOX[2]
    axes = body_axes(heading)

    def corner(x: float, y: float, z: float) -> np.ndarray:
        point: Float[np.ndarray, "time 3"] = position + np.einsum(
            "i,tij->tj", np.array([x * deep, y * wide, z * high]), axes
        )
        return point

    def face(corners: list[tuple[float, float, float]], tone: Colour, shown: np.ndarray) -> Shape:
        return brush.hull([corner(*point) for point in corners], [0.006] * len(corners), tone, shown=shown)

    corners = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (0, 1)]
    shapes = [brush.hull([corner(*point) for point in corners], [0.014] * 8, mix(colour, (30, 15, 20), 0.45))]
    always = np.ones(len(position), dtype=bool)
    for axis in (0, 1):
        for sign in (-1, 1):
            normal = sign * axes[:, axis]
            seen = normal[:, 1] < -0.02
            lit = float(np.clip(0.5 + 0.5 * brush.light * normal[0, 0], 0, 1))
            ends = [(sign, other, z) if axis == 0 else (other, sign, z) for other in (-1, 1) for z in (0, 1)]
            tone = mix(mix(colour, (50, 25, 30), 0.3), colour, lit)
            shapes.append(face([(float(x), float(y), float(z)) for x, y, z in ends], tone, seen))
            tape = [(sign, 0.1 * k, z) if axis == 0 else (0.1 * k, sign, z) for k in (-1, 1) for z in (0.7, 1.0)]
            shapes.append(
                face([(float(x), float(y), float(z)) for x, y, z in tape], mix(tone, (250, 240, 210), 0.4), seen)
            )
    above = position[:, 2] + high < EYE_HEIGHT - 0.02
    lid = [(-1.0, -1.0, 1.0), (-1.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, 1.0)]
    shapes.append(face(lid, mix(colour, (255, 245, 225), 0.3), above & always))
    shapes.append(face([(x, 0.12 * y, z) for x, y, z in lid], mix(colour, (255, 250, 230), 0.55), above))
    return Part(position[:, 1] - 0.02, shapes)
