"""What all actions share: positions of chair and box, style of movement, and standing still."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from har.datasets.figures.skeleton import ANKLE, Pose

Times = Float[np.ndarray, " time"]

STAND = 0.925  # height of the hips when standing
SEAT = 0.46  # height of the seat of the chair
SEAT_BACK = 0.42  # distance of the hips behind the feet when seated
BOX = (0.28, 0.36, 0.26)  # depth, width, height
BOX_AHEAD = 0.46  # distance of the box in front of the body before it is lifted


@dataclass(frozen=True)
class Stage:
    """Where chair and box are: the chair behind the origin, the box within reach."""

    chair_heading: float  # direction in which a seated person faces
    box_heading: float  # direction of the box from the origin
    mirrored: bool = False  # the whole frame, left to right

    @property
    def box_position(self) -> Float[np.ndarray, " 3"]:
        """The centre of the bottom of the box on the floor, world."""
        return np.array([BOX_AHEAD * np.sin(self.box_heading), -BOX_AHEAD * np.cos(self.box_heading), 0.0])


@dataclass(frozen=True)
class Style:
    """How a person moves in one clip."""

    tempo: float = 1.0  # multiple of the usual speed
    phase: float = 0.0  # start of a repeated movement, 0 to 1
    vigour: float = 1.0  # multiple of the usual range of movement
    side: int = 0  # the leading hand or foot: 0 left, 1 right
    variant: float = 0.5  # 0 to 1, other differences
    facing: float = 0.0  # heading
    spot: tuple[float, float] = (0.0, 0.0)  # position on the floor


def ease(share: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """Smoothstep: from 0 to 1, constant outside."""
    share = np.clip(share, 0, 1)
    eased: Float[np.ndarray, "*any"] = share * share * (3 - 2 * share)
    return eased


def standing(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """Standing, breathing, arms down."""
    count = len(time_sec)
    breath = np.sin(2 * np.pi * (0.3 * time_sec + style.phase))
    sway = np.sin(2 * np.pi * (0.17 * time_sec + style.variant))
    pelvis = np.tile([0.0, 0.0, STAND], (count, 1))
    pelvis[:, 1] += 0.012 * sway
    hands = np.tile([0.06, 0.09, -0.525], (count, 2, 1))
    hands[:, :, 2] += 0.004 * breath[:, None]
    return Pose(
        position=np.tile(np.array(style.spot, dtype=float), (count, 1)),
        heading=np.full(count, style.facing),
        pelvis=pelvis,
        lean=0.03 + 0.012 * breath,
        tilt=0.02 * sway,
        twist=np.zeros(count),
        head=np.stack([0.02 * breath, 0.08 * sway], axis=1),
        feet=np.tile([0.0, 0.12, ANKLE], (count, 2, 1)),
        toes=np.zeros((count, 2)),
        hands=hands,
        elbows=np.tile([-1.0, 0.5, 0.0], (count, 2, 1)),
        box=np.tile(stage.box_position, (count, 1)),
    )


def steady(time_sec: Times) -> Times:
    """0 to 1 from the first to the last moment without a pause, so that each part shows the direction of time."""
    share = (time_sec - time_sec[0]) / max(time_sec[-1] - time_sec[0], 1e-6)
    moving: Times = 0.65 * share + 0.35 * ease(share)
    return moving
