"""The format of ActivityNet's annotations, which many programs for temporal action detection read and write.

Heilbron, Escorcia, Ghanem and Niebles, "ActivityNet: a large-scale video benchmark for human activity understanding",
2015; http://activity-net.org/download.html
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat, ValidationError

from har.exports.base import DIGITS, Document, Format, Imported, ImportTarget, register, write_json
from har.exports.importing import build_timeline, check_duration, check_form, json_keys, select_video
from har.timeline import Mark, Segment, corrections_error
from har.timeline.corrections import MAX_PIECES

_VERSION = "VERSION 1.3"
_SUBSET = "training"
_BY_CLASSIFIER = "classifier"
_MARKS: dict[str | None, Mark | None] = {"confirmed": "confirmed", "corrected": "corrected", _BY_CLASSIFIER: None}
_SLACK_SEC = 0.05  # for rounding in other programs' files


class _Instance(BaseModel):
    label: str
    segment: tuple[FiniteFloat, FiniteFloat]
    mark: str | None = None  # ours: other programs ignore it


class _Video(BaseModel):
    duration: FiniteFloat | None = None
    annotations: Annotated[list[Any], Field(max_length=MAX_PIECES)] = []  # each an `_Instance`, or left out


class _File(BaseModel):
    database: dict[str, _Video]


def write(document: Document) -> str:
    """One video. Unsure segments are background, which the format leaves out."""
    info, timeline = document.video, document.timeline
    instances: list[dict[str, Any]] = [
        {
            "label": segment.label,
            "segment": [round(segment.start_sec, DIGITS), round(segment.end_sec, DIGITS)],
            "mark": segment.mark or _BY_CLASSIFIER,
        }
        for segment in timeline.segments
        if segment.label is not None
    ]
    video = {
        "duration": round(timeline.duration_sec, DIGITS),
        "subset": _SUBSET,
        "resolution": f"{info.width}x{info.height}",
        "url": "",
        "annotations": instances,
    }
    content = {"version": _VERSION, "taxonomy": [], "database": {info.path.stem: video}}
    return write_json(content)


def read(text: str | bytes, target: ImportTarget) -> Imported:
    """One video's segments: marked as corrected, unless the file marks any otherwise. Others are left out.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    file = check_form(text, _File.model_validate_json, "ActivityNet")
    video = select_video([([name], video) for name, video in file.database.items()], target, "ActivityNet")
    check_duration(video.duration, target)
    instances = list(filter(None, map(_instance, video.annotations)))
    entries = [
        Segment(*instance.segment, instance.label, mark=_MARKS.get(instance.mark, "corrected"))
        for instance in instances
    ]
    other = len(video.annotations) - len(instances)
    if other and not entries:
        raise corrections_error(f"None of its {other} annotations has a label and a segment of two times in seconds")
    uncorrected = bool(entries) and not any(entry.mark for entry in entries)
    timeline = build_timeline(entries, target, _SLACK_SEC, None if uncorrected else "corrected")
    return Imported(timeline, f"Left out: {other} annotations without a label or without two times." if other else None)


def _instance(annotation: Any) -> _Instance | None:
    try:
        return _Instance.model_validate(annotation)
    except ValidationError:
        return None


register(
    Format(
        name="activitynet",
        title="ActivityNet format (JSON)",
        file_name="activitynet.json",
        suffix="-activitynet.json",
        mime="application/json",
        write=write,
        read=read,
        recognises=lambda text: "database" in json_keys(text),
    )
)
