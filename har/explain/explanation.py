"""One window explained."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from har.classifier import Classifier
from har.datasets import normalise_label
from har.errors import TensorFlowMissing
from har.evaluation import ORDERS
from har.explain.heatmap import heatmap
from har.explain.perturbations import hidden_count, order_hiding, probabilities_of_orders
from har.explain.window import Window
from har.networks import NETWORKS
from har.progress import OnProgress, Progress, Stage, ignore
from har.timeline import check_labels

NO_HEATMAP = (
    "No heatmap: it needs gradients, which need TensorFlow and which published networks such as MoViNet do not have."
)
_TOP_COUNT = 3  # most probable labels that are reported


@dataclass(frozen=True)
class Facts:
    """Everything in an explanation but the images."""

    title: str  # of the classifier
    label: str  # that is explained
    probability: float  # of that label in this window, at the card's temperature
    likeliest: tuple[tuple[str, float], ...]  # the labels with the highest probabilities, highest first
    times_sec: tuple[float, ...]  # of the frames, in the video
    drops: tuple[float, ...]  # for each frame, by how much the probability falls if it and its neighbours are hidden
    hidden_count: int  # frames that are hidden at once
    orders: dict[str, float]  # probability with the frames in another order
    temperature: float
    layers: tuple[str, ...]  # whose outputs the heatmap is computed from; empty: there is no heatmap


@dataclass(frozen=True)
class Explanation:
    """Of one window."""

    facts: Facts
    frames: UInt8[np.ndarray, "time height width 3"]  # the network's input
    heat: Float32[np.ndarray, "time rows columns"]  # of each frame, at least 0
    probabilities: Float32[np.ndarray, "labels"]  # in the order of the card


def explain(
    classifier: Classifier, window: Window, label: str | None = None, on_progress: OnProgress = ignore
) -> Explanation:
    """Explain a window: about as much work as scoring it thirty times.

    The label may have any spelling; by default it is the most probable.

    Raises:
        LabelsError: the classifier does not have the label.
        StopRequested: raised out of `on_progress`.
    """
    card, clip, count = classifier.card, window.frames, len(window.frames)
    known_label = None if label is None else canonical_label(label, card.labels)
    reordered = {name: order(np.arange(count)) for name, order in ORDERS.items()}
    # Without a frame encoder, the whole network runs for each order, so only every other frame is hidden.
    step = 1 if classifier.has_frame_encoder else 2
    hidden_at = range(0, count, step)
    orders = [np.arange(count), *reordered.values(), *(order_hiding(count, place) for place in hidden_at)]

    def report(done: int, total: int) -> None:
        on_progress(Progress(Stage.EXPLAIN, done, total + 1))

    probabilities = probabilities_of_orders(classifier, clip, np.stack(orders), report)
    original = probabilities[0]
    index = int(original.argmax()) if known_label is None else card.labels.index(known_label)
    heat, layers = _heat(classifier, clip, index)
    of_label = probabilities[:, index].tolist()
    of_reordered, of_hiding = of_label[1 : 1 + len(reordered)], of_label[1 + len(reordered) :]
    top = np.argsort(-original, kind="stable")[:_TOP_COUNT]
    facts = Facts(
        title=card.title,
        label=card.labels[index],
        probability=of_label[0],
        likeliest=tuple((card.labels[each], float(original[each])) for each in top),
        times_sec=tuple(window.times_sec.tolist()),
        drops=tuple(of_label[0] - of_hiding[place // step] for place in range(count)),
        hidden_count=hidden_count(count),
        orders=dict(zip(reordered, of_reordered, strict=True)),
        temperature=card.temperature,
        layers=layers,
    )
    return Explanation(facts, clip, heat, original)


def _heat(
    classifier: Classifier, clip: UInt8[np.ndarray, "time height width 3"], label: int
) -> tuple[Float32[np.ndarray, "time rows columns"], tuple[str, ...]]:
    """A heatmap for each frame, and the names of the layers it is computed from: none without gradients."""
    none = np.zeros((len(clip), 1, 1), np.float32), ()
    if NETWORKS[classifier.card.network].published is not None:
        return none
    try:
        model = classifier.model
    except TensorFlowMissing:
        return none
    from har.explain.gradients import heatmap_layers, layer_gradients

    layers = heatmap_layers(model)
    stacks = len(clip) + 1 - classifier.stack_size if classifier.has_frame_encoder else 1
    heat = heatmap(layer_gradients(model, clip, label, layers), len(clip), stacks)
    return heat, tuple(layer.name for layer in layers)


def canonical_label(label: str, labels: tuple[str, ...]) -> str:
    """The label among a classifier's labels that equals this one but for spelling.

    Raises:
        LabelsError: there is none.
    """
    spellings = {normalise_label(each): each for each in labels}
    found = label if label in labels else spellings.get(normalise_label(label), label)
    check_labels((found,), labels)
    return found
