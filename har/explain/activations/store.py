"""The activations of a classifier for one clip, as one file of arrays."""

import io
import json
import zipfile
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

import numpy as np
from jaxtyping import Float64, UInt8
from pydantic import TypeAdapter

from har.classifier import folder_of
from har.datasets import figures
from har.explain.gates import Gates
from har.networks.summary import NetworkSummary
from har.storage.arrays import READING
from har.storage.cache import cache_key, preview_cache

CLASSIFIERS = ("lrcn-figures", "convlstm-figures", "convlstm-ucf101-10")  # whose activations are shown
DEFAULT_LABEL = "SitDown"  # has the frames of StandUp in another order, so only the order matters
DIAGRAM_CLASSIFIERS = ("lrcn-ucf101-10", "convlstm-ucf101-10", "lrcn-lite0-ucf101-10", "i3d-kinetics400")
BUNDLED = Path(__file__).parent / "bundled"
_SUMMARY = TypeAdapter(NetworkSummary)


@dataclass(frozen=True)
class FeatureMaps:
    """Some channels of a convolution's output, for each step."""

    name: str  # of the layer
    shape: tuple[int, ...]  # of its output for one frame, `(height, width, channels)`
    channels: tuple[int, ...]  # indices of those stored
    most: tuple[float, ...]  # maximum of each channel in the whole clip: what 255 stands for
    pictures: UInt8[np.ndarray, "steps shown height width"]
    stream: str = ""  # title of the layer's CNN, where several work side by side


@dataclass(frozen=True)
class ClipActivations:
    """Of one clip. If the network sees stacks of frames, a step stands for the stack's middle frame."""

    classifier: str  # its name
    labels: tuple[str, ...]
    frames: UInt8[np.ndarray, "steps high wide 3"]  # as filmed
    inputs: UInt8[np.ndarray, "steps height width 3"]  # as the network sees them
    times_sec: Float64[np.ndarray, "steps"]
    spread: bool  # the clip is shorter than the span
    maps: tuple[FeatureMaps, ...]
    gates: Gates
    probabilities: Float64[np.ndarray, "steps labels"]  # if the clip ended after that step


def stored_activations(classifier: str, label: str) -> ClipActivations | None:
    """Bundled or stored activations; None if there are none, or the file is damaged."""
    path = bundled_path(classifier)
    bundled = label == DEFAULT_LABEL and path.exists()
    data = path.read_bytes() if bundled else preview_cache().read(activations_key(classifier, label))
    return None if data is None else from_npz(data)


def bundled_path(classifier: str) -> Path:
    """The file of activations for the clip that is shown first."""
    return BUNDLED / f"{classifier}.npz"


def activations_key(classifier: str, label: str) -> str:
    """The cache key of activations; it depends on the weights, the clip and this code."""
    folder = folder_of(classifier)
    changed = [(folder / name).stat().st_mtime_ns for name in ("card.json", "weights.npz")]
    return cache_key("inside", _source_hash(), classifier, changed, figures.VERSION, label)


def to_npz(activations: ClipActivations) -> bytes:
    """A NumPy archive; gates are in half precision, which makes no visible difference."""
    metadata = {
        "classifier": activations.classifier,
        "labels": activations.labels,
        "spread": activations.spread,
        "maps": [[each.name, each.shape, each.channels, each.most] for each in activations.maps],
        "streams": [each.stream for each in activations.maps],
    }
    arrays = {name: getattr(activations, name) for name in ("frames", "inputs", "times_sec", "probabilities")}
    arrays |= {f"maps{index}": each.pictures for index, each in enumerate(activations.maps)}
    arrays |= {field.name: getattr(activations.gates, field.name).astype(np.float16) for field in fields(Gates)}
    arrays["told"] = np.array(json.dumps(metadata))
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def from_npz(data: bytes) -> ClipActivations | None:
    """Read what `to_npz` returned; None if it is something else. Nothing in it is executed."""
    try:
        with READING, np.load(io.BytesIO(data), allow_pickle=False) as file:
            metadata = json.loads(str(file["told"]))
            streams = metadata.get("streams", [""] * len(metadata["maps"]))
            maps = tuple(
                FeatureMaps(name, tuple(shape), tuple(channels), tuple(most), file[f"maps{index}"], streams[index])
                for index, (name, shape, channels, most) in enumerate(metadata["maps"])
            )
            gates = Gates(*(file[field.name].astype(np.float32) for field in fields(Gates)))
            arrays = {name: file[name] for name in ("frames", "inputs", "times_sec", "probabilities")}
            labels, spread = tuple(metadata["labels"]), metadata["spread"]
            return ClipActivations(metadata["classifier"], labels, spread=spread, maps=maps, gates=gates, **arrays)
    except (OSError, EOFError, KeyError, ValueError, TypeError, IndexError, AttributeError, zipfile.BadZipFile):
        return None


def bundled_summary(classifier: str) -> NetworkSummary:
    """The network summary of a bundled classifier.

    Raises:
        FileNotFoundError: none has been written.
    """
    return _SUMMARY.validate_json((BUNDLED / f"{classifier}.json").read_bytes())


def write_bundled_summary(classifier: str, summary: NetworkSummary) -> None:
    """Write what `bundled_summary` reads."""
    (BUNDLED / f"{classifier}.json").write_bytes(_SUMMARY.dump_json(summary) + b"\n")


@cache
def _source_hash() -> str:
    return cache_key(*(path.read_text("utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))))
