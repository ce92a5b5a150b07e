"""Batches for training and validation, drawn from examples."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
from jaxtyping import Float32, Int, UInt8

from har.recipe import Recipe
from har.training.augmentation import augment
from har.training.examples import Examples

T = TypeVar("T")
FrameBatch = tuple[UInt8[np.ndarray, "batch *frames height width 3"], Int[np.ndarray, "batch"]]
Batch = tuple[np.ndarray, Int[np.ndarray, "batch"]]  # clips uint8 `(batch, time, height, width, 3)`, or features

FRAME_BATCH = 64  # single frames in a step


def prefetch(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, each made by another thread while the one before is in use."""
    with ThreadPoolExecutor(1) as pool:
        upcoming = pool.submit(next, batches, None)
        while (batch := upcoming.result()) is not None:
            upcoming = pool.submit(next, batches, None)
            yield batch


def training_batches(examples: Examples, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    """One epoch: a random window of every video, in random order, augmented."""
    order = random.permutation(len(examples.samples))
    for start in range(0, len(order), recipe.batch_size):
        chosen = order[start : start + recipe.batch_size]
        clips = [_random_window(examples, int(index), recipe, random) for index in chosen]
        yield np.stack(clips), examples.targets[chosen]


def center_batches(examples: Examples, recipe: Recipe) -> Iterator[Batch]:
    """The centre window of every video, unchanged."""
    count = _clip_length(examples, recipe)
    for start in range(0, len(examples.samples), recipe.batch_size):
        clips = []
        for samples in examples.samples[start : start + recipe.batch_size]:
            first = (len(samples) - max(1, count)) // 2
            clips.append(_select(samples, np.arange(first, first + max(1, count)), count))
        yield np.stack(clips), examples.targets[start : start + recipe.batch_size]


def frame_batches(
    examples: Examples, recipe: Recipe, steps: int, stack: int, random: np.random.Generator
) -> Iterator[FrameBatch]:
    """For each step, a random augmented frame, or stack of consecutive ones, of each of some random videos."""
    for _ in range(steps):
        chosen = random.choice(len(examples.samples), min(FRAME_BATCH, len(examples.samples)), replace=False)
        frames = []
        for index in chosen:
            samples = examples.samples[index]
            start = random.integers(len(samples) + 1 - stack)
            frames.append(augment(samples[start : start + stack], recipe, random))
        yield np.stack(frames) if stack > 1 else np.concatenate(frames), examples.targets[chosen]


def mixup(
    batches: Iterator[Batch] | Iterator[FrameBatch], label_count: int, recipe: Recipe, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, Float32[np.ndarray, "batch labels"]]]:
    """Batches with soft labels: each example blended with another one, and labels smoothed.

    Mixup: Zhang et al. 2018, https://arxiv.org/abs/1710.09412. Label smoothing: Szegedy et al. 2016,
    https://arxiv.org/abs/1512.00567.
    """
    for inputs, targets in batches:
        rows = np.eye(label_count, dtype=np.float32)[targets]
        if recipe.mixup:
            weight = random.beta(recipe.mixup, recipe.mixup)
            blended = inputs * np.float32(weight) + inputs[::-1] * np.float32(1 - weight)
            inputs = blended.round().astype(np.uint8) if inputs.dtype == np.uint8 else blended
            rows = rows * np.float32(weight) + rows[::-1] * np.float32(1 - weight)
        yield inputs, rows * (1 - recipe.smoothing) + np.float32(recipe.smoothing / label_count)


def _random_window(examples: Examples, index: int, recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    samples, encoded = examples.samples[index], examples.mirrored is not None
    if examples.mirrored is not None and recipe.flip and random.random() < 0.5:
        samples = examples.mirrored[index]
    count = _clip_length(examples, recipe)
    steps, last = max(1, count) - 1, len(samples) - 1
    span = min(steps * (1 + random.uniform(-recipe.tempo, recipe.tempo)), last)
    first = random.uniform(0, last - span)
    clip = _select(samples, np.round(first + np.linspace(0, span, steps + 1)).astype(int), count)
    return clip if encoded else augment(clip, recipe, random)


def _clip_length(examples: Examples, recipe: Recipe) -> int:
    return recipe.spec.frames if examples.frames is None else examples.frames


def _select(samples: np.ndarray, indices: Int[np.ndarray, "chosen"], count: int) -> np.ndarray:
    """Samples of a video as a network takes them: frames as uint8, features as float32."""
    selected: np.ndarray = samples[indices] if count else samples[indices[0]]
    return selected if selected.dtype == np.uint8 else selected.astype(np.float32)
