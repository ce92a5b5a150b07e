"""Drawing filled, shaded outlines of points in the world."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from jaxtyping import Float, Int32, UInt8

Colour = tuple[int, int, int]  # RGB
Picture = UInt8[np.ndarray, "height width 3"]

HEIGHT, WIDTH = 240, 320  # of a finished frame
SUPERSAMPLING = 2  # frames are drawn larger by this factor, then averaged
EYE_HEIGHT = 1.1  # of the camera above the floor, metres
DISTANCE = 6.5  # from the camera to the origin, metres
_SHIFT = 4  # fractional bits of coordinates for OpenCV
FIXED = 1 << _SHIFT  # one pixel in these coordinates
_ROUND = np.linspace(0, 2 * np.pi, 12, endpoint=False)
_CIRCLE = np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=-1)


@dataclass(frozen=True)
class Camera:
    """A horizontal camera. Pixels are those before averaging."""

    scale: float  # pixels per metre at the origin
    centre: float  # x of the origin
    floor: float  # y of the origin

    @property
    def horizon(self) -> float:
        """The row of the horizon."""
        return self.floor - EYE_HEIGHT * self.scale

    def project(
        self, points: Float[np.ndarray, "*any 3"]
    ) -> tuple[Float[np.ndarray, "*any 2"], Float[np.ndarray, "*any"]]:
        """Pixel coordinates, and pixels per metre there."""
        scale = self.scale * DISTANCE / (DISTANCE + points[..., 1])
        x = self.centre + points[..., 0] * scale
        y = self.horizon + (EYE_HEIGHT - points[..., 2]) * scale
        return np.stack([x, y], axis=-1), scale


@dataclass(frozen=True)
class Shape:
    """A convex outline at each moment, with a colour."""

    points: Int32[np.ndarray, "time points 2"]  # the outline is their hull; fixed point with _SHIFT bits
    colour: Colour
    shown: np.ndarray | None = None  # at which moments; None: always


@dataclass(frozen=True)
class Part:
    """Shapes at one distance from the camera, drawn in order."""

    depth: Float[np.ndarray, " time"]  # metres from the origin, away from the camera
    shapes: list[Shape]


def colours(codes: str) -> tuple[Colour, ...]:
    """Colours from hexadecimal codes."""
    return tuple((red, green, blue) for red, green, blue in map(bytes.fromhex, codes.split()))


def mix(colour: Sequence[float], other: Sequence[float], share: float) -> Colour:
    """A mix of two colours."""
    first, second, third = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return first, second, third


@dataclass(frozen=True)
class Brush:
    """Draws rounded bodies with light from one side."""

    camera: Camera
    light: float  # -1 from the left, 1 from the right

    def hull(
        self,
        centres: Sequence[np.ndarray],
        radii: Sequence[float],
        colour: Colour,
        *,
        grow: float = 0.0,
        shrink: float = 1.0,
        toward: float = 0.0,
        shown: np.ndarray | None = None,
    ) -> Shape:
        """The hull of balls with `(time, 3)` centres and radii in metres, moved towards the light by `toward` radii."""
        places, scale = self.camera.project(np.stack(centres, axis=1))
        size = (np.array(radii) * shrink + grow) * scale
        places = places + (np.array(radii) * scale * toward)[..., None] * np.array([self.light * 0.8, -0.6])
        outline = places[:, :, None] + size[..., None, None] * _CIRCLE
        fixed = np.round(outline.reshape(len(outline), -1, 2) * FIXED).astype(np.int32)
        return Shape(fixed, colour, shown)

    def shaded(
        self, balls: Iterable[tuple[Sequence[np.ndarray], Sequence[float], Colour]], *, edge: bool = True
    ) -> list[Shape]:
        """Hulls of balls in three tones: a dark edge, the colour, a highlight."""
        pieces = list(balls)
        layers: list[Shape] = []
        if edge:
            layers += [self.hull(c, r, mix(colour, (20, 14, 30), 0.42), grow=0.006) for c, r, colour in pieces]
        for _, neighbours in groupby(pieces, key=lambda piece: piece[2]):  # pieces of the same colour are joined
            run = list(neighbours)
            layers += [self.hull(c, r, mix(colour, (35, 20, 60), 0.24)) for c, r, colour in run]
            layers += [self.hull(c, r, colour, shrink=0.78, toward=0.2) for c, r, colour in run]
            layers += [
                self.hull(c, r, mix(colour, (255, 250, 235), 0.16), shrink=0.3, toward=0.42) for c, r, colour in run
            ]
        return layers


def draw(picture: Picture, parts: Sequence[Part], moment: int) -> None:
    """Draw the parts into the picture, the farthest first."""
    for part in sorted(parts, key=lambda part: -part.depth[moment]):
        for shape in part.shapes:
            if shape.shown is None or shape.shown[moment]:
                outline = cv2.convexHull(shape.points[moment])
                cv2.fillConvexPoly(picture, outline, shape.colour, cv2.LINE_AA, _SHIFT)


def _soft_spot() -> Float[np.ndarray, "64 64"]:
    ramp = np.linspace(-1, 1, 64)
    radius = np.sqrt(ramp[:, None] ** 2 + ramp[None] ** 2)
    share = np.clip(1 - radius, 0, 1)
    spot: Float[np.ndarray, "64 64"] = share * share * (3 - 2 * share)
    return spot


_SPOT = _soft_spot()


def shadow(
    picture: Picture, centre: Float[np.ndarray, " 2"], half_width: float, half_height: float, depth: float
) -> None:
    """Darken a soft ellipse on the floor, in pixels; `depth` is the share of light lost in its middle."""
    left, top = round(centre[0] - half_width), round(centre[1] - half_height)
    width, height = max(2, round(2 * half_width)), max(2, round(2 * half_height))
    x, y = max(left, 0), max(top, 0)
    right, bottom = min(left + width, picture.shape[1]), min(top + height, picture.shape[0])
    if right <= x or bottom <= y:
        return
    spot = cv2.resize(_SPOT, (width, height))[y - top : bottom - top, x - left : right - left]
    remaining = np.round(255 * (1 - depth * spot)).astype(np.uint8)
    patch = picture[y:bottom, x:right]
    picture[y:bottom, x:right] = cv2.multiply(patch, cv2.merge([remaining] * 3), scale=1 / 255)
