"""A network of 3D convolutions that is applied to a whole video, not to one window after another."""

import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from har.log import without_messages
from har.runtime.graph import interpreter_of, softmax

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


@dataclass(frozen=True)
class Reach:
    """What a stage sees at once, and how far it moves for its next output: images along time."""

    kernel: int
    stride: int = 1

    @property
    def padding(self) -> tuple[int, int]:
        """Images of zeros before the first and after the last one, as 'same' adds them to an even number of images."""
        missing = self.kernel - self.stride
        return missing // 2, missing - missing // 2


def signature_name(number: int) -> str:
    """The name of a stage in the file, counted from 0."""
    return f"stage{number}"


def step_frames(reaches: Sequence[Reach]) -> int:
    """The number of frames from which one output follows."""
    return math.prod(reach.stride for reach in reaches)


def batch_sizes(reaches: Sequence[Reach]) -> list[int]:
    """The number of images that each stage takes at once: as many as its outputs for one step depend on."""
    remaining, sizes = step_frames(reaches), []
    for reach in reaches:
        remaining //= reach.stride
        sizes.append((remaining - 1) * reach.stride + reach.kernel)
    return sizes


class StagedGraph:
    """Runs a network stage by stage with LiteRT. Each stage keeps the few images that its next outputs depend on, too.

    So each frame is processed once, however much the windows overlap, and what a window shows is seen in its context,
    as Carreira & Zisserman 2017 test I3D (https://arxiv.org/abs/1705.07750). The answer for a clip is that of the
    original network. Memory does not grow with the length of the video.
    """

    def __init__(self, source: Path | bytes, reaches: Sequence[Reach], frames: int) -> None:
        interpreter = interpreter_of(source)
        with without_messages():
            interpreter.allocate_tensors()
        self._stages = [_Stage(interpreter, number, reach) for number, reach in enumerate(reaches)]
        self.input_shape: tuple[int, ...] = (frames, *self._stages[0].image_shape)
        self.step_frames = step_frames(reaches)

    def __call__(self, clips: UInt8[np.ndarray, "batch time height width 3"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities for clips without context.

        Raises:
            ValueError: clips of another shape.
        """
        if clips.shape[1:] != self.input_shape:
            raise ValueError(f"expected clips of shape {self.input_shape}, not {clips.shape[1:]}")
        return self.classify(np.stack([np.stack(list(self.steps(clip))) for clip in clips]))

    def steps(self, frames: Iterable[UInt8[np.ndarray, "height width 3"]]) -> Iterator[Float32[np.ndarray, "labels"]]:
        """Logits for each `step_frames` frames of a video, which depend on some seconds before and after them.

        If the last step lacks frames, the last frames are played backwards.
        """
        images: Iterator[np.ndarray] = self._batches(frames)
        for stage in self._stages:
            images = stage.run(images)
        return (row for rows in images for row in rows)

    def classify(self, windows: Float32[np.ndarray, "batch steps labels"]) -> Float32[np.ndarray, "batch labels"]:
        """Probabilities from the logits of consecutive steps."""
        return softmax(windows.mean(axis=1))

    def _batches(self, frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        iterator, earlier = iter(frames), list[np.ndarray]()
        while batch := list(islice(iterator, self.step_frames)):
            if missing := self.step_frames - len(batch):
                batch += [*earlier, *batch][-2 : -2 - missing : -1]
            yield np.stack(batch)
            earlier = batch


class _Stage:
    def __init__(self, interpreter: "Interpreter", number: int, reach: Reach) -> None:
        self._compute = interpreter.get_signature_runner(signature_name(number))
        ((self._input, details),) = self._compute.get_input_details().items()
        self._batch_size, *shape = (int(side) for side in details["shape"])
        self.image_shape, self._dtype, self._reach = tuple(shape), details["dtype"], reach
        self._used = self._batch_size - reach.kernel + reach.stride  # images that are not needed any more after a batch
        self._lock = threading.Lock()  # an interpreter has one set of tensors

    def run(self, batches: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """From images in batches of any size to the stage's outputs; there are zeros before and after the images."""
        before, after = self._reach.padding
        images = self._zeros(before)
        for batch in chain(batches, [self._zeros(after)]):
            images = np.concatenate([images, batch])
            while len(images) >= self._batch_size:
                with self._lock:
                    (outputs,) = self._compute(**{self._input: images[: self._batch_size]}).values()
                images = images[self._used :].copy()  # a view would keep them all
                yield outputs
                del outputs

    def _zeros(self, count: int) -> np.ndarray:
        return np.zeros((count, *self.image_shape), self._dtype)
