"""Activations of a classifier for one clip: frames, feature maps, gates and probabilities, as How it works shows them.

`record_activations` computes and stores them, with TensorFlow; `stored_activations` finds those that are bundled
(`make pictures` writes them) or stored.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32, Float64, UInt8
from pydantic import TypeAdapter

from har.classifier import Classifier, folder_of, load, with_temperature
from har.clips import center_clip
from har.datasets import figures
from har.errors import OptionsError
from har.explain.gates import Gates, convlstm_gates, lstm_gates
from har.networks.parts import frame_encoder_and_head, step_logits
from har.networks.summary import NetworkSummary
from har.progress import OnProgress, ignore
from har.runtime import softmax
from har.storage.arrays import READING
from har.storage.cache import cache_key, preview_cache
from har.video import probe

if TYPE_CHECKING:
    import keras

CLASSIFIERS = ("lrcn-figures", "convlstm-figures", "convlstm-ucf101-10")  # whose activations are shown
DEFAULT_LABEL = "SitDown"  # has the frames of StandUp in another order, so only the order matters
DIAGRAM_CLASSIFIERS = ("lrcn-ucf101-10", "convlstm-ucf101-10", "lrcn-lite0-ucf101-10", "i3d-kinetics400")
BUNDLED = Path(__file__).parent / "bundled"
_SUMMARY = TypeAdapter(NetworkSummary)
_ARRAYS = ("frames", "inputs", "times_sec", "probabilities")  # of `ClipActivations`, as they are stored
GROUP = 5  # of the generated actors: no bundled classifier is trained on it
_HEIGHT = 120  # pixels of the frames as filmed
_MAX_MAPS = 8  # of a layer: those that change most


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
    arrays = {name: getattr(activations, name) for name in _ARRAYS}
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
            arrays = {name: file[name] for name in _ARRAYS}
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


def record_activations(classifier: str, label: str, on_progress: OnProgress = ignore) -> ClipActivations:
    """Record a bundled classifier's activations for a generated clip, and store them.

    For `CLASSIFIERS` and labels in `har.datasets.figures.ACTIONS`. Jobs pass `on_progress`; it is not called.

    Raises:
        LabelsError: the generated data set does not have the label.
        ClassifierError: the classifier cannot be loaded.
    """
    path = clip_path(label)
    figures.draw_missing([path])
    activations = activations_of(load(classifier), path)
    with suppress(OSError):  # on a full disk they are computed again next time
        preview_cache().write(activations_key(classifier, label), to_npz(activations))
    return activations


def clip_path(label: str) -> Path:
    """Path of the clip of an action, which may not have been drawn yet.

    Raises:
        LabelsError: the generated data set does not have the label.
    """
    return figures.list_figures([label], [GROUP]).videos[0].path


def activations_of(classifier: Classifier, path: Path) -> ClipActivations:
    """A classifier's activations for the clip in the middle of a video.

    It must have a frame encoder, and an LSTM or a ConvLSTM in its head.

    Raises:
        OptionsError: a network without these parts.
        VideoError: the video cannot be read.
    """
    parts = frame_encoder_and_head(classifier.model)
    if parts is None:
        raise OptionsError(
            f"{classifier.card.title} does not encode single frames.",
            "An LRCN, or a ConvLSTM on a CNN, was expected.",
            "Choose another classifier.",
        )
    encoder, head = parts
    clip = center_clip(probe(path), classifier.card.spec, _HEIGHT)
    size = classifier.stack_size
    steps = len(clip.frames) + 1 - size
    inputs = clip.frames if size == 1 else np.stack([clip.frames[at : at + size] for at in range(steps)])
    features = classifier.encode(inputs)
    gates = _gates(head, features)
    logits = step_logits(head, features, gates.hidden)
    probabilities = softmax(logits).astype(np.float64)
    shown = slice((size - 1) // 2, (size - 1) // 2 + steps)  # the middle frame of each stack
    return ClipActivations(
        classifier=classifier.card.name,
        labels=classifier.card.labels,
        frames=clip.originals[shown],
        inputs=clip.frames[shown],
        times_sec=clip.times_sec[shown],
        spread=clip.spread,
        maps=tuple(_feature_maps(encoder, inputs)),
        gates=gates,
        probabilities=with_temperature(probabilities, classifier.card.temperature),
    )


def _feature_maps(encoder: "keras.Model", inputs: np.ndarray) -> Iterator[FeatureMaps]:
    """The output of each convolution of the encoder, after its ReLU."""
    import keras

    layers = [layer for layer in encoder.layers if _ends_in_relu(layer)]
    outputs = keras.Model(encoder.input, [layer.output for layer in layers])(inputs, training=False)
    for layer, values in zip(layers, outputs, strict=True):
        yield _most_active(layer, np.asarray(values))


def _ends_in_relu(layer: Any) -> bool:
    kind = type(layer).__name__
    return kind == "ReLU" or (kind == "Conv2D" and layer.activation.__name__ == "relu")


def _most_active(layer: Any, values: Float[np.ndarray, "steps height width channels"]) -> FeatureMaps:
    """The channels that vary most, each scaled to its maximum in 8 bits."""
    channels = np.argsort(-values.std(axis=(0, 1, 2)), kind="stable")[:_MAX_MAPS]
    chosen = np.moveaxis(values[..., channels], -1, 1)
    most = np.maximum(chosen.max(axis=(0, 2, 3)), 1e-6)
    images = (255 * chosen / most[None, :, None, None]).round().astype(np.uint8)
    shown, maxima = tuple(channels.tolist()), tuple(np.round(most, 4).tolist())
    return FeatureMaps(layer.name, values.shape[1:], shown, maxima, images, getattr(layer, "stream", ""))


def _gates(head: "keras.Model", features: Float32[np.ndarray, "time *features"]) -> Gates:
    for layer in head.layers:
        if type(layer).__name__ == "LSTM":
            return lstm_gates(features, *_recurrent_weights(layer.cell))
        if type(layer).__name__ == "ConvLSTM":
            return convlstm_gates(features, *_recurrent_weights(layer))
    raise OptionsError(
        f"{head.name} has neither an LSTM nor a ConvLSTM.", "One of them was expected.", "Choose another network."
    )


def _recurrent_weights(layer: Any) -> list[np.ndarray]:
    return [np.asarray(weight) for weight in (layer.kernel, layer.recurrent_kernel, layer.bias)]
