"""The size of a backdrop, the camera it is painted for, and shapes that several places use."""

import cv2
import numpy as np

from har.datasets.figures.drawing import DISTANCE, EYE_HEIGHT, Camera, Colour, Picture, mix

BACKDROP_HEIGHT, BACKDROP_WIDTH = 640, 1000
SCALE = 172.0  # pixels a metre at the origin
BACKDROP_CAMERA = Camera(scale=SCALE, centre=BACKDROP_WIDTH / 2, floor=290 + EYE_HEIGHT * SCALE)
HORIZON = 290

Rng = np.random.Generator


def gradient(backdrop: Picture, top: int, bottom: int, above: Colour, below: Colour) -> None:
    """A vertical gradient."""
    share = np.linspace(0, 1, bottom - top)[:, None, None]
    rows = np.array(above) + (np.array(below) - np.array(above)) * share
    backdrop[top:bottom] = np.round(rows).astype(np.uint8)


def rectangle(backdrop: Picture, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """A filled rectangle."""
    cv2.rectangle(backdrop, (round(x), round(y)), (round(x + width), round(y + height)), colour, -1)


def ellipse(
    backdrop: Picture,
    centre: tuple[int, int],
    axes: tuple[int, int],
    colour: Colour,
    arc: tuple[int, int] = (0, 360),
    thickness: int = -1,
) -> None:
    """An ellipse, or an arc in degrees; filled if the thickness is negative."""
    cv2.ellipse(backdrop, centre, axes, 0, *arc, colour, thickness, cv2.LINE_AA)


def foliage(backdrop: Picture, x: float, y: float, radius: float, colour: Colour, rng: Rng, count: int = 7) -> None:
    """A cluster of round spots."""
    for _ in range(count):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.75) * radius
        spot = (round(x + far * np.cos(angle) * 1.2), round(y + far * np.sin(angle) * 0.8))
        tone = mix(colour, (255, 255, 240), float(rng.uniform(0, 0.16)) + (0.08 if spot[1] < y else 0))
        cv2.circle(backdrop, spot, round(radius * rng.uniform(0.45, 0.65)), tone, -1, cv2.LINE_AA)


def floor_y(away: float) -> int:
    """The row of the floor at a distance in metres behind the origin."""
    return round(HORIZON + EYE_HEIGHT * SCALE * DISTANCE / (DISTANCE + away))


def floor_lines(backdrop: Picture, top: int, colour: Colour, step: float) -> None:
    """Lines from the viewer towards the horizon."""
    for across in np.arange(-14, 14, step):
        points = []
        for row in (top, BACKDROP_HEIGHT):
            points.append((round(BACKDROP_CAMERA.centre + across * (row - HORIZON) / EYE_HEIGHT), row))
        cv2.line(backdrop, points[0], points[1], colour, 2, cv2.LINE_AA)
