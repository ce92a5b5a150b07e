"""Label Studio's tasks: regions of `<TimelineLabels>` on a `<Video>`, to import there and to bring back.

https://labelstud.io/tags/timelinelabels and https://labelstud.io/guide/predictions. Frames count from 1, and a range
holds its last one. Label Studio finds frames by the rate alone, so they are counted by time, as if the rate were even.
"""

import json
from collections.abc import Collection
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from har.exports.reading import Stretch, assembled, check_duration, only_one, parsed
from har.timeline import Mark, Segment, Timeline, refused
from har.timeline.corrections import MOST_PIECES

CONTROL, VIDEO = "timelineLabels", "video"  # names of the two tags, as Label Studio's own example has them
_TYPE = "timelinelabels"
_BY_CLASSIFIER = "classifier"  # stands in a region's notes where nobody has looked at it
_MARKS: dict[str, Mark | None] = {"confirmed": "confirmed", "corrected": "corrected", _BY_CLASSIFIER: None}


class _Range(BaseModel):
    start: FiniteFloat
    end: FiniteFloat


class _Notes(BaseModel):
    text: list[str] | str = []


class _Value(BaseModel):
    ranges: Annotated[list[_Range], Field(max_length=MOST_PIECES)] = []
    timelinelabels: Annotated[list[str], Field(max_length=MOST_PIECES)] = []


class _Region(BaseModel):
    type: str = ""
    value: _Value = _Value()
    meta: _Notes | None = None


class _Given(BaseModel):
    """An annotation, or a prediction."""

    result: Annotated[list[_Region], Field(max_length=4 * MOST_PIECES)] = []
    was_cancelled: bool = False


class _Data(BaseModel):
    video: str = ""
    duration_sec: FiniteFloat | None = None


class _Task(BaseModel):
    data: _Data
    annotations: list[_Given] = []
    predictions: list[_Given] = []


_TASKS = TypeAdapter(list[_Task] | _Task)


def to_label_studio(video: str, timeline: Timeline, fps: Fraction, by: str) -> str:
    """A task to import: an annotation where a person has corrected something, else a prediction to begin with.

    Its labelling configuration needs `<Video name="video" value="$video" frameRate="$fps"/>` and
    `<TimelineLabels name="timelineLabels" toName="video">` with the labels.

    Args:
        video: the file's name; Label Studio must be told where it can find it.
        timeline: what is said of it; unsure stretches are left out.
        fps: by which Label Studio counts frames.
        by: the classifier's name.
    """
    corrected = any(part.mark for part in timeline.segments)
    regions = [
        _region(number, part, fps, corrected) for number, part in enumerate(timeline.segments) if part.label is not None
    ]
    given: dict[str, Any] = {"result": regions}
    task = {
        "data": {"video": video, "fps": float(fps), "duration_sec": round(timeline.duration_sec, 6)},
        **({"annotations": [given]} if corrected else {"predictions": [{"model_version": by} | given]}),
    }
    return json.dumps([task], indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_label_studio(
    text: str | bytes, fps: Fraction, duration_sec: float, name: str = "", known: Collection[str] = ()
) -> Timeline:
    """What a file of Label Studio's says of a video: an export as JSON, or what `to_label_studio` wrote.

    The last annotation counts, or the last prediction where there is none. What it says was a person's work is marked
    as corrected, unless the notes of a region say otherwise.

    Args:
        text: of the file.
        fps: of the video, by which Label Studio was to count.
        duration_sec: of the video.
        name: of the video without its ending, where the file has several.
        known: the classifier's labels, which are taken whatever they look like.

    Raises:
        CorrectionsRefused: it cannot be read, or is no timeline of this video.
    """
    tasks = parsed(text, _TASKS.validate_json, "Label Studio")
    tasks = tasks if isinstance(tasks, list) else [tasks]
    task = only_one([(_stem(task.data.video), task) for task in tasks], name, "Label Studio")
    check_duration(task.data.duration_sec, duration_sec)
    done = [given for given in task.annotations if not given.was_cancelled]
    if not (done or task.predictions):
        raise refused("The file has neither an annotation nor a prediction")
    by_person: Mark | None = "corrected" if done else None
    regions = [region for region in (done or task.predictions)[-1].result if region.type == _TYPE]
    stretches = [stretch for region in regions for stretch in _stretches(region, fps, by_person)]
    return assembled(stretches, duration_sec, float(1.5 / fps), by_person, known)


def _region(number: int, part: Segment, fps: Fraction, corrected: bool) -> dict[str, Any]:
    first = round(part.start_sec * float(fps)) + 1
    last = max(first, round(part.end_sec * float(fps)))
    region: dict[str, Any] = {
        "id": f"segment-{number}",
        "type": _TYPE,
        "from_name": CONTROL,
        "to_name": VIDEO,
        "value": {"ranges": [{"start": first, "end": last}], "timelinelabels": [part.label]},
    }
    return region | (
        {"meta": {"text": [part.mark or _BY_CLASSIFIER]}} if corrected else {"score": round(part.confidence, 6)}
    )


def _stretches(region: _Region, fps: Fraction, by_person: Mark | None) -> list[Stretch]:
    labels = region.value.timelinelabels
    if len(labels) != 1:
        raise refused(f"A region has {len(labels)} labels; each moment has one here")
    notes = region.meta.text if region.meta else []
    note = notes if isinstance(notes, str) else (notes or [""])[0]
    mark = _MARKS.get(note, by_person)
    return [
        Stretch((part.start - 1) / float(fps), part.end / float(fps), labels[0], mark) for part in region.value.ranges
    ]


def _stem(video: str) -> str:
    return PurePosixPath(video.split("?")[0]).stem
