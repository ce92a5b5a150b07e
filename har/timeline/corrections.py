"""A person's corrections of a timeline: segments in place of the classifier's, with undo and redo.

Scores are never changed. Corrections come from a browser or a file, so they are untrusted until they are checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import Annotated, NamedTuple

import numpy as np
from jaxtyping import Float32, Int64
from pydantic import Field, FiniteFloat, TypeAdapter, ValidationError

from har.errors import CorrectionsInvalid
from har.timeline.frame_labels import UNSURE, FrameLabels, TimelineOptions, smoothed_probability
from har.timeline.scores import WindowScores
from har.timeline.segments import Mark, Segment, Timeline

MAX_PIECES = 2000  # of one timeline
MAX_STEPS = 50  # that can be undone, and as many that can be redone
MAX_LABEL_LENGTH = 100
_MAX_TOTAL_PIECES = 20_000  # of all steps together
_MAX_KEPT_PIECES = 8_000  # of all undo steps, and of all redo steps: with the current ones never too many to read
_SAME_FRAME_SEC = 1e-4  # a browser counts frames from their rate, and rounds
MARKS: tuple[Mark | None, ...] = (None, "confirmed", "corrected")  # by their index in `FrameLabels.marks`


class Piece(NamedTuple):
    """A segment that lasts until the next one begins, so there are no gaps and no overlaps."""

    start_sec: FiniteFloat
    label: str | None  # None: unsure
    mark: Mark | None = None  # None: the classifier's own segment


Pieces = Annotated[tuple[Piece, ...], Field(min_length=1, max_length=MAX_PIECES)]
Steps = Annotated[tuple[Pieces | None, ...], Field(max_length=MAX_STEPS)]  # None: the classifier's timeline


@dataclass(frozen=True)
class Corrections:
    """A corrected timeline with its undo and redo steps. Immutable: each step returns another one."""

    now: Pieces | None = None  # None: no corrections
    past: Steps = field(default=())  # the last one is what an undo restores
    future: Steps = field(default=())  # the first one is what a redo restores
    revision: str = field(default="")  # identifies what is stored: another one after every change

    def with_step(self, pieces: tuple[Piece, ...] | None) -> "Corrections":
        """One step more; redo steps are dropped."""
        return Corrections(pieces, _trim_steps((*self.past, self.now)))

    def undo(self) -> "Corrections":
        """One step back, if there is one."""
        if not self.past:
            return self
        return Corrections(self.past[-1], self.past[:-1], _trim_steps((*self.future[::-1], self.now))[::-1])


_STORED = TypeAdapter(Corrections)


def parse_corrections(value: object, duration_sec: float, known: Sequence[str]) -> Corrections:
    """Corrections of a video, from a browser or a file.

    Args:
        value: `{"now": [[start_sec, label, mark], …], "past": […], "future": […]}`, or that as JSON text.
        duration_sec: of the video.
        known: the classifier's labels, accepted whatever they look like.

    Raises:
        CorrectionsInvalid: wrong types, invalid times or labels, or too many of them.
    """
    try:
        parsed = _STORED.validate_json(value) if isinstance(value, str | bytes) else _STORED.validate_python(value)
    except (ValidationError, RecursionError) as error:
        raise corrections_error("They are not in the expected format") from error
    states = [state for state in (parsed.now, *parsed.past, *parsed.future) if state is not None]
    if sum(map(len, states)) > _MAX_TOTAL_PIECES:
        raise corrections_error(f"They have more than {_MAX_TOTAL_PIECES} segments in all steps together")
    for state in states:
        check_pieces(state, duration_sec, known)
    return parsed


def check_pieces(pieces: Sequence[Piece], duration_sec: float, known: Sequence[str]) -> None:
    """Check that pieces can be a timeline of a video.

    Raises:
        CorrectionsInvalid: they cannot.
    """
    if not 0 < len(pieces) <= MAX_PIECES:
        raise corrections_error(f"They have {len(pieces)} segments; 1 to {MAX_PIECES} are accepted")
    starts = [piece.start_sec for piece in pieces]
    if starts[0] != 0 or not starts[-1] < duration_sec or any(after <= before for before, after in pairwise(starts)):
        raise corrections_error(f"Their start times do not ascend from 0 to below {duration_sec:.2f} seconds")
    for label in {piece.label for piece in pieces} - {None, *known}:
        if not is_valid_label(label or ""):
            raise corrections_error(f"They have an invalid label: {(label or '')[:MAX_LABEL_LENGTH]!r}")


def is_valid_label(text: str) -> bool:
    """Whether a person may use this as a label: one short line of visible characters, other than 'unsure'."""
    return (
        0 < len(text) <= MAX_LABEL_LENGTH and text.isprintable() and text == text.strip() and text.lower() != "unsure"
    )


def apply_pieces(
    labels: FrameLabels, scores: WindowScores, options: TimelineOptions, pieces: Sequence[Piece], duration_sec: float
) -> tuple[FrameLabels, Timeline]:
    """The frames and segments of a video with a person's corrections.

    Confidence is still the classifier's probability of a frame's label, now the person's; 0 if the classifier lacks it.
    The pieces replace the runs of labels that were computed from these scores and options; each begins with a frame,
    and the last one ends at `duration_sec`.
    """
    heads = np.searchsorted(labels.times_sec, [piece.start_sec - _SAME_FRAME_SEC for piece in pieces])
    heads[0] = 0
    ends = np.append(heads[1:], len(labels.times_sec))
    present = [(piece, head, end) for piece, head, end in zip(pieces, heads, ends, strict=True) if end > head]
    names = (
        *labels.labels,
        *dict.fromkeys(p.label for p in pieces if p.label is not None and p.label not in labels.labels),
    )
    number = {name: index for index, name in enumerate(names)}
    lengths = [int(end - head) for _, head, end in present]
    index = np.repeat([number[p.label] if p.label is not None else UNSURE for p, _, _ in present], lengths)
    marks = np.repeat([MARKS.index(p.mark) for p, _, _ in present], lengths)
    changed = replace(
        labels,
        label_index=index.astype(np.int64),
        confidence=_updated_confidence(labels, scores, options, index),
        labels=names,
        marks=marks.astype(np.int64),
    )
    bounds = [0.0, *(float(labels.times_sec[head]) for _, head, _ in present[1:]), duration_sec]
    parts = [
        Segment(
            start,
            end,
            piece.label,
            float(changed.confidence[head:tail].mean(dtype=np.float64)),
            int(labels.support[head:tail].min()),
            piece.mark,
        )
        for (piece, head, tail), start, end in zip(present, bounds, bounds[1:], strict=False)
        if end > start
    ]
    return changed, Timeline(tuple(parts))


def to_pieces(timeline: Timeline) -> tuple[Piece, ...]:
    """A timeline as pieces."""
    return tuple(Piece(part.start_sec, part.label, part.mark) for part in timeline.segments)


def corrections_error(reason: str) -> CorrectionsInvalid:
    """The error for corrections that cannot be used; `reason` is a sentence without its full stop."""
    return CorrectionsInvalid(
        f"These corrections cannot be used. {reason}.",
        f"Expected: at most {MAX_PIECES} segments without overlaps within this video, with labels of at most "
        f"{MAX_LABEL_LENGTH} printable characters.",
        "Nothing was changed. Correct the file and try again.",
    )


def _trim_steps(steps: Sequence[tuple[Piece, ...] | None]) -> tuple[tuple[Piece, ...] | None, ...]:
    sizes = accumulate(len(step or ()) for step in reversed(steps))
    count = sum(1 for size in sizes if size <= _MAX_KEPT_PIECES)
    return tuple(steps[max(0, len(steps) - min(count, MAX_STEPS)) :])


def _updated_confidence(
    labels: FrameLabels, scores: WindowScores, options: TimelineOptions, index: Int64[np.ndarray, "frames"]
) -> Float32[np.ndarray, "frames"]:
    changed = index != labels.label_index
    confidence = labels.confidence.copy()
    confidence[changed] = 0
    unsure = changed & (index == UNSURE)
    confidence[unsure] = labels.top_probability[unsure, 0]
    for label in np.unique(index[changed & (index != UNSURE) & (index < len(labels.labels))]).tolist():
        here = changed & (index == label)
        confidence[here] = smoothed_probability(scores, labels.times_sec, label, options.smooth_sec)[here]
    return confidence
