"""What the browser's messages of a live visit lead to, and the answers to them."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from har.classifier import Classifier, load_cached, read_card
from har.colours import label_colours
from har.errors import FrameRefused, HarError, LiveEnded
from har.jobs import Visitor
from har.labels import display_name
from har.live import MAX_SEC, Frame, LiveAnswer, LivePlace, LiveRoom, LiveSession
from har.results import comparison_options
from ui.messages import without_paths

Message = dict[str, Any]
_ROOM = LiveRoom()  # of all visitors


@dataclass
class _Running:
    """A visit that has begun."""

    place: LivePlace
    session: LiveSession
    seen: list[int] = field(default_factory=list)  # labels in the order in which they were shown


class LiveVisit:
    """One tab's visits with one classifier. The messages come from a browser and may be anything.

    A message has a `number`, which the answer repeats, and a `kind`: 'start', 'frames' or 'end'. 'frames' are pairs of
    a time in seconds and a JPEG or WebP in base64.
    """

    def __init__(
        self,
        where: str | Path,
        visitor: Callable[[], Visitor],
        labels: Sequence[str] = (),
        room: LiveRoom = _ROOM,
        load: Callable[[str | Path], Classifier] = load_cached,
    ) -> None:
        self.subject = (where, tuple(labels))
        self._visitor, self._room, self._load = visitor, room, load
        self._running: _Running | None = None

    def receive(self, message: object) -> Message | None:
        """Do what a message asks for, and return the answer; None: it is no message.

        An answer has `labels`, each a time, a label (None: unsure), a probability and a colour; the `next` labels with
        their probabilities; and `filled`, the share of a window. Or it has a `problem` in words, which ends the visit.
        """
        if not isinstance(message, dict) or not isinstance(number := message.get("number"), int | float):
            return None
        answer: Message = {}
        try:
            match message.get("kind"):
                case "start":
                    self._start()
                case "frames":
                    answer = self._frames(message)
                case "end":
                    self.leave()
                case _:
                    raise _unreadable("The message")
            return {"number": number, **answer}
        except HarError as error:
            self.leave()
            return {"number": number, "problem": without_paths(str(error))}

    def leave(self) -> None:
        """Give the place back."""
        if self._running is not None:
            self._running.place.leave()
            self._running = None

    def _start(self) -> None:
        self.leave()
        place = self._room.enter(self._visitor())
        where, labels = self.subject
        try:
            options = comparison_options(read_card(where))
            session = LiveSession(self._load(where), options.timeline, labels or None)
        except HarError:
            place.leave()
            raise
        self._running = _Running(place, session)

    def _frames(self, message: Message) -> Message:
        if (running := self._running) is None:
            raise LiveEnded("No live session is running.", "One begins with 'Start the camera'.", "Press that.")
        running.place.use()
        return _packed(running.session.add(_decoded(message, running.session.max_bundle + 1)), running)


def card_facts(where: str | Path) -> Message:
    """What the browser has to know of a classifier: the size and rate of frames, and what they show."""
    card = read_card(where)
    spec = card.spec
    return {
        "width": spec.width,
        "height": spec.height,
        "fit": spec.fit,
        "zoom": spec.zoom,
        "rate": float(spec.rate),
        "windowSec": spec.span_sec,
        "maxSec": MAX_SEC,
    }


def _decoded(message: Message, most: int) -> list[Frame]:
    """The first frames of a message.

    Raises:
        FrameRefused: they are not what they should be.
    """
    try:
        return [
            (float(time_sec), base64.b64decode(data, validate=True))
            for time_sec, data in islice(message["frames"], most)
        ]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise _unreadable("The message with frames") from error


def _unreadable(what: str) -> FrameRefused:
    return FrameRefused(f"{what} cannot be read.", "One of this page was expected.", "Reload the page.")


def _packed(answer: LiveAnswer, running: _Running) -> Message:
    known = running.session.labels
    for label in answer.labels:
        if label.label is not None and (index := known.index(label.label)) not in running.seen:
            running.seen.append(index)
    colours = label_colours(running.seen)
    return {
        "filled": answer.filled,
        "labels": [
            [
                label.time_sec,
                label.label and display_name(label.label),
                label.confidence,
                colours[-1 if label.label is None else known.index(label.label)],
            ]
            for label in answer.labels
        ],
        "next": [[display_name(name), probability] for name, probability in answer.labels[-1].others]
        if answer.labels
        else [],
    }
