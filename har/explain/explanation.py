"""One window explained."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from har.classifier import Classifier
from har.datasets import normal_label
from har.explain.heat import heat
from har.explain.orders import answers_in, hidden, reordered
from har.explain.window import Window
from har.timeline import check_labels

_LIKELIEST = 3  # labels that are told beside the one that is explained


@dataclass(frozen=True)
class Explaining:
    """An event: so many of the looks at the clip are done."""

    done: int
    total: int


@dataclass(frozen=True)
class Facts:
    """All that is known but the pictures."""

    title: str  # of the classifier
    label: str  # that is explained
    probability: float  # of that label in this window, at the card's temperature
    likeliest: tuple[tuple[str, float], ...]  # labels with the highest probabilities, highest first
    times_sec: tuple[float, ...]  # of the frames, in the video
    drops: tuple[float, ...]  # for each frame, by how much the probability falls while it and its neighbours are hidden
    hidden_count: int  # frames that are hidden together
    orders: dict[str, float]  # probability with the frames in another order
    temperature: float
    layers: tuple[str, ...]  # whose pictures the heat is of


@dataclass(frozen=True)
class Explanation:
    """What a classifier made of one window."""

    facts: Facts
    frames: UInt8[np.ndarray, "time height width 3"]  # as the network saw them
    heat: Float32[np.ndarray, "time rows columns"]  # of each frame, at least 0
    probabilities: Float32[np.ndarray, "labels"]  # in the order of the card


def explain(
    classifier: Classifier,
    window: Window,
    label: str | None = None,
    on_event: Callable[[Explaining], None] = lambda event: None,
) -> Explanation:
    """Look at a window from all sides: about as much work as scoring it thirty times.

    Args:
        classifier: who is asked.
        window: of its spec.
        label: which of its labels is to be explained, in any spelling; None: the likeliest.
        on_event: told of each look; may raise `StopRequested`.

    Raises:
        LabelsError: a label that the classifier does not have.
        StopRequested: raised out of `on_event`.
    """
    from har.explain.network import look_inside, pictures

    card, clip = classifier.card, window.frames
    wanted = None if label is None else spelt(label, card.labels)
    orders, places = _orders(classifier, len(clip))
    probabilities = answers_in(
        classifier, clip, np.stack(list(orders.values())), lambda done, total: on_event(Explaining(done, total + 1))
    )
    said = probabilities[0]
    index = int(said.argmax()) if wanted is None else card.labels.index(wanted)
    layers = pictures(classifier.model)
    inside = look_inside(classifier.model, clip, index, layers)
    moments = len(clip) + 1 - classifier.moment_frames if classifier.has_halves else 1
    chances = {name: float(row[index]) for name, row in zip(orders, probabilities, strict=True)}
    by_rank = np.argsort(-said, kind="stable")[:_LIKELIEST]
    facts = Facts(
        title=card.title,
        label=card.labels[index],
        probability=chances["as it is"],
        likeliest=tuple((card.labels[each], float(said[each])) for each in by_rank),
        times_sec=tuple(window.times_sec.tolist()),
        drops=tuple(chances["as it is"] - chances[_name(place)] for place in places),
        hidden_count=min(len(clip), 2 * max(1, round(len(clip) / 10)) + 1),
        orders={name: chances[name] for name in reordered(len(clip))},
        temperature=card.temperature,
        layers=tuple(layer.name for layer in layers),
    )
    return Explanation(facts, clip, heat(inside, len(clip), moments), said)


def spelt(label: str, known: tuple[str, ...]) -> str:
    """A label as a classifier spells it.

    Raises:
        LabelsError: it does not have it.
    """
    spelling = {normal_label(each): each for each in known}
    found = label if label in known else spelling.get(normal_label(label), label)
    check_labels((found,), known)
    return found


def _orders(classifier: Classifier, count: int) -> tuple[dict[str, np.ndarray], list[int]]:
    """The orders that are tried, by name; and for each frame, in the middle of which hiding it stands.

    Where the whole network must look at each order anew, every other frame will do.
    """
    step = 1 if classifier.has_halves else 2
    places = [place - place % step for place in range(count)]
    orders = {"as it is": np.arange(count)} | reordered(count)
    return orders | {_name(place): hidden(count, place) for place in dict.fromkeys(places)}, places


def _name(place: int) -> str:
    return f"without {place}"
