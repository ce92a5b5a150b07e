"""What a network consists of, counted layer by layer: to draw it, and to know its cost before it runs.

`summarise` and `build_summary` need TensorFlow; `cached_summary` does not.
"""

import json
import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from har.clips import ClipSpec
from har.networks import build, stack_size
from har.networks.parts import NETWORK
from har.progress import OnProgress, ignore
from har.storage.cache import cache_key, preview_cache

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerSummary:
    """A layer as it runs on one clip."""

    name: str
    kind: str  # its class: `Conv2D`, `LSTM`
    part: str  # of `har.networks.parts`: `ENCODER`, `HEAD`, or `NETWORK` if there are no parts
    input_shape: Shape  # of its first input, without the batch
    output_shape: Shape
    parameters: int
    macs: int  # multiply-adds for one clip, over all of its runs
    trainable: bool  # training may change its weights, if it has any
    block: str = ""  # the group of layers it belongs to; empty: none
    runs: int = 1  # for one clip: a layer that sees single frames runs once for each
    stream: str = ""  # title of the CNN it belongs to, where several work side by side


@dataclass(frozen=True)
class NetworkSummary:
    """A network's layers in the order in which they run, and their sums."""

    network: str  # a key of `har.networks.NETWORKS`
    layers: tuple[LayerSummary, ...]
    parameters: int
    trainable_parameters: int
    macs: int  # multiply-adds for one clip
    clip: Shape  # its input: `(time, height, width, 3)`


_SUMMARY = TypeAdapter(NetworkSummary)


def summarise(model: "keras.Model", network: str) -> NetworkSummary:
    """Count a network.

    Multiply-adds are those of convolutions, dense layers and recurrent layers; the rest (pooling, activations,
    additions, batch norms) is less than a hundredth of them.

    Raises:
        TypeError: a layer with weights of a kind whose multiply-adds cannot be counted.
    """
    layers = tuple(_leaves(model, NETWORK, 1))
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    parameters, macs = sum(layer.parameters for layer in layers), sum(layer.macs for layer in layers)
    return NetworkSummary(network, layers, parameters, trainable, macs, tuple(model.input_shape[1:]))


def cached_summary(
    network: str, label_count: int, spec: ClipSpec, options: Mapping[str, object] | None = None
) -> NetworkSummary | None:
    """The result of an earlier `build_summary` with the same arguments; None if there is none, or it is damaged."""
    stored = preview_cache().read(summary_key(network, label_count, spec, options))
    if stored is not None:
        with suppress(ValidationError):
            return _SUMMARY.validate_json(stored)
    return None


def build_summary(
    network: str,
    label_count: int,
    spec: ClipSpec,
    options: Mapping[str, object] | None = None,
    on_progress: OnProgress = ignore,
) -> NetworkSummary:
    """Build a network in this process, summarise it, and cache the summary. Jobs pass `on_progress`; it is not called.

    Meanwhile nothing else in the process may initialise weights: all are drawn from Python's global generator.

    Raises:
        OptionsError: see `har.networks.build`.
        ClassifierMissing: pretrained weights are missing.
    """
    # In a thread of its own, where the names that Keras generates start again.
    with ThreadPoolExecutor(1) as thread:
        model = thread.submit(build, network, label_count, spec, **(options or {})).result()
    summary = summarise(model, network)
    with suppress(OSError):  # on a full disk it is built again next time
        preview_cache().write(summary_key(network, label_count, spec, options), _SUMMARY.dump_json(summary))
    return summary


def summary_key(network: str, label_count: int, spec: ClipSpec, options: Mapping[str, object] | None = None) -> str:
    """The cache key of a summary; it depends on the arguments and on the networks' code."""
    options_json = json.dumps(dict(options or {}), sort_keys=True)
    return cache_key("network", _source_hash(), network, label_count, spec.shape, options_json)


def _leaves(model: Any, part: str, runs: int) -> Iterator[LayerSummary]:
    """Layers of a model and of the models in it. A model for frames or stacks runs once for each in the clip."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            takes_frames = len(model.input_shape) == 5 and len(layer.input_shape) >= 4
            stacks = model.input_shape[1] + 1 - stack_size(layer.input_shape[1:]) if takes_frames else 1
            # Models within a part belong to the part.
            yield from _leaves(layer, layer.name if part == NETWORK else part, runs * stacks)
        elif type(layer).__name__ != "InputLayer":
            inputs, output_shape = layer.input, _shape(layer.output)
            yield LayerSummary(
                name=layer.name,
                kind=type(layer).__name__,
                part=part,
                input_shape=_shape(inputs[0] if isinstance(inputs, list) else inputs),
                output_shape=output_shape,
                parameters=layer.count_params(),
                macs=runs * _multiply_adds(layer, output_shape),
                trainable=layer.trainable,
                block=getattr(layer, "block", ""),
                runs=runs,
                stream=getattr(layer, "stream", ""),
            )


def _shape(tensor: Any) -> Shape:
    return tuple(tensor.shape[1:])


def _multiply_adds(layer: Any, output_shape: Shape) -> int:
    if hasattr(layer, "multiply_adds"):  # a layer of our own
        return int(layer.multiply_adds(output_shape))
    match type(layer).__name__:
        case "Conv2D" | "DepthwiseConv2D" | "Conv3D" | "Dense":  # the whole kernel at each place of the output
            return int(math.prod(layer.kernel.shape) * math.prod(output_shape[:-1]))
        case "LSTM":  # at each step both kernels, of the input and of the state
            steps, cell = layer.input.shape[1], layer.cell
            return int(steps * (math.prod(cell.kernel.shape) + math.prod(cell.recurrent_kernel.shape)))
        case "BatchNormalization":
            return 0
    if layer.weights:
        raise TypeError(f"{layer.name} is a {type(layer).__name__}: {__name__} cannot count its multiply-adds")
    return 0


@cache
def _source_hash() -> str:
    """Of the networks' code, so that summaries of other versions are not used."""
    return cache_key(*(path.read_text("utf-8") for path in sorted(Path(__file__).parent.rglob("*.py"))))
