"""The registry of networks. A card names its network here, so a classifier's file never brings code.

Every network takes clips, uint8 `(batch, time, height, width, 3)`, and gives probabilities, float32 `(batch, labels)`;
the scaling of pixels is inside. Nothing of TensorFlow is imported before the first network is built.
"""

import inspect
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from har import memory
from har.clips import ClipSpec
from har.errors import OptionsError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class NetworkEntry:
    """What is known of a network without building it."""

    title: str
    description: str  # a sentence for people who choose
    module: str  # its `build(label_count, spec, **options)` is the network
    spec: ClipSpec  # the input it was designed for
    smallest_side: int  # of a frame, in pixels: below it nothing is left after the pools
    trainable: bool  # on a few hundred clips
    frozen: bool = False  # its encoder knows something already and stays as it is: what it gives may be kept
    head_options: frozenset[str] = frozenset()  # of its builder: those that change nothing of what its encoder gives


NETWORKS = {
    "lrcn": NetworkEntry(
        title="LRCN",
        description="Small CNNs look at frames and what has changed, an LSTM at the sequence. The one to begin with.",
        module="har.networks.lrcn",
        spec=ClipSpec(frames=20, height=64, width=64, span_sec=2.0),
        smallest_side=64,
        trainable=True,
    ),
    "convlstm": NetworkEntry(
        title="ConvLSTM",
        description="LSTMs whose states are images: space and time are learnt together. Slower than LRCN.",
        module="har.networks.convlstm",
        spec=ClipSpec(frames=20, height=64, width=64, span_sec=2.0),
        smallest_side=31,
        trainable=True,
    ),
    "lrcn-lite0": NetworkEntry(
        title="LRCN on EfficientNet-Lite0",
        description="A CNN that knows ImageNet looks at frames and what has changed; an LSTM and two layers judge.",
        module="har.networks.lrcn_lite0",
        spec=ClipSpec(frames=20, height=160, width=160, span_sec=2.0),
        smallest_side=32,
        trainable=True,
        frozen=True,
        head_options=frozenset({"solved"}),
    ),
    "i3d-head": NetworkEntry(
        title="I3D with a head of its own",
        description="I3D, which knows Kinetics, looks at short windows; a layer learns on top. For few clips a class.",
        module="har.networks.i3d_head",
        spec=ClipSpec(frames=16, height=224, width=224, span_sec=1.28, fit="crop"),
        smallest_side=32,
        trainable=True,
        frozen=True,
    ),
    "i3d": NetworkEntry(
        title="I3D",
        description="A deep network of 3D convolutions, used as it was trained on the 400 actions of Kinetics.",
        module="har.networks.i3d",
        # 12.5 frames a second: frames further apart than its training had give wrong answers.
        spec=ClipSpec(frames=16, height=224, width=224, span_sec=1.28, fit="crop"),
        smallest_side=32,
        trainable=False,
    ),
}


def build(name: str, label_count: int, spec: ClipSpec, **options: object) -> "keras.Model":
    """A network with fresh weights.

    Args:
        name: a key of `NETWORKS`.
        label_count: outputs.
        spec: input size; its span does not matter here.
        options: further arguments of the network's builder.

    Raises:
        OptionsError: a network, size, number of labels or option that does not exist or cannot work.
    """
    entry = NETWORKS.get(name)
    if entry is None:
        raise OptionsError(
            f"There is no network {name!r}.", f"There are: {', '.join(NETWORKS)}.", "Choose one of them."
        )
    if min(spec.height, spec.width) < entry.smallest_side:
        raise OptionsError(
            f"Frames of {spec.width}×{spec.height} are too small for {entry.title}.",
            f"Each side needs at least {entry.smallest_side} pixels.",
            "Choose a larger size or another network.",
        )
    if label_count < 2:
        raise OptionsError(f"{label_count} labels were asked for.", "At least two are needed.", "Choose more labels.")
    start()
    builder = import_module(entry.module).build
    unknown = options.keys() - inspect.signature(builder).parameters.keys()
    if unknown:
        raise OptionsError(
            f"{entry.title} was given {', '.join(sorted(unknown))}.", "It has no such option.", "Leave it out."
        )
    return cast("keras.Model", builder(label_count, spec, **options))


@cache
def start() -> None:
    """Import TensorFlow and wake it up, without the greetings that its C++ side writes to standard error.

    What it would take of memory beyond its need is left out, or given back; see docs/decisions/0033-memory.md.
    """
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        with _as_if_missing("pandas"):  # Keras would import it to be able to take its tables
            import_module("keras").ops.zeros(1)
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)
    memory.give_back()


@contextmanager
def _as_if_missing(name: str) -> Iterator[None]:
    """In this block a module that has not been imported yet cannot be."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as Python's documentation of `sys.modules` has it
    try:
        yield
    finally:
        del sys.modules[name]


def parts(model: "keras.Model") -> "tuple[keras.Model, keras.Model] | None":
    """A network's encoder and its head, which turns what the encoder gives into probabilities; both share its weights.

    The encoder looks at single frames, at moments, or at whole clips. None for a network that has no such parts.
    """
    named = {layer.name: layer for layer in model.layers}
    return (named["encoder"], named["head"]) if named.keys() >= {"encoder", "head"} else None


def halves(model: "keras.Model") -> "tuple[keras.Model, keras.Model] | None":
    """A network's part for one moment and its part for the sequence, both sharing the network's weights.

    The first turns frames `(n, height, width, 3)`, or moments `(n, frames, height, width, 3)` of a few frames in a row,
    into features `(n, features)`; the second turns sequences of them `(batch, time, features)` into probabilities
    `(batch, labels)`. A clip has a moment for each run of frames in it. None for a network that cannot be cut so.
    """
    found = parts(model)
    return found if found is not None and moment_frames(found[0]) < model.input_shape[1] else None


def moment_frames(encoder: "keras.Model") -> int:
    """Frames in a row that an encoder looks at together; one where it knows single frames only."""
    shape = encoder.input_shape
    return int(shape[1]) if len(shape) == 5 else 1


def own_weights(model: "keras.Model", name: str) -> "list[keras.Variable]":
    """The weights that training made: neither a pretrained part's, nor the counters of dropout.

    Args:
        model: a network.
        name: its key in `NETWORKS`.
    """
    learnt = parts(model)[1] if NETWORKS[name].frozen else model  # type: ignore[index]  # all frozen ones have parts
    return [weight for weight in learnt.weights if "seed_generator" not in weight.path]
