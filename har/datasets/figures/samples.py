"""Sample videos: several actions by one actor in one continuous shot, with their ground truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from har.datasets.figures.actions import move
from har.datasets.figures.base_motion import Stage, Style, Times, ease, standing
from har.datasets.figures.clips import FPS, make_scene, random_camera, random_generator, random_stage, render
from har.datasets.figures.drawing import Picture
from har.datasets.figures.skeleton import Pose
from har.datasets.figures.walking import OVAL_HALF, OVAL_LENGTH, WALK_SPEED, oval, stride
from har.errors import OptionsError
from har.timeline import Segment
from har.video import write_video

BLEND_SEC = 0.4  # transition around the boundary of two actions


@dataclass(frozen=True)
class Sample:
    """A sample video: actor, actions and their seconds."""

    title: str
    group: int  # of the actor, not one of the data set
    actions: tuple[tuple[str, float], ...]


SAMPLES: dict[str, Sample] = {
    "six-actions": Sample(
        "Six actions in a row",
        26,
        (("Walk", 5), ("Wave", 5), ("SitDown", 4), ("StandUp", 4), ("JumpingJack", 6), ("Squat", 6)),
    ),
    "training": Sample("A boxer's training", 29, (("JumpingJack", 5), ("Punch", 6), ("Kick", 6), ("Squat", 5))),
    "delivery": Sample("A box is moved", 28, (("Walk", 5), ("PickUp", 4), ("PutDown", 4), ("Wave", 4))),
}


def make_sample(path: Path, name: str) -> list[Segment]:
    """Write a sample video and return its ground truth.

    Raises:
        OptionsError: no sample of that name.
    """
    if name not in SAMPLES:
        raise OptionsError(f"There is no sample {name!r}.", f"Samples: {', '.join(SAMPLES)}.", "Choose one of these.")
    sample = SAMPLES[name]
    write_video(path, draw_sequence(sample.group, sample.actions), Fraction(FPS))
    return true_segments(sample.actions)


def true_segments(actions: Sequence[tuple[str, float]]) -> list[Segment]:
    """The start and end of each action."""
    ends = np.cumsum([sec for _, sec in actions]).tolist()
    starts = [0.0, *ends[:-1]]
    return [Segment(start, end, label) for start, end, (label, _) in zip(starts, ends, actions, strict=True)]


def draw_sequence(group: int, actions: Sequence[tuple[str, float]], enlarged: int = 1) -> Iterator[Picture]:
    """Frames of one continuous shot, RGB, 25 per second, with smooth transitions between actions.

    They are 320×240 pixels; `enlarged` multiplies both sides.
    """
    rng = random_generator("sequence", 0, group, *actions)
    scene = make_scene(group)
    stage = random_stage(scene, rng)
    segments = true_segments(actions)
    time_sec = np.arange(round(segments[-1].end_sec * FPS)) / FPS
    pose: Pose | None = None
    for segment, (label, length_sec) in zip(segments, actions, strict=True):
        first = segment.start_sec - BLEND_SEC / 2
        last = segment.end_sec + BLEND_SEC / 2
        inside = (time_sec >= first - 1e-6) & (time_sec < last - 1e-6)
        style = _style(label, stage, rng)
        own_sec = time_sec[inside] - segment.start_sec
        if label == "Walk":
            part = _walk_to_spot(own_sec, length_sec, style, stage)
        else:
            part = move(label, own_sec, style, stage)
        pose = part if pose is None else _append_blended(pose, part, int(np.flatnonzero(inside)[0]))
    if pose is not None:
        yield from render(scene, stage, pose, random_camera(rng), enlarged)


def _style(label: str, stage: Stage, rng: np.random.Generator) -> Style:
    style = Style(
        tempo=float(rng.uniform(0.95, 1.1)),
        vigour=float(rng.uniform(0.9, 1.05)),
        side=int(rng.integers(2)),
        variant=float(rng.random()),
        facing=0.4 * stage.chair_heading,
        spot=(-0.16, -0.25),
    )
    if label in ("SitDown", "StandUp"):
        return replace(style, spot=(0.0, 0.0), facing=stage.chair_heading)
    if label in ("PickUp", "PutDown"):
        return replace(style, spot=(0.0, 0.0), facing=stage.box_heading)
    if label in ("Punch", "Kick"):
        return replace(style, facing=-0.75)  # best seen from the side
    return style


def _walk_to_spot(time_sec: Times, length_sec: float, style: Style, stage: Stage) -> Pose:
    """Walking as in `walking.walk`, timed to end where the next action takes place."""
    speed = WALK_SPEED * style.tempo
    half_way = 0.5 + OVAL_HALF / OVAL_LENGTH  # the middle of the far straight
    path = oval(half_way + speed * (time_sec - length_sec) / OVAL_LENGTH, 1)
    home = ease((time_sec - length_sec + 1.1) / 1.1)[:, None]
    path = path + (np.array(style.spot) - path) * home
    return stride(standing(time_sec, style, stage), time_sec, path, style)


def _append_blended(before: Pose, after: Pose, start: int) -> Pose:
    """The first pose, then the second from frame `start`, blended where they overlap, with steps for a turn."""
    overlap = len(before.heading) - start
    share = ease((np.arange(overlap) + 0.5) / overlap)
    bridge = before[start:].blend(after[:overlap], share)
    moved = np.linalg.norm(after.position[0] - before.position[-1]) + 0.3 * abs(after.heading[0] - before.heading[-1])
    lift = 0.07 * min(1.0, float(moved) / 0.2)
    for side in (0, 1):
        bridge.feet[:, side, 2] += lift * np.sin(np.pi * np.clip(2 * share - side, 0, 1))
    return before[:start].followed_by(bridge).followed_by(after[overlap:])
