"""Label Studio's tasks: regions of `<TimelineLabels>` on a `<Video>`.

https://labelstud.io/tags/timelinelabels and https://labelstud.io/guide/predictions. Frames count from 1, and a range
includes its last one. Label Studio finds frames by the rate alone, so they are counted by time, as if the rate were
constant. Its labelling configuration needs `<Video name="video" value="$video" frameRate="$fps"/>` and
`<TimelineLabels name="timelineLabels" toName="video">` with the labels.
"""

import json
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from har.exports.base import DIGITS, Document, Format, ImportTarget, register
from har.exports.importing import ImportedSegment, build_timeline, check_duration, json_keys, parse_json, select_video
from har.timeline import Mark, Segment, Timeline, corrections_error
from har.timeline.corrections import MAX_PIECES

_CONTROL, _VIDEO = "timelineLabels", "video"  # names of the two tags, as in Label Studio's own example
_TYPE = "timelinelabels"
_BY_CLASSIFIER = "classifier"  # in the notes of a region that no person has reviewed
_MARKS: dict[str, Mark | None] = {"confirmed": "confirmed", "corrected": "corrected", _BY_CLASSIFIER: None}


class _Range(BaseModel):
    start: FiniteFloat
    end: FiniteFloat


class _Notes(BaseModel):
    text: list[str] | str = []


class _Value(BaseModel):
    ranges: Annotated[list[_Range], Field(max_length=MAX_PIECES)] = []
    timelinelabels: Annotated[list[str], Field(max_length=MAX_PIECES)] = []


class _Region(BaseModel):
    type: str = ""
    value: _Value = _Value()
    meta: _Notes | None = None


class _Annotation(BaseModel):
    """An annotation, or a prediction."""

    result: Annotated[list[_Region], Field(max_length=4 * MAX_PIECES)] = []
    was_cancelled: bool = False


class _Data(BaseModel):
    video: str = ""
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
    return json.dumps([{"data": data} | results], indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read(text: str | bytes, target: ImportTarget) -> Timeline:
    """One video's segments from an export as JSON, or from what `write` wrote.

    The last annotation counts, or the last prediction where there is none. An annotation's regions are marked as
    corrected, unless their notes differ.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    tasks = parse_json(text, _TASKS.validate_json, "Label Studio")
    tasks = tasks if isinstance(tasks, list) else [tasks]
    task = select_video([(_stem(task.data.video), task) for task in tasks], target, "Label Studio")
    check_duration(task.data.duration_sec, target)
    finished = [annotation for annotation in task.annotations if not annotation.was_cancelled]
    if not (finished or task.predictions):
        raise corrections_error("The file has neither an annotation nor a prediction")
    default: Mark | None = "corrected" if finished else None
    regions = [region for region in (finished or task.predictions)[-1].result if region.type == _TYPE]
    entries = [entry for region in regions for entry in _entries(region, target.fps, default)]
    return build_timeline(entries, target, float(1.5 / target.fps), default)


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


def _entries(region: _Region, fps: Fraction, default: Mark | None) -> list[ImportedSegment]:
    labels = region.value.timelinelabels
    if len(labels) != 1:
        raise corrections_error(f"A region has {len(labels)} labels; each needs exactly one")
    notes = region.meta.text if region.meta else []
    note = notes if isinstance(notes, str) else (notes or [""])[0]
    mark = _MARKS.get(note, default)
    return [
        ImportedSegment((part.start - 1) / float(fps), part.end / float(fps), labels[0], mark)
        for part in region.value.ranges
    ]


def _stem(video: str) -> str:
    return PurePosixPath(video.split("?")[0]).stem


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
