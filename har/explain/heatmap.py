"""Where a network looked: a heatmap for each frame of a clip, from a layer's outputs and the score's gradients.

Grad-CAM (Selvaraju et al. 2017, https://arxiv.org/abs/1610.02391) weights each channel by its mean gradient over the
image. That fits the last convolution before global pooling, for which it was made. The last convolutions here are too
coarse to localise anything; in earlier layers, a channel matters in one place and not in another, which the mean hides.
So by default, gradient and output are multiplied cell by cell (HiResCAM, Draelos & Carin 2020,
https://arxiv.org/abs/2011.08891), which is the same where Grad-CAM fits. `python -m benchmarks.explain` measures both.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

Heatmap = Float32[np.ndarray, "time rows columns"]


@dataclass(frozen=True)
class LayerGradients:
    """Outputs of some layers for one clip, and the gradients of a label's score before the softmax."""

    outputs: list[Float32[np.ndarray, "..."]]  # in the order of computation
    gradients: list[Float32[np.ndarray, "..."]]  # by each value of the outputs


def heatmap(layers: LayerGradients, frames: int, stacks: int, *, cell_by_cell: bool = True) -> Heatmap:
    """A heatmap for each frame, at least 0, in the unit of the label's score and the layer's resolution.

    Several layers, or images of one stack, are added up before negative values are cut off: two parallel CNNs are like
    one layer with the channels of both. A network that sees whole clips has one stack. If not cell by cell, each
    channel has its mean gradient, as in Grad-CAM.
    """
    total: np.ndarray | float = 0.0
    for values, gradients in zip(layers.outputs, layers.gradients, strict=True):
        weights = gradients if cell_by_cell else gradients.mean(axis=(-3, -2), keepdims=True)
        cells = (values * weights).sum(axis=-1)  # (images, rows, columns), or (1, steps, rows, columns)
        steps = cells[0] if cells.ndim == 4 else cells.reshape(stacks, -1, *cells.shape[1:]).sum(axis=1)
        total = total + steps
    return _per_frame(np.maximum(total, 0).astype(np.float32), frames, stacks)


def _per_frame(steps: Float32[np.ndarray, "steps rows columns"], frames: int, stacks: int) -> Heatmap:
    """One heatmap per frame. A stack's belongs to its middle frame; the first and last frames get the nearest.

    Steps of a network that shortens time stand for equal parts of the clip, with linear interpolation.
    """
    if len(steps) == frames:
        return steps
    if len(steps) == stacks:
        places = np.clip(np.arange(frames) - (frames - stacks + 1) // 2, 0, stacks - 1)
        return np.asarray(steps[places])
    at = np.clip((np.arange(frames) + 0.5) * len(steps) / frames - 0.5, 0, len(steps) - 1)
    before = np.floor(at).astype(int)
    after, share = np.minimum(before + 1, len(steps) - 1), (at - before).astype(np.float32)[:, None, None]
    return np.asarray(steps[before] * (1 - share) + steps[after] * share)


def normalised(heat: Heatmap) -> Heatmap:
    """Scaled to 0…1 for display, with the 99th percentile of the clip at 1, so that one hot cell does not hide others.

    All 0 where nothing supports the label.
    """
    hot = float(np.quantile(heat, 0.99)) or float(heat.max())
    return np.zeros_like(heat) if hot <= 0 else np.minimum(heat / np.float32(hot), np.float32(1))


def as_bytes(heat: Heatmap) -> UInt8[np.ndarray, "time rows columns"]:
    """`normalised`, from 0 to 255."""
    return np.asarray(np.round(255 * normalised(heat)), np.uint8)


def resized(heat: Heatmap, height: int, width: int) -> Float32[np.ndarray, "time height width"]:
    """Heat of each pixel of the frames, by bilinear interpolation."""
    return np.stack([cv2.resize(each, (width, height), interpolation=cv2.INTER_LINEAR) for each in heat])
