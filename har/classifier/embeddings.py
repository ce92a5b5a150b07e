"""What a classifier makes of each clip that trained it, kept beside its weights: so clips can be compared with them.

An array for each of its last layers, in half precision, a row for each of the clips that its card lists, in that order.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from har.classifier.card import Card
from har.networks.weights import read_weights, write_weights

EMBEDDINGS = "embeddings.npz"
_MOST_VALUES = 1 << 24  # 32 MiB on disk, twice that in memory; more are not kept, nor read
_LARGEST = float(np.finfo(np.float16).max)


def are_small(clip_count: int, widths: Mapping[str, int]) -> bool:
    """Whether so many clips are few enough for what is made of them to be kept.

    Args:
        clip_count: how many.
        widths: numbers in a row, of each layer.
    """
    return clip_count * sum(widths.values()) <= _MOST_VALUES


def write_embeddings(folder: Path, arrays: Mapping[str, Float[np.ndarray, "clips width"]]) -> None:
    """Put them beside a classifier's card and weights, which must be those that made them.

    Raises:
        OSError: no room; nothing is left then.
    """
    beside = folder / f"{EMBEDDINGS}.{os.getpid()}.tmp"
    halves = {name: np.clip(array, -_LARGEST, _LARGEST).astype(np.float16) for name, array in arrays.items()}
    try:
        write_weights(beside, halves)
        beside.replace(folder / EMBEDDINGS)
    finally:
        beside.unlink(missing_ok=True)


def read_embeddings(
    folder: Path, card: Card, widths: Mapping[str, int]
) -> dict[str, Float32[np.ndarray, "clips width"]] | None:
    """What `write_embeddings` wrote, or somebody who would like to be read; None if there are none.

    Args:
        folder: of the classifier.
        card: its card, which says how many clips there are.
        widths: numbers in a row, of each of its network's last layers.

    Raises:
        ClassifierDamaged: the file is broken, or its arrays are not one row a clip of that network. That is found out
            before room is made for any of them.
    """
    path, clip_count = folder / EMBEDDINGS, len(card.data.trained)
    if not path.is_file() or not are_small(clip_count, widths):
        return None
    return read_weights(path, {name: (clip_count, width) for name, width in widths.items()})
