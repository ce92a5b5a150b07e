"""What a network is made of, counted layer by layer: so that it can be drawn, and its cost told before it runs.

`facts` walks a built network and so needs TensorFlow, as does `count_facts`, which builds it first and keeps the
answer; `kept_facts` only looks for an answer that was kept.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from har.clips import ClipSpec
from har.networks import build, moment_frames
from har.storage.cache import kept_previews, key_of

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]

WHOLE = "network"  # the part that layers belong to where a network has no encoder and no head
# Layers of one block share the beginning of their names.
_BLOCK = re.compile(r"(block\d+|stem|head|frame\d|motion\d|Mixed_\d[a-z]|Conv3d_\d[a-z]_\d+x\d+)(?=_|$)")
_SPELT = {"head": "top"}  # of an encoder: the head is another part
_MERGE = "Add"  # the end of a block; named by Keras


@dataclass(frozen=True)
class LayerFacts:
    """A layer as it runs on one clip."""

    name: str
    kind: str  # its class: `Conv2D`, `LSTM`
    part: str  # `encoder`, `head`, or `network` where there are no parts
    input_shape: Shape  # of its first input, without the batch
    output_shape: Shape
    parameters: int
    macs: int  # multiply-adds for one clip, over all of its runs
    trainable: bool  # training may change its weights, if it has any
    block: str = ""  # the group of layers it was built with; empty: it stands alone
    runs: int = 1  # for one clip: a layer that looks at single frames runs once for each


@dataclass(frozen=True)
class NetworkFacts:
    """A network's layers, in the order in which they run, and their sums."""

    network: str  # a key of `har.networks.NETWORKS`
    layers: tuple[LayerFacts, ...]
    parameters: int
    trainable_parameters: int
    macs: int  # multiply-adds for one clip
    clip: Shape  # what it takes: `(time, height, width, 3)`


_FACTS = TypeAdapter(NetworkFacts)


def facts(model: "keras.Model", network: str) -> NetworkFacts:
    """Count a network.

    Multiply-adds are those of convolutions, dense layers and recurrent layers: what is left (pools, activations,
    additions, batch norms) is less than a hundredth of them.

    Args:
        model: takes clips `(batch, time, height, width, 3)`; models inside it are its parts.
        network: its key in `har.networks.NETWORKS`.

    Raises:
        TypeError: a layer with weights of a kind whose multiply-adds this module cannot count.
    """
    layers = tuple(_named(_leaves(model, WHOLE, 1)))
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    parameters, macs = (sum(getattr(layer, field) for layer in layers) for field in ("parameters", "macs"))
    return NetworkFacts(network, layers, parameters, trainable, macs, tuple(model.input_shape[1:]))


def kept_facts(
    network: str, label_count: int, spec: ClipSpec, options: Mapping[str, object] | None = None
) -> NetworkFacts | None:
    """What `count_facts` counted at another time, in whichever process; None if it did not, or the file is damaged.

    Args:
        network: a key of `har.networks.NETWORKS`.
        label_count: outputs.
        spec: input size.
        options: of the network's builder; what JSON can write.
    """
    kept = kept_previews().read(facts_key(network, label_count, spec, options))
    if kept is not None:
        with suppress(ValidationError):  # a damaged file is made again
            return _FACTS.validate_json(kept)
    return None


def count_facts(
    network: str,
    label_count: int,
    spec: ClipSpec,
    options: Mapping[str, object] | None = None,
    on_event: Callable[[Any], None] = lambda event: None,
) -> NetworkFacts:
    """Build a network in this process, which needs TensorFlow, and count it; the answer is kept in a file.

    While it builds, nothing else in the process may draw first weights: all come out of Python's one generator.

    Args:
        network: a key of `har.networks.NETWORKS`.
        label_count: outputs.
        spec: input size.
        options: of the network's builder; what JSON can write.
        on_event: told nothing; every job has it.

    Raises:
        OptionsError: what `har.networks.build` refuses.
        ClassifierMissing: pretrained weights are not there.
    """
    # In a thread of its own, where the names that Keras gives begin anew.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(lambda: facts(build(network, label_count, spec, **(options or {})), network)).result()
    with suppress(OSError):  # a full disk makes the next time slower, but not wrong
        kept_previews().write(facts_key(network, label_count, spec, options), _FACTS.dump_json(found))
    return found


def facts_key(network: str, label_count: int, spec: ClipSpec, options: Mapping[str, object] | None = None) -> str:
    """A name for what is counted: the same arguments and the same code give the same."""
    told = json.dumps(dict(options or {}), sort_keys=True)
    return key_of("network", _sources(), network, label_count, spec.shape, told)


def _leaves(model: Any, part: str, runs: int) -> Iterator[LayerFacts]:
    """Layers of a model and of the models in it. A model for frames or moments runs once for each of its clip's."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            sees_pictures = len(model.input_shape) == 5 and len(layer.input_shape) >= 4
            moments = model.input_shape[1] + 1 - moment_frames(layer) if sees_pictures else 1
            # Models within a part belong to the part.
            yield from _leaves(layer, layer.name if part == WHOLE else part, runs * moments)
        elif type(layer).__name__ != "InputLayer":
            inputs, outputs = layer.input, _shape(layer.output)
            yield LayerFacts(
                name=layer.name,
                kind=type(layer).__name__,
                part=part,
                input_shape=_shape(inputs[0] if isinstance(inputs, list) else inputs),
                output_shape=outputs,
                parameters=layer.count_params(),
                macs=runs * _macs(layer, outputs),
                trainable=layer.trainable,
                runs=runs,
            )


def _named(layers: Iterator[LayerFacts]) -> Iterator[LayerFacts]:
    """The same, each with its block."""
    last = ""
    for layer in layers:
        match = _BLOCK.match(layer.name)
        last = _SPELT.get(match[1], match[1]) if match else last if layer.kind == _MERGE else ""
        yield replace(layer, block=last)


def _shape(tensor: Any) -> Shape:
    return tuple(tensor.shape[1:])


def _macs(layer: Any, output: Shape) -> int:
    """Multiply-adds of one run."""
    match type(layer).__name__:
        case "Conv2D" | "DepthwiseConv2D" | "Conv3D" | "Dense":  # the whole kernel at each place of the output
            return int(math.prod(layer.kernel.shape) * math.prod(output[:-1]))
        case "LSTM":  # at each step both kernels, of the input and of the state
            steps, cell = layer.input.shape[1], layer.cell
            return int(steps * (math.prod(cell.kernel.shape) + math.prod(cell.recurrent_kernel.shape)))
        case "ConvLSTM":  # output: (time, height, width, filters)
            kernels = math.prod(layer.kernel.shape) + math.prod(layer.recurrent_kernel.shape)
            return int(kernels * math.prod(output[:-1]))
        case "BatchNormalization":
            return 0
    if layer.weights:
        raise TypeError(
            f"{layer.name} is a {type(layer).__name__}: say in {__name__} how its multiply-adds are counted"
        )
    return 0


@cache
def _sources() -> str:
    """A mark of the networks' code: what was counted of other code is not asked for again."""
    return key_of(*(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))))
