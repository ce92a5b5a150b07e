"""Painted backdrops of eight places, wider than the frame so that the camera can vary."""

from collections.abc import Callable
from typing import cast

import cv2
import numpy as np
from jaxtyping import UInt8

from har.datasets.figures.backdrop_canvas import BACKDROP_CAMERA, BACKDROP_HEIGHT, BACKDROP_WIDTH, HORIZON, SCALE, Rng
from har.datasets.figures.backdrops_indoor import gym, library, room, studio
from har.datasets.figures.backdrops_outdoor import beach, mountains, park, street
from har.datasets.figures.drawing import Camera, Picture

PLACES: dict[str, Callable[[Picture, Rng], None]] = {
    "park": park,
    "gym": gym,
    "room": room,
    "street": street,
    "beach": beach,
    "studio": studio,
    "library": library,
    "mountains": mountains,
}


_HAZE = 0.82  # share of haze in the mix


def paint_backdrop(place: str, rng: Rng) -> Picture:
    """The backdrop of a place, blurred and hazy so that the person stands out.

    A few hundred clips in a few places are not enough for a small network to learn to ignore the background.
    """
    backdrop = np.zeros((BACKDROP_HEIGHT, BACKDROP_WIDTH, 3), np.uint8)
    PLACES[place](backdrop, rng)
    soft = cv2.GaussianBlur(backdrop, (0, 0), 6.0)
    tint = 0.25 * backdrop.mean(axis=(0, 1)) + 0.75 * 240
    haze = np.full_like(backdrop, tint.round().astype(np.uint8))
    return cast(Picture, cv2.addWeighted(soft, 1 - _HAZE, haze, _HAZE, 0))


def view_from(backdrop: Picture, camera: Camera, size: tuple[int, int]) -> UInt8[np.ndarray, "rows columns 3"]:
    """The part of a backdrop in view of a camera; size is (height, width)."""
    zoom = camera.scale / SCALE
    shift = [camera.centre - BACKDROP_CAMERA.centre * zoom, camera.horizon - HORIZON * zoom]
    matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    view = cv2.warpAffine(backdrop, matrix, (size[1], size[0]), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(np.ndarray, view)
