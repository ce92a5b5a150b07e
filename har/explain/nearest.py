"""The clips of training that look most alike to a classifier: nearest in what its last layers look at.

A classifier that was trained here brings an index: one row of half-precision numbers for each clip that moved its
weights, beside its card, which tells the clips. Data only; its size is bounded, and so is what is read.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float16, Float32

from har.classifier import Card, Classifier

INDEX = "index.npy"  # beside the card; a row for each of the card's first training clips, in its order
_MOST_BYTES = 8 << 20
_HEAD_BYTES = 128  # of NumPy's files of such arrays
_COUNT = 5


@dataclass(frozen=True)
class Neighbour:
    """A clip that trained the classifier."""

    label: str
    group: str | None
    path: str  # inside its data set
    content: str  # hash of its bytes
    distance: float  # 0: alike, 1: nothing in common, 2: opposite


def index_of(classifier: Classifier, clips: Iterable[np.ndarray]) -> Float16[np.ndarray, "clips features"]:
    """What a classifier's last layers look at, for the middle window of each clip it was trained on.

    Args:
        classifier: freshly trained.
        clips: `(time, height, width, 3)`, in the order of the card's training clips. No more are taken than
            the index may hold.
    """
    from har.explain.network import look_inside

    rows: list[Float16[np.ndarray, "features"]] = []
    for clip in clips:
        row = look_inside(classifier.model, clip, 0, ()).features.astype(np.float16)
        if (len(rows) + 1) * row.nbytes > _MOST_BYTES:
            break
        rows.append(row)
    return np.stack(rows)


def write_index(folder: Path, index: Float16[np.ndarray, "clips features"]) -> None:
    """Put an index beside a classifier's card."""
    beside = folder / f"{INDEX}.{os.getpid()}.tmp"
    try:
        with beside.open("wb") as file:
            np.save(file, index)
        beside.replace(folder / INDEX)
    finally:
        beside.unlink(missing_ok=True)


def nearest(folder: Path, card: Card, features: Float32[np.ndarray, "features"]) -> tuple[Neighbour, ...] | None:
    """The clips nearest by cosine, nearest first.

    Args:
        folder: the classifier's.
        card: tells the clips.
        features: of the clip in question.

    Returns:
        None where the classifier has no index, or one that is not its own.
    """
    index = _read(folder / INDEX, len(card.data.trained), len(features))
    if index is None:
        return None
    lengths = np.linalg.norm(index, axis=1) * np.linalg.norm(features)
    distances = 1 - index @ features / np.maximum(lengths, 1e-9)
    found = []
    for row in np.argsort(distances, kind="stable")[:_COUNT]:
        clip = card.data.trained[row]
        found.append(Neighbour(clip.label, clip.group, clip.path, clip.content, float(distances[row])))
    return tuple(found)


def _read(path: Path, clips: int, features: int) -> Float32[np.ndarray, "rows features"] | None:
    """The index, if it is a plain array of the expected kind: its length is compared before anything is read."""
    try:
        size = path.stat().st_size - _HEAD_BYTES
        rows, rest = divmod(size, 2 * features)
        if not 0 < rows <= clips or rest or size > _MOST_BYTES:
            return None
        index = np.fromfile(path, "<f2", offset=_HEAD_BYTES).reshape(rows, features).astype(np.float32)
    except OSError:
        return None
    return index if np.isfinite(index).all() else None
