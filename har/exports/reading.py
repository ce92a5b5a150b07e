"""Reading back what somebody says of a video: one label at a time, from a file that may be made to do harm."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from har.settings import MIB
from har.timeline import Mark, Segment, Timeline, can_be_label, refused

MOST_BYTES = 2 * MIB  # of a file that is read back
OTHER_VIDEO_SEC = 1.0  # how far a file's idea of the duration may be from the video's

T = TypeVar("T")


class Stretch(NamedTuple):
    """What one entry of a file says."""

    start_sec: float
    end_sec: float
    label: str | None  # None: unsure
    mark: Mark | None


def parsed(text: str | bytes, read: Callable[[str | bytes], T], called: str) -> T:
    """A file's content in the form that is expected: what is too large, too deep or of other types is refused.

    Args:
        text: of the file.
        read: a form's `validate_json`; what else than the form has is passed over.
        called: the format's name, for people.

    Raises:
        CorrectionsRefused: it is not so.
    """
    if len(text) > MOST_BYTES:
        raise refused(f"The file has more than {MOST_BYTES // MIB} MB")
    try:
        return read(text)
    except (ValidationError, ValueError, RecursionError) as error:
        raise refused(f"The file is not what {called} writes: {_where(error)}") from error


def check_duration(told_sec: float | None, duration_sec: float) -> None:
    """See that a file speaks of this video.

    Raises:
        CorrectionsRefused: it speaks of one of another length.
    """
    if told_sec is not None and abs(told_sec - duration_sec) > OTHER_VIDEO_SEC:
        raise refused(f"The file is of a video of {told_sec:.2f} seconds, and this one has {duration_sec:.2f}")


def assembled(
    stretches: Iterable[Stretch], duration_sec: float, slack_sec: float, rest: Mark | None, known: Collection[str]
) -> Timeline:
    """A timeline from what a file says of parts of a video; all else is unsure.

    Args:
        stretches: in any order.
        duration_sec: of the video.
        slack_sec: how far two may overlap, for rounding: then the later one begins where the earlier one ends.
        rest: the mark of what no stretch covers.
        known: labels that are taken whatever they look like.

    Raises:
        CorrectionsRefused: stretches that overlap or lie outside the video, or a label that cannot be one.
    """
    parts: list[Segment] = []
    at = 0.0
    for stretch in sorted(stretches, key=lambda stretch: stretch[:2]):
        start, end = max(stretch.start_sec, at), min(stretch.end_sec, duration_sec)
        if start - stretch.start_sec > slack_sec:
            raise refused(f"Two segments overlap at {stretch.start_sec:.2f} seconds; each moment has one label here")
        if stretch.start_sec < -slack_sec or stretch.end_sec - end > OTHER_VIDEO_SEC or stretch.start_sec > end:
            raise refused(
                f"A segment from {stretch.start_sec:.2f} to {stretch.end_sec:.2f} seconds is none of a video of "
                f"{duration_sec:.2f} seconds"
            )
        if stretch.label is not None and stretch.label not in known and not can_be_label(stretch.label):
            raise refused(f"A segment has a label that cannot be one: {stretch.label[:100]!r}")
        if end - start <= 0:
            continue
        if start - at > slack_sec / 2:
            parts.append(Segment(at, start, None, 1.0, 0, rest))
        else:
            start = at
        parts.append(Segment(start, end, stretch.label, 1.0, 0, stretch.mark))
        at = end
    if duration_sec - at > slack_sec / 2 or not parts:
        parts.append(Segment(at, duration_sec, None, 1.0, 0, rest))
    elif at < duration_sec:
        last = parts.pop()
        parts.append(Segment(last.start_sec, duration_sec, last.label, 1.0, 0, last.mark))
    return Timeline(tuple(parts))


def only_one(found: Sequence[tuple[str, T]], name: str, called: str) -> T:
    """What a file says of one video: of the one it is about, or, of several, of that with this name.

    Args:
        found: names of videos, and what is said of each.
        name: of this video, without its ending.
        called: what the file is, for people.

    Raises:
        CorrectionsRefused: none or several could be meant.
    """
    meant = found if len(found) == 1 else [(video, told) for video, told in found if video == name]
    if len(meant) != 1:
        raise refused(
            f"The {called} file is about {len(found)} videos, and none or several of them are called {name!r}"
        )
    return meant[0][1]


def _where(error: Exception) -> str:
    """The first fault, without what stands there: that may be long, and comes from a stranger."""
    if not isinstance(error, ValidationError):
        return "it cannot be read as JSON"
    first: Any = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join(str(part)[:40] for part in first["loc"][:8])
    return f"{first['msg'][:100]}{f' at {place}' if place else ''}"
