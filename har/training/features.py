"""What the pretrained part of a network gives for videos: computed once, and kept like decoded videos."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import SupportsIndex, overload

import keras
import numpy as np
import tensorflow as tf

from har import feature_cache, networks
from har.clips import stride_samples, windows
from har.datasets import LabelledVideo
from har.feature_cache import Features
from har.recipe import Recipe
from har.training.events import Encoding
from har.training.examples import Examples, Samples

_HELD_BYTES = 256 << 20  # of features in memory, for one part of the split
_AT_ONCE = 8_000_000  # pixel values that an encoder looks at


class Encoder:
    """The pretrained part of a network, and what it gave, out of the cache where it is there.

    Args:
        encoder: from frames `(n, height, width, 3)`, or moments or whole clips `(n, time, height, width, 3)`, to
            features `(n, …)`.
        recipe: names the network, and gives size, rate and stride.
    """

    def __init__(self, encoder: keras.Model, recipe: Recipe) -> None:
        given = encoder.inputs[0]
        function = tf.function(lambda batch: encoder(batch, training=False), autograph=False)
        self._graph = function.get_concrete_function(tf.TensorSpec((None, *given.shape[1:]), given.dtype))
        self._size = max(1, _AT_ONCE // int(np.prod(given.shape[1:])))
        self._together = networks.moment_frames(encoder)
        of_clips = self._together == recipe.spec.frames > 1
        self.rows = 0 if of_clips else recipe.spec.frames + 1 - self._together  # of features in a clip; 0: one, alone
        self._recipe = recipe

    def features(self, video: LabelledVideo, samples: Callable[[], Samples], mirrored: bool) -> Features:
        """Of all frames of a video, or of its moments or windows, from the first to the last.

        Args:
            video: known by its content.
            samples: gives its frames if they must be looked at.
            mirrored: as seen in a mirror.
        """
        recipe = self._recipe
        stride_sec = 0 if self.rows else recipe.stride_sec
        key = feature_cache.key_for(recipe.network, recipe.options, video.content, recipe.spec, stride_sec, mirrored)
        return feature_cache.kept(key, lambda: self._looked_at(samples()[:, :, ::-1] if mirrored else samples()))

    def _looked_at(self, frames: Samples) -> Iterator[np.ndarray]:
        inputs = iter(frames) if self._together == 1 else self._runs(frames)
        while batch := list(islice(inputs, self._size)):
            yield self._graph(tf.constant(np.stack(batch))).numpy()

    def _runs(self, frames: Samples) -> Iterator[Samples]:
        spec = replace(self._recipe.spec, frames=self._together)
        stride = 1 if self.rows else stride_samples(spec, self._recipe.stride_sec)
        return (window for _, window in windows(frames, spec, stride))


class EncodedSamples(Sequence[Features]):
    """Features of videos, as `CachedSamples` has their frames.

    Args:
        videos: in order.
        encoder: what looks at them.
        samples: their frames.
        mirrored: as seen in a mirror.
    """

    def __init__(
        self, videos: Sequence[LabelledVideo], encoder: Encoder, samples: Sequence[Samples], mirrored: bool
    ) -> None:
        self._videos, self._encoder, self._samples, self._mirrored = videos, encoder, samples, mirrored
        self._held: dict[int, Features] = {}
        self._room_bytes = _HELD_BYTES

    def __len__(self) -> int:
        return len(self._videos)

    @overload
    def __getitem__(self, index: SupportsIndex) -> Features: ...

    @overload
    def __getitem__(self, index: slice) -> list[Features]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> Features | list[Features]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place in self._held:
            return self._held[place]
        found: Features = self._encoder.features(self._videos[place], lambda: self._samples[place], self._mirrored)
        if found.nbytes <= self._room_bytes:
            self._room_bytes -= found.nbytes
            self._held[place] = found
        return found


def encode_all(
    videos: Sequence[LabelledVideo],
    decoded: Examples,
    encoder: Encoder,
    mirrored: bool,
    on_event: Callable[[Encoding], None],
    done: int,
    total: int,
) -> Examples:
    """Let the encoder look at all videos, but for those it has looked at before; `done` of `total` are there already.

    Args:
        videos: in order.
        decoded: the same as frames.
        encoder: the pretrained part.
        mirrored: also at their mirror images, which training draws from.
        on_event: told of each video.
        done: of all the videos, those of earlier calls.
        total: of all calls.
    """
    straight = EncodedSamples(videos, encoder, decoded.samples, False)
    turned = EncodedSamples(videos, encoder, decoded.samples, True) if mirrored else straight
    for index in range(len(videos)):
        straight[index], turned[index]
        on_event(Encoding(done + index + 1, total))
    return Examples(straight, decoded.targets, turned, frames=encoder.rows)
