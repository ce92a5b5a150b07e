"""Decoded videos with their labels, as training draws clips from them."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int, UInt8

from har.datasets import LabelledVideo, Skipped
from har.datasets.facts import unreadable
from har.datasets.parallel import map_files
from har.errors import VideoError
from har.evaluation.predictions import decode_video
from har.progress import OnProgress, Stage, ignore
from har.recipe import Recipe
from har.video.checks import check_file

Samples = UInt8[np.ndarray, "_ height width 3"]  # each video its own number

_HELD_BYTES = 512 << 20  # of decoded videos that did not fit into the cache


@dataclass(frozen=True)
class Examples:
    """Videos as samples (frames, or a pretrained encoder's features), each with the index of its label."""

    samples: Sequence[np.ndarray]  # of different lengths, none shorter than a clip; loaded when used
    targets: Int[np.ndarray, "videos"]
    mirrored: Sequence[np.ndarray] | None = None  # features of the mirrored videos; None: frames, mirrored when drawn
    frames: int | None = None  # samples in a clip; None: as many as the recipe's; 0: one, not stacked
    videos: tuple[LabelledVideo, ...] = ()  # of frames: those that could be decoded
    skipped: tuple[Skipped, ...] = ()  # the others


class LazyArrays(Sequence[np.ndarray]):
    """Arrays that are loaded when used and closed with the last reference: no memory, no open files.

    Arrays that are not memory-mapped, since no cache took them, stay in memory as long as there is room.
    """

    def __init__(self, count: int, load: Callable[[int], np.ndarray], room_bytes: int) -> None:
        self._count, self._load, self._room_bytes = count, load, room_bytes
        self._held: dict[int, np.ndarray] = {}

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        index = range(len(self))[index]
        if index in self._held:
            return self._held[index]
        array = self._load(index)
        if not isinstance(array, np.memmap) and array.nbytes <= self._room_bytes:
            self._room_bytes -= array.nbytes
            self._held[index] = array
        return array.view(np.ndarray)


def decode_all(
    videos: Sequence[LabelledVideo], labels: tuple[str, ...], recipe: Recipe, on_progress: OnProgress = ignore
) -> Examples:
    """Decode videos into the cache, several at once; those that are there already are not decoded again.

    Videos that cannot be decoded are skipped.
    """
    samples = LazyArrays(len(videos), lambda index: decode_video(videos[index], recipe.spec), _HELD_BYTES)

    def decode(index: int) -> Skipped | None:
        try:
            check_file(videos[index].path)
            samples[index]
        except VideoError as error:
            return unreadable(videos[index], error)
        return None

    results = map_files(decode, range(len(videos)), os.cpu_count(), Stage.DECODE, on_progress)
    decoded = tuple(video for video, problem in zip(videos, results, strict=True) if problem is None)
    if len(decoded) < len(videos):
        samples = LazyArrays(len(decoded), lambda index: decode_video(decoded[index], recipe.spec), _HELD_BYTES)
    targets = np.array([labels.index(video.label) for video in decoded], int)
    return Examples(samples, targets, videos=decoded, skipped=tuple(filter(None, results)))
