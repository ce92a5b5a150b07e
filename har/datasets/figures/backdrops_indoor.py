"""Indoor backdrops."""

import cv2
import numpy as np

from har.datasets.figures.backdrop_canvas import (
    BACKDROP_HEIGHT,
    BACKDROP_WIDTH,
    Rng,
    ellipse,
    floor_lines,
    floor_y,
    gradient,
    rectangle,
)
from har.datasets.figures.drawing import Colour, Picture, mix


def _wall(backdrop: Picture, rng: Rng, wall: Colour, floor: Colour, *, away: float = 2.4) -> int:
    edge = floor_y(away)
    gradient(backdrop, 0, edge, mix(wall, (255, 255, 250), 0.2), mix(wall, (60, 50, 60), 0.06))
    gradient(backdrop, edge, BACKDROP_HEIGHT, mix(floor, (30, 20, 20), 0.12), mix(floor, (255, 250, 240), 0.12))
    rectangle(backdrop, 0, edge - 12, BACKDROP_WIDTH, 12, mix(wall, (255, 255, 255), 0.55))
    return edge


def _window(backdrop: Picture, x: float, y: float, width: float, height: float) -> None:
    rectangle(backdrop, x - 7, y - 7, width + 14, height + 14, (244, 242, 236))
    rectangle(backdrop, x, y, width, height, (176, 212, 234))
    rectangle(backdrop, x, y + height * 0.62, width, height * 0.38, (168, 200, 168))
    rectangle(backdrop, x + width / 2 - 3, y, 6, height, (244, 242, 236))
    rectangle(backdrop, x, y + height * 0.45, width, 5, (244, 242, 236))


def gym(backdrop: Picture, rng: Rng) -> None:
    """A gymnasium."""
    wall: Colour = [(214, 220, 222), (206, 216, 226), (226, 216, 200)][rng.integers(3)]
    edge = _wall(backdrop, rng, wall, [(206, 158, 106), (196, 164, 124), (128, 152, 168)][rng.integers(3)])
    accent: Colour = [(206, 96, 78), (72, 128, 176), (92, 156, 118), (226, 170, 72)][rng.integers(4)]
    rectangle(backdrop, 0, edge - 150, BACKDROP_WIDTH, 138, mix(wall, accent, 0.42))
    rectangle(backdrop, 0, edge - 158, BACKDROP_WIDTH, 9, accent)
    for x in range(40, BACKDROP_WIDTH, 240):
        _window(backdrop, x + float(rng.uniform(-10, 10)), 40, 150, 110)
    bars = int(rng.uniform(30, 760))
    for k in range(12):
        rectangle(backdrop, bars, edge - 30 - 22 * k, 150, 7, (190, 136, 84))
    for k in range(3):
        rectangle(backdrop, bars + 70 * k, edge - 290, 9, 290, (168, 116, 70))
    floor_lines(backdrop, edge, (180, 134, 90), 0.45)
    ellipse(backdrop, (BACKDROP_WIDTH // 2, floor_y(0)), (420, 66), (246, 240, 228), thickness=5)


def room(backdrop: Picture, rng: Rng) -> None:
    """A living room."""
    wall: Colour = [(232, 214, 190), (196, 212, 206), (222, 200, 196), (206, 208, 222)][rng.integers(4)]
    edge = _wall(backdrop, rng, wall, [(176, 128, 88), (154, 116, 90), (200, 170, 132)][rng.integers(3)])
    floor_lines(backdrop, edge, (140, 100, 70), 0.6)
    left = float(rng.uniform(60, 160))
    _window(backdrop, left, 70, 190, 190)
    curtain: Colour = [(206, 112, 96), (96, 136, 150), (226, 196, 140)][rng.integers(3)]
    for x in (left - 50, left + 190):
        rectangle(backdrop, x, 52, 50, 250, curtain)
    for x in rng.uniform(420, 900, 3):
        size = float(rng.uniform(55, 95))
        y = float(rng.uniform(70, 150))
        rectangle(backdrop, float(x), y, size, size * 1.2, (92, 72, 58))
        rectangle(
            backdrop,
            float(x) + 7,
            y + 7,
            size - 14,
            size * 1.2 - 14,
            mix((240, 236, 226), curtain, float(rng.random())),
        )
    sofa: Colour = [(92, 132, 138), (188, 112, 92), (132, 128, 152)][rng.integers(3)]
    x = float(rng.uniform(520, 680))
    rectangle(backdrop, x, edge - 118, 270, 90, sofa)
    rectangle(backdrop, x - 24, edge - 84, 318, 86, mix(sofa, (20, 20, 30), 0.15))
    rug = [(206, 186, 160), (176, 120, 110), (140, 158, 166)][rng.integers(3)]
    middle = (BACKDROP_WIDTH // 2, floor_y(-0.2))
    ellipse(backdrop, middle, (460, 84), rug)
    ellipse(backdrop, middle, (420, 70), mix(rug, (255, 250, 240), 0.4), thickness=6)


def studio(backdrop: Picture, rng: Rng) -> None:
    """A photographer's studio."""
    tone: Colour = [(176, 196, 206), (226, 200, 186), (200, 206, 180), (206, 196, 220), (190, 190, 194)][
        rng.integers(5)
    ]
    rows, columns = np.mgrid[0:BACKDROP_HEIGHT, 0:BACKDROP_WIDTH]
    middle = BACKDROP_WIDTH * float(rng.uniform(0.4, 0.6))
    glow = np.exp(-(((columns - middle) / 420) ** 2 + ((rows - 240) / 260) ** 2))
    sweep = 0.10 * np.exp(-(((rows - floor_y(2.2)) / 60) ** 2))  # where paper curves from wall to floor
    light = (0.80 + 0.30 * glow - sweep)[..., None]
    backdrop[:] = np.clip(np.array(tone) * light, 0, 255).astype(np.uint8)
    for x, side in ((110, 1), (890, -1)):
        base = floor_y(2.0)
        rectangle(backdrop, x - 3, base - 400, 6, 400, (72, 72, 80))
        points = np.array(
            [[x - 50, base - 440], [x + 50, base - 440], [x + 64 * side, base - 340], [x - 36 * side, base - 340]]
        )
        cv2.fillConvexPoly(backdrop, cv2.convexHull(points.astype(np.int32)), (250, 248, 240), cv2.LINE_AA)


def library(backdrop: Picture, rng: Rng) -> None:
    """A library."""
    wall: Colour = [(202, 186, 164), (176, 190, 180), (190, 178, 186)][rng.integers(3)]
    edge = _wall(backdrop, rng, wall, [(148, 106, 78), (122, 120, 128)][rng.integers(2)])
    spines: list[Colour] = [
        (176, 84, 70),
        (82, 116, 136),
        (206, 172, 108),
        (110, 136, 104),
        (150, 120, 150),
        (226, 214, 190),
    ]
    for left in (20, 270, 520, 770):
        if rng.random() < 0.2:
            _window(backdrop, left + 30, 60, 150, 220)
            continue
        rectangle(backdrop, left, edge - 380, 220, 380, (116, 82, 60))
        for shelf in range(5):
            base, x = edge - 12 - 72 * shelf, left + 10.0
            while x < left + 200:
                thick, tall = float(rng.uniform(8, 18)), float(rng.uniform(38, 58))
                rectangle(backdrop, x, base - tall, thick, tall, spines[rng.integers(6)])
                x += thick + 1
    floor_lines(backdrop, edge, (116, 88, 70), 0.5)
