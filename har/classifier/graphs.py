"""The files that LiteRT runs for a classifier.

They are named after a hash of what they were computed from: the network in the card and the arrays. So they are not
stored in a classifier's folder, where an imported one could bring manipulated files, and classifiers with the same
pretrained encoder share its file. Those of shipped classifiers are in `weights/graphs`; others are made when they are
first needed, by a process that imports TensorFlow and ends.
"""

import hashlib
import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from har import errors
from har.classifier.card import Card, read_card
from har.classifier.stored import WEIGHTS, read_model
from har.clips import ClipSpec
from har.errors import ClassifierDamaged, ClassifierError, HarError
from har.networks import NETWORKS, named_parts, published
from har.networks.network import Options, Stages
from har.networks.parts import ENCODER, HEAD, NETWORK, PUBLISHED_LABELS
from har.networks.pretrained import weights_path
from har.runtime import Graph, Runnable, StagedGraph
from har.runtime.staged import step_frames
from har.settings import settings
from har.storage.cache import cache_key, graph_cache

if TYPE_CHECKING:
    import keras

_VERSION = 1  # increase it when conversion, or the builder of a network, changes what is computed
_BATCH_SIZE = 8  # examples that a graph takes at once,
_BATCH_VALUES = 600_000  # and their values: with larger ones it takes more memory and is no faster
_CONVERSION_SEC = 600
_PROGRAM = "from har.classifier.graphs import main; main()"
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def load_parts(folder: Path, card: Card) -> dict[str, Runnable]:
    """A classifier's parts, by name. Files that do not exist are made, or fetched if they are published.

    Raises:
        ClassifierDamaged: its weights cannot be read, or do not match.
        ClassifierError: the process that makes them ended without a result.
        TensorFlowMissing: they have to be made, but it is not installed.
        HarError: a published file cannot be fetched.
    """
    parts = published_parts(card)
    if HEAD in parts:
        return parts
    files, frames = prepared(folder, card), card.spec.frames
    stages = _stages(card.network, frames)
    return {
        name: Graph(path) if stages is None else StagedGraph(path, stages.reaches, frames)
        for name, path in files.items()
    } | parts


def _stages(network: str, frames: int) -> Stages | None:
    """How it runs over a whole video; None if it does not, or if its clips do not consist of whole steps."""
    stages = NETWORKS[network].stages
    return None if stages is None or frames % step_frames(stages.reaches) else stages


def published_parts(card: Card) -> dict[str, Runnable]:
    """The parts of a classifier that run from a published file, by name; it is fetched if it is not there.

    Raises:
        ClassifierDamaged: it was trained on another version of the file.
        HarError: it cannot be fetched.
    """
    entry = NETWORKS.get(card.network)
    if entry is None or entry.published is None:
        return {}
    base = published.PUBLISHED[entry.published.file]
    if card.base and card.base != base.sha256:
        raise ClassifierDamaged(
            f"{card.title} was trained on another version of {base.title}.",
            f"This program uses the file with the sha256 {base.sha256[:12]}…",
            "Train the classifier again.",
        )
    path = published.fetch(base.name)
    parts: dict[str, Runnable] = {ENCODER: entry.published.encoder(path)}
    if entry.published.head is not None:
        parts[HEAD] = entry.published.head(path, card.spec)
    if entry.published.labels is not None:
        parts[PUBLISHED_LABELS] = entry.published.labels(path, card.spec)
    return parts


def prepared(folder: Path, card: Card) -> dict[str, Path]:
    """The files that were converted from a classifier's parts, by name; made if they do not exist.

    Not for networks of which all parts are published.

    Raises:
        ClassifierDamaged, ClassifierError, TensorFlowMissing: as `load_parts`.
    """
    found = _find(folder, card)
    if found is None:
        if "tensorflow" in sys.modules:
            prepare(folder, card, read_model(folder, card))
        else:
            _prepare_elsewhere(folder)
        found = _find(folder, card)
    if found is None:
        raise ClassifierDamaged(
            f"The files for LiteRT of {card.title} are not in the cache.",
            f"There must be room for them within HAR_GRAPH_CACHE_BYTES, {settings().graph_cache_bytes:,} bytes.",
            "Increase it.",
        )
    return found


def prepare(folder: Path, card: Card, model: "keras.Model", shipped: bool = False) -> None:
    """Convert a classifier for LiteRT, unless that has been done. Imports TensorFlow.

    The files of shipped classifiers are stored in `weights/graphs`.
    """
    names = _names(folder, card)
    for name, part in named_parts(model).items():
        if name not in names:
            continue  # it is published
        if shipped and not _shipped_path(names[name]).is_file():
            _shipped_path(names[name]).write_bytes(_convert(card.network, part))
        elif _path(names[name]) is None:
            graph_cache().write(names[name], _convert(card.network, part))


def prepare_encoder(network: str, options: Options, spec: ClipSpec, encoder: "keras.Model") -> Runnable:
    """The pretrained encoder of a network that will be trained, converted for LiteRT unless that has been done.

    Raises:
        HarError: it runs from a published file, which cannot be fetched.
    """
    entry = NETWORKS[network].published
    if entry is not None:
        return entry.encoder(published.fetch(entry.file))
    name = _encoder_name(network, options, spec)
    return Graph(_path(name) or graph_cache().write(name, _convert(network, encoder)))


def _convert(network: str, part: "keras.Model") -> bytes:
    from har.runtime.conversion import convert, convert_stages

    half, stages = NETWORKS[network].half, _stages(network, part.input_shape[1])
    if stages is not None:
        return convert_stages(part, stages.functions(part), stages.reaches, half)
    size = max(1, min(_BATCH_SIZE, _BATCH_VALUES // math.prod(part.input_shape[1:])))
    return convert(part, size, half)


def main() -> None:
    """Convert the classifier in the folder that is the only argument; write an error as JSON."""
    folder = Path(sys.argv[1])
    try:
        card = read_card(folder)
        prepare(folder, card, read_model(folder, card))
    except HarError as error:
        sys.stdout.write(json.dumps({"error": type(error).__name__, "arguments": error.args}) + "\n")


def _prepare_elsewhere(folder: Path) -> None:
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    changes = {"PYTHONPATH": path, "HAR_HOME": str(settings().home), "HAR_WEIGHTS": str(settings().weights)}
    try:
        output = subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(folder.resolve())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | changes,
            timeout=_CONVERSION_SEC,
            check=True,
        ).stdout
    except subprocess.SubprocessError as error:
        raise ClassifierError(
            "The classifier could not be converted for recognition.",
            "That takes about 700 MB of memory for some seconds.",
            "Try again when the machine has less to do.",
        ) from error
    for line in output.splitlines()[-1:]:
        answer = json.loads(line)
        raise getattr(errors, answer["error"])(*answer["arguments"])


def _find(folder: Path, card: Card) -> dict[str, Path] | None:
    names = _names(folder, card)
    for parts in ((NETWORK,), (ENCODER, HEAD)) if NETWORK in names else (tuple(names),):
        paths = {part: path for part in parts if (path := _path(names[part])) is not None}
        if len(paths) == len(parts):
            return paths
    return None


def _path(name: str) -> Path | None:
    shipped = _shipped_path(name)
    return shipped if shipped.is_file() else graph_cache().find(name)


def _shipped_path(name: str) -> Path:
    return settings().weights / "graphs" / f"{name}.tflite"


def _names(folder: Path, card: Card) -> dict[str, str]:
    """File names of the parts that a classifier may have."""
    entry = NETWORKS.get(card.network)
    if entry is None:
        raise ClassifierDamaged(
            f"{folder.name} is a classifier with the network {card.network!r}.",
            f"Networks: {', '.join(NETWORKS)}.",
            "Update the program, or train the classifier again.",
        )
    key = (len(card.labels), sorted(card.options.items()), _digest(folder / WEIGHTS))
    parts = (NETWORK, ENCODER, HEAD) if entry.published is None else (HEAD,)
    names = {part: _name(part, card.network, card.spec, *key) for part in parts}
    if entry.pretrained is not None:
        names[ENCODER] = _encoder_name(card.network, card.options, card.spec)
    return names


def _encoder_name(network: str, options: Options, spec: ClipSpec) -> str:
    known = NETWORKS[network].options
    chosen = {name: value for name, value in options.items() if name not in known or not known[name].head_only}
    return _name(ENCODER, network, spec, sorted(chosen.items()))


def _name(part: str, network: str, spec: ClipSpec, *others: object) -> str:
    entry = NETWORKS[network]
    digest = "" if entry.pretrained is None else _digest(weights_path(entry.pretrained))
    stages = _stages(network, spec.frames)
    staged = () if stages is None else (stages.reaches,)
    key = cache_key(_VERSION, part, network, spec.shape, entry.half, digest, *others, *staged)
    return f"{network}-{part}-{key[:16]}"


def _digest(path: Path) -> str:
    try:
        state = path.stat()
        return _digest_of_version(path, (state.st_mtime_ns, state.st_size, state.st_ino))
    except OSError as error:
        raise ClassifierDamaged(
            f"{path.parent.name}/{path.name} cannot be read ({error.strerror}).",
            "It contains the weights of a classifier.",
            "Download or train the classifier again.",
        ) from error


@cache
def _digest_of_version(path: Path, state: tuple[int, int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
