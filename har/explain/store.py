"""An explanation as files: two images and the numbers, small enough to be stored with a result.

facts.json    every number
frames.png    the frames as the network saw them, side by side
heat.png      the heatmap of each frame, one grey pixel per cell, side by side; white is hot
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from pydantic import TypeAdapter, ValidationError

from har.errors import AnnotationMissing
from har.explain.explanation import Explanation, Facts
from har.explain.heatmap import as_bytes, normalised, resized
from har.storage import atomic

FACTS, FRAMES, HEAT = "facts.json", "frames.png", "heat.png"
_FACTS = TypeAdapter(Facts)
_HOT, _HOTTEST = np.array([226.0, 64.0, 12.0]), np.array([255.0, 235.0, 90.0])  # RGB; visible on dark and light frames
_OPACITY = 0.75  # of the hottest cell over the frame
_COLUMNS, _SIDE, _GAP, _BAR = 5, 160, 6, 26  # of the contact sheet: frames in a row, then pixels
_PAPER, _LESS_PROBABLE, _MORE_PROBABLE = (255, 255, 255), (213, 94, 0), (86, 140, 180)


@dataclass(frozen=True)
class StoredExplanation:
    """An explanation as it was written."""

    facts: Facts
    frames_png: bytes
    heat_png: bytes


def write_explanation(folder: Path, explanation: Explanation) -> None:
    """Write the three files; facts.json is last, so a folder that has it is complete.

    Raises:
        OSError: the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FRAMES).write_bytes(png(np.concatenate(list(explanation.frames), axis=1)))
    (folder / HEAT).write_bytes(png(np.concatenate(list(as_bytes(explanation.heat)), axis=1)))
    atomic.write_text(folder / FACTS, _FACTS.dump_json(explanation.facts, indent=1).decode())


def read_explanation(folder: Path) -> StoredExplanation:
    """Read what `write_explanation` wrote.

    Raises:
        AnnotationMissing: there is no complete explanation in the folder.
    """
    try:
        facts = _FACTS.validate_json((folder / FACTS).read_bytes())
        return StoredExplanation(facts, (folder / FRAMES).read_bytes(), (folder / HEAT).read_bytes())
    except (OSError, ValidationError) as error:
        raise AnnotationMissing(
            "The explanation cannot be opened.", "A complete one was expected.", "Request it again."
        ) from error


def overlays(explanation: Explanation) -> UInt8[np.ndarray, "time height width 3"]:
    """The frames with the heatmap over them."""
    height, width = explanation.frames.shape[1:3]
    share = resized(normalised(explanation.heat), height, width)[..., None]
    painted = explanation.frames * (1 - _OPACITY * share) + (_HOT + (_HOTTEST - _HOT) * share) * _OPACITY * share
    return np.asarray(np.round(painted), np.uint8)


def contact_sheet(explanation: Explanation) -> UInt8[np.ndarray, "height width 3"]:
    """All frames with their heatmaps. A bar below each shows the drop in probability if the frame is hidden: it extends
    to the right, or to the left where hiding makes the label more probable.
    """
    drops, painted = explanation.facts.drops, overlays(explanation)
    largest = max(0.01, *map(abs, drops))
    cells = []
    for frame, drop in zip(painted, drops, strict=True):
        cell = np.full((_SIDE + _BAR, _SIDE + _GAP, 3), _PAPER, np.uint8)
        cell[:_SIDE, :_SIDE] = cv2.resize(frame, (_SIDE, _SIDE), interpolation=cv2.INTER_NEAREST)
        middle, length = _SIDE // 2, round(drop / largest * (_SIDE // 2))
        cell[_SIDE + 6 : _SIDE + 16, min(middle, middle + length) : max(middle, middle + length) + 1] = (
            _LESS_PROBABLE if drop >= 0 else _MORE_PROBABLE
        )
        cells.append(cell)
    cells += [np.full_like(cells[0], 255)] * (-len(cells) % _COLUMNS)
    rows = [np.concatenate(cells[at : at + _COLUMNS], axis=1) for at in range(0, len(cells), _COLUMNS)]
    return np.concatenate(rows)


def png(image: np.ndarray) -> bytes:
    """An RGB or grey image as a PNG."""
    encoded, data = cv2.imencode(".png", image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    if not encoded:
        raise ValueError(f"OpenCV cannot write an image of {image.shape} as PNG")
    return data.tobytes()
