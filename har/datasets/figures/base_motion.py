"""What all actions share: where things stand, how somebody moves, and standing at ease."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from har.datasets.figures.skeleton import ANKLE, Pose

Times = Float[np.ndarray, " time"]

STAND = 0.925  # height of the hips of somebody standing at ease
SEAT = 0.46  # top of the chair's seat
SEAT_BACK = 0.42  # how far behind the feet the hips of somebody seated are
BOX = (0.28, 0.36, 0.26)  # depth, width, height
BOX_AHEAD = 0.46  # from the body's frame to the box before it is lifted


@dataclass(frozen=True)
class Stage:
    """Where things stand: the chair behind the origin, the box within reach of it."""

    chair_heading: float  # the way somebody seated looks
    box_heading: float  # the way to the box from the origin
    mirrored: bool = False  # the whole picture, left for right

    @property
    def box_place(self) -> Float[np.ndarray, " 3"]:
        """The box on the floor: the middle of its bottom, in the world."""
        return np.array([BOX_AHEAD * np.sin(self.box_heading), -BOX_AHEAD * np.cos(self.box_heading), 0.0])


@dataclass(frozen=True)
class Style:
    """How this person moves this time."""

    tempo: float = 1.0  # times the usual speed
    phase: float = 0.0  # of a movement that repeats, where it begins, 0 to 1
    vigour: float = 1.0  # times the usual size of movement
    side: int = 0  # the hand or foot that leads: 0 left, 1 right
    variant: float = 0.5  # 0 to 1, what else differs
    facing: float = 0.0  # heading
    spot: tuple[float, float] = (0.0, 0.0)  # where on the floor


def ease(share: Float[np.ndarray, "*any"]) -> Float[np.ndarray, "*any"]:
    """Slow, fast, slow from 0 to 1; constant outside."""
    share = np.clip(share, 0, 1)
    eased: Float[np.ndarray, "*any"] = share * share * (3 - 2 * share)
    return eased


def standing(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """At ease, breathing, arms down."""
    count = len(time_sec)
    breath = np.sin(2 * np.pi * (0.3 * time_sec + style.phase))
    sway = np.sin(2 * np.pi * (0.17 * time_sec + style.variant))
    pelvis = np.tile([0.0, 0.0, STAND], (count, 1))
    pelvis[:, 1] += 0.012 * sway
    hands = np.tile([0.06, 0.09, -0.525], (count, 2, 1))
    hands[:, :, 2] += 0.004 * breath[:, None]
    return Pose(
        place=np.tile(np.array(style.spot, dtype=float), (count, 1)),
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
        box=np.tile(stage.box_place, (count, 1)),
    )


def steady(time_sec: Times) -> Times:
    """0 to 1 from the first moment to the last, never at rest: every stretch of it shows which way it goes."""
    share = (time_sec - time_sec[0]) / max(time_sec[-1] - time_sec[0], 1e-6)
    moving: Times = 0.65 * share + 0.35 * ease(share)
    return moving
