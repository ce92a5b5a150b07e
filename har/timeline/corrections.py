"""What a person says of a timeline: segments of their own in place of the classifier's, and the way back.

Scores are never changed by it. Everything here comes from a browser or a file, so it is hostile until it is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Annotated, NamedTuple

import numpy as np
from jaxtyping import Float32, Int64
from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from har.errors import CorrectionsRefused
from har.timeline.decide import UNSURE, FrameLabels, TimelineOptions, track
from har.timeline.scores import WindowScores
from har.timeline.segments import Mark, Segment, Timeline

MOST_PIECES = 2000  # of one timeline
MOST_STEPS = 50  # that can be undone, and as many that can be done again
LONGEST_LABEL = 100
_MOST_IN_ALL = 20_000  # pieces of all steps together, taken from a browser or a file
_ROOM = 8_000  # pieces of the steps that are kept each way, so that these and what stands now are never too many
_SAME_FRAME_SEC = 1e-4  # a browser counts frames from their rate, and rounds
MARKS: tuple[Mark | None, ...] = (None, "confirmed", "corrected")  # by their numbers in `FrameLabels.marks`


class Piece(NamedTuple):
    """A segment as a person sees it: it lasts until the next one begins, so there are no gaps and no overlaps."""

    start_sec: FiniteFloat
    label: str | None  # None: unsure
    mark: Mark | None = None  # None: as the classifier had it


Pieces = Annotated[tuple[Piece, ...], Field(min_length=1, max_length=MOST_PIECES)]
Steps = Annotated[tuple[Pieces | None, ...], Field(max_length=MOST_STEPS)]  # None: the classifier's timeline


@dataclass(frozen=True)
class Corrections:
    """A corrected timeline with the steps that led to it. Nothing in it ever changes: a step gives another one."""

    now: Pieces | None = None  # None: nothing is corrected
    past: Steps = field(default=())  # the last one is what an undo leads to
    future: Steps = field(default=())  # the first one is what a redo leads to

    def then(self, pieces: tuple[Piece, ...] | None) -> "Corrections":
        """One step on; what was undone before is gone."""
        return Corrections(pieces, _last((*self.past, self.now)))

    def undone(self) -> "Corrections":
        """One step back, if there is one."""
        if not self.past:
            return self
        return Corrections(self.past[-1], self.past[:-1], _last((*self.future[::-1], self.now))[::-1])


_STORED = TypeAdapter(Corrections)


def checked(told: object, duration_sec: float, known: Sequence[str]) -> Corrections:
    """Corrections as a browser tells them or a file holds them.

    Args:
        told: `{"now": [[start_sec, label, mark], …], "past": […], "future": […]}`, or text of that as JSON.
        duration_sec: of the video.
        known: the classifier's labels, which may be of any look.

    Raises:
        CorrectionsRefused: it is not of that form, or times, labels or numbers of them cannot be.
    """
    try:
        read = _STORED.validate_json(told) if isinstance(told, str | bytes) else _STORED.validate_python(told)
    except (ValidationError, RecursionError) as error:
        raise refused("They are not in the form that was expected") from error
    states = [state for state in (read.now, *read.past, *read.future) if state is not None]
    if sum(map(len, states)) > _MOST_IN_ALL:
        raise refused(f"They have more than {_MOST_IN_ALL} segments in all their steps")
    for state in states:
        check_pieces(state, duration_sec, known)
    return read


def check_pieces(pieces: Sequence[Piece], duration_sec: float, known: Sequence[str]) -> None:
    """See that a corrected timeline can be one of a video.

    Raises:
        CorrectionsRefused: it cannot.
    """
    if not 0 < len(pieces) <= MOST_PIECES:
        raise refused(f"They have {len(pieces)} segments; 1 to {MOST_PIECES} are taken")
    starts = [piece.start_sec for piece in pieces]
    if starts[0] != 0 or not starts[-1] < duration_sec or any(after <= before for before, after in pairwise(starts)):
        raise refused(f"Their times do not follow each other from 0 to {duration_sec:.2f} seconds")
    for label in {piece.label for piece in pieces} - {None, *known}:
        if not can_be_label(label or ""):
            raise refused(f"They have a label that cannot be one: {(label or '')[:LONGEST_LABEL]!r}")


def can_be_label(text: str) -> bool:
    """Whether a person may call an action so: one short line of signs that can be seen."""
    return 0 < len(text) <= LONGEST_LABEL and text.isprintable() and text == text.strip() and text.lower() != "unsure"


def correct(
    labels: FrameLabels, scores: WindowScores, options: TimelineOptions, pieces: Sequence[Piece], duration_sec: float
) -> tuple[FrameLabels, Timeline]:
    """The frames and segments of a video as a person has corrected them.

    Confidence stays what it is elsewhere: the probability that the classifier gives a frame's label, here the person's.
    It is 0 for a label that the classifier does not have.

    Args:
        labels: as the classifier has them.
        scores: they come from.
        options: by which they were made.
        pieces: in place of the labels' runs; each begins with a frame.
        duration_sec: where the last one ends.
    """
    heads = np.searchsorted(labels.times_sec, [piece.start_sec - _SAME_FRAME_SEC for piece in pieces])
    heads[0] = 0
    ends = np.append(heads[1:], len(labels.times_sec))
    standing = [(piece, head, end) for piece, head, end in zip(pieces, heads, ends, strict=True) if end > head]
    names = (
        *labels.labels,
        *dict.fromkeys(p.label for p in pieces if p.label is not None and p.label not in labels.labels),
    )
    place = {name: number for number, name in enumerate(names)}
    lengths = [int(end - head) for _, head, end in standing]
    index = np.repeat([place[p.label] if p.label is not None else UNSURE for p, _, _ in standing], lengths)
    marks = np.repeat([MARKS.index(p.mark) for p, _, _ in standing], lengths)
    changed = replace(
        labels,
        label_index=index.astype(np.int64),
        confidence=_confidence(labels, scores, options, index),
        labels=names,
        marks=marks.astype(np.int64),
    )
    bounds = [0.0, *(float(labels.times_sec[head]) for _, head, _ in standing[1:]), duration_sec]
    parts = [
        Segment(
            start,
            end,
            piece.label,
            float(changed.confidence[head:tail].mean(dtype=np.float64)),
            int(labels.support[head:tail].min()),
            piece.mark,
        )
        for (piece, head, tail), start, end in zip(standing, bounds, bounds[1:], strict=False)
        if end > start
    ]
    return changed, Timeline(tuple(parts))


def pieces_of(timeline: Timeline) -> tuple[Piece, ...]:
    """A timeline as pieces, to begin correcting with."""
    return tuple(Piece(part.start_sec, part.label, part.mark) for part in timeline.segments)


def refused(received: str) -> CorrectionsRefused:
    """The error, in words for people.

    Args:
        received: what is wrong, as a sentence without its full stop.
    """
    return CorrectionsRefused(
        f"These corrections cannot be used. {received}.",
        f"Segments in order from the beginning of this video to its end are expected, at most {MOST_PIECES}, with "
        f"labels of at most {LONGEST_LABEL} visible signs.",
        "Nothing was changed; mend that and try again.",
    )


def _last(steps: Sequence[tuple[Piece, ...] | None]) -> tuple[tuple[Piece, ...] | None, ...]:
    """The last of some steps, as many as are kept."""
    sizes = accumulate(len(step or ()) for step in reversed(steps))
    count = sum(1 for size in sizes if size <= _ROOM)
    return tuple(steps[max(0, len(steps) - min(count, MOST_STEPS)) :])


def _confidence(
    labels: FrameLabels, scores: WindowScores, options: TimelineOptions, index: Int64[np.ndarray, "frames"]
) -> Float32[np.ndarray, "frames"]:
    changed = index != labels.label_index
    confidence = labels.confidence.copy()
    confidence[changed] = 0
    unsure = changed & (index == UNSURE)
    confidence[unsure] = labels.top_probability[unsure, 0]
    for label in np.unique(index[changed & (index != UNSURE) & (index < len(labels.labels))]).tolist():
        here = changed & (index == label)
        confidence[here] = track(scores, labels.times_sec, label, options.smooth_sec)[here]
    return confidence
