"""Decoded videos, and the clips that training draws from them."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import SupportsIndex, TypeVar, overload

import cv2
import numpy as np
from jaxtyping import Float32, Float64, Int, UInt8

from har.clips import ClipSpec, cached, find_cached
from har.datasets import LabelledVideo
from har.datasets.facts import info_of
from har.recipe import Recipe
from har.training.events import Decoding
from har.video.checks import check_file

T = TypeVar("T")
Samples = UInt8[np.ndarray, "_ height width 3"]  # each video its own number
Clip = UInt8[np.ndarray, "time height width 3"]
Moments = tuple[UInt8[np.ndarray, "batch *frames height width 3"], Int[np.ndarray, "batch"]]
Batch = tuple[np.ndarray, Int[np.ndarray, "batch"]]  # clips uint8 `(batch, time, height, width, 3)`, or features

FRAME_BATCH = 64  # single frames in a step
_HELD_BYTES = 512 << 20  # of samples that the cache of decoded videos would not take


@dataclass(frozen=True)
class Examples:
    """Videos as samples (frames, or what a pretrained encoder made of them), each with the index of its label."""

    samples: Sequence[np.ndarray]  # of different lengths, none shorter than a clip; taken up for a moment, not held
    targets: Int[np.ndarray, "videos"]
    mirrored: Sequence[np.ndarray] | None = None  # the same, seen in a mirror; None: clips are mirrored when drawn
    frames: int | None = None  # samples in a clip; None: as many as the recipe's; 0: one, not stacked


class CachedSamples(Sequence[Samples]):
    """Samples of videos out of the cache of decoded ones, opened when asked for and closed with the last reference.

    However many they are, they take neither memory nor open files. Those that the cache has lost are decoded again;
    those that it will not take (a full disk, no room allowed) stay in memory up to `_HELD_BYTES`.
    """

    def __init__(self, videos: Sequence[LabelledVideo], spec: ClipSpec) -> None:
        self._videos = videos
        self._spec = spec
        self._held: dict[int, Samples] = {}
        self._room_bytes = _HELD_BYTES

    def __len__(self) -> int:
        return len(self._videos)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Samples: ...

    @overload
    def __getitem__(self, index: slice) -> list[Samples]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Samples | list[Samples]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place in self._held:
            return self._held[place]
        video = self._videos[place]
        samples: Samples | None = find_cached(video.content, self._spec)
        if samples is None:
            samples = cached(video.content, info_of(video), self._spec)
        if not isinstance(samples, np.memmap) and samples.nbytes <= self._room_bytes:
            self._room_bytes -= samples.nbytes
            self._held[place] = samples
        return samples.view(np.ndarray)


def decode_all(
    videos: Sequence[LabelledVideo],
    labels: tuple[str, ...],
    recipe: Recipe,
    on_event: Callable[[Decoding], None],
    done: int,
    total: int,
) -> Examples:
    """Decode videos, several at once, but for those that were decoded before; `done` of `total` are there already.

    Raises:
        VideoError: a video that cannot be read.
    """
    samples = CachedSamples(videos, recipe.spec)

    def take(index: int) -> None:
        check_file(videos[index].path)
        samples[index]

    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        futures = [pool.submit(take, index) for index in range(len(videos))]
        for finished, future in enumerate(as_completed(futures), start=1):
            future.result()
            on_event(Decoding(done + finished, total))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return Examples(samples, np.array([labels.index(video.label) for video in videos]))


def ahead(batches: Iterator[T]) -> Iterator[T]:
    """The same batches, each made by another thread while the one before is in use."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


def drawn(examples: Examples, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    """An epoch of training: a random window of every video, in random order, each looked at a little differently."""
    order = random.permutation(len(examples.samples))
    for start in range(0, len(order), recipe.batch_size):
        chosen = order[start : start + recipe.batch_size]
        clips = [_draw(examples, int(index), recipe, random) for index in chosen]
        yield np.stack(clips), examples.targets[chosen]


def middles(examples: Examples, recipe: Recipe) -> Iterator[Batch]:
    """The middle window of every video, as it is."""
    count = _in_clip(examples, recipe)
    for start in range(0, len(examples.samples), recipe.batch_size):
        clips = []
        for samples in examples.samples[start : start + recipe.batch_size]:
            begin = (len(samples) - max(1, count)) // 2
            clips.append(_taken(samples, np.arange(begin, begin + max(1, count)), count))
        yield np.stack(clips), examples.targets[start : start + recipe.batch_size]


def drawn_moments(
    examples: Examples, recipe: Recipe, steps: int, together: int, random: np.random.Generator
) -> Iterator[Moments]:
    """For each step, a random frame of each of some random videos, looked at a little differently.

    Args:
        examples: videos.
        recipe: how differently.
        steps: how many.
        together: samples in a row instead of single ones, if more than 1.
        random: draws.
    """
    for _ in range(steps):
        chosen = random.choice(len(examples.samples), min(FRAME_BATCH, len(examples.samples)), replace=False)
        moments = []
        for index in chosen:
            samples = examples.samples[index]
            start = random.integers(len(samples) + 1 - together)
            moments.append(augment(samples[start : start + together], recipe, random))
        yield np.stack(moments) if together > 1 else np.concatenate(moments), examples.targets[chosen]


def softened(
    batches: Iterator[Batch] | Iterator[Moments], label_count: int, recipe: Recipe, random: np.random.Generator
) -> Iterator[tuple[np.ndarray, Float32[np.ndarray, "batch labels"]]]:
    """Batches in which each example is blended with another one, and no label is quite certain.

    Blending: mixup, Zhang et al. 2018, https://arxiv.org/abs/1710.09412. Of the labels, all have a little probability:
    label smoothing, Szegedy et al. 2016, https://arxiv.org/abs/1512.00567.
    """
    for inputs, targets in batches:
        rows = np.eye(label_count, dtype=np.float32)[targets]
        if recipe.mixup:
            share = random.beta(recipe.mixup, recipe.mixup)
            blended = inputs * np.float32(share) + inputs[::-1] * np.float32(1 - share)
            inputs = blended.round().astype(np.uint8) if inputs.dtype == np.uint8 else blended
            rows = rows * np.float32(share) + rows[::-1] * np.float32(1 - share)
        yield inputs, rows * (1 - recipe.smoothing) + np.float32(recipe.smoothing / label_count)


def augment(clip: Clip, recipe: Recipe, random: np.random.Generator) -> Clip:
    """Mirror, colour, move and zoom a clip, all its frames alike: the motion stays, and time never runs back."""
    frames, height, width, _ = clip.shape
    coloured = _coloured(clip.reshape(frames * height, width, 3), recipe, random)
    mirrored = recipe.flip and random.random() < 0.5
    place = _placement(height, width, mirrored, recipe, random)
    return np.stack(
        [
            cv2.warpAffine(frame, place, (width, height), borderMode=cv2.BORDER_REFLECT_101)
            for frame in coloured.reshape(clip.shape)
        ]
    )


def _coloured(
    pixels: UInt8[np.ndarray, "rows columns 3"], recipe: Recipe, random: np.random.Generator
) -> UInt8[np.ndarray, "rows columns 3"]:
    """Other colours, brightness, contrast and saturation for all pixels alike."""
    channels = random.permutation(3) if recipe.recolour else np.arange(3)
    gains = 1 + random.uniform(-recipe.brightness, recipe.brightness, 3)
    contrast = 1 + random.uniform(-recipe.contrast, recipe.contrast)
    saturation = 1 + random.uniform(-recipe.saturation, recipe.saturation)
    values = ((np.arange(256)[:, None] - 128) * contrast + 128) * gains
    tables = np.clip(values, 0, 255).astype(np.uint8)  # new value by old value and channel
    found = cv2.LUT(pixels[..., channels], tables[None])
    if recipe.saturation:
        grey = cv2.cvtColor(cv2.cvtColor(found, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        found = cv2.addWeighted(found, saturation, grey, 1 - saturation, 0)
    return found


def _placement(
    height: int, width: int, mirrored: bool, recipe: Recipe, random: np.random.Generator
) -> Float64[np.ndarray, "2 3"]:
    """Where a pixel goes: zoomed about the middle, widened or heightened, moved, and perhaps mirrored."""
    scale = random.uniform(1 - recipe.zoom_out, 1 + recipe.zoom)
    aspect = np.exp(random.uniform(-recipe.aspect, recipe.aspect))
    wide, high = scale * aspect, scale / aspect
    # What is enlarged may be looked at anywhere; what is not, a little beside its place.
    reach_x, reach_y = max(recipe.shift, abs(wide - 1) / 2), max(recipe.shift, abs(high - 1) / 2)
    across, down = random.uniform(-1, 1) * reach_x * width, random.uniform(-1, 1) * reach_y * height
    side = -wide if mirrored else wide
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    return np.array(
        [[side, 0, middle_x + across - side * middle_x], [0, high, middle_y + down - high * middle_y]], np.float64
    )


def _draw(examples: Examples, index: int, recipe: Recipe, random: np.random.Generator) -> np.ndarray:
    """A window somewhere in a video, at a pace somewhere about its own."""
    samples, encoded = examples.samples[index], examples.mirrored is not None
    if examples.mirrored is not None and recipe.flip and random.random() < 0.5:
        samples = examples.mirrored[index]
    count = _in_clip(examples, recipe)
    steps, last = max(1, count) - 1, len(samples) - 1
    span = min(steps * (1 + random.uniform(-recipe.tempo, recipe.tempo)), last)
    first = random.uniform(0, last - span)
    clip = _taken(samples, np.round(first + np.linspace(0, span, steps + 1)).astype(int), count)
    return clip if encoded else augment(clip, recipe, random)


def _in_clip(examples: Examples, recipe: Recipe) -> int:
    return recipe.spec.frames if examples.frames is None else examples.frames


def _taken(samples: np.ndarray, places: Int[np.ndarray, "chosen"], count: int) -> np.ndarray:
    """Samples of a video as a network takes them: frames as they are, features as float32."""
    taken: np.ndarray = samples[places] if count else samples[places[0]]
    return taken if taken.dtype == np.uint8 else taken.astype(np.float32)
