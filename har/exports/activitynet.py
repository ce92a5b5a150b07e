"""The form of ActivityNet's annotations, which many programs for temporal action detection read and write.

Heilbron, Escorcia, Ghanem and Niebles, "ActivityNet: a large-scale video benchmark for human activity understanding",
2015; http://activity-net.org/download.html
"""

import json
from collections.abc import Collection
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat, TypeAdapter

from har.exports.reading import Stretch, assembled, check_duration, only_one, parsed
from har.timeline import Mark, Timeline
from har.timeline.corrections import MOST_PIECES

VERSION = "VERSION 1.3"  # of the form
SUBSET = "training"
_BY_CLASSIFIER = "classifier"
_MARKS: dict[str | None, Mark | None] = {"confirmed": "confirmed", "corrected": "corrected", _BY_CLASSIFIER: None}
_SLACK_SEC = 0.05  # of rounding in files of others


class _Instance(BaseModel):
    label: str
    segment: tuple[FiniteFloat, FiniteFloat]
    mark: str | None = None  # ours: other programs pass it over


class _Video(BaseModel):
    duration: FiniteFloat | None = None
    annotations: Annotated[list[_Instance], Field(max_length=MOST_PIECES)] = []


class _Document(BaseModel):
    database: dict[str, _Video]


_DOCUMENT = TypeAdapter(_Document)


def to_activitynet(video_id: str, timeline: Timeline, width: int, height: int) -> str:
    """A document with one video. Unsure stretches are background, which the form does not write.

    Args:
        video_id: what to call the video.
        timeline: what is said of it.
        width: of its frames, in pixels.
        height: of the same.
    """
    instances: list[dict[str, Any]] = [
        {
            "label": part.label,
            "segment": [round(part.start_sec, 6), round(part.end_sec, 6)],
            "mark": part.mark or _BY_CLASSIFIER,
        }
        for part in timeline.segments
        if part.label is not None
    ]
    video = {
        "duration": round(timeline.duration_sec, 6),
        "subset": SUBSET,
        "resolution": f"{width}x{height}",
        "url": "",
        "annotations": instances,
    }
    document = {"version": VERSION, "taxonomy": [], "database": {video_id: video}}
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def read_activitynet(
    text: str | bytes, duration_sec: float, video_id: str = "", known: Collection[str] = ()
) -> Timeline:
    """What a document in this form says of a video. Where it does not say so otherwise, a person's work.

    Args:
        text: of the file.
        duration_sec: of the video.
        video_id: which of several it is.
        known: the classifier's labels, which are taken whatever they look like.

    Raises:
        CorrectionsRefused: it cannot be read, or is no timeline of this video.
    """
    document = parsed(text, _DOCUMENT.validate_json, "ActivityNet")
    video = only_one(list(document.database.items()), video_id, "ActivityNet")
    check_duration(video.duration, duration_sec)
    stretches = [
        Stretch(*instance.segment, instance.label, _MARKS.get(instance.mark, "corrected"))
        for instance in video.annotations
    ]
    untouched = bool(stretches) and not any(stretch.mark for stretch in stretches)
    return assembled(stretches, duration_sec, _SLACK_SEC, None if untouched else "corrected", known)
