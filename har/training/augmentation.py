"""Random changes of training clips, alike in all frames of a clip."""

import cv2
import numpy as np
from jaxtyping import Float64, UInt8

from har.recipe import Recipe

Clip = UInt8[np.ndarray, "time height width 3"]


def augment(clip: Clip, recipe: Recipe, random: np.random.Generator) -> Clip:
    """Mirror, recolour, shift and zoom a clip. All frames change alike, so the motion stays; time is not reversed."""
    frames, height, width, _ = clip.shape
    recoloured = _recolour(clip.reshape(frames * height, width, 3), recipe, random)
    mirrored = recipe.flip and random.random() < 0.5
    matrix = _affine_matrix(height, width, mirrored, recipe, random)
    warped = (
        cv2.warpAffine(frame, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        for frame in recoloured.reshape(clip.shape)
    )
    return np.stack(list(warped))


def _recolour(
    pixels: UInt8[np.ndarray, "rows columns 3"], recipe: Recipe, random: np.random.Generator
) -> UInt8[np.ndarray, "rows columns 3"]:
    channels = random.permutation(3) if recipe.recolour else np.arange(3)
    gains = 1 + random.uniform(-recipe.brightness, recipe.brightness, 3)
    contrast = 1 + random.uniform(-recipe.contrast, recipe.contrast)
    saturation = 1 + random.uniform(-recipe.saturation, recipe.saturation)
    values = ((np.arange(256)[:, None] - 128) * contrast + 128) * gains
    lookup = np.clip(values, 0, 255).astype(np.uint8)  # new value by old value and channel
    changed = cv2.LUT(pixels[..., channels], lookup[None])
    if recipe.saturation:
        grey = cv2.cvtColor(cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        changed = cv2.addWeighted(changed, saturation, grey, 1 - saturation, 0)
    return changed


def _affine_matrix(
    height: int, width: int, mirrored: bool, recipe: Recipe, random: np.random.Generator
) -> Float64[np.ndarray, "2 3"]:
    """Zoom about the centre, change of aspect ratio, shift and mirroring as one transformation of pixel positions."""
    scale = random.uniform(1 - recipe.zoom_out, 1 + recipe.zoom)
    aspect = np.exp(random.uniform(-recipe.aspect, recipe.aspect))
    scale_x, scale_y = scale * aspect, scale / aspect
    # Any part of an enlarged picture may be shown; one that is not enlarged is shifted by a little.
    reach_x, reach_y = max(recipe.shift, abs(scale_x - 1) / 2), max(recipe.shift, abs(scale_y - 1) / 2)
    shift_x, shift_y = random.uniform(-1, 1) * reach_x * width, random.uniform(-1, 1) * reach_y * height
    if mirrored:
        scale_x = -scale_x
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [[scale_x, 0, centre_x + shift_x - scale_x * centre_x], [0, scale_y, centre_y + shift_y - scale_y * centre_y]],
        np.float64,
    )
