"""Recording a classifier's activations for one clip."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32

from har.classifier import Classifier, load, with_temperature
from har.clips import center_clip
from har.datasets import figures
from har.errors import OptionsError
from har.explain.activations.store import ClipActivations, FeatureMaps, activations_key, to_npz
from har.explain.gates import Gates, convlstm_gates, lstm_gates
from har.networks.parts import frame_encoder_and_head, step_logits
from har.progress import OnProgress, ignore
from har.storage.cache import preview_cache
from har.video import probe

if TYPE_CHECKING:
    import keras

GROUP = 5  # of the generated actors: no bundled classifier is trained on it
_HEIGHT = 120  # pixels of the frames as filmed
_MAX_MAPS = 8  # of a layer: those that change most


def record_activations(classifier: str, label: str, on_progress: OnProgress = ignore) -> ClipActivations:
    """Record a bundled classifier's activations for a generated clip, and store them.

    Args:
        classifier: one of `har.explain.activations.CLASSIFIERS`.
        label: the action in the clip, one of `har.datasets.figures.ACTIONS`.
        on_progress: not called; jobs pass it.

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

    Args:
        classifier: with a frame encoder, and an LSTM or a ConvLSTM in its head.
        path: of the video.

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
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float64)
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
    maxima = tuple(np.round(most, 4).tolist())
    return FeatureMaps(
        layer.name, values.shape[1:], tuple(channels.tolist()), maxima, images, getattr(layer, "stream", "")
    )


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
