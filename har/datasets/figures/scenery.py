"""Places: a painted backdrop for each, wider than the picture so that the camera may look elsewhere."""

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np

from har.datasets.figures.drawing import DISTANCE, EYE_HEIGHT, Camera, Colour, Picture, mixed

PLATE_HEIGHT, PLATE_WIDTH = 640, 1000
SCALE = 172.0  # pixels a metre at the origin
PLATE = Camera(scale=SCALE, centre=PLATE_WIDTH / 2, floor=290 + EYE_HEIGHT * SCALE)  # what a backdrop is painted for
HORIZON = 290

Rng = np.random.Generator


def paint(place: str, rng: Rng) -> Picture:
    """The backdrop of a place, a little out of focus, as a lens would have it."""
    plate = np.zeros((PLATE_HEIGHT, PLATE_WIDTH, 3), np.uint8)
    PLACES[place](plate, rng)
    plate = cv2.GaussianBlur(plate, (0, 0), 2.2)
    haze = np.full_like(plate, (240, 236, 230))
    return cast(Picture, cv2.addWeighted(plate, 0.84, haze, 0.16, 0))


def seen_by(plate: Picture, camera: Camera, size: tuple[int, int]) -> Picture:
    """The part of a backdrop that a camera sees; size is height, width."""
    zoom = camera.scale / SCALE
    shift = [camera.centre - PLATE.centre * zoom, camera.horizon - HORIZON * zoom]
    matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    view = cv2.warpAffine(plate, matrix, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(Picture, view)


def _fade(plate: Picture, top: int, bottom: int, above: Colour, below: Colour) -> None:
    share = np.linspace(0, 1, bottom - top)[:, None, None]
    rows = np.array(above) + (np.array(below) - np.array(above)) * share
    plate[top:bottom] = np.round(rows).astype(np.uint8)


def _oblong(plate: Picture, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    cv2.rectangle(plate, (round(x), round(y)), (round(x + width), round(y + height)), colour, -1)


def _puff(plate: Picture, x: float, y: float, radius: float, colour: Colour, rng: Rng, count: int = 7) -> None:
    for _ in range(count):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.75) * radius
        spot = (round(x + far * np.cos(angle) * 1.2), round(y + far * np.sin(angle) * 0.8))
        tone = mixed(colour, (255, 255, 240), float(rng.uniform(0, 0.16)) + (0.08 if spot[1] < y else 0))
        cv2.circle(plate, spot, round(radius * rng.uniform(0.45, 0.65)), tone, -1, cv2.LINE_AA)


def _floor_y(away: float) -> int:
    """The row of the floor so many metres behind the origin."""
    return round(HORIZON + EYE_HEIGHT * SCALE * DISTANCE / (DISTANCE + away))


def _floor_lines(plate: Picture, top: int, colour: Colour, step: float) -> None:
    """Lines that run from the viewer to the horizon."""
    for across in np.arange(-14, 14, step):
        points = []
        for row in (top, PLATE_HEIGHT):
            points.append((round(PLATE.centre + across * (row - HORIZON) / EYE_HEIGHT), row))
        cv2.line(plate, points[0], points[1], colour, 2, cv2.LINE_AA)


def _sky(plate: Picture, rng: Rng, bottom: int) -> None:
    above, below = [
        ((118, 178, 226), (214, 232, 242)), ((150, 190, 222), (246, 226, 206)), ((132, 170, 214), (252, 214, 190)),
    ][rng.integers(3)]
    _fade(plate, 0, bottom, above, below)
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(0, PLATE_WIDTH), rng.uniform(30, bottom * 0.6)
        for k in range(4):
            cv2.ellipse(plate, (round(x + 32 * k), round(y - 8 * (k % 2))), (38, 15), 0, 0, 360, (246, 247, 248), -1, cv2.LINE_AA)


def _tree(plate: Picture, x: float, base: float, height: float, green: Colour, rng: Rng) -> None:
    trunk: Colour = (112, 84, 62)
    _oblong(plate, x - height * 0.035, base - height * 0.5, height * 0.07, height * 0.5, trunk)
    _puff(plate, x, base - height * 0.68, height * 0.3, green, rng, 11)


def _park(plate: Picture, rng: Rng) -> None:
    _sky(plate, rng, HORIZON + 10)
    hill = mixed((120, 168, 120), (150, 180, 190), float(rng.random()) * 0.6)
    for k in range(4):
        cv2.ellipse(plate, (int(rng.uniform(0, PLATE_WIDTH)), HORIZON + 20), (260, 40 + 18 * k), 0, 180, 360, hill, -1, cv2.LINE_AA)
    green = [(104, 158, 84), (92, 148, 96), (136, 158, 78)][rng.integers(3)]
    _fade(plate, HORIZON, PLATE_HEIGHT, mixed(green, (225, 235, 190), 0.35), mixed(green, (30, 60, 30), 0.1))
    for k in range(6):
        row = _floor_y(9 - 2 * k)
        _oblong(plate, 0, row, PLATE_WIDTH, (row - HORIZON) * 0.12, mixed(green, (220, 235, 170), 0.3 - 0.02 * k))
    autumn = [(84, 136, 72), (70, 124, 84), (206, 140, 62)][rng.integers(3)]
    for x in rng.uniform(0, PLATE_WIDTH, int(rng.integers(5, 9))):
        _tree(plate, float(x), HORIZON + float(rng.uniform(8, 26)), float(rng.uniform(130, 250)), autumn, rng)


def _wall(plate: Picture, rng: Rng, wall: Colour, floor: Colour, *, away: float = 2.4) -> int:
    edge = _floor_y(away)
    _fade(plate, 0, edge, mixed(wall, (255, 255, 250), 0.2), mixed(wall, (60, 50, 60), 0.06))
    _fade(plate, edge, PLATE_HEIGHT, mixed(floor, (30, 20, 20), 0.12), mixed(floor, (255, 250, 240), 0.12))
    _oblong(plate, 0, edge - 12, PLATE_WIDTH, 12, mixed(wall, (255, 255, 255), 0.55))
    return edge


def _window(plate: Picture, x: float, y: float, width: float, height: float) -> None:
    _oblong(plate, x - 7, y - 7, width + 14, height + 14, (244, 242, 236))
    _oblong(plate, x, y, width, height, (176, 212, 234))
    _oblong(plate, x, y + height * 0.62, width, height * 0.38, (168, 200, 168))
    _oblong(plate, x + width / 2 - 3, y, 6, height, (244, 242, 236))
    _oblong(plate, x, y + height * 0.45, width, 5, (244, 242, 236))


def _gym(plate: Picture, rng: Rng) -> None:
    wall: Colour = [(214, 220, 222), (206, 216, 226), (226, 216, 200)][rng.integers(3)]
    edge = _wall(plate, rng, wall, [(206, 158, 106), (196, 164, 124), (128, 152, 168)][rng.integers(3)])
    accent: Colour = [(206, 96, 78), (72, 128, 176), (92, 156, 118), (226, 170, 72)][rng.integers(4)]
    _oblong(plate, 0, edge - 150, PLATE_WIDTH, 138, mixed(wall, accent, 0.42))
    _oblong(plate, 0, edge - 158, PLATE_WIDTH, 9, accent)
    for x in range(40, PLATE_WIDTH, 240):
        _window(plate, x + float(rng.uniform(-10, 10)), 40, 150, 110)
    bars = int(rng.uniform(30, 760))
    for k in range(12):
        _oblong(plate, bars, edge - 30 - 22 * k, 150, 7, (190, 136, 84))
    for k in range(3):
        _oblong(plate, bars + 70 * k, edge - 290, 9, 290, (168, 116, 70))
    _floor_lines(plate, edge, (180, 134, 90), 0.45)
    cv2.ellipse(plate, (PLATE_WIDTH // 2, _floor_y(0)), (420, 66), 0, 0, 360, (246, 240, 228), 5, cv2.LINE_AA)


def _room(plate: Picture, rng: Rng) -> None:
    wall: Colour = [(232, 214, 190), (196, 212, 206), (222, 200, 196), (206, 208, 222)][rng.integers(4)]
    edge = _wall(plate, rng, wall, [(176, 128, 88), (154, 116, 90), (200, 170, 132)][rng.integers(3)])
    _floor_lines(plate, edge, (140, 100, 70), 0.6)
    left = float(rng.uniform(60, 160))
    _window(plate, left, 70, 190, 190)
    curtain: Colour = [(206, 112, 96), (96, 136, 150), (226, 196, 140)][rng.integers(3)]
    for x in (left - 50, left + 190):
        _oblong(plate, x, 52, 50, 250, curtain)
    for x in rng.uniform(420, 900, 3):
        size = float(rng.uniform(55, 95))
        y = float(rng.uniform(70, 150))
        _oblong(plate, float(x), y, size, size * 1.2, (92, 72, 58))
        _oblong(plate, float(x) + 7, y + 7, size - 14, size * 1.2 - 14, mixed((240, 236, 226), curtain, float(rng.random())))
    sofa: Colour = [(92, 132, 138), (188, 112, 92), (132, 128, 152)][rng.integers(3)]
    x = float(rng.uniform(520, 680))
    _oblong(plate, x, edge - 118, 270, 90, sofa)
    _oblong(plate, x - 24, edge - 84, 318, 86, mixed(sofa, (20, 20, 30), 0.15))
    rug = [(206, 186, 160), (176, 120, 110), (140, 158, 166)][rng.integers(3)]
    cv2.ellipse(plate, (PLATE_WIDTH // 2, _floor_y(-0.2)), (460, 84), 0, 0, 360, rug, -1, cv2.LINE_AA)
    cv2.ellipse(plate, (PLATE_WIDTH // 2, _floor_y(-0.2)), (420, 70), 0, 0, 360, mixed(rug, (255, 250, 240), 0.4), 6, cv2.LINE_AA)


def _street(plate: Picture, rng: Rng) -> None:
    _sky(plate, rng, HORIZON)
    edge = _floor_y(3.2)
    x = -20.0
    while x < PLATE_WIDTH:
        width, height = float(rng.uniform(140, 240)), float(rng.uniform(250, 420))
        front: Colour = [(206, 152, 124), (222, 200, 168), (170, 176, 190), (200, 132, 120), (176, 190, 170)][rng.integers(5)]
        _oblong(plate, x, edge - height, width - 3, height, front)
        for row in range(int(height // 78) - 1):
            for column in range(int(width // 56)):
                lit = (250, 228, 170) if rng.random() < 0.2 else (138, 164, 184)
                _oblong(plate, x + 16 + 56 * column, edge - height + 22 + 78 * row, 30, 46, lit)
        awning: Colour = [(206, 82, 72), (70, 130, 120), (226, 172, 82)][rng.integers(3)]
        _oblong(plate, x + 14, edge - 84, width - 34, 84, (92, 92, 104))
        _oblong(plate, x + 8, edge - 100, width - 22, 24, awning)
        x += width
    _fade(plate, edge, PLATE_HEIGHT, (178, 174, 172), (204, 198, 190))
    for away in (2.6, 1.6, 0.8, 0.0, -0.8, -1.5):
        _oblong(plate, 0, _floor_y(away), PLATE_WIDTH, 2, (162, 158, 156))
    _floor_lines(plate, edge, (162, 158, 156), 1.0)


def _beach(plate: Picture, rng: Rng) -> None:
    _sky(plate, rng, HORIZON)
    shore = _floor_y(7)
    _fade(plate, HORIZON - 4, shore, (78, 150, 184), (140, 206, 208))
    for _ in range(26):
        y = int(rng.uniform(HORIZON, shore - 2))
        x = int(rng.uniform(0, PLATE_WIDTH))
        cv2.line(plate, (x, y), (x + int(rng.uniform(20, 90)), y), (214, 236, 236), 2, cv2.LINE_AA)
    _fade(plate, shore, PLATE_HEIGHT, (236, 216, 176), (222, 192, 146))
    _oblong(plate, 0, shore - 2, PLATE_WIDTH, 5, (250, 250, 246))
    stripes: list[Colour] = [(214, 84, 76), (250, 244, 232)]
    for x in rng.uniform(40, 940, int(rng.integers(2, 4))):
        base = _floor_y(float(rng.uniform(3.4, 5.5)))
        _oblong(plate, float(x) - 3, base - 170, 6, 170, (240, 236, 226))
        for k in range(6):
            cv2.ellipse(plate, (int(x), base - 150), (96, 62), 0, 180 + 30 * k, 210 + 30 * k, stripes[k % 2], -1, cv2.LINE_AA)
    for _ in range(40):
        y = int(rng.uniform(shore + 8, PLATE_HEIGHT))
        cv2.ellipse(plate, (int(rng.uniform(0, PLATE_WIDTH)), y), (16, 3), 0, 0, 360, (212, 182, 138), -1, cv2.LINE_AA)


def _studio(plate: Picture, rng: Rng) -> None:
    tone: Colour = [(176, 196, 206), (226, 200, 186), (200, 206, 180), (206, 196, 220), (190, 190, 194)][rng.integers(5)]
    rows, columns = np.mgrid[0:PLATE_HEIGHT, 0:PLATE_WIDTH]
    middle = PLATE_WIDTH * float(rng.uniform(0.4, 0.6))
    glow = np.exp(-(((columns - middle) / 420) ** 2 + ((rows - 240) / 260) ** 2))
    sweep = 0.10 * np.exp(-(((rows - _floor_y(2.2)) / 60) ** 2))  # where paper curves from wall to floor
    light = (0.80 + 0.30 * glow - sweep)[..., None]
    plate[:] = np.clip(np.array(tone) * light, 0, 255).astype(np.uint8)
    for x, side in ((110, 1), (890, -1)):
        base = _floor_y(2.0)
        _oblong(plate, x - 3, base - 400, 6, 400, (72, 72, 80))
        points = np.array([[x - 50, base - 440], [x + 50, base - 440], [x + 64 * side, base - 340], [x - 36 * side, base - 340]])
        cv2.fillConvexPoly(plate, cv2.convexHull(points.astype(np.int32)), (250, 248, 240), cv2.LINE_AA)


def _library(plate: Picture, rng: Rng) -> None:
    wall: Colour = [(202, 186, 164), (176, 190, 180), (190, 178, 186)][rng.integers(3)]
    edge = _wall(plate, rng, wall, [(148, 106, 78), (122, 120, 128)][rng.integers(2)])
    spines: list[Colour] = [(176, 84, 70), (82, 116, 136), (206, 172, 108), (110, 136, 104), (150, 120, 150), (226, 214, 190)]
    for left in (20, 270, 520, 770):
        if rng.random() < 0.2:
            _window(plate, left + 30, 60, 150, 220)
            continue
        _oblong(plate, left, edge - 380, 220, 380, (116, 82, 60))
        for shelf in range(5):
            base, x = edge - 12 - 72 * shelf, left + 10.0
            while x < left + 200:
                thick, tall = float(rng.uniform(8, 18)), float(rng.uniform(38, 58))
                _oblong(plate, x, base - tall, thick, tall, spines[rng.integers(6)])
                x += thick + 1
    _floor_lines(plate, edge, (116, 88, 70), 0.5)


def _mountains(plate: Picture, rng: Rng) -> None:
    _sky(plate, rng, HORIZON + 10)
    for k, tone in enumerate([(166, 180, 202), (136, 156, 180), (112, 140, 140)]):
        x = -60.0
        points = [[-60, HORIZON + 20]]
        while x < PLATE_WIDTH + 60:
            x += float(rng.uniform(50, 120))
            points.append([round(x), round(HORIZON - float(rng.uniform(0.25, 1.0)) * (150 - 48 * k))])
        points.append([PLATE_WIDTH + 60, HORIZON + 20])
        cv2.fillPoly(plate, [np.array(points, np.int32)], tone, cv2.LINE_AA)
    ground = [(226, 232, 240), (150, 170, 110), (196, 178, 142)][rng.integers(3)]
    _fade(plate, HORIZON, PLATE_HEIGHT, mixed(ground, (180, 190, 200), 0.3), ground)
    for x in rng.uniform(0, PLATE_WIDTH, 9):
        base, tall = HORIZON + float(rng.uniform(4, 26)), float(rng.uniform(60, 150))
        for k in range(3):
            low, half = base - tall * 0.27 * k, tall * (0.24 - 0.05 * k)
            triangle = np.array([[x - half, low], [x + half, low], [x, low - tall * 0.45]]).round().astype(np.int32)
            cv2.fillConvexPoly(plate, triangle, mixed((58, 104, 88), (200, 220, 220), 0.1 * k), cv2.LINE_AA)


PLACES: dict[str, Callable[[Picture, Rng], None]] = {
    "park": _park, "gym": _gym, "room": _room, "street": _street,
    "beach": _beach, "studio": _studio, "library": _library, "mountains": _mountains,
}
