"""The shapes of a drawn person."""

import numpy as np
from jaxtyping import Float

from har.datasets.figures.actors import Actor
from har.datasets.figures.drawing import Brush, Part, Shape, mix
from har.datasets.figures.skeleton import Joints


def _towards(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    between: Float[np.ndarray, "time 3"] = start + (end - start) * share
    return between


def body_parts(actor: Actor, body: Joints, brush: Brush) -> list[Part]:
    """All parts of a person, to be drawn at any moment."""
    parts = [_torso(actor, body, brush), *_head(actor, body, brush)]
    for side in (0, 1):
        parts += [_leg(actor, body, brush, side), _arm(actor, body, brush, side)]
    if actor.garment == "skirt":
        parts.append(_skirt(actor, body, brush))
    return parts


def _leg(actor: Actor, body: Joints, brush: Brush, side: int) -> Part:
    hip, knee, ankle = body.hips[:, side], body.knees[:, side], body.ankles[:, side]
    forward, _, up = np.moveaxis(body.feet[:, side], 1, 0)
    girth = actor.girth
    heel, toe = ankle - 0.045 * forward - 0.045 * up, ankle + 0.135 * forward - 0.05 * up
    sole = [heel - 0.022 * up, toe - 0.014 * up]
    loose = 1.12 if actor.garment == "trousers" else 0.95
    bare = actor.garment in ("shorts", "skirt")
    cuff = _towards(knee, ankle, 0.86)
    pieces = [
        ([heel, _towards(heel, toe, 0.5) + 0.012 * up, toe], [0.042, 0.044, 0.034], actor.shoes),
        ([_towards(knee, ankle, 0.6), ankle], [0.05 * girth, 0.038], actor.skin),
    ]
    if bare:
        calf = _towards(knee, ankle, 0.3) - 0.008 * forward
        pieces.append(([knee, calf, ankle], [0.055 * girth, 0.056 * girth, 0.038], actor.skin))
        hem = _towards(hip, knee, 0.72 if actor.garment == "shorts" else 0.3)
        pieces.append(([_towards(hip, knee, 0.5), knee], [0.072 * girth, 0.056 * girth], actor.skin))
        pieces.append(([hip, hem], [0.092 * girth, 0.084 * girth], actor.bottom))
    else:
        pieces.append(([knee, cuff], [0.062 * girth * loose, 0.05 * loose], actor.bottom))
        pieces.append(([hip, knee], [0.092 * girth, 0.064 * girth * loose], actor.bottom))
    white = mix(actor.shoes, (250, 250, 246), 0.75)
    shapes = [*brush.shaded(pieces), brush.hull(sole, [0.02, 0.02], white)]
    return Part(0.45 * hip[:, 1] + 0.35 * knee[:, 1] + 0.2 * ankle[:, 1] + 0.01, shapes)


def _skirt(actor: Actor, body: Joints, brush: Brush) -> Part:
    hems = [_towards(body.hips[:, side], body.knees[:, side], 0.78) for side in (0, 1)]
    balls = [body.hips[:, 0], body.hips[:, 1], *hems]
    depth = np.minimum.reduce([hems[0][:, 1], hems[1][:, 1], body.pelvis[:, 1]]) * 0.5 + 0.5 * body.pelvis[:, 1]
    return Part(depth - 0.05, brush.shaded([(balls, [0.11 * actor.girth, 0.11 * actor.girth, 0.1, 0.1], actor.bottom)]))


def _torso(actor: Actor, body: Joints, brush: Brush) -> Part:
    forward, left, up = np.moveaxis(body.chest_axes, 1, 0)
    low_left = body.body_axes[:, 1]
    wide, girth = actor.shoulders, actor.girth
    top = [_towards(body.chest, body.shoulders[:, side], 0.78 * wide) for side in (0, 1)]
    ribs = body.chest - 0.12 * up + 0.012 * forward
    belly = body.waist + 0.015 * forward * girth
    hips = [body.pelvis + 0.075 * sign * low_left for sign in (1, -1)]
    waist = [belly + 0.05 * sign * left for sign in (1, -1)]
    hem = [body.pelvis + 0.066 * sign * low_left + 0.035 * body.body_axes[:, 2] for sign in (1, -1)]
    pieces = [
        ([*hips, body.pelvis + 0.02 * up], [0.098 * girth, 0.098 * girth, 0.1 * girth], actor.bottom),
        ([body.chest, body.chest + 0.1 * up], [0.055, 0.05], mix(actor.skin, (60, 20, 20), 0.12)),
        ([*waist, *hem], [0.096 * girth, 0.096 * girth, 0.1 * girth, 0.1 * girth], actor.shirt),
        ([*top, ribs, *waist], [0.066, 0.066, 0.112, 0.094 * girth, 0.094 * girth], actor.shirt),
    ]
    shapes = [*brush.shaded(pieces), *_decor(actor, body, brush)]
    depth = 0.65 * body.chest[:, 1] + 0.35 * body.pelvis[:, 1] - 0.06
    return Part(depth, shapes)


def _decor(actor: Actor, body: Joints, brush: Brush) -> list[Shape]:
    forward, left, up = np.moveaxis(body.chest_axes, 1, 0)
    if actor.pattern == "band":
        middle = body.chest - 0.15 * up
        ends = [middle + 0.085 * sign * left + 0.03 * forward for sign in (1, -1)]
        return [brush.hull(ends, [0.035, 0.035], actor.trim)]
    if actor.pattern == "buttons":
        seen = forward[:, 1] < -0.1
        line = [body.chest + 0.1 * forward - 0.06 * up, body.waist + 0.115 * forward - 0.12 * up]
        return [brush.hull(line, [0.012, 0.012], actor.trim, shown=seen)]
    return []


def _arm(actor: Actor, body: Joints, brush: Brush, side: int) -> Part:
    shoulder, elbow, wrist = body.shoulders[:, side], body.elbows[:, side], body.wrists[:, side]
    shoulder = _towards(body.chest, shoulder, actor.shoulders)
    along = (wrist - elbow) / np.maximum(np.linalg.norm(wrist - elbow, axis=1, keepdims=True), 1e-6)
    palm, tips = wrist + 0.04 * along, wrist + 0.095 * along
    girth = 0.5 + 0.5 * actor.girth
    pieces = [
        ([palm, tips], [0.045, 0.034], actor.skin),
        ([elbow, wrist], [0.045 * girth, 0.034], actor.skin),
        ([shoulder, elbow], [0.056 * girth, 0.046 * girth], actor.skin),
    ]
    if actor.sleeves == "long":
        cuff = _towards(elbow, wrist, 0.9)
        pieces.append(([elbow, cuff], [0.052 * girth, 0.042], actor.shirt))
    if actor.sleeves != "none":
        hem = elbow if actor.sleeves == "long" else _towards(shoulder, elbow, 0.55)
        pieces.append(([shoulder, hem], [0.066 * girth, 0.056 * girth], actor.shirt))
    depth = 0.25 * shoulder[:, 1] + 0.45 * elbow[:, 1] + 0.3 * wrist[:, 1]
    return Part(depth - 0.03, brush.shaded(pieces))


def _head(actor: Actor, body: Joints, brush: Brush) -> list[Part]:
    forward, left, up = np.moveaxis(body.head_axes, 1, 0)
    skull = body.head
    jaw = skull + 0.028 * forward - 0.068 * up
    face = brush.shaded([([skull + 0.018 * forward, jaw], [0.106, 0.07], actor.skin)])
    features = _features(actor, body, brush)
    ears = [
        Part(
            (skull + 0.1 * sign * left)[:, 1],
            brush.shaded([([skull + 0.104 * sign * left - 0.02 * up], [0.024], actor.skin)]),
        )
        for sign in (1, -1)
    ]
    front = Part((skull + 0.03 * forward)[:, 1] - 0.03, [*face, *features])
    return [front, *ears, *_hair(actor, body, brush)]


def _features(actor: Actor, body: Joints, brush: Brush) -> list[Shape]:
    forward, left, up = np.moveaxis(body.head_axes, 1, 0)
    skull = body.head
    dark = mix(actor.hair, (20, 16, 20), 0.7)
    blush = mix(actor.skin, (226, 96, 86), 0.28)
    shapes: list[Shape] = []
    if actor.beard:
        chin = skull + 0.05 * forward - 0.085 * up
        cheeks = [skull + 0.05 * forward + 0.058 * sign * left - 0.055 * up for sign in (1, -1)]
        shapes.append(brush.hull([chin, *cheeks], [0.056, 0.03, 0.03], actor.hair, shown=forward[:, 1] < 0.35))
    for sign in (1, -1):
        outward = 0.82 * forward + 0.5 * sign * left
        seen = outward[:, 1] < -0.12
        eye = skull + 0.098 * forward + 0.046 * sign * left + 0.002 * up
        brow = [eye + 0.034 * up + 0.016 * inner * sign * left for inner in (-0.8, 1.0)]
        cheek = skull + 0.095 * forward + 0.066 * sign * left - 0.042 * up
        shapes.append(brush.hull([cheek], [0.02], blush, shown=seen))
        if actor.glasses:
            shapes.append(brush.hull([eye], [0.034], (60, 60, 70), shown=seen))
            shapes.append(brush.hull([eye], [0.026], mix(actor.skin, (225, 240, 250), 0.6), shown=seen))
        shapes.append(brush.hull([eye, eye - 0.010 * up], [0.014, 0.014], (32, 24, 28), shown=seen))
        shapes.append(brush.hull(brow, [0.007, 0.007], dark, shown=seen))
    seen = forward[:, 1] < 0.25
    nose = skull + 0.128 * forward - 0.022 * up
    shapes.append(brush.hull([nose], [0.017], mix(actor.skin, (190, 80, 60), 0.22), shown=seen))
    smile = [skull + 0.108 * forward + 0.026 * sign * left - 0.066 * up for sign in (1, -1)]
    middle = skull + 0.112 * forward - 0.076 * up
    shapes.append(
        brush.hull(
            [*smile, middle], [0.006, 0.006, 0.008], mix(actor.skin, (140, 30, 40), 0.62), shown=forward[:, 1] < -0.1
        )
    )
    return shapes


def _hair(actor: Actor, body: Joints, brush: Brush) -> list[Part]:
    """Hair behind the face, and the fringe in front of it."""
    skull = body.head
    forward, left, up = np.moveaxis(body.head_axes, 1, 0)
    cut, colour = actor.haircut, actor.hair
    if cut == "bald":
        return []
    behind: list[tuple[Float[np.ndarray, "time 3"], float]] = [
        (skull - 0.028 * forward + 0.02 * up, 0.108),
        (skull + 0.012 * forward + 0.04 * up, 0.098),
    ]
    extra: list[tuple[list[np.ndarray], list[float]]] = []
    parts = []
    if cut in ("bob", "long"):
        length = 0.10 if cut == "bob" else 0.2
        ends = [skull - 0.05 * forward + 0.058 * sign * left - length * up for sign in (1, -1)]
        fall = [skull - 0.028 * forward + 0.02 * up, *ends]
        nape = body.chest - 0.17 * body.chest_axes[:, 0]  # hair falls behind the shoulders
        parts.append(Part(nape[:, 1], brush.shaded([(fall, [0.108, 0.055, 0.055], colour)])))
    if cut == "curls":
        behind = [(skull - 0.03 * forward + 0.045 * up, 0.14), (skull - 0.02 * forward, 0.13)]
    if cut == "bun":
        extra.append(([skull - 0.07 * forward + 0.12 * up], [0.055]))
    if cut == "tail":
        tip = skull - 0.17 * forward - 0.13 * up
        extra.append(([skull - 0.13 * forward + 0.04 * up, tip], [0.042, 0.022]))
    parts.append(
        Part((skull - 0.07 * forward)[:, 1], brush.shaded([([p for p, _ in behind], [r for _, r in behind], colour)]))
    )
    parts += [
        Part((centres[0] - 0.05 * forward)[:, 1], brush.shaded([(centres, radii, colour)])) for centres, radii in extra
    ]
    top = actor.trim if cut == "cap" else colour
    rim = 0.03 if cut == "curls" else 0.0
    fringe = [skull + (0.048 + rim) * forward + 0.048 * sign * left + (0.095 + rim) * up for sign in (1, -1)]
    crown = [*fringe, skull - 0.04 * forward + (0.078 + rim) * up]
    sizes = [0.036, 0.036, 0.056]
    if cut == "crop":
        crown, sizes = [skull + 0.012 * forward + 0.082 * up, skull - 0.04 * forward + 0.07 * up], [0.045, 0.06]
    shapes = brush.shaded([(crown, sizes, top)], edge=False)
    if cut == "cap":
        visor = [skull + 0.15 * forward + 0.05 * sign * left + 0.066 * up for sign in (1, -1)]
        shapes += brush.shaded([([*visor, *fringe], [0.02, 0.02, 0.022, 0.022], mix(top, (20, 20, 30), 0.2))])
    parts.append(Part((skull + 0.03 * forward)[:, 1] - 0.031, shapes))
    return parts
