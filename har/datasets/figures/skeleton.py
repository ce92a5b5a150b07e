"""A pose over time, and the joints that follow from it.

Lengths are in metres, for a person 1.75 m tall. World axes: x to the right in the frame, y away from the camera, z up.
Body axes: x forward, y left, z up; heading 0 faces the camera, a positive one turns right in the frame. Sides are in
the order left, right; 'outward' is away from the middle of the body.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float

THIGH, SHIN = 0.43, 0.43
UPPER_ARM, FOREARM = 0.29, 0.27
ANKLE = 0.08  # above the sole
HIP_OUT, SHOULDER_OUT = 0.095, 0.185
SPINE = 0.24  # each half of it, hips to waist and waist to shoulders
SIDES = np.array([1.0, -1.0])  # of the y axis: left, right

Points = Float[np.ndarray, "*any 3"]


@dataclass(frozen=True)
class Pose:
    """Targets of the parts of a body at each moment; elbows and knees follow from hands and feet."""

    position: Float[np.ndarray, "time 2"]  # of the body on the floor, world
    heading: Float[np.ndarray, " time"]
    pelvis: Float[np.ndarray, "time 3"]  # body frame
    lean: Float[np.ndarray, " time"]  # forward, radians
    tilt: Float[np.ndarray, " time"]  # to the left
    twist: Float[np.ndarray, " time"]  # of the chest, to the left
    head: Float[np.ndarray, "time 2"]  # nod (down is positive), turn (left is positive)
    feet: Float[np.ndarray, "time 2 3"]  # ankles: forward, outward, up; body frame
    toes: Float[np.ndarray, "time 2"]  # pitch of the foot, toes up is positive
    hands: Float[np.ndarray, "time 2 3"]  # wrists from the shoulders: forward, outward, up; chest frame
    elbows: Float[np.ndarray, "time 2 3"]  # direction of the elbows, chest frame, outward as above
    box: Float[np.ndarray, "time 3"]  # the centre of its bottom, world

    def __getitem__(self, moments: slice) -> "Pose":
        return replace(self, **{field.name: getattr(self, field.name)[moments] for field in fields(self)})

    def followed_by(self, other: "Pose") -> "Pose":
        """The moments of one pose, then those of the other."""
        both = {f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)}
        return replace(self, **both)

    def blend(self, other: "Pose", share: Float[np.ndarray, " time"]) -> "Pose":
        """From this pose (share 0) to the other (share 1), turning the shorter way."""
        turns = np.round((self.heading - other.heading) / (2 * np.pi))
        other = replace(other, heading=other.heading + 2 * np.pi * turns)
        mix = {}
        for field in fields(self):
            start, end = getattr(self, field.name), getattr(other, field.name)
            mix[field.name] = start + (end - start) * share.reshape(-1, *[1] * (start.ndim - 1))
        return replace(self, **mix)


@dataclass(frozen=True)
class Joints:
    """Joints in the world, metres, at each moment."""

    pelvis: Float[np.ndarray, "time 3"]
    waist: Float[np.ndarray, "time 3"]
    chest: Float[np.ndarray, "time 3"]  # between the shoulders
    head: Float[np.ndarray, "time 3"]  # centre of the skull
    hips: Float[np.ndarray, "time 2 3"]
    knees: Float[np.ndarray, "time 2 3"]
    ankles: Float[np.ndarray, "time 2 3"]
    feet: Float[np.ndarray, "time 2 3 3"]  # forward, left and up of each foot
    shoulders: Float[np.ndarray, "time 2 3"]
    elbows: Float[np.ndarray, "time 2 3"]
    wrists: Float[np.ndarray, "time 2 3"]
    body_axes: Float[np.ndarray, "time 3 3"]  # rows: forward, left, up, of the hips
    chest_axes: Float[np.ndarray, "time 3 3"]
    head_axes: Float[np.ndarray, "time 3 3"]


def rotated_axes(
    lean: Float[np.ndarray, " time"], tilt: Float[np.ndarray, " time"], twist: Float[np.ndarray, " time"]
) -> Float[np.ndarray, "time 3 3"]:
    """Forward, left and up (rows) after leaning forward, tilting left and twisting left, in the parent frame."""
    zero, one = np.zeros_like(lean), np.ones_like(lean)
    pitch = _matrix([[np.cos(lean), zero, -np.sin(lean)], [zero, one, zero], [np.sin(lean), zero, np.cos(lean)]])
    roll = _matrix([[one, zero, zero], [zero, np.cos(tilt), -np.sin(tilt)], [zero, np.sin(tilt), np.cos(tilt)]])
    yaw = _matrix([[np.cos(twist), np.sin(twist), zero], [-np.sin(twist), np.cos(twist), zero], [zero, zero, one]])
    frame: Points = yaw @ roll @ pitch
    return frame


def body_axes(heading: Float[np.ndarray, " time"]) -> Float[np.ndarray, "time 3 3"]:
    """Forward, left and up (rows) of a body with that heading, world."""
    zero, one = np.zeros_like(heading), np.ones_like(heading)
    forward = [np.sin(heading), -np.cos(heading), zero]
    return _matrix([forward, [np.cos(heading), np.sin(heading), zero], [zero, zero, one]])


def spine(pose: Pose) -> tuple[Points, Points, Float[np.ndarray, "time 3 3"]]:
    """Waist, chest and chest axes in the body frame: the back bends evenly from hips to shoulders."""
    low = rotated_axes(0.55 * pose.lean, 0.5 * pose.tilt, 0.3 * pose.twist)
    high = rotated_axes(1.1 * pose.lean, pose.tilt, pose.twist)
    waist = pose.pelvis + SPINE * low[:, 2]
    return waist, waist + SPINE * high[:, 2], high


def shoulder_points(chest: Points, axes: Float[np.ndarray, "time 3 3"]) -> Float[np.ndarray, "time 2 3"]:
    """Left and right shoulder, in the frame of chest and axes."""
    points: Points = chest[:, None] + SHOULDER_OUT * SIDES[:, None] * axes[:, None, 1] - 0.03 * axes[:, None, 2]
    return points


def hands_at(pose: Pose, targets: Float[np.ndarray, "time 2 3"]) -> Float[np.ndarray, "time 2 3"]:
    """The `Pose.hands` for which the wrists are at the targets, in the body frame (forward, left, up)."""
    _, chest, axes = spine(pose)
    from_shoulders = targets - shoulder_points(chest, axes)
    local: Points = np.einsum("tij,tsj->tsi", axes, from_shoulders)
    local *= np.stack([np.ones(2), SIDES, np.ones(2)], axis=1)
    return local


def joints(pose: Pose) -> Joints:
    """All joints of a body in a pose."""
    axes = body_axes(pose.heading)
    origin = np.concatenate([pose.position, np.zeros((len(pose.position), 1))], axis=1)

    def world(points: Points) -> Points:
        moved: Points = origin.reshape(-1, *[1] * (points.ndim - 2), 3) + np.einsum("t...i,tij->t...j", points, axes)
        return moved

    outward = np.stack([np.ones(2), SIDES, np.ones(2)], axis=1)
    waist, chest, chest_axes = spine(pose)
    hips = pose.pelvis[:, None] + HIP_OUT * SIDES[:, None] * np.array([0.0, 1.0, 0.0])
    ankles = pose.feet * outward
    splay = 0.12 + 0.55 * np.clip(pose.feet[..., 1] - 0.11, 0, 0.3)  # knees follow feet set apart
    knee_pole = np.stack([np.cos(splay), SIDES * np.sin(splay), 0.15 * np.ones_like(splay)], axis=-1)
    knees, ankles = _bend(hips, ankles, THIGH, SHIN, knee_pole)

    shoulders = shoulder_points(chest, chest_axes)
    hands = np.einsum("tsi,tij->tsj", pose.hands * outward, chest_axes) + shoulders
    poles = np.einsum("tsi,tij->tsj", pose.elbows * outward, chest_axes)
    elbows, wrists = _bend(shoulders, hands, UPPER_ARM, FOREARM, poles)

    upright = rotated_axes(0.35 * pose.lean + pose.head[:, 0], 0.5 * pose.tilt, 0.4 * pose.twist + pose.head[:, 1])
    head = chest + 0.11 * chest_axes[:, 2] + 0.105 * upright[:, 2] + 0.015 * upright[:, 0]
    feet = np.stack(
        [rotated_axes(-pose.toes[:, side], np.zeros(len(splay)), SIDES[side] * splay[:, side]) for side in (0, 1)], 1
    )
    return Joints(
        pelvis=world(pose.pelvis),
        waist=world(waist),
        chest=world(chest),
        head=world(head),
        hips=world(hips),
        knees=world(knees),
        ankles=world(ankles),
        feet=feet @ axes[:, None],
        shoulders=world(shoulders),
        elbows=world(elbows),
        wrists=world(wrists),
        body_axes=axes,
        chest_axes=chest_axes @ axes,
        head_axes=upright @ axes,
    )


def _bend(root: Points, target: Points, upper: float, lower: float, pole: Points) -> tuple[Points, Points]:
    """Inverse kinematics: elbow and wrist (or knee and ankle) for a target, bent in the direction of the pole."""
    reach = target - root
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    along = reach / np.maximum(distance, 1e-6)
    distance = np.clip(distance, abs(upper - lower) + 0.05, (upper + lower) * 0.998)
    near = (upper**2 - lower**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper**2 - near**2, 0))
    aside = pole - along * np.sum(along * pole, axis=-1, keepdims=True)
    aside /= np.maximum(np.linalg.norm(aside, axis=-1, keepdims=True), 1e-6)
    return root + along * near + aside * height, root + along * distance


def _matrix(rows: list[list[np.ndarray]]) -> Float[np.ndarray, "time 3 3"]:
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
