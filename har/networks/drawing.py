"""What a network is made of, counted layer by layer: so that it can be drawn, and its cost told before it runs.

`facts` walks a built network and so needs TensorFlow; `known_facts` asks another process, once, and keeps the answer.
"""

import json
import math
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from har import errors
from har.caches import FileCache, key_of
from har.clips import ClipSpec
from har.networks import build
from har.settings import settings

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]

_ONE_AT_A_TIME = threading.Lock()
WHOLE = "network"  # the part that layers belong to where a network has no encoder and no head
_LONGEST_SEC = 180  # for the other process: many times what a slow machine takes
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]
# Layers of one block share the beginning of their names.
_BLOCK = re.compile(r"(block\d+|stem|head|Mixed_\d[a-z]|Conv3d_\d[a-z]_\d+x\d+)(?=_|$)")
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
    return NetworkFacts(network, layers, parameters, trainable, macs)


def known_facts(
    network: str, label_count: int, spec: ClipSpec, options: Mapping[str, object] | None = None
) -> NetworkFacts | None:
    """The same for a network that is not built in this process, which stays free of TensorFlow.

    The first time takes as long as TensorFlow takes to start, some seconds; afterwards the answer is in a file.

    Args:
        network: a key of `har.networks.NETWORKS`.
        label_count: outputs.
        spec: input size.
        options: of the network's builder; what JSON can write.

    Returns:
        None if the other process ended without an answer: memory ran out, or it was ended from outside.

    Raises:
        OptionsError: what `har.networks.build` refuses.
        ClassifierMissing: pretrained weights are not there.
    """
    asked = [network, str(label_count), json.dumps(asdict(spec)), json.dumps(dict(options or {}), sort_keys=True)]
    # The span says nothing about layers.
    key = key_of("network", _sources(), network, label_count, replace(spec, span_sec=1.0), asked[-1])
    kept = _kept().read(key)
    if kept is not None:
        with suppress(ValidationError):  # a damaged file is made again
            return _FACTS.validate_json(kept)
    answer = _answer(asked)
    if answer is None:
        return None
    if "refused" in answer:
        raise getattr(errors, answer["kind"])(*answer["refused"])
    found = _FACTS.validate_python(answer["facts"])
    with suppress(OSError):  # a full disk makes the next time slower, but not wrong
        _kept().write(key, _FACTS.dump_json(found))
    return found


def _answer(asked: list[str]) -> dict[str, Any] | None:
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    try:
        with _ONE_AT_A_TIME:  # each takes half a gigabyte, and any visitor can ask
            process = subprocess.run(
                [sys.executable, "-m", "har.networks.drawing", *asked],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=_LONGEST_SEC,
                env=os.environ | {"PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": "-1"},  # counting needs no GPU
            )
    except subprocess.SubprocessError:
        return None
    answer: dict[str, Any] = json.loads(process.stdout.splitlines()[-1])  # what libraries print stands before it
    return answer


def _answer_for_another(network: str, label_count: str, spec: str, options: str) -> str:
    """The other process' side: a line of JSON, whether the network could be built or was refused."""
    try:
        model = build(network, int(label_count), ClipSpec(**json.loads(spec)), **json.loads(options))
    except errors.HarError as error:
        return json.dumps({"kind": type(error).__name__, "refused": error.args})
    return json.dumps({"facts": asdict(facts(model, network))})


def _leaves(model: Any, part: str, runs: int) -> Iterator[LayerFacts]:
    """Layers of a model and of the models in it. An encoder of single frames runs once for each frame of a clip."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            by_frame = len(model.input_shape) == 5 and len(layer.input_shape) == 4
            yield from _leaves(layer, layer.name, runs * (model.input_shape[1] if by_frame else 1))
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


def _kept() -> FileCache:
    return _cache(settings().previews, settings().preview_cache_bytes)


@cache
def _cache(folder: Path, limit_bytes: int) -> FileCache:
    return FileCache(folder, limit_bytes)


if __name__ == "__main__":
    sys.stdout.write(f"{_answer_for_another(*sys.argv[1:])}\n")
