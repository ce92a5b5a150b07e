"""What a highlight film contains, and how long it is: computed from stored results in milliseconds."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from har.datasets import normalise_label
from har.errors import LabelsError, OptionsError
from har.labels import display_name, join_labels
from har.results import Annotation
from har.settings import settings
from har.timeline import Segment
from har.video import VideoInfo

LINES = (360, 480, 720, 1080)  # that films may have: the shorter side, in pixels
MIN_FILM_SEC = 5.0  # room for the title and one shot
MIN_SPEED = 0.25

_TITLE_SEC, _FADE_SEC = 2.0, 0.5
_TITLE_LABELS = 4
_MIN_SHOT_SEC = 1.0  # a segment is not shortened below this
_LOWEST_FPS, _HIGHEST_FPS, _USUAL_FPS = 20, 31, Fraction(25)


@dataclass(frozen=True)
class HighlightOptions:
    """What a highlight film shows, and how.

    Raises:
        OptionsError: a number outside its range.
    """

    labels: tuple[str, ...] | None = None  # only segments of these; None: all labelled ones
    max_sec: float = 60.0  # maximum length of the film
    portrait: bool = False
    speed: float = 1.0  # below 1: slow motion
    lines: int = 480  # of `LINES`
    title: str | None = None  # None: the labels

    def __post_init__(self) -> None:
        check_lines(self.lines)
        highest = settings().max_film_sec
        if not MIN_FILM_SEC <= self.max_sec <= highest:
            raise OptionsError(
                f"A film of at most {self.max_sec:g} seconds was requested.",
                f"The limit must be between {MIN_FILM_SEC:g} and {highest:g} seconds (HAR_MAX_FILM_SEC).",
                "Choose another length.",
            )
        if not MIN_SPEED <= self.speed <= 1:
            raise OptionsError(
                f"The speed is {self.speed:g}.", f"It must be between {MIN_SPEED:g} and 1.", "Choose another speed."
            )

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the film: 16:9 or 9:16, in even numbers."""
        long = round(self.lines * 8 / 9) * 2
        return (self.lines, long) if self.portrait else (long, self.lines)


def check_lines(lines: int) -> None:
    """Check the size of a film.

    Raises:
        OptionsError: none of `LINES`.
    """
    if lines not in LINES:
        choices = ", ".join(map(str, LINES))
        raise OptionsError(f"A film of {lines} lines was requested.", f"It can have {choices}.", "Choose one of these.")


@dataclass(frozen=True)
class Shot:
    """A continuous part of a video in a film."""

    video: int  # index of its result
    label: str
    start_sec: float  # in the video
    end_sec: float
    confidence: float  # 1 where a person has set or confirmed the label
    frame_count: int  # in the film


@dataclass(frozen=True)
class Plan:
    """A film before it is made. Times in it are counted in frames, so that they are exact."""

    shots: tuple[Shot, ...]
    fps: Fraction
    title: str
    subtitle: str
    found_count: int  # segments of the chosen labels; the film may have fewer

    @property
    def frame_counts(self) -> tuple[int, ...]:
        """Of the title card and of each shot."""
        return (round(_TITLE_SEC * self.fps), *(shot.frame_count for shot in self.shots))

    @property
    def fades(self) -> tuple[int, ...]:
        """How many frames the title card and each shot share with what comes before; 0 for the title card.

        Neighbours overlap by half a second; a short one by at most half of its length on either side.
        """
        longest = round(_FADE_SEC * self.fps)
        return (0, *(min(longest, before // 2, count // 2) for before, count in pairwise(self.frame_counts)))

    @property
    def starts(self) -> tuple[int, ...]:
        """The frames of the film at which the title card and each shot begin."""
        starts, at = [], 0
        for count, fade in zip(self.frame_counts, self.fades, strict=True):
            starts.append(at - fade)
            at += count - fade
        return tuple(starts)

    @property
    def frame_count(self) -> int:
        """Of the film."""
        return sum(self.frame_counts) - sum(self.fades)

    @property
    def duration_sec(self) -> float:
        """Of the film."""
        return self.frame_count / float(self.fps)


def plan_highlights(chosen: Sequence[Annotation], options: HighlightOptions) -> Plan:
    """Choose the segments with the highest confidence that fit, in the order of the results, then by time.

    Segments that a person has corrected or confirmed have confidence 1. The last chosen segment is shortened at both
    ends if it does not fit completely.

    Raises:
        LabelsError: no segment has any of the labels, or a label is not known to the results.
    """
    labels = _spelled(chosen, options.labels)
    found = [
        (number, segment)
        for number, result in enumerate(chosen)
        for segment in result.segments
        if segment.label is not None and (labels is None or segment.label in labels)
    ]
    if not found:
        raise _no_segments(chosen, options.labels)
    fps = film_fps([result.info for result in chosen])
    shots: list[Shot] = []
    plan = Plan((), fps, "", "", len(found))
    max_count = math.floor(options.max_sec * fps)
    for number, segment in sorted(found, key=lambda each: (-_confidence(each[1]), each[0], each[1].start_sec)):
        shot = _shot(number, segment, fps, options.speed)
        excess = _with(plan, shots, shot).frame_count - max_count
        if excess > 0:
            if shot.frame_count - excess < _MIN_SHOT_SEC * fps:
                break
            shot = _shortened(shot, excess, fps, options.speed)
        shots = list(_with(plan, shots, shot).shots)
        if excess > 0:
            break
    title = options.title or _list(dict.fromkeys(display_name(shot.label) for shot in shots))
    moments = "1 moment" if len(shots) == 1 else f"{len(shots)} moments"
    return replace(plan, shots=tuple(shots), title=title, subtitle=moments)


def film_fps(videos: Sequence[VideoInfo]) -> Fraction:
    """Frames per second of a film of these videos: the highest rate, halved until it is at most 31; 25 if below 20."""
    fps = max(video.fps for video in videos)
    while fps > _HIGHEST_FPS:
        fps /= 2
    return fps.limit_denominator(1001) if fps >= _LOWEST_FPS else _USUAL_FPS


def _spelled(chosen: Sequence[Annotation], labels: Sequence[str] | None) -> frozenset[str] | None:
    """The labels as the results spell them: 'TaiChi' finds 'tai chi'."""
    if labels is None:
        return None
    known = dict.fromkeys(label for result in chosen for label in (*result.card.labels, *_labels(result)))
    wanted = {normalise_label(label) for label in labels}
    unknown = [label for label in labels if normalise_label(label) not in set(map(normalise_label, known))]
    if unknown:
        present = join_labels(dict.fromkeys(label for result in chosen for label in _labels(result)))
        raise LabelsError(
            f"Unknown label: {join_labels(unknown)}.",
            f"Segments here have the labels {present}." if present else "No segment here has a label.",
            "Choose from these.",
        )
    return frozenset(label for label in known if normalise_label(label) in wanted)


def _labels(result: Annotation) -> Iterator[str]:
    return (segment.label for segment in result.segments if segment.label is not None)


def _no_segments(chosen: Sequence[Annotation], labels: Sequence[str] | None) -> LabelsError:
    present = join_labels(dict.fromkeys(label for result in chosen for label in _labels(result)))
    return LabelsError(
        f"No segment is labelled {join_labels(labels)}." if labels else "No segment has a label.",
        f"Segments here have the labels {present}." if present else "All of them are unsure.",
        "Choose other labels." if present else "Lower the threshold, or correct the labels by hand.",
    )


def _confidence(segment: Segment) -> float:
    return 1.0 if segment.mark else segment.confidence


def _shot(number: int, segment: Segment, fps: Fraction, speed: float) -> Shot:
    count = max(1, round((segment.end_sec - segment.start_sec) / speed * float(fps)))
    return Shot(number, str(segment.label), segment.start_sec, segment.end_sec, _confidence(segment), count)


def _shortened(shot: Shot, excess: int, fps: Fraction, speed: float) -> Shot:
    cut_sec = excess / float(fps) * speed / 2
    start_sec, end_sec = shot.start_sec + cut_sec, shot.end_sec - cut_sec
    return replace(shot, start_sec=start_sec, end_sec=end_sec, frame_count=shot.frame_count - excess)


def _list(names: Collection[str]) -> str:
    shown, rest = list(names)[:_TITLE_LABELS], len(list(names)) - _TITLE_LABELS
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")


def _with(plan: Plan, shots: Sequence[Shot], shot: Shot) -> Plan:
    return replace(plan, shots=tuple(sorted((*shots, shot), key=lambda each: (each.video, each.start_sec))))
