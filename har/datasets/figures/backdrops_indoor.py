"""Backdrops under a roof."""

import cv2
import numpy as np

from har.datasets.figures.backdrop_canvas import PLATE_HEIGHT, PLATE_WIDTH, Rng, fade, floor_lines, floor_y, oblong
from har.datasets.figures.drawing import Colour, Picture, mixed


def _wall(plate: Picture, rng: Rng, wall: Colour, floor: Colour, *, away: float = 2.4) -> int:
    edge = floor_y(away)
    fade(plate, 0, edge, mixed(wall, (255, 255, 250), 0.2), mixed(wall, (60, 50, 60), 0.06))
    fade(plate, edge, PLATE_HEIGHT, mixed(floor, (30, 20, 20), 0.12), mixed(floor, (255, 250, 240), 0.12))
    oblong(plate, 0, edge - 12, PLATE_WIDTH, 12, mixed(wall, (255, 255, 255), 0.55))
    return edge


def _window(plate: Picture, x: float, y: float, width: float, height: float) -> None:
    oblong(plate, x - 7, y - 7, width + 14, height + 14, (244, 242, 236))
    oblong(plate, x, y, width, height, (176, 212, 234))
    oblong(plate, x, y + height * 0.62, width, height * 0.38, (168, 200, 168))
    oblong(plate, x + width / 2 - 3, y, 6, height, (244, 242, 236))
    oblong(plate, x, y + height * 0.45, width, 5, (244, 242, 236))


def gym(plate: Picture, rng: Rng) -> None:
    """A gymnasium."""
    wall: Colour = [(214, 220, 222), (206, 216, 226), (226, 216, 200)][rng.integers(3)]
    edge = _wall(plate, rng, wall, [(206, 158, 106), (196, 164, 124), (128, 152, 168)][rng.integers(3)])
    accent: Colour = [(206, 96, 78), (72, 128, 176), (92, 156, 118), (226, 170, 72)][rng.integers(4)]
    oblong(plate, 0, edge - 150, PLATE_WIDTH, 138, mixed(wall, accent, 0.42))
    oblong(plate, 0, edge - 158, PLATE_WIDTH, 9, accent)
    for x in range(40, PLATE_WIDTH, 240):
        _window(plate, x + float(rng.uniform(-10, 10)), 40, 150, 110)
    bars = int(rng.uniform(30, 760))
    for k in range(12):
        oblong(plate, bars, edge - 30 - 22 * k, 150, 7, (190, 136, 84))
    for k in range(3):
        oblong(plate, bars + 70 * k, edge - 290, 9, 290, (168, 116, 70))
    floor_lines(plate, edge, (180, 134, 90), 0.45)
    cv2.ellipse(plate, (PLATE_WIDTH // 2, floor_y(0)), (420, 66), 0, 0, 360, (246, 240, 228), 5, cv2.LINE_AA)


def room(plate: Picture, rng: Rng) -> None:
    """A living room."""
    wall: Colour = [(232, 214, 190), (196, 212, 206), (222, 200, 196), (206, 208, 222)][rng.integers(4)]
    edge = _wall(plate, rng, wall, [(176, 128, 88), (154, 116, 90), (200, 170, 132)][rng.integers(3)])
    floor_lines(plate, edge, (140, 100, 70), 0.6)
    left = float(rng.uniform(60, 160))
    _window(plate, left, 70, 190, 190)
    curtain: Colour = [(206, 112, 96), (96, 136, 150), (226, 196, 140)][rng.integers(3)]
    for x in (left - 50, left + 190):
        oblong(plate, x, 52, 50, 250, curtain)
    for x in rng.uniform(420, 900, 3):
        size = float(rng.uniform(55, 95))
        y = float(rng.uniform(70, 150))
        oblong(plate, float(x), y, size, size * 1.2, (92, 72, 58))
        oblong(
            plate, float(x) + 7, y + 7, size - 14, size * 1.2 - 14, mixed((240, 236, 226), curtain, float(rng.random()))
        )
    sofa: Colour = [(92, 132, 138), (188, 112, 92), (132, 128, 152)][rng.integers(3)]
    x = float(rng.uniform(520, 680))
    oblong(plate, x, edge - 118, 270, 90, sofa)
    oblong(plate, x - 24, edge - 84, 318, 86, mixed(sofa, (20, 20, 30), 0.15))
    rug = [(206, 186, 160), (176, 120, 110), (140, 158, 166)][rng.integers(3)]
    cv2.ellipse(plate, (PLATE_WIDTH // 2, floor_y(-0.2)), (460, 84), 0, 0, 360, rug, -1, cv2.LINE_AA)
    cv2.ellipse(
        plate,
        (PLATE_WIDTH // 2, floor_y(-0.2)),
        (420, 70),
        0,
        0,
        360,
        mixed(rug, (255, 250, 240), 0.4),
        6,
        cv2.LINE_AA,
    )


def studio(plate: Picture, rng: Rng) -> None:
    """A photographer's studio."""
    tone: Colour = [(176, 196, 206), (226, 200, 186), (200, 206, 180), (206, 196, 220), (190, 190, 194)][
        rng.integers(5)
    ]
    rows, columns = np.mgrid[0:PLATE_HEIGHT, 0:PLATE_WIDTH]
    middle = PLATE_WIDTH * float(rng.uniform(0.4, 0.6))
    glow = np.exp(-(((columns - middle) / 420) ** 2 + ((rows - 240) / 260) ** 2))
    sweep = 0.10 * np.exp(-(((rows - floor_y(2.2)) / 60) ** 2))  # where paper curves from wall to floor
    light = (0.80 + 0.30 * glow - sweep)[..., None]
    plate[:] = np.clip(np.array(tone) * light, 0, 255).astype(np.uint8)
    for x, side in ((110, 1), (890, -1)):
        base = floor_y(2.0)
        oblong(plate, x - 3, base - 400, 6, 400, (72, 72, 80))
        points = np.array(
            [[x - 50, base - 440], [x + 50, base - 440], [x + 64 * side, base - 340], [x - 36 * side, base - 340]]
        )
        cv2.fillConvexPoly(plate, cv2.convexHull(points.astype(np.int32)), (250, 248, 240), cv2.LINE_AA)


def library(plate: Picture, rng: Rng) -> None:
    """A library."""
    wall: Colour = [(202, 186, 164), (176, 190, 180), (190, 178, 186)][rng.integers(3)]
    edge = _wall(plate, rng, wall, [(148, 106, 78), (122, 120, 128)][rng.integers(2)])
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
            _window(plate, left + 30, 60, 150, 220)
            continue
        oblong(plate, left, edge - 380, 220, 380, (116, 82, 60))
        for shelf in range(5):
            base, x = edge - 12 - 72 * shelf, left + 10.0
            while x < left + 200:
                thick, tall = float(rng.uniform(8, 18)), float(rng.uniform(38, 58))
                oblong(plate, x, base - tall, thick, tall, spines[rng.integers(6)])
                x += thick + 1
    floor_lines(plate, edge, (116, 88, 70), 0.5)
