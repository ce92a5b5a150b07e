"""An explanation as files: two pictures and what is known, small enough to be kept beside a result.

facts.json    every number
frames.png    the frames as the network saw them, side by side
heat.png      the heat of each, a grey cell a cell, side by side; white is hot
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import TypeAdapter, ValidationError

from har.errors import AnnotationMissing
from har.explain.explanation import Explanation, Facts
from har.explain.heat import as_bytes, enlarged, shares
from har.storage import atomic

FACTS, FRAMES, HEAT = "facts.json", "frames.png", "heat.png"
_FACTS = TypeAdapter(Facts)
_HOT, _HOTTEST = np.array([226.0, 64.0, 12.0]), np.array([255.0, 235.0, 90.0])  # RGB; seen on dark and light frames
_STRENGTH = 0.75  # of the hottest cell over the frame
_COLUMNS, _SIDE, _GAP, _BAR = 5, 160, 6, 26  # of the contact sheet: frames a row, then pixels
_PAPER, _INK, _AGAINST = (255, 255, 255), (213, 94, 0), (86, 140, 180)


@dataclass(frozen=True)
class Kept:
    """An explanation as it was written."""

    facts: Facts
    frames_png: bytes
    heat_png: bytes


def write(folder: Path, explanation: Explanation) -> None:
    """Write the three files; the facts come last, so a folder that has them is whole.

    Raises:
        OSError: no room.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FRAMES).write_bytes(png(np.concatenate(list(explanation.frames), axis=1)))
    (folder / HEAT).write_bytes(png(np.concatenate(list(as_bytes(explanation.heat)), axis=1)))
    atomic.write_text(folder / FACTS, _FACTS.dump_json(explanation.facts, indent=1).decode())


def read(folder: Path) -> Kept:
    """What `write` wrote.

    Raises:
        AnnotationMissing: nothing whole lies there.
    """
    try:
        facts = _FACTS.validate_json((folder / FACTS).read_bytes())
        return Kept(facts, (folder / FRAMES).read_bytes(), (folder / HEAT).read_bytes())
    except (OSError, ValidationError) as error:
        raise AnnotationMissing(
            "The explanation cannot be opened.", "A finished one was expected here.", "Ask for it again."
        ) from error


def overlays(explanation: Explanation) -> UInt8[np.ndarray, "time height width 3"]:
    """The frames with the heat over them."""
    height, width = explanation.frames.shape[1:3]
    share = enlarged(shares(explanation.heat), height, width)[..., None]
    painted = explanation.frames * (1 - _STRENGTH * share) + (_HOT + (_HOTTEST - _HOT) * share) * _STRENGTH * share
    rounded: UInt8[np.ndarray, "time height width 3"] = np.round(painted).astype(np.uint8)
    return rounded


def contact_sheet(explanation: Explanation) -> UInt8[np.ndarray, "height width 3"]:
    """Every frame with its heat, and below it a bar as long as the drop when it is hidden: left of the middle where
    hiding it makes the label likelier.
    """
    drops, painted = explanation.facts.drops, overlays(explanation)
    largest = max(0.01, *map(abs, drops))
    cells = []
    for frame, drop in zip(painted, drops, strict=True):
        cell = np.full((_SIDE + _BAR, _SIDE + _GAP, 3), _PAPER, np.uint8)
        cell[:_SIDE, :_SIDE] = cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
        middle, reach = _SIDE // 2, round(drop / largest * (_SIDE // 2))
        cell[_SIDE + 6 : _SIDE + 16, min(middle, middle + reach) : max(middle, middle + reach) + 1] = (
            _INK if drop >= 0 else _AGAINST
        )
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % _COLUMNS)
    rows = [np.concatenate(cells[at : at + _COLUMNS], axis=1) for at in range(0, len(cells), _COLUMNS)]
    return np.concatenate(rows)


def png(picture: np.ndarray) -> bytes:
    """A picture, RGB or grey, as a PNG."""
    done, code = cv2.imencode(".png", picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    if not done:
        raise ValueError(f"a picture of {picture.shape} cannot be written")
    return code.tobytes()
