"""Label Studio's tasks: regions of `<TimelineLabels>` on a `<Video>`; also read are those of `<Labels>` on its sound.

https://labelstud.io/tags/timelinelabels and https://labelstud.io/guide/predictions. Frames count from 1, and a range
includes its last one. Label Studio finds frames by the rate alone, so they are counted by time, as if the rate were
constant. Its labelling configuration needs `<Video name="video" value="$video" frameRate="$fps"/>` and
`<TimelineLabels name="timelineLabels" toName="video">` with the labels.
"""

from collections import Counter
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from har.exports.base import DIGITS, Document, Format, Imported, ImportTarget, register, write_json
from har.exports.importing import build_timeline, check_duration, check_form, json_keys, select_video
from har.timeline import Mark, Segment, corrections_error
from har.timeline.corrections import MAX_PIECES

_CONTROL, _VIDEO = "timelineLabels", "video"  # names of the two tags, as in Label Studio's own example
_TYPE = "timelinelabels"
_IN_TEXT = {"text", "startOffset", "globalOffsets"}  # in values of labels that mark words instead
_PROGRAM = "Label Studio"
_BY_CLASSIFIER = "classifier"  # in the notes of a region that no person has reviewed
_MARKS: dict[str, Mark | None] = {"confirmed": "confirmed", "corrected": "corrected", _BY_CLASSIFIER: None}


class _Range(BaseModel):
    start: FiniteFloat
    end: FiniteFloat


class _Frames(BaseModel):
    """Of `<TimelineLabels>`: frames."""

    ranges: Annotated[list[_Range], Field(max_length=MAX_PIECES)] = []
    timelinelabels: list[str] = []


class _Seconds(BaseModel):
    """Of `<Labels>` on the sound: seconds."""

    start: FiniteFloat
    end: FiniteFloat
    labels: list[str] = []


class _Notes(BaseModel):
    text: list[str] | str = []


class _Region(BaseModel):
    type: str = ""
    value: dict[str, Any] = {}
    meta: _Notes | None = None
    original_length: FiniteFloat | None = None  # of the sound, in seconds


class _Annotation(BaseModel):
    result: Annotated[list[_Region], Field(max_length=4 * MAX_PIECES)] = []
    was_cancelled: bool = False


class _Data(BaseModel, extra="allow"):
    """Any key may hold the video, and only our own files have its duration."""

    duration_sec: FiniteFloat | None = None


class _Task(BaseModel):
    data: _Data
    annotations: list[_Annotation] = []
    predictions: list[_Annotation] = []


_TASKS = TypeAdapter(list[_Task] | _Task)


def write(document: Document) -> str:
    """A task to import: an annotation if a person has corrected anything, else a prediction. Unsure is left out.

    The task has the name of the video's file only; its path is set in Label Studio.
    """
    info, timeline = document.video, document.timeline
    corrected = any(segment.mark for segment in timeline.segments)
    annotation: dict[str, Any] = {
        "result": [
            _region(number, segment, info.fps, corrected)
            for number, segment in enumerate(timeline.segments)
            if segment.label is not None
        ]
    }
    if corrected:
        results = {"annotations": [annotation]}
    else:
        results = {"predictions": [{"model_version": document.classifier["name"]} | annotation]}
    data = {"video": info.path.name, "fps": float(info.fps), "duration_sec": round(timeline.duration_sec, DIGITS)}
    return write_json([{"data": data} | results])


def read(text: str | bytes, target: ImportTarget) -> Imported:
    """One video's segments from an export as JSON, or from what `write` wrote.

    The last annotation counts, or the last prediction where there is none. An annotation's regions are marked as
    corrected, unless their notes differ. Regions that are not segments of time, like boxes, are left out, and so are
    those of no label or of several.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    tasks = check_form(text, _TASKS.validate_json, _PROGRAM)
    tasks = tasks if isinstance(tasks, list) else [tasks]
    names = [[value for value in (task.data.model_extra or {}).values() if isinstance(value, str)] for task in tasks]
    task = select_video(list(zip(names, tasks, strict=True)), target, _PROGRAM)
    check_duration(task.data.duration_sec, target)
    finished = [annotation for annotation in task.annotations if not annotation.was_cancelled]
    if not (finished or task.predictions):
        raise corrections_error("The file has neither an annotation nor a prediction")
    default: Mark | None = "corrected" if finished else None
    entries: list[Segment] = []
    other: Counter[str] = Counter()
    for region in (finished or task.predictions)[-1].result:
        found = _entries(region, target, default)
        if isinstance(found, str):
            other[found] += 1
        else:
            entries += found
    kinds = ", ".join(f"{count} {kind}" for kind, count in other.most_common(5))
    if not entries:
        reason = f"only other regions: {kinds}" if kinds else "no regions"
        raise corrections_error(
            f"The last annotation has {reason}. Regions of type {_TYPE!r}, and of type 'labels' in seconds, can be read"
        )
    timeline = build_timeline(entries, target, float(1.5 / target.fps), default)
    return Imported(timeline, f"Left out, because they are no segments of one label: {kinds}." if kinds else None)


def _region(number: int, segment: Segment, fps: Fraction, corrected: bool) -> dict[str, Any]:
    first = round(segment.start_sec * float(fps)) + 1
    last = max(first, round(segment.end_sec * float(fps)))
    region: dict[str, Any] = {
        "id": f"segment-{number}",
        "type": _TYPE,
        "from_name": _CONTROL,
        "to_name": _VIDEO,
        "value": {"ranges": [{"start": first, "end": last}], "timelinelabels": [segment.label]},
    }
    if corrected:
        return region | {"meta": {"text": [segment.mark or _BY_CLASSIFIER]}}
    return region | {"score": round(segment.confidence, DIGITS)}


def _entries(region: _Region, target: ImportTarget, default: Mark | None) -> list[Segment] | str:
    """The segments of a region; or what it is if it has none, like a box or a choice."""
    fps = float(target.fps)
    if region.type == _TYPE:
        frames = check_form(region.value, _Frames.model_validate, _PROGRAM)
        labels, ranges = frames.timelinelabels, [((part.start - 1) / fps, part.end / fps) for part in frames.ranges]
    elif region.type == "labels" and not _IN_TEXT & set(region.value):
        check_duration(region.original_length, target)
        seconds = check_form(region.value, _Seconds.model_validate, _PROGRAM)
        labels, ranges = seconds.labels, [(seconds.start, seconds.end)]
    else:
        return f"of type {region.type[:40]!r}" if region.type else "of no type"
    if len(labels) != 1:
        return f"with {len(labels)} labels"
    notes = region.meta.text if region.meta else []
    note = notes if isinstance(notes, str) else (notes or [""])[0]
    return [Segment(start, end, labels[0], mark=_MARKS.get(note, default)) for start, end in ranges]


register(
    Format(
        name="label-studio",
        title="Label Studio format (JSON)",
        file_name="label-studio.json",
        suffix="-label-studio.json",
        mime="application/json",
        write=write,
        read=read,
        recognises=lambda text: "data" in json_keys(text),
    )
)
