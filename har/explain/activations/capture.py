"""Looking into a classifier: every value that a person may want to see, of one clip."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32, Float64

from har.classifier import Classifier, cooled, load
from har.clips import middle_clip
from har.datasets import figures
from har.errors import OptionsError
from har.explain.activations.store import Inside, Maps, keep
from har.explain.gates import Gates, convlstm_gates, lstm_gates
from har.networks import parts
from har.video import probe

if TYPE_CHECKING:
    import keras

GROUP = 5  # of the generated actors: one that trains no shipped classifier
_HIGH = 120  # pixels of the frames as they were filmed
_MOST_MAPS = 8  # of a layer: those that change most


def look(classifier: str, label: str, on_event: Callable[[Any], None] = lambda event: None) -> Inside:
    """Look into a shipped classifier while it sees a generated clip; the answer is kept in a file.

    Args:
        classifier: one of `har.explain.activations.SHOWN`.
        label: what is done in the clip, one of `har.datasets.figures.ACTIONS`.
        on_event: told nothing; every job has it.

    Raises:
        LabelsError: a label that the generated data set does not have.
        ClassifierError: the classifier cannot be used.
    """
    path = clip_path(label)
    figures.draw_missing([path])
    found = inside_of(load(classifier), path)
    with suppress(OSError):  # a full disk makes the next time slower, but not wrong
        keep(classifier, label, found)
    return found


def clip_path(label: str) -> Path:
    """Where the clip of an action lies, or will lie once it is drawn.

    Raises:
        LabelsError: a label that the generated data set does not have.
    """
    return figures.list_figures([label], [GROUP]).videos[0].path


def inside_of(classifier: Classifier, path: Path) -> Inside:
    """Look into a classifier while it sees the clip from the middle of a video.

    Args:
        classifier: with an encoder and an LSTM or one ConvLSTM in its head.
        path: of the video.

    Raises:
        OptionsError: a network without these parts.
        VideoError: the video cannot be read.
    """
    found = parts(classifier.model)
    if found is None or not classifier.has_halves:
        raise OptionsError(
            f"{classifier.card.title} has no part for frames and no part for sequences.",
            "An LRCN, or a ConvLSTM on a CNN, was expected.",
            "Choose another classifier.",
        )
    encoder, head = found
    clip = middle_clip(probe(path), classifier.card.spec, _HIGH)
    together = classifier.moment_frames
    steps = len(clip.frames) + 1 - together
    looked_at = clip.frames if together == 1 else np.stack([clip.frames[at : at + together] for at in range(steps)])
    features = classifier.encode(looked_at)
    gates = _gates(head, features)
    first = (together - 1) // 2  # of a moment, the middle frame is the one that it stands for
    return Inside(
        classifier=classifier.card.name,
        labels=classifier.card.labels,
        frames=clip.originals[first : first + steps],
        inputs=clip.frames[first : first + steps],
        times_sec=clip.times_sec[first : first + steps],
        spread=clip.spread,
        maps=tuple(_maps(encoder, looked_at)),
        gates=gates,
        probabilities=cooled(_answers(head, features, gates.hidden), classifier.card.temperature),
    )


def _maps(encoder: "keras.Model", pictures: np.ndarray) -> Iterator[Maps]:
    """What each convolution of the encoder gives, after its ReLU."""
    import keras

    layers = [layer for layer in encoder.layers if _is_seen(layer)]
    given = keras.Model(encoder.input, [layer.output for layer in layers])(pictures, training=False)
    for layer, values in zip(layers, given, strict=True):
        yield _shown(layer.name, np.asarray(values))


def _is_seen(layer: Any) -> bool:
    kind = type(layer).__name__
    return kind == "ReLU" or (kind == "Conv2D" and layer.activation.__name__ == "relu")


def _shown(name: str, values: Float[np.ndarray, "steps height width channels"]) -> Maps:
    """The liveliest channels, each in 8 bits of what it has at most."""
    lively = np.argsort(-values.std(axis=(0, 1, 2)), kind="stable")[:_MOST_MAPS]
    chosen = np.moveaxis(values[..., lively], -1, 1)
    most = np.maximum(chosen.max(axis=(0, 2, 3)), 1e-6)
    pictures = (255 * chosen / most[None, :, None, None]).round().astype(np.uint8)
    return Maps(name, values.shape[1:], tuple(lively.tolist()), tuple(np.round(most, 4).tolist()), pictures)


def _gates(head: "keras.Model", features: Float32[np.ndarray, "time *features"]) -> Gates:
    for layer in head.layers:
        if type(layer).__name__ == "LSTM":
            cell = layer.cell
            return lstm_gates(features, *(np.asarray(part) for part in (cell.kernel, cell.recurrent_kernel, cell.bias)))
        if type(layer).__name__ == "ConvLSTM":
            weights = (layer.kernel, layer.recurrent_kernel, layer.bias)
            return convlstm_gates(features, *(np.asarray(part) for part in weights))
    raise OptionsError(f"{head.name} has neither an LSTM nor a ConvLSTM.", "One was expected.", "Choose another.")


def _answers(head: "keras.Model", features: np.ndarray, hidden: np.ndarray) -> Float64[np.ndarray, "steps labels"]:
    """What the head would say if the clip ended after each step; after the last, what it says."""
    named = {layer.name: layer for layer in head.layers}
    if "motion_labels" in named:  # `har.networks.small_cnn.summed_up`: means over the steps
        moved, seen = named["motion_labels"], named["frame_labels"]
        said = _so_far(hidden) @ np.asarray(moved.kernel) + _so_far(features) @ np.asarray(seen.kernel)
        said = said + np.asarray(seen.bias)
    else:
        said = hidden @ np.asarray(named["labels"].kernel) + np.asarray(named["labels"].bias)
    powers = np.exp(said - said.max(axis=1, keepdims=True))
    result: np.ndarray = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
    return result


def _so_far(values: Float[np.ndarray, "time *place channels"]) -> Float[np.ndarray, "time channels"]:
    """Each channel's mean over the picture and over all steps until then."""
    flat = values.mean(axis=tuple(range(1, values.ndim - 1)))
    result: np.ndarray = np.cumsum(flat, axis=0) / np.arange(1, len(flat) + 1)[:, None]
    return result
