"""JSON of this program: the video, the classifier, the settings, the verdict, and every segment.

A segment's `label` is null where unsure; its `support` is the lowest number of windows behind any of its frames.
`cuts_sec` is where shots begin, other than the first; no segment crosses a cut, unless a person corrected it.
`truth` is the ground truth and how well it was met, or null. If a person has reviewed any segment, each has a field
`corrected`: 'corrected', 'confirmed' or null.
"""

from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

from har.exports.base import DIGITS, Document, Format, Imported, ImportTarget, register, write_json
from har.exports.importing import build_timeline, check_duration, check_form, json_keys
from har.timeline import Mark, Segment
from har.timeline.corrections import MAX_PIECES

_SLACK_SEC = 1e-3


class _Segment(BaseModel):
    start_sec: FiniteFloat
    end_sec: FiniteFloat
    label: str | None
    corrected: Mark | None = None


class _Video(BaseModel):
    duration_sec: FiniteFloat


class _File(BaseModel):
    video: _Video
    segments: Annotated[list[_Segment], Field(max_length=MAX_PIECES)]


def write(document: Document) -> str:
    """The whole document."""
    info, options, scored = document.video, document.options, document.scored
    segments = document.timeline.segments
    marked = any(segment.mark for segment in segments)
    content = {
        "video": {
            "name": info.path.name,  # without its folder, which may be private
            "width": info.width,
            "height": info.height,
            "fps": f"{info.fps.numerator}/{info.fps.denominator}",
            "variable_rate": info.variable_rate,
            "frame_count": len(scored.times_sec),
            "duration_sec": round(scored.duration_sec, DIGITS),
            "cuts_sec": [round(cut, DIGITS) for cut in scored.scores.cuts_sec.tolist()],
            "codec": info.codec,
            "container": info.container,
            "has_audio": info.has_audio,
            "warning": " ".join(info.notices(scored.warning)) or None,
        },
        "classifier": document.classifier,
        "settings": {
            "labels": None if document.labels is None else list(document.labels),
            "threshold": options.threshold,
            "hysteresis": options.hysteresis,
            "min_sec": options.min_sec,
            "smooth_sec": options.smooth_sec,
            "window_count": len(scored.scores.start_sec),
        },
        "stopped": scored.stopped,
        "verdict": [{"label": label, "probability": round(share, DIGITS)} for label, share in document.verdict],
        "segments": [_entry(segment, marked) for segment in segments],
        "truth": document.ground_truth,
    }
    return write_json(content)


def read(text: str | bytes, target: ImportTarget) -> Imported:
    """The segments of such a document, edited or not.

    Raises:
        CorrectionsInvalid: it cannot be read, or is no timeline of this video.
    """
    file = check_form(text, _File.model_validate_json, "this program")
    check_duration(file.video.duration_sec, target)
    entries = [Segment(part.start_sec, part.end_sec, part.label, mark=part.corrected) for part in file.segments]
    return Imported(build_timeline(entries, target, _SLACK_SEC, None))


def _entry(segment: Segment, marked: bool) -> dict[str, object]:
    entry: dict[str, object] = {
        "start_sec": round(segment.start_sec, DIGITS),
        "end_sec": round(segment.end_sec, DIGITS),
        "label": segment.label,
        "confidence": round(segment.confidence, DIGITS),
        "support": segment.support,
    }
    return entry | {"corrected": segment.mark} if marked else entry


register(
    Format(
        name="json",
        title="Segments and settings (JSON)",
        file_name="timeline.json",
        suffix=".json",
        mime="application/json",
        write=write,
        read=read,
        recognises=lambda text: "segments" in json_keys(text),
        with_results=True,
    )
)
