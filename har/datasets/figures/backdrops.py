"""Painted backdrops of eight places, wider than the frame so that the camera can vary."""

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
from jaxtyping import UInt8

from har.datasets.figures.drawing import DISTANCE, EYE_HEIGHT, Camera, Colour, Picture, mix

_HEIGHT, _WIDTH = 640, 1000
_SCALE = 172.0  # pixels a metre at the origin
_HORIZON = 290
_CAMERA = Camera(scale=_SCALE, centre=_WIDTH / 2, floor=_HORIZON + EYE_HEIGHT * _SCALE)
_HAZE = 0.82  # share of haze in the mix

Rng = np.random.Generator


def _wall(backdrop: Picture, wall: Colour, floor: Colour) -> int:
    edge = _floor_y(2.4)
    _gradient(backdrop, 0, edge, mix(wall, (255, 255, 250), 0.2), mix(wall, (60, 50, 60), 0.06))
    _gradient(backdrop, edge, _HEIGHT, mix(floor, (30, 20, 20), 0.12), mix(floor, (255, 250, 240), 0.12))
    _rectangle(backdrop, 0, edge - 12, _WIDTH, 12, mix(wall, (255, 255, 255), 0.55))
    return edge


def _window(backdrop: Picture, x: float, y: float, width: float, height: float) -> None:
    _rectangle(backdrop, x - 7, y - 7, width + 14, height + 14, (244, 242, 236))
    _rectangle(backdrop, x, y, width, height, (176, 212, 234))
    _rectangle(backdrop, x, y + height * 0.62, width, height * 0.38, (168, 200, 168))
    _rectangle(backdrop, x + width / 2 - 3, y, 6, height, (244, 242, 236))
    _rectangle(backdrop, x, y + height * 0.45, width, 5, (244, 242, 236))


def _gym(backdrop: Picture, rng: Rng) -> None:
    wall: Colour = [(214, 220, 222), (206, 216, 226), (226, 216, 200)][rng.integers(3)]
    edge = _wall(backdrop, wall, [(206, 158, 106), (196, 164, 124), (128, 152, 168)][rng.integers(3)])
    accent: Colour = [(206, 96, 78), (72, 128, 176), (92, 156, 118), (226, 170, 72)][rng.integers(4)]
    _rectangle(backdrop, 0, edge - 150, _WIDTH, 138, mix(wall, accent, 0.42))
    _rectangle(backdrop, 0, edge - 158, _WIDTH, 9, accent)
    for x in range(40, _WIDTH, 240):
        _window(backdrop, x + float(rng.uniform(-10, 10)), 40, 150, 110)
    bars = int(rng.uniform(30, 760))
    for k in range(12):
        _rectangle(backdrop, bars, edge - 30 - 22 * k, 150, 7, (190, 136, 84))
    for k in range(3):
        _rectangle(backdrop, bars + 70 * k, edge - 290, 9, 290, (168, 116, 70))
    _floor_lines(backdrop, edge, (180, 134, 90), 0.45)
    _ellipse(backdrop, (_WIDTH // 2, _floor_y(0)), (420, 66), (246, 240, 228), thickness=5)


def _room(backdrop: Picture, rng: Rng) -> None:
    wall: Colour = [(232, 214, 190), (196, 212, 206), (222, 200, 196), (206, 208, 222)][rng.integers(4)]
    edge = _wall(backdrop, wall, [(176, 128, 88), (154, 116, 90), (200, 170, 132)][rng.integers(3)])
    _floor_lines(backdrop, edge, (140, 100, 70), 0.6)
    left = float(rng.uniform(60, 160))
    _window(backdrop, left, 70, 190, 190)
    curtain: Colour = [(206, 112, 96), (96, 136, 150), (226, 196, 140)][rng.integers(3)]
    for x in (left - 50, left + 190):
        _rectangle(backdrop, x, 52, 50, 250, curtain)
    for x in rng.uniform(420, 900, 3):
        size = float(rng.uniform(55, 95))
        y = float(rng.uniform(70, 150))
        _rectangle(backdrop, float(x), y, size, size * 1.2, (92, 72, 58))
        _rectangle(
            backdrop,
            float(x) + 7,
            y + 7,
            size - 14,
            size * 1.2 - 14,
            mix((240, 236, 226), curtain, float(rng.random())),
        )
    sofa: Colour = [(92, 132, 138), (188, 112, 92), (132, 128, 152)][rng.integers(3)]
    x = float(rng.uniform(520, 680))
    _rectangle(backdrop, x, edge - 118, 270, 90, sofa)
    _rectangle(backdrop, x - 24, edge - 84, 318, 86, mix(sofa, (20, 20, 30), 0.15))
    rug = [(206, 186, 160), (176, 120, 110), (140, 158, 166)][rng.integers(3)]
    middle = (_WIDTH // 2, _floor_y(-0.2))
    _ellipse(backdrop, middle, (460, 84), rug)
    _ellipse(backdrop, middle, (420, 70), mix(rug, (255, 250, 240), 0.4), thickness=6)


def _studio(backdrop: Picture, rng: Rng) -> None:
    tone: Colour = [(176, 196, 206), (226, 200, 186), (200, 206, 180), (206, 196, 220), (190, 190, 194)][
        rng.integers(5)
    ]
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    middle = _WIDTH * float(rng.uniform(0.4, 0.6))
    glow = np.exp(-(((columns - middle) / 420) ** 2 + ((rows - 240) / 260) ** 2))
    sweep = 0.10 * np.exp(-(((rows - _floor_y(2.2)) / 60) ** 2))  # where paper curves from wall to floor
    light = (0.80 + 0.30 * glow - sweep)[..., None]
    backdrop[:] = np.clip(np.array(tone) * light, 0, 255).astype(np.uint8)
    for x, side in ((110, 1), (890, -1)):
        base = _floor_y(2.0)
        _rectangle(backdrop, x - 3, base - 400, 6, 400, (72, 72, 80))
        points = np.array(
            [[x - 50, base - 440], [x + 50, base - 440], [x + 64 * side, base - 340], [x - 36 * side, base - 340]]
        )
        cv2.fillConvexPoly(backdrop, cv2.convexHull(points.astype(np.int32)), (250, 248, 240), cv2.LINE_AA)


def _library(backdrop: Picture, rng: Rng) -> None:
    wall: Colour = [(202, 186, 164), (176, 190, 180), (190, 178, 186)][rng.integers(3)]
    edge = _wall(backdrop, wall, [(148, 106, 78), (122, 120, 128)][rng.integers(2)])
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
        _rectangle(backdrop, left, edge - 380, 220, 380, (116, 82, 60))
        for shelf in range(5):
            base, x = edge - 12 - 72 * shelf, left + 10.0
            while x < left + 200:
                thick, tall = float(rng.uniform(8, 18)), float(rng.uniform(38, 58))
                _rectangle(backdrop, x, base - tall, thick, tall, spines[rng.integers(6)])
                x += thick + 1
    _floor_lines(backdrop, edge, (116, 88, 70), 0.5)


def _sky(backdrop: Picture, rng: Rng, bottom: int) -> None:
    above, below = [
        ((118, 178, 226), (214, 232, 242)),
        ((150, 190, 222), (246, 226, 206)),
        ((132, 170, 214), (252, 214, 190)),
    ][rng.integers(3)]
    _gradient(backdrop, 0, bottom, above, below)
    for _ in range(int(rng.integers(2, 6))):
        x, y = rng.uniform(0, _WIDTH), rng.uniform(30, bottom * 0.6)
        for k in range(4):
            _ellipse(backdrop, (round(x + 32 * k), round(y - 8 * (k % 2))), (38, 15), (246, 247, 248))


def _tree(backdrop: Picture, x: float, base: float, height: float, green: Colour, rng: Rng) -> None:
    trunk: Colour = (112, 84, 62)
    _rectangle(backdrop, x - height * 0.035, base - height * 0.5, height * 0.07, height * 0.5, trunk)
    _foliage(backdrop, x, base - height * 0.68, height * 0.3, green, rng, 11)


def _park(backdrop: Picture, rng: Rng) -> None:
    _sky(backdrop, rng, _HORIZON + 10)
    hill = mix((120, 168, 120), (150, 180, 190), float(rng.random()) * 0.6)
    for k in range(4):
        _ellipse(backdrop, (int(rng.uniform(0, _WIDTH)), _HORIZON + 20), (260, 40 + 18 * k), hill, (180, 360))
    green = [(104, 158, 84), (92, 148, 96), (136, 158, 78)][rng.integers(3)]
    _gradient(backdrop, _HORIZON, _HEIGHT, mix(green, (225, 235, 190), 0.35), mix(green, (30, 60, 30), 0.1))
    for k in range(6):
        row = _floor_y(9 - 2 * k)
        _rectangle(backdrop, 0, row, _WIDTH, (row - _HORIZON) * 0.12, mix(green, (220, 235, 170), 0.3 - 0.02 * k))
    autumn = [(84, 136, 72), (70, 124, 84), (206, 140, 62)][rng.integers(3)]
    for x in rng.uniform(0, _WIDTH, int(rng.integers(5, 9))):
        _tree(backdrop, float(x), _HORIZON + float(rng.uniform(8, 26)), float(rng.uniform(130, 250)), autumn, rng)


def _street(backdrop: Picture, rng: Rng) -> None:
    _sky(backdrop, rng, _HORIZON)
    edge = _floor_y(3.2)
    x = -20.0
    while x < _WIDTH:
        width, height = float(rng.uniform(140, 240)), float(rng.uniform(250, 420))
        front: Colour = [(206, 152, 124), (222, 200, 168), (170, 176, 190), (200, 132, 120), (176, 190, 170)][
            rng.integers(5)
        ]
        _rectangle(backdrop, x, edge - height, width - 3, height, front)
        for row in range(int(height // 78) - 1):
            for column in range(int(width // 56)):
                lit = (250, 228, 170) if rng.random() < 0.2 else (138, 164, 184)
                _rectangle(backdrop, x + 16 + 56 * column, edge - height + 22 + 78 * row, 30, 46, lit)
        awning: Colour = [(206, 82, 72), (70, 130, 120), (226, 172, 82)][rng.integers(3)]
        _rectangle(backdrop, x + 14, edge - 84, width - 34, 84, (92, 92, 104))
        _rectangle(backdrop, x + 8, edge - 100, width - 22, 24, awning)
        x += width
    _gradient(backdrop, edge, _HEIGHT, (178, 174, 172), (204, 198, 190))
    for away in (2.6, 1.6, 0.8, 0.0, -0.8, -1.5):
        _rectangle(backdrop, 0, _floor_y(away), _WIDTH, 2, (162, 158, 156))
    _floor_lines(backdrop, edge, (162, 158, 156), 1.0)


def _beach(backdrop: Picture, rng: Rng) -> None:
    _sky(backdrop, rng, _HORIZON)
    shore = _floor_y(7)
    _gradient(backdrop, _HORIZON - 4, shore, (78, 150, 184), (140, 206, 208))
    for _ in range(26):
        y = int(rng.uniform(_HORIZON, shore - 2))
        x = int(rng.uniform(0, _WIDTH))
        cv2.line(backdrop, (x, y), (x + int(rng.uniform(20, 90)), y), (214, 236, 236), 2, cv2.LINE_AA)
    _gradient(backdrop, shore, _HEIGHT, (236, 216, 176), (222, 192, 146))
    _rectangle(backdrop, 0, shore - 2, _WIDTH, 5, (250, 250, 246))
    stripes: list[Colour] = [(214, 84, 76), (250, 244, 232)]
    for x in rng.uniform(40, 940, int(rng.integers(2, 4))):
        base = _floor_y(float(rng.uniform(3.4, 5.5)))
        _rectangle(backdrop, float(x) - 3, base - 170, 6, 170, (240, 236, 226))
        for k in range(6):
            _ellipse(backdrop, (int(x), base - 150), (96, 62), stripes[k % 2], (180 + 30 * k, 210 + 30 * k))
    for _ in range(40):
        y = int(rng.uniform(shore + 8, _HEIGHT))
        _ellipse(backdrop, (int(rng.uniform(0, _WIDTH)), y), (16, 3), (212, 182, 138))


def _mountains(backdrop: Picture, rng: Rng) -> None:
    _sky(backdrop, rng, _HORIZON + 10)
    for k, tone in enumerate([(166, 180, 202), (136, 156, 180), (112, 140, 140)]):
        x = -60.0
        points = [[-60, _HORIZON + 20]]
        while x < _WIDTH + 60:
            x += float(rng.uniform(50, 120))
            points.append([round(x), round(_HORIZON - float(rng.uniform(0.25, 1.0)) * (150 - 48 * k))])
        points.append([_WIDTH + 60, _HORIZON + 20])
        cv2.fillPoly(backdrop, [np.array(points, np.int32)], tone, cv2.LINE_AA)
    ground = [(226, 232, 240), (150, 170, 110), (196, 178, 142)][rng.integers(3)]
    _gradient(backdrop, _HORIZON, _HEIGHT, mix(ground, (180, 190, 200), 0.3), ground)
    for x in rng.uniform(0, _WIDTH, 9):
        base, tall = _HORIZON + float(rng.uniform(4, 26)), float(rng.uniform(60, 150))
        for k in range(3):
            low, half = base - tall * 0.27 * k, tall * (0.24 - 0.05 * k)
            triangle = np.array([[x - half, low], [x + half, low], [x, low - tall * 0.45]]).round().astype(np.int32)
            cv2.fillConvexPoly(backdrop, triangle, mix((58, 104, 88), (200, 220, 220), 0.1 * k), cv2.LINE_AA)


PLACES: dict[str, Callable[[Picture, Rng], None]] = {
    "park": _park,
    "gym": _gym,
    "room": _room,
    "street": _street,
    "beach": _beach,
    "studio": _studio,
    "library": _library,
    "mountains": _mountains,
}


def paint_backdrop(place: str, rng: Rng) -> Picture:
    """The backdrop of a place, blurred and hazy so that the person stands out.

    A few hundred clips in a few places are not enough for a small network to learn to ignore the background.
    """
    backdrop = np.zeros((_HEIGHT, _WIDTH, 3), np.uint8)
    PLACES[place](backdrop, rng)
    soft = cv2.GaussianBlur(backdrop, (0, 0), 6.0)
    tint = 0.25 * backdrop.mean(axis=(0, 1)) + 0.75 * 240
    haze = np.full_like(backdrop, tint.round().astype(np.uint8))
    return cast(Picture, cv2.addWeighted(soft, 1 - _HAZE, haze, _HAZE, 0))


def view_from(backdrop: Picture, camera: Camera, size: tuple[int, int]) -> UInt8[np.ndarray, "rows columns 3"]:
    """The part of a backdrop in view of a camera; size is (height, width)."""
    zoom = camera.scale / _SCALE
    shift = [camera.centre - _CAMERA.centre * zoom, camera.horizon - _HORIZON * zoom]
    matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    view = cv2.warpAffine(backdrop, matrix, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(np.ndarray, view)


def _gradient(backdrop: Picture, top: int, bottom: int, above: Colour, below: Colour) -> None:
    share = np.linspace(0, 1, bottom - top)[:, None, None]
    rows = np.array(above) + (np.array(below) - np.array(above)) * share
    backdrop[top:bottom] = np.round(rows).astype(np.uint8)


def _rectangle(backdrop: Picture, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    cv2.rectangle(backdrop, (round(x), round(y)), (round(x + width), round(y + height)), colour, -1)


def _ellipse(
    backdrop: Picture,
    centre: tuple[int, int],
    axes: tuple[int, int],
    colour: Colour,
    arc: tuple[int, int] = (0, 360),
    thickness: int = -1,
) -> None:
    """An ellipse, or an arc in degrees; filled if the thickness is negative."""
    cv2.ellipse(backdrop, centre, axes, 0, *arc, colour, thickness, cv2.LINE_AA)


def _foliage(backdrop: Picture, x: float, y: float, radius: float, colour: Colour, rng: Rng, count: int = 7) -> None:
    for _ in range(count):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.75) * radius
        spot = (round(x + far * np.cos(angle) * 1.2), round(y + far * np.sin(angle) * 0.8))
        tone = mix(colour, (255, 255, 240), float(rng.uniform(0, 0.16)) + (0.08 if spot[1] < y else 0))
        cv2.circle(backdrop, spot, round(radius * rng.uniform(0.45, 0.65)), tone, -1, cv2.LINE_AA)


def _floor_y(away: float) -> int:
    """The row of the floor at a distance in metres behind the origin."""
    return round(_HORIZON + EYE_HEIGHT * _SCALE * DISTANCE / (DISTANCE + away))


def _floor_lines(backdrop: Picture, top: int, colour: Colour, step: float) -> None:
    for across in np.arange(-14, 14, step):
        start, end = ((round(_CAMERA.centre + across * (row - _HORIZON) / EYE_HEIGHT), row) for row in (top, _HEIGHT))
        cv2.line(backdrop, start, end, colour, 2, cv2.LINE_AA)
