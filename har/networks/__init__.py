"""The registry of networks. A card names its network here, so a classifier's file never contains code.

Every network takes clips, uint8 `(batch, time, height, width, 3)`, and returns probabilities, float32
`(batch, labels)`; pixels are scaled inside. To add a network, add a file to `har/networks/architectures`. TensorFlow is
imported when the first network is built.
"""

import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from har import memory
from har.clips import ClipSpec
from har.errors import OptionsError, TensorFlowMissing
from har.log import without_messages
from har.networks import architectures
from har.networks.network import Cost, Network
from har.networks.parts import encoder_and_head, frame_encoder_and_head, named_parts, stack_size

if TYPE_CHECKING:
    import keras


def _entries() -> list[Network]:
    names = [module.name for module in pkgutil.iter_modules(architectures.__path__)]
    entries: list[Network] = [import_module(f"{architectures.__name__}.{name}").ENTRY for name in names]
    return sorted(entries, key=lambda entry: (entry.order, entry.name))


NETWORKS = {entry.name: entry for entry in _entries()}
DEFAULT_NETWORK = next(iter(NETWORKS))


def build(name: str, label_count: int, spec: ClipSpec, **options: object) -> "keras.Model":
    """A network with fresh weights: `name` is a key of `NETWORKS`, and its entry there says which options it has.

    Raises:
        OptionsError: an unknown network or option; frames too small or too few; fewer than two labels.
    """
    entry = NETWORKS.get(name)
    if entry is None:
        raise OptionsError(f"There is no network {name!r}.", f"Networks: {', '.join(NETWORKS)}.", "Choose one of them.")
    if min(spec.height, spec.width) < entry.smallest_side:
        raise OptionsError(
            f"Frames of {spec.width}×{spec.height} are too small for {entry.title}.",
            f"Each side must have at least {entry.smallest_side} pixels.",
            "Choose a larger size or another network.",
        )
    if entry.published is not None and spec.shape[1:] != entry.spec.shape[1:]:
        raise OptionsError(
            f"Frames of {spec.width}×{spec.height} were requested for {entry.title}.",
            f"It takes frames of {entry.spec.width}×{entry.spec.height}.",
            "Choose that size or another network.",
        )
    if label_count < 2:
        raise OptionsError(
            f"A network with {label_count} labels was requested.", "It needs at least two.", "Add labels."
        )
    unknown = options.keys() - entry.options.keys()
    if unknown:
        raise OptionsError(
            f"{entry.title} has no option {', '.join(sorted(unknown))}.",
            f"Its options: {', '.join(entry.options) or 'none'}.",
            "Leave it out.",
        )
    start_tensorflow()
    return cast("keras.Model", entry.build(label_count, spec, **options))


@cache
def start_tensorflow() -> None:
    """Import and initialise TensorFlow, and silence what its C++ code writes to standard error, now and later.

    Memory that it allocates without need is not allocated, or released; see docs/decisions/0033-memory.md.

    Raises:
        TensorFlowMissing: it is not installed.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # errors also arrive as exceptions
    try:
        # Keras would import pandas to support its data frames.
        with without_messages(), _hidden("pandas"):
            import_module("keras").ops.zeros(1)
    except ModuleNotFoundError as error:
        raise TensorFlowMissing(
            "TensorFlow is not installed.",
            "It is needed to build networks: for training, heatmaps, and the first use of a classifier that was not "
            "shipped.",
            "Install the packages in requirements.txt.",
        ) from error
    memory.release_unused()


@contextmanager
def _hidden(module: str) -> Iterator[None]:
    """Make imports of a module fail in this block, unless it has been imported before."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # documented under `sys.modules`
    try:
        yield
    finally:
        del sys.modules[module]


def trained_weights(model: "keras.Model", name: str) -> "list[keras.Variable]":
    """The weights that training sets: not those of a pretrained encoder, nor the state of dropout."""
    parts = encoder_and_head(model) if NETWORKS[name].frozen else None
    return [weight for weight in (parts[1] if parts else model).weights if "seed_generator" not in weight.path]
