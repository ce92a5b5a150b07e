"""Outdoor backdrops."""

import cv2
import numpy as np

from har.datasets.figures.backdrop_canvas import (
    BACKDROP_HEIGHT,
    BACKDROP_WIDTH,
    HORIZON,
    Rng,
    ellipse,
    floor_lines,
    floor_y,
    foliage,
    gradient,
    rectangle,
)
from har.datasets.figures.drawing import Colour, Picture, mix


def _sky(backdrop: Picture, rng: Rng, bottom: int) -> None:
    above, below = [
        ((118, 178, 226), (214, 232, 242)),
        ((150, 190, 222), (246, 226, 206)),
        ((132, 170, 214), (252, 214, 190)),
    ][rng.integers(3)]
    gradient(backdrop, 0, bottom, above, below)
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(0, BACKDROP_WIDTH), rng.uniform(30, bottom * 0.6)
        for k in range(4):
            ellipse(backdrop, (round(x + 32 * k), round(y - 8 * (k % 2))), (38, 15), (246, 247, 248))


def _tree(backdrop: Picture, x: float, base: float, height: float, green: Colour, rng: Rng) -> None:
    trunk: Colour = (112, 84, 62)
    rectangle(backdrop, x - height * 0.035, base - height * 0.5, height * 0.07, height * 0.5, trunk)
    foliage(backdrop, x, base - height * 0.68, height * 0.3, green, rng, 11)


def park(backdrop: Picture, rng: Rng) -> None:
    """A park."""
    _sky(backdrop, rng, HORIZON + 10)
    hill = mix((120, 168, 120), (150, 180, 190), float(rng.random()) * 0.6)
    for k in range(4):
        ellipse(backdrop, (int(rng.uniform(0, BACKDROP_WIDTH)), HORIZON + 20), (260, 40 + 18 * k), hill, (180, 360))
    green = [(104, 158, 84), (92, 148, 96), (136, 158, 78)][rng.integers(3)]
    gradient(backdrop, HORIZON, BACKDROP_HEIGHT, mix(green, (225, 235, 190), 0.35), mix(green, (30, 60, 30), 0.1))
    for k in range(6):
        row = floor_y(9 - 2 * k)
        rectangle(backdrop, 0, row, BACKDROP_WIDTH, (row - HORIZON) * 0.12, mix(green, (220, 235, 170), 0.3 - 0.02 * k))
    autumn = [(84, 136, 72), (70, 124, 84), (206, 140, 62)][rng.integers(3)]
    for x in rng.uniform(0, BACKDROP_WIDTH, int(rng.integers(5, 9))):
        _tree(backdrop, float(x), HORIZON + float(rng.uniform(8, 26)), float(rng.uniform(130, 250)), autumn, rng)


def street(backdrop: Picture, rng: Rng) -> None:
    """A street with shops."""
    _sky(backdrop, rng, HORIZON)
    edge = floor_y(3.2)
    x = -20.0
    while x < BACKDROP_WIDTH:
        width, height = float(rng.uniform(140, 240)), float(rng.uniform(250, 420))
        front: Colour = [(206, 152, 124), (222, 200, 168), (170, 176, 190), (200, 132, 120), (176, 190, 170)][
            rng.integers(5)
        ]
        rectangle(backdrop, x, edge - height, width - 3, height, front)
        for row in range(int(height // 78) - 1):
            for column in range(int(width // 56)):
                lit = (250, 228, 170) if rng.random() < 0.2 else (138, 164, 184)
                rectangle(backdrop, x + 16 + 56 * column, edge - height + 22 + 78 * row, 30, 46, lit)
        awning: Colour = [(206, 82, 72), (70, 130, 120), (226, 172, 82)][rng.integers(3)]
        rectangle(backdrop, x + 14, edge - 84, width - 34, 84, (92, 92, 104))
        rectangle(backdrop, x + 8, edge - 100, width - 22, 24, awning)
        x += width
    gradient(backdrop, edge, BACKDROP_HEIGHT, (178, 174, 172), (204, 198, 190))
    for away in (2.6, 1.6, 0.8, 0.0, -0.8, -1.5):
        rectangle(backdrop, 0, floor_y(away), BACKDROP_WIDTH, 2, (162, 158, 156))
    floor_lines(backdrop, edge, (162, 158, 156), 1.0)


def beach(backdrop: Picture, rng: Rng) -> None:
    """A beach."""
    _sky(backdrop, rng, HORIZON)
    shore = floor_y(7)
    gradient(backdrop, HORIZON - 4, shore, (78, 150, 184), (140, 206, 208))
    for _ in range(26):
        y = int(rng.uniform(HORIZON, shore - 2))
        x = int(rng.uniform(0, BACKDROP_WIDTH))
        cv2.line(backdrop, (x, y), (x + int(rng.uniform(20, 90)), y), (214, 236, 236), 2, cv2.LINE_AA)
    gradient(backdrop, shore, BACKDROP_HEIGHT, (236, 216, 176), (222, 192, 146))
    rectangle(backdrop, 0, shore - 2, BACKDROP_WIDTH, 5, (250, 250, 246))
    stripes: list[Colour] = [(214, 84, 76), (250, 244, 232)]
    for x in rng.uniform(40, 940, int(rng.integers(2, 4))):
        base = floor_y(float(rng.uniform(3.4, 5.5)))
        rectangle(backdrop, float(x) - 3, base - 170, 6, 170, (240, 236, 226))
        for k in range(6):
            ellipse(backdrop, (int(x), base - 150), (96, 62), stripes[k % 2], (180 + 30 * k, 210 + 30 * k))
    for _ in range(40):
        y = int(rng.uniform(shore + 8, BACKDROP_HEIGHT))
        ellipse(backdrop, (int(rng.uniform(0, BACKDROP_WIDTH)), y), (16, 3), (212, 182, 138))


def mountains(backdrop: Picture, rng: Rng) -> None:
    """Mountains, with or without snow."""
    _sky(backdrop, rng, HORIZON + 10)
    for k, tone in enumerate([(166, 180, 202), (136, 156, 180), (112, 140, 140)]):
        x = -60.0
        points = [[-60, HORIZON + 20]]
        while x < BACKDROP_WIDTH + 60:
            x += float(rng.uniform(50, 120))
            points.append([round(x), round(HORIZON - float(rng.uniform(0.25, 1.0)) * (150 - 48 * k))])
        points.append([BACKDROP_WIDTH + 60, HORIZON + 20])
        cv2.fillPoly(backdrop, [np.array(points, np.int32)], tone, cv2.LINE_AA)
    ground = [(226, 232, 240), (150, 170, 110), (196, 178, 142)][rng.integers(3)]
    gradient(backdrop, HORIZON, BACKDROP_HEIGHT, mix(ground, (180, 190, 200), 0.3), ground)
    for x in rng.uniform(0, BACKDROP_WIDTH, 9):
        base, tall = HORIZON + float(rng.uniform(4, 26)), float(rng.uniform(60, 150))
        for k in range(3):
            low, half = base - tall * 0.27 * k, tall * (0.24 - 0.05 * k)
            triangle = np.array([[x - half, low], [x + half, low], [x, low - tall * 0.45]]).round().astype(np.int32)
            cv2.fillConvexPoly(backdrop, triangle, mix((58, 104, 88), (200, 220, 220), 0.1 * k), cv2.LINE_AA)
