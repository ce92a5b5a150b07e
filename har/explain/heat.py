"""Where a network looked: heat for each frame of a clip, from what a layer gave and how the score hangs on it.

Grad-CAM (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391) weighs each channel by its mean slope over the
picture. That fits the last convolution before a mean over the picture, for which it was made. The last convolutions
here are too coarse to show a place; and in the layers before them a channel matters at one place and not at another,
which the mean hides. So by default slope and channel are multiplied cell by cell (HiResCAM, Draelos & Carin 2020,
https://arxiv.org/abs/2011.08891), which is the same where Grad-CAM fits. `python -m benchmarks.explain` measures both.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Heat = Float32[np.ndarray, "time rows columns"]


@dataclass(frozen=True)
class Inside:
    """What a network had inside when it looked at one clip."""

    maps: list[Float32[np.ndarray, "..."]]  # of the layers that `pictures` names, in the order they were computed
    slopes: list[Float32[np.ndarray, "..."]]  # of the label's score before the softmax, by each value of the maps


def heat(inside: Inside, frames: int, moments: int, *, cell_by_cell: bool = True) -> Heat:
    """Heat for each frame, at least 0, in the unit of the label's score; cells as the layer has them.

    What several layers, or pictures of one moment, say is added up before what speaks against the label is dropped: two
    CNNs side by side are one layer whose channels stand side by side.

    Args:
        inside: what the network had inside.
        frames: of the clip.
        moments: looks that the clip was given; for networks that look at a whole clip, 1.
        cell_by_cell: False: the mean slope of each channel, as in Grad-CAM.
    """
    total: np.ndarray | float = 0.0
    for values, slopes in zip(inside.maps, inside.slopes, strict=True):
        weights = slopes if cell_by_cell else slopes.mean(axis=(-3, -2), keepdims=True)
        cells = (values * weights).sum(axis=-1)  # (pictures, rows, columns), or (1, steps, rows, columns)
        rows = cells[0] if cells.ndim == 4 else cells.reshape(moments, -1, *cells.shape[1:]).sum(axis=1)
        total = total + rows
    return _over_time(np.maximum(total, 0).astype(np.float32), frames, moments)


def _over_time(rows: Float32[np.ndarray, "steps rows columns"], frames: int, moments: int) -> Heat:
    """One picture a frame. A moment's heat lies on its middle frame; the first and last frames take the nearest.

    Steps of a network that makes time shorter stand for equal parts of the clip; in between, heat is blended.
    """
    if len(rows) == frames:
        return rows
    if len(rows) == moments:
        places = np.clip(np.arange(frames) - (frames - moments + 1) // 2, 0, moments - 1)
        chosen: Heat = rows[places]
        return chosen
    at = np.clip((np.arange(frames) + 0.5) * len(rows) / frames - 0.5, 0, len(rows) - 1)
    before = np.floor(at).astype(int)
    after, share = np.minimum(before + 1, len(rows) - 1), (at - before).astype(np.float32)[:, None, None]
    blended: Heat = rows[before] * (1 - share) + rows[after] * share
    return blended


def shares(found: Heat) -> Heat:
    """The same from 0 to 1, for the eye: 1 is what only one cell in a hundred of the clip passes, so that a single hot
    cell does not make all others look cold. All 0 where nothing spoke for the label.
    """
    hot = float(np.quantile(found, 0.99)) or float(found.max())
    return np.zeros_like(found) if hot <= 0 else np.minimum(found / np.float32(hot), np.float32(1))


def as_bytes(found: Heat) -> UInt8[np.ndarray, "time rows columns"]:
    """`shares` from 0 to 255."""
    scaled: UInt8[np.ndarray, "time rows columns"] = np.round(255 * shares(found)).astype(np.uint8)
    return scaled


def enlarged(found: Heat, height: int, width: int) -> Float32[np.ndarray, "time height width"]:
    """Heat for each pixel of the frames, blended between the middles of cells."""
    return np.stack([cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in found])
