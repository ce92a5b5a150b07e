"""Decoded videos, and the clips that training draws from them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

from har.clips import decode
from har.datasets import LabelledVideo
from har.recipe import Recipe
from har.training.events import Decoding
from har.video import probe

Samples = UInt8[np.ndarray, "samples height width 3"]
Clip = UInt8[np.ndarray, "time height width 3"]
Batch = tuple[UInt8[np.ndarray, "batch time height width 3"], Int[np.ndarray, "batch"]]


@dataclass(frozen=True)
class Examples:
    """Videos as samples in memory, each with the index of its label."""

    samples: list[Samples]  # of different lengths, none shorter than a clip
    targets: Int[np.ndarray, "videos"]


def decode_all(
    videos: Sequence[LabelledVideo],
    labels: tuple[str, ...],
    recipe: Recipe,
    on_event: Callable[[Decoding], None],
    done: int,
    total: int,
) -> Examples:
    """Decode videos, several at once; `done` of `total` are there already.

    Raises:
        VideoError: a video that cannot be read.
    """
    samples: list[Samples | None] = [None] * len(videos)
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        futures = {pool.submit(_decode, video, recipe): index for index, video in enumerate(videos)}
        for finished, future in enumerate(as_completed(futures), start=1):
            samples[futures[future]] = future.result()
            on_event(Decoding(done + finished, total))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    targets = np.array([labels.index(video.label) for video in videos])
    return Examples([array for array in samples if array is not None], targets)


def drawn(examples: Examples, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    """An epoch of training: a random window of every video, in random order, each looked at a little differently."""
    order = random.permutation(len(examples.samples))
    for start in range(0, len(order), recipe.batch_size):
        chosen = order[start : start + recipe.batch_size]
        clips = [_draw(examples.samples[index], recipe, random) for index in chosen]
        yield np.stack(clips), examples.targets[chosen]


def middles(examples: Examples, recipe: Recipe) -> Iterator[Batch]:
    """The middle window of every video, as it is."""
    size = recipe.spec.frames
    for start in range(0, len(examples.samples), recipe.batch_size):
        some = examples.samples[start : start + recipe.batch_size]
        first = [(len(samples) - size) // 2 for samples in some]
        clips = [samples[begin : begin + size] for samples, begin in zip(some, first, strict=True)]
        yield np.stack(clips), examples.targets[start : start + recipe.batch_size]


def augment(clip: Clip, recipe: Recipe, random: np.random.Generator) -> Clip:
    """Mirror, move, zoom and brighten a clip, all its frames alike: the motion stays, and time never runs back."""
    _, height, width, _ = clip.shape
    scale = 1 + random.uniform(-recipe.zoom, recipe.zoom)
    rows = _pixels(height, scale, random.uniform(-recipe.shift, recipe.shift))
    columns = _pixels(width, scale, random.uniform(-recipe.shift, recipe.shift))
    if recipe.flip and random.random() < 0.5:
        columns = columns[::-1]
    gain = 1 + random.uniform(-recipe.brightness, recipe.brightness)
    brightened = np.clip(np.arange(256) * gain, 0, 255).astype(np.uint8)
    augmented: Clip = brightened[clip[:, rows[:, None], columns]]
    return augmented


def _decode(video: LabelledVideo, recipe: Recipe) -> Samples:
    return decode(probe(video.path), recipe.spec)


def _draw(samples: Samples, recipe: Recipe, random: np.random.Generator) -> Clip:
    size = recipe.spec.frames
    start = random.integers(len(samples) - size + 1)
    return augment(samples[start : start + size], recipe, random)


def _pixels(side: int, scale: float, shift: float) -> Int[np.ndarray, "side"]:
    """Which pixel goes where along a side; beyond the edge, the edge itself goes on."""
    centre = (side - 1) / 2
    pixels = centre + (np.arange(side) - centre) * scale + shift * side
    return np.clip(np.round(pixels), 0, side - 1).astype(int)
