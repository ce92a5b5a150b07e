"""The size of a backdrop, the camera it is painted for, and strokes that several places use."""

import cv2
import numpy as np

from har.datasets.figures.drawing import DISTANCE, EYE_HEIGHT, Camera, Colour, Picture, mixed

PLATE_HEIGHT, PLATE_WIDTH = 640, 1000
SCALE = 172.0  # pixels a metre at the origin
PLATE = Camera(scale=SCALE, centre=PLATE_WIDTH / 2, floor=290 + EYE_HEIGHT * SCALE)  # what a backdrop is painted for
HORIZON = 290

Rng = np.random.Generator


def fade(plate: Picture, top: int, bottom: int, above: Colour, below: Colour) -> None:
    """Rows from one colour to another."""
    share = np.linspace(0, 1, bottom - top)[:, None, None]
    rows = np.array(above) + (np.array(below) - np.array(above)) * share
    plate[top:bottom] = np.round(rows).astype(np.uint8)


def oblong(plate: Picture, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """A filled rectangle."""
    cv2.rectangle(plate, (round(x), round(y)), (round(x + width), round(y + height)), colour, -1)


def puff(plate: Picture, x: float, y: float, radius: float, colour: Colour, rng: Rng, count: int = 7) -> None:
    """A cloud of round blots: leaves."""
    for _ in range(count):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.75) * radius
        spot = (round(x + far * np.cos(angle) * 1.2), round(y + far * np.sin(angle) * 0.8))
        tone = mixed(colour, (255, 255, 240), float(rng.uniform(0, 0.16)) + (0.08 if spot[1] < y else 0))
        cv2.circle(plate, spot, round(radius * rng.uniform(0.45, 0.65)), tone, -1, cv2.LINE_AA)


def floor_y(away: float) -> int:
    """The row of the floor so many metres behind the origin."""
    return round(HORIZON + EYE_HEIGHT * SCALE * DISTANCE / (DISTANCE + away))


def floor_lines(plate: Picture, top: int, colour: Colour, step: float) -> None:
    """Lines that run from the viewer to the horizon."""
    for across in np.arange(-14, 14, step):
        points = []
        for row in (top, PLATE_HEIGHT):
            points.append((round(PLATE.centre + across * (row - HORIZON) / EYE_HEIGHT), row))
        cv2.line(plate, points[0], points[1], colour, 2, cv2.LINE_AA)
