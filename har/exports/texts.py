"""A table of frames, a JSON document, captions.

Labels come with classifiers, and classifiers from anybody. So a label is never let through where a program that opens
the file would take it for something else: a formula in a table, a tag or a time in captions.
"""

import csv
import io
import json
from collections.abc import Collection, Mapping, Sequence
from itertools import repeat
from typing import Annotated, Literal, Protocol, runtime_checkable
from unicodedata import category

import pysubs2
from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from har.clips import ClipSpec
from har.exports.reading import Stretch, assembled, check_duration, parsed
from har.timeline import FrameLabels, Mark, Scored, Segment, Timeline, TimelineOptions
from har.timeline.corrections import MARKS, MOST_PIECES
from har.video import VideoInfo

_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_INVISIBLE = ("Cc", "Cs", "Zl", "Zp")  # control characters, halves of characters, line and paragraph ends
_SLACK_SEC = 1e-3
_DIGITS = 6  # of seconds and shares: a microsecond, a millionth

# What stands for a character that means something in the format, or to the library that writes it. SubRip has no way to
# escape, so there a sign that looks alike takes its place.
_SAFE = {
    "vtt": str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\\": "&#92;"}),
    "srt": str.maketrans({"<": "＜", ">": "＞", "{": "｛", "}": "｝", "\\": "＼"}),
}


@runtime_checkable
class ClassifierFacts(Protocol):
    """What of a classifier's card goes into the JSON document."""

    @property
    def name(self) -> str:
        """Its folder's."""

    @property
    def title(self) -> str:
        """For people."""

    @property
    def network(self) -> str:
        """As registered."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All that it knows."""

    @property
    def spec(self) -> ClipSpec:
        """What it looks at."""

    @property
    def licence(self) -> str:
        """Of the weights."""


@runtime_checkable
class ChosenOptions(Protocol):
    """What of the options goes into the JSON document."""

    @property
    def labels(self) -> tuple[str, ...] | None:
        """Only these were considered; None: all."""

    @property
    def timeline(self) -> TimelineOptions:
        """Threshold, hysteresis, durations."""


def to_csv(labels: FrameLabels) -> str:
    """A row a frame: `frame,time_sec,label,confidence`. Frames count from 0; the label is empty where unsure.

    A label that a spreadsheet would run as a formula gets an apostrophe before it, which spreadsheets do not show.
    Where a person has looked at any of it, a fifth column `corrected` says `corrected` or `confirmed`, or nothing.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    stands = [] if labels.marks is None else labels.marks.tolist()
    marked = any(stands)
    table.writerow(("frame", "time_sec", "label", "confidence", *(["corrected"] if marked else [])))
    names = [*map(_no_formula, labels.labels), ""]  # index -1, unsure, is the last
    marks = ([MARKS[mark] or ""] for mark in stands) if marked else repeat([])
    columns = zip(labels.times_sec.tolist(), labels.label_index.tolist(), labels.confidence.tolist(), strict=True)
    for frame, ((time_sec, index, confidence), mark) in enumerate(zip(columns, marks, strict=False)):
        table.writerow((frame, f"{time_sec:.{_DIGITS}f}", names[index], f"{confidence:.{_DIGITS}f}", *mark))
    return out.getvalue()


def to_json(
    info: VideoInfo,
    classifier: ClassifierFacts,
    options: ChosenOptions,
    scored: Scored,
    verdict: Sequence[tuple[str, float]],
    timeline: Timeline,
    truth: Mapping[str, object] | None = None,
) -> str:
    """One document with the video, the classifier, the settings, the verdict on the whole, and every segment.

    A segment's `label` is null where unsure; its `support` is the least number of windows behind any of its frames.
    `truth` is what truly happens and how well that was met, null where nobody has told it. Where a person has looked at
    any segment, each has a field `corrected`: 'corrected', 'confirmed' or null.
    """
    windows = scored.scores
    marked = any(part.mark for part in timeline.segments)
    document = {
        "video": _video(info, scored),
        "classifier": {
            "name": classifier.name,
            "title": classifier.title,
            "network": classifier.network,
            "label_count": len(classifier.labels),
            "span_sec": classifier.spec.span_sec,
            "frames_per_clip": classifier.spec.frames,
            "licence": classifier.licence,
        },
        "settings": {
            "labels": None if options.labels is None else list(options.labels),
            "threshold": options.timeline.threshold,
            "hysteresis": options.timeline.hysteresis,
            "min_sec": options.timeline.min_sec,
            "smooth_sec": options.timeline.smooth_sec,
            "window_count": len(windows.start_sec),
        },
        "stopped": scored.stopped,
        "verdict": [{"label": label, "probability": round(share, _DIGITS)} for label, share in verdict],
        "segments": [_segment(part, marked) for part in timeline.segments],
        "truth": truth,
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


class _ToldSegment(BaseModel):
    start_sec: FiniteFloat
    end_sec: FiniteFloat
    label: str | None
    corrected: Mark | None = None


class _ToldVideo(BaseModel):
    duration_sec: FiniteFloat


class _Document(BaseModel):
    video: _ToldVideo
    segments: Annotated[list[_ToldSegment], Field(max_length=MOST_PIECES)]


_DOCUMENT = TypeAdapter(_Document)


def read_json(text: str | bytes, duration_sec: float, known: Collection[str] = ()) -> Timeline:
    """The timeline that `to_json` wrote of a video.

    Args:
        text: of the file.
        duration_sec: of the video.
        known: the classifier's labels, which are taken whatever they look like.

    Raises:
        CorrectionsRefused: it cannot be read, or is no timeline of this video.
    """
    document = parsed(text, _DOCUMENT.validate_json, "this program")
    check_duration(document.video.duration_sec, duration_sec)
    return assembled(
        [Stretch(part.start_sec, part.end_sec, part.label, part.corrected) for part in document.segments],
        duration_sec,
        _SLACK_SEC,
        None,
        known,
    )


def to_captions(timeline: Timeline, form: Literal["vtt", "srt"]) -> str:
    """WebVTT or SubRip: a cue for each segment that has a label, nothing where unsure.

    Times are rounded to milliseconds, the end of a segment just as the start of the next, so cues never overlap.
    """
    captions = pysubs2.SSAFile()
    for part in timeline.segments:
        start, end = round(part.start_sec * 1000), round(part.end_sec * 1000)
        text = _caption(part, form)
        if text and end > start:
            captions.append(pysubs2.SSAEvent(start=start, end=end, text=text))
    return str(captions.to_string(form)).rstrip() + "\n"


def one_line(label: str) -> str:
    """A label without line breaks and other control characters, which have no look of their own."""
    return " ".join("".join(" " if category(sign) in _INVISIBLE else sign for sign in label).split())


def _video(info: VideoInfo, scored: Scored) -> dict[str, object]:
    return {
        "name": info.path.name,  # without its folder, which is nobody's business
        "width": info.width,
        "height": info.height,
        "fps": f"{info.fps.numerator}/{info.fps.denominator}",
        "variable_rate": info.variable_rate,
        "frame_count": len(scored.times_sec),
        "duration_sec": round(scored.duration_sec, _DIGITS),
        "codec": info.codec,
        "container": info.container,
        "has_audio": info.has_audio,
        "warning": scored.warning or info.warning,
    }


def _segment(part: Segment, marked: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "start_sec": round(part.start_sec, _DIGITS),
        "end_sec": round(part.end_sec, _DIGITS),
        "label": part.label,
        "confidence": round(part.confidence, _DIGITS),
        "support": part.support,
    }
    return told | {"corrected": part.mark} if marked else told


def _no_formula(label: str) -> str:
    line = one_line(label)
    return "'" + line if line.startswith(_FORMULA_STARTS) else line


def _caption(part: Segment, form: Literal["vtt", "srt"]) -> str:
    if part.label is None:
        return ""
    return one_line(part.label).translate(_SAFE[form])
