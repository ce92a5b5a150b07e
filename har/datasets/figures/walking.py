"""Walking along a path."""

import numpy as np
from jaxtyping import Float

from har.datasets.figures.base_motion import Stage, Style, Times, ease, standing
from har.datasets.figures.skeleton import Pose

WALK_SPEED = 1.1  # metres per second
OVAL_HALF, OVAL_RADIUS = 0.72, 0.2  # of the oval path: half of a straight, and the bends
OVAL_LENGTH = 4 * OVAL_HALF + 2 * np.pi * OVAL_RADIUS


def walk(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """To and fro across the floor, on a long oval between chair and camera."""
    speed = WALK_SPEED * style.tempo
    path = oval(speed * time_sec / OVAL_LENGTH + style.phase, style.side)
    return stride(standing(time_sec, style, stage), time_sec, path, style)


def oval(laps: Times, side: int) -> Float[np.ndarray, "time 2"]:
    """Points on the oval after that many laps, clockwise or not."""
    gone = (laps % 1) * OVAL_LENGTH
    bend = np.pi * OVAL_RADIUS
    half, rest = np.divmod(gone, OVAL_LENGTH / 2)
    straight = np.minimum(rest, 2 * OVAL_HALF)
    angle = np.clip(rest - 2 * OVAL_HALF, 0, bend) / OVAL_RADIUS
    x = -OVAL_HALF + straight + OVAL_RADIUS * np.sin(angle)
    y = OVAL_RADIUS * -np.cos(angle)
    flip = np.where(half == 0, 1, -1) * (1 if side == 0 else -1)
    return np.stack([x * flip, y * np.where(half == 0, 1, -1) - 0.76], axis=1)


def stride(pose: Pose, time_sec: Times, path: Float[np.ndarray, "time 2"], style: Style) -> Pose:
    """The pose, walking along a path: feet do not slide while they are on the floor."""
    velocity = np.gradient(path, time_sec, axis=0)
    speed = np.linalg.norm(velocity, axis=1)
    pose.position[:] = path
    moving = np.maximum.accumulate(np.where(speed > 0.1, np.arange(len(speed)), 0))
    velocity = velocity[moving]  # a person who stops keeps the direction
    pose.heading[:] = np.unwrap(np.arctan2(velocity[:, 0], -velocity[:, 1]))
    cycle_sec = 1.08 / style.tempo**0.5
    length = speed * cycle_sec * 1.0
    effort = np.clip(speed / WALK_SPEED, 0, 1)
    steps = (time_sec / cycle_sec + 0.37 * style.phase)[:, None] + np.array([0.0, 0.5])
    gone = steps % 1
    swing = np.clip((gone - 0.6) / 0.4, 0, 1)
    pose.feet[:, :, 0] = length[:, None] * np.where(gone < 0.6, 0.3 - gone, -0.3 + 0.6 * ease(swing))
    pose.feet[:, :, 1] = 0.07
    toe_off = 0.75 * ease((gone - 0.4) / 0.2) * (1 - ease(swing * 1.6))
    strike = 0.3 * ease((swing - 0.5) * 2) * (gone >= 0.6) + 0.3 * np.clip(1 - gone / 0.12, 0, 1)
    pose.toes[:] = (strike - toe_off) * effort[:, None]
    pose.feet[:, :, 2] += (0.10 * np.sin(np.pi * swing) + 0.12 * np.sin(toe_off)) * effort[:, None]
    swing_wave = np.cos(2 * np.pi * steps)  # of each foot: 1 when it is in front
    pose.pelvis[:, 2] += (-0.03 - 0.018 * np.cos(4 * np.pi * steps[:, 0])) * effort
    pose.pelvis[:, 1] += 0.022 * np.sin(2 * np.pi * steps[:, 0]) * effort
    pose.twist[:] += 0.16 * (swing_wave[:, 1] - swing_wave[:, 0]) / 2 * effort * -1
    pose.lean[:] += 0.05 * effort
    arms = swing_wave[:, ::-1] * effort[:, None] * style.vigour  # opposite to the legs
    pose.hands[:, :, 0] += 0.26 * arms + 0.03
    pose.hands[:, :, 2] += 0.04 + 0.09 * np.maximum(arms, 0) + 0.03 * np.abs(arms)
    return pose
