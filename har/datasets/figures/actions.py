"""The ten actions."""

from collections.abc import Callable

import numpy as np

from har.datasets.figures.base_motion import (
    BOX,
    BOX_AHEAD,
    SEAT,
    SEAT_BACK,
    STAND,
    Stage,
    Style,
    Times,
    ease,
    standing,
    steady,
)
from har.datasets.figures.skeleton import Pose, body_axes, hands_at
from har.datasets.figures.walking import walk


def jumping_jack(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """Feet apart and arms overhead, feet together and arms down, with a hop each way."""
    pose = standing(time_sec, style, stage)
    cycle = style.phase + time_sec * style.tempo / 1.05
    share = 0.5 - 0.5 * np.cos(2 * np.pi * cycle)
    opened = ease(share)
    hop = np.maximum(np.sin(4 * np.pi * cycle - 0.5), 0) ** 0.8 * 0.085 * style.vigour
    landing = np.maximum(-np.sin(4 * np.pi * cycle - 0.5), 0)
    pose.feet[:, :, 1] += (0.25 * style.vigour * opened)[:, None]
    pose.feet[:, :, 2] += hop[:, None]
    pose.toes[:] = -(5.0 * hop)[:, None]
    pose.pelvis[:, 2] += hop - 0.035 * landing - 0.045 * opened
    angle = 0.16 + (2.72 * (0.88 + 0.12 * style.variant)) * opened  # of the arms from straight down
    reach = 0.54 - 0.06 * np.sin(np.pi * opened)
    pose.hands[:] = np.stack([np.full_like(angle, 0.05), reach * np.sin(angle), -reach * np.cos(angle)], -1)[:, None]
    pose.elbows[:] = np.stack([np.full_like(angle, -0.6), np.cos(angle), np.sin(angle)], -1)[:, None]
    pose.lean[:] += 0.03 * landing
    return pose


def squat(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """Down on bent knees and up again, arms brought forward for balance."""
    pose = standing(time_sec, style, stage)
    cycle = style.phase + time_sec * style.tempo / 1.8
    down = ease(0.5 - 0.5 * np.cos(2 * np.pi * cycle)) * (0.88 + 0.12 * style.vigour)
    pose.feet[:, :, 1] = 0.19
    pose.pelvis[:, 2] -= 0.02 + 0.43 * down
    pose.pelvis[:, 0] -= 0.24 * down
    pose.lean[:] += 0.62 * down
    pose.head[:, 0] -= 0.25 * down
    folded = style.variant < 0.35  # hands in front of the chest instead of stretched out
    forward = [0.30, -0.06, -0.10] if folded else [0.52, 0.0, 0.0]
    low = pose.hands.copy()
    raised = np.tile(forward, (len(down), 2, 1))
    raised[:, :, 2] += (0.30 * down)[:, None] * (not folded)
    share = (0.25 + 0.75 * ease(1.6 * down)) if not folded else np.ones_like(down)
    pose.hands[:] = low + (raised - low) * share[:, None, None]
    pose.elbows[:] = [-0.3, 0.8, -0.6]
    return pose


def wave(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """A raised hand moves from side to side."""
    pose = standing(time_sec, style, stage)
    cycle = style.phase + time_sec * style.tempo * 1.35
    swing = np.sin(2 * np.pi * cycle)
    side = style.side
    out = 0.24 + 0.18 * style.vigour * swing
    pose.hands[:, side] = np.stack(
        [np.full_like(out, 0.18), out, 0.26 + 0.08 * style.variant - 0.6 * (out - 0.24) ** 2], -1
    )
    pose.elbows[:, side] = [0.1, 0.9, -0.7]
    lean = 0.05 + 0.035 * np.sin(2 * np.pi * cycle - 0.6)
    away = -1.0 if side == 0 else 1.0
    pose.tilt[:] += away * lean
    pose.pelvis[:, 1] += -away * 0.03
    pose.head[:, 1] += 0.1 * away * np.sin(np.pi * cycle)
    pose.head[:, 0] -= 0.04
    return pose


def punch(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """From a boxer's guard, left and right punches in turn."""
    pose = standing(time_sec, style, stage)
    cycle = style.phase + time_sec * style.tempo / 1.05
    forward = 1.0 - 2.0 * style.side  # 1: the left foot is in front
    pose.feet[:, 0, 0] += 0.17 * forward
    pose.feet[:, 1, 0] -= 0.17 * forward
    pose.feet[:, :, 1] = 0.14
    bounce = np.sin(4 * np.pi * cycle)
    pose.pelvis[:, 2] -= 0.06 + 0.014 * bounce
    pose.lean[:] += 0.10
    thrown = np.stack([_jab(cycle), _jab(cycle + 0.5)], axis=1) * np.minimum(style.vigour, 1.05)
    guard = np.array([0.25, -0.06, 0.02])
    target = np.array([0.55, -0.14, 0.10 + 0.06 * style.variant])
    pose.hands[:] = guard + thrown[..., None] * (target - guard)
    pose.elbows[:] = np.array([-0.1, 0.45, -1.0]) + thrown[..., None] * np.array([0.0, 0.5, 0.3])
    pose.twist[:] += 0.62 * (thrown[:, 1] - thrown[:, 0])
    pose.pelvis[:, 0] += 0.05 * thrown.max(axis=1)
    pose.head[:, 1] -= 0.24 * (thrown[:, 1] - thrown[:, 0])
    return pose


def _jab(cycle: Times) -> Times:
    """Out fast, back slower, then a pause: 0 to 1 to 0 in the first half of each cycle."""
    phase = cycle % 1
    out: Times = ease(phase / 0.17) - ease((phase - 0.22) / 0.26)
    return out


def kick(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """Front kicks, arms out for balance: knee up, leg out, leg back, foot down; sometimes with alternating legs."""
    pose = standing(time_sec, style, stage)
    cycle = style.phase + time_sec * style.tempo / 1.3
    phase = cycle % 1
    alternating = style.variant > 0.5
    kicker = (style.side + (np.floor(cycle).astype(int) % 2) * alternating) % 2
    raised = ease(phase / 0.27) - ease((phase - 0.58) / 0.32)
    out = ease((phase - 0.22) / 0.15) - ease((phase - 0.45) / 0.16)
    height = 0.72 + 0.25 * style.vigour
    chamber, contact = np.array([0.16, 0.09, 0.50]), np.array([0.74, 0.07, height])
    moments = np.arange(len(phase))
    rest = pose.feet[moments, kicker]
    lifted = chamber + out[:, None] * (contact - chamber)
    pose.feet[moments, kicker] = rest + raised[:, None] * (lifted - rest)
    pose.toes[moments, kicker] = -0.7 * raised + 1.1 * out
    support = np.where(kicker == 0, -1.0, 1.0)  # side of the standing leg
    pose.pelvis[:, 1] += 0.07 * support * raised
    pose.pelvis[:, 2] -= 0.035 - 0.02 * raised
    pose.lean[:] -= 0.08 * raised + 0.22 * out - 0.08
    pose.pelvis[:, 0] += 0.05 * out
    pose.twist[:] += 0.25 * support * -out
    balance = np.tile([0.04, 0.24, -0.44], (len(phase), 2, 1))  # arms low and away from the body
    balance += raised[:, None, None] * np.array([-0.04, 0.14, 0.16])
    pose.hands[:] = balance
    pose.elbows[:] = [-0.6, 0.6, -0.3]
    return pose


def sit_down(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """From standing in front of the chair to sitting on it, over the whole duration."""
    pose = standing(time_sec, style, stage)
    share = steady(time_sec)
    down, back = ease(share * 1.08 - 0.06), ease(share * 1.15)
    pose.pelvis[:, 2] += (SEAT + 0.095 - STAND) * down
    pose.pelvis[:, 0] -= SEAT_BACK * back
    pose.feet[:, :, 0] += 0.03
    pose.feet[:, :, 1] += 0.02
    bow = np.sin(np.pi * np.clip(share * 1.02, 0, 1)) ** 1.3
    pose.lean[:] += (0.62 + 0.12 * style.vigour) * bow - 0.05 * share
    pose.head[:, 0] += 0.12 * bow
    body = ease(share * 1.3 - 0.15)[:, None, None]
    knees = np.array([[-0.10, 0.15, SEAT + 0.19], [-0.10, -0.15, SEAT + 0.19]])
    reach = hands_at(pose, np.tile(knees, (len(share), 1, 1)))
    forward = np.array([0.30, 0.08, -0.36])
    through = pose.hands + (forward - pose.hands) * (np.sin(np.pi * body) * 0.5)
    pose.hands[:] = through + (reach - through) * body
    pose.elbows[:] = [-0.9, 0.7, 0.0]
    return pose


def pick_up(time_sec: Times, style: Style, stage: Stage) -> Pose:
    """Down to the box, and up with it, over the whole duration."""
    pose = standing(time_sec, style, stage)
    share = steady(time_sec)
    grasp = 0.46 + 0.06 * style.variant
    down = np.where(share < grasp, ease(share / grasp), 1 - ease((share - grasp - 0.01) / (0.99 - grasp)))
    pose.feet[:, :, 1] = 0.16
    pose.pelvis[:, 2] -= 0.02 + 0.44 * down
    pose.pelvis[:, 0] -= 0.20 * down
    pose.lean[:] += 0.98 * down - 0.06 * ease((share - 0.7) / 0.3)
    pose.head[:, 0] += 0.25 * np.sin(np.pi * np.clip(share * 1.1, 0, 1)) - 0.25 * down
    lift = ease((share - grasp - 0.02) / (0.98 - grasp))
    box = np.stack([BOX_AHEAD - 0.12 * lift, 0 * lift, (0.86 + 0.1 * style.variant) * lift], axis=1)
    grips = box[:, None] + np.array([[-0.03, BOX[1] / 2 + 0.02, 0.15], [-0.03, -BOX[1] / 2 - 0.02, 0.15]])
    reach = hands_at(pose, grips)
    near = ease(share / (grasp * 0.96))[:, None, None]
    pose.hands[:] += (reach - pose.hands) * near
    pose.elbows[:] = [-0.7, 0.8, -0.3]
    pose.box[:] = np.einsum("ti,tij->tj", box, body_axes(pose.heading))
    pose.box[:, :2] += pose.position
    return pose


MOVES: dict[str, Callable[[Times, Style, Stage], Pose]] = {
    "Walk": walk,
    "JumpingJack": jumping_jack,
    "Squat": squat,
    "Wave": wave,
    "Punch": punch,
    "Kick": kick,
    "SitDown": sit_down,
    "PickUp": pick_up,
}
REVERSED = {"StandUp": "SitDown", "PutDown": "PickUp"}  # each is the other, played backwards
ACTIONS: tuple[str, ...] = (*MOVES, *REVERSED)


def move(label: str, time_sec: Times, style: Style, stage: Stage) -> Pose:
    """A body performing an action at those times."""
    if label in REVERSED:
        return MOVES[REVERSED[label]](time_sec, style, stage)[::-1]
    return MOVES[label](time_sec, style, stage)
