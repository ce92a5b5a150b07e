"""The frames of a generated clip: one actor, one action, one continuous shot."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import cv2
import numpy as np
from jaxtyping import Float, Float64, UInt8

from har.datasets.figures.actions import REVERSED, move
from har.datasets.figures.actors import BOTTOMS, CLOTHES, Actor, random_actor
from har.datasets.figures.backdrops import PLACES, paint_backdrop, view_from
from har.datasets.figures.base_motion import Stage, Style
from har.datasets.figures.bodies import body_parts
from har.datasets.figures.drawing import (
    FIXED,
    HEIGHT,
    SUPERSAMPLING,
    WIDTH,
    Brush,
    Camera,
    Colour,
    Picture,
    draw,
    mix,
    shadow,
)
from har.datasets.figures.props import box_part, chair_parts
from har.datasets.figures.skeleton import Pose, joints

FPS = 25
_SEED = 0
WOODS: tuple[Colour, ...] = ((150, 104, 66), (96, 68, 52), (206, 168, 120), (70, 72, 80), (226, 222, 214))
CARDBOARDS: tuple[Colour, ...] = ((206, 160, 108), (186, 140, 92), (120, 160, 176), (206, 120, 96), (150, 172, 112))


@dataclass(frozen=True)
class Scene:
    """What all clips of a group share: actor, backdrop, light and props."""

    actor: Actor
    backdrop: Picture
    light: float
    wood: Colour
    cushion: Colour
    cardboard: Colour
    chair_heading: float
    box_turn: float  # angle from the direction of the chair to the box


def random_generator(*names: object) -> np.random.Generator:
    """Random numbers that depend on the names only, the same in every process."""
    digest = hashlib.blake2b("/".join(map(str, names)).encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "big"))


@lru_cache(maxsize=4)
def make_scene(group: int) -> Scene:
    """The scene of a group."""
    rng = random_generator("figures", _SEED, group)
    return Scene(
        actor=random_actor(rng),
        backdrop=paint_backdrop(list(PLACES)[group % len(PLACES)], rng),
        light=float(rng.choice((-1.0, 1.0))),
        wood=WOODS[rng.integers(len(WOODS))],
        cushion=mix(CLOTHES[rng.integers(len(CLOTHES))], BOTTOMS[rng.integers(len(BOTTOMS))], 0.4),
        cardboard=CARDBOARDS[rng.integers(len(CARDBOARDS))],
        chair_heading=float(rng.uniform(0.25, 0.75)),
        box_turn=float(rng.uniform(0.62, 0.78)),
    )


@dataclass(frozen=True)
class _ClipPlan:
    """Everything that is chosen before a clip is drawn."""

    scene: Scene
    stage: Stage
    pose: Pose
    camera: Camera


def draw_clip(label: str, group: int, clip: int) -> UInt8[np.ndarray, "time 240 320 3"]:
    """The frames of one clip of the data set, RGB, 25 a second.

    'StandUp' and 'PutDown' are 'SitDown' and 'PickUp' of the same group and clip, last frame first.
    """
    if label in REVERSED:
        return draw_clip(REVERSED[label], group, clip)[::-1].copy()
    plan = _plan_clip(label, group, clip)
    return np.stack(list(render(plan.scene, plan.stage, plan.pose, plan.camera)))


def person_boxes(label: str, group: int, clip: int) -> Float64[np.ndarray, "time 4"]:
    """The box around the person, without shadow, chair and cardboard box, in each frame of `draw_clip`.

    Returns:
        Left, top, right and bottom as fractions of width and height.
    """
    if label in REVERSED:
        return person_boxes(REVERSED[label], group, clip)[::-1].copy()
    plan = _plan_clip(label, group, clip)
    brush = Brush(plan.camera, plan.scene.light)
    shapes = [shape for part in body_parts(plan.scene.actor, joints(plan.pose), brush) for shape in part.shapes]
    lowest = np.min([shape.points.min(axis=1) for shape in shapes], axis=0)
    highest = np.max([shape.points.max(axis=1) for shape in shapes], axis=0)
    corners = np.stack([lowest, highest], axis=1) / (FIXED * SUPERSAMPLING * np.array([WIDTH, HEIGHT]))  # (time, 2, 2)
    if plan.stage.mirrored:
        corners[..., 0] = 1 - corners[:, ::-1, 0]
    boxes: Float64[np.ndarray, "time 4"] = np.clip(corners, 0, 1).reshape(len(corners), 4)
    return boxes


def _plan_clip(label: str, group: int, clip: int) -> _ClipPlan:
    """The plan of a clip, for actions that are not the reverse of another."""
    rng = random_generator("figures", _SEED, group, label, clip)
    scene = make_scene(group)
    stage = random_stage(scene, rng)
    longest = 4.2 if label in REVERSED.values() else 3.6
    time_sec = np.arange(round(FPS * rng.uniform(2.2, longest))) / FPS
    pose = move(label, time_sec, _style(label, stage, rng), stage)
    return _ClipPlan(scene, stage, pose, random_camera(rng))


def random_stage(scene: Scene, rng: np.random.Generator) -> Stage:
    """The chair and box of a scene, from a slightly random angle."""
    around = float(rng.uniform(-0.25, 0.3))
    chair = scene.chair_heading + around
    return Stage(chair, chair + scene.box_turn, mirrored=bool(rng.random() < 0.5))


def _style(label: str, stage: Stage, rng: np.random.Generator) -> Style:
    facing = float(rng.uniform(-0.95, 0.65))
    spot = (float(rng.normal(-0.14, 0.05)), -float(rng.uniform(0.15, 0.35)))
    if label == "SitDown":
        facing, spot = stage.chair_heading, (0.0, 0.0)
    if label == "PickUp":
        facing, spot = stage.box_heading, (0.0, 0.0)
    return Style(
        tempo=float(rng.uniform(0.85, 1.2)),
        phase=float(rng.random()),
        vigour=float(rng.uniform(0.8, 1.1)),
        side=int(rng.integers(2)),
        variant=float(rng.random()),
        facing=facing,
        spot=spot,
    )


def random_camera(rng: np.random.Generator) -> Camera:
    """A camera with a slightly random position."""
    return Camera(
        scale=SUPERSAMPLING * float(rng.uniform(94, 106)),
        centre=SUPERSAMPLING * (WIDTH / 2 + float(rng.uniform(-22, 22))),
        floor=SUPERSAMPLING * float(rng.uniform(216, 224)),
    )


def render(scene: Scene, stage: Stage, pose: Pose, camera: Camera, enlarged: int = 1) -> Iterator[Picture]:
    """Draw every moment of a pose, `enlarged` times as wide and high as the clips of the data set."""
    camera = replace(
        camera, scale=enlarged * camera.scale, centre=enlarged * camera.centre, floor=enlarged * camera.floor
    )
    brush = Brush(camera, scene.light)
    width, height = enlarged * WIDTH, enlarged * HEIGHT
    backdrop = _backdrop(scene, stage, brush, (SUPERSAMPLING * height, SUPERSAMPLING * width))
    body = joints(pose)
    heading = np.full(len(pose.heading), stage.box_heading)
    parts = [*body_parts(scene.actor, body, brush), box_part(pose.box, heading, scene.cardboard, brush)]
    spots = _shadows(pose, body.pelvis, body.ankles, camera)
    picture = np.empty_like(backdrop)
    for moment in range(len(pose.heading)):
        np.copyto(picture, backdrop)
        for centre, half_width, half_height, depth in spots:
            shadow(picture, centre[moment], half_width[moment], half_height[moment], depth[moment])
        draw(picture, parts, moment)
        frame = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        yield cast(Picture, cv2.flip(frame, 1) if stage.mirrored else frame)


def _backdrop(scene: Scene, stage: Stage, brush: Brush, size: tuple[int, int]) -> Picture:
    """The backdrop with the chair in it; size is (height, width)."""
    picture = view_from(scene.backdrop, brush.camera, size)
    forward = np.array([np.sin(stage.chair_heading), -np.cos(stage.chair_heading), 0.0])
    centre, scale = brush.camera.project(-0.43 * forward[None])
    shadow(picture, centre[0], 0.5 * float(scale[0]), 0.11 * float(scale[0]), 0.42)
    draw(picture, chair_parts(stage.chair_heading, scene.wood, scene.cushion, brush), 0)
    return picture


Spot = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _shadows(
    pose: Pose, pelvis: Float[np.ndarray, "time 3"], ankles: Float[np.ndarray, "time 2 3"], camera: Camera
) -> list[Spot]:
    """Soft dark ellipses under body, feet and box: centre, half width, half height, depth."""
    spots = []
    for points, radius, depth in [
        (pelvis, 0.42, 0.30),
        (ankles[:, 0], 0.17, 0.38),
        (ankles[:, 1], 0.17, 0.38),
        (pose.box, 0.30, 0.42),
    ]:
        ground = points * np.array([1.0, 1.0, 0.0])
        centre, scale = camera.project(ground)
        height = points[:, 2] - (0.08 if radius == 0.17 else 0.0)
        fainter = depth / (1 + 3.0 * np.maximum(height if radius != 0.42 else 0.0 * height, 0))
        spots.append((centre, radius * scale, 0.3 * radius * scale, fainter))
    return spots
