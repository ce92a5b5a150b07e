"""Features of videos from the pretrained part of a network: computed once, and cached like decoded videos."""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from har import feature_cache, networks
from har.clips import stride_samples, windows
from har.datasets import LabelledVideo
from har.datasets.parallel import map_files
from har.feature_cache import Features
from har.progress import OnProgress, Stage, ignore
from har.recipe import Recipe
from har.runtime import Runnable, started
from har.training.examples import Examples, LazyArrays, Samples

_HELD_BYTES = 256 << 20  # of features in memory, for one part of the split
_BATCH_VALUES = 8_000_000  # pixel values in a batch of the encoder


class Encoder:
    """The pretrained part of a network, with the cache of its features.

    The graph is the one that recognition runs: from frames `(n, height, width, 3)`, or stacks of frames or whole clips
    `(n, time, height, width, 3)`, to features `(n, …)`.
    """

    def __init__(self, graph: Runnable, recipe: Recipe) -> None:
        self._graph = graph
        self._batch_size = max(1, _BATCH_VALUES // math.prod(graph.input_shape))
        self._stack = networks.stack_size(graph.input_shape)
        of_clips = self._stack == recipe.spec.frames > 1
        self.rows = 0 if of_clips else recipe.spec.frames + 1 - self._stack  # features in a clip; 0: one, not stacked
        self._recipe = recipe

    def features(self, video: LabelledVideo, load_samples: Callable[[], Samples], mirrored: bool) -> Features:
        """Features of all frames, stacks of frames or windows of a video or of its mirror image, in order."""
        recipe = self._recipe
        stride_sec = 0 if self.rows else recipe.stride_sec
        others = (video.content, recipe.spec, stride_sec, mirrored)
        key = feature_cache.feature_key(recipe.network, recipe.options, *others)
        step = -1 if mirrored else 1
        return feature_cache.cached_features(key, lambda: self._compute(load_samples()[:, :, ::step]))

    def _compute(self, frames: Samples) -> Iterator[np.ndarray]:
        inputs = iter(frames) if self._stack == 1 else self._stacks(frames)
        encode = started(self._graph)
        while batch := list(islice(inputs, self._batch_size)):
            yield encode(np.stack(batch))

    def _stacks(self, frames: Samples) -> Iterator[Samples]:
        spec = replace(self._recipe.spec, frames=self._stack)
        stride = 1 if self.rows else stride_samples(spec, self._recipe.stride_sec)
        return (window for _, window in windows(frames, spec, stride))


def encode_all(
    videos: Sequence[LabelledVideo],
    decoded: Examples,
    encoder: Encoder,
    mirrored: bool,
    on_progress: OnProgress = ignore,
) -> Examples:
    """Compute the features of all videos; those that are cached already are not computed again.

    With `mirrored`, also of their mirror images, which training draws from.
    """

    def features(mirror: bool) -> LazyArrays:
        def load(index: int) -> np.ndarray:
            return encoder.features(videos[index], lambda: decoded.samples[index], mirror)

        return LazyArrays(len(videos), load, _HELD_BYTES)

    straight = features(False)
    turned = features(True) if mirrored else straight
    map_files(
        lambda index: (straight[index], turned[index]), range(len(videos)), os.cpu_count(), Stage.ENCODE, on_progress
    )
    return Examples(straight, decoded.targets, turned, frames=encoder.rows)
