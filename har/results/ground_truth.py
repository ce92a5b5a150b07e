"""What truly happens in an annotated video, and how well the annotation meets it.

Of a generated sample it is known. For any other video somebody may bring it as a table, which is kept with the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from har.datasets import normal_label
from har.results.options import Annotation
from har.results.samples import true_timeline
from har.storage import atomic, quota
from har.timeline import IOUS, Measures, Segment, Timeline, measure, read_truth

_FILE = "truth.json"
_ROWS = TypeAdapter(list[tuple[float, float, str | None]])
_DIGITS = 6


@dataclass(frozen=True)
class AgainstTruth:
    """The truth as far as a video was looked at, in the classifier's spelling, and how well it was met."""

    timeline: Timeline
    unknown: tuple[str, ...]  # its labels that are not among the classifier's, or not among those that were chosen
    measures: Measures | None  # None: all of its labels are unknown

    def to_json(self) -> dict[str, object]:
        """For the document beside the video."""
        found = self.measures
        return {
            "segments": [
                {
                    "start_sec": round(part.start_sec, _DIGITS),
                    "end_sec": round(part.end_sec, _DIGITS),
                    "label": part.label,
                }
                for part in self.timeline.segments
            ],
            "unknown_labels": list(self.unknown),
            "frame_accuracy": found and round(found.frame_accuracy, _DIGITS),
            "edit_score": found and round(found.edit_score, _DIGITS),
            "segmental_f1": found
            and {f"{iou:g}": round(share, _DIGITS) for iou, share in zip(IOUS, found.f1, strict=True)},
        }


def against_truth(result: Annotation) -> AgainstTruth | None:
    """An annotation held against what truly happens; None where nobody has told that."""
    truth = result.truth or true_timeline(result.info.path)
    if truth is None:
        return None
    frames, told = result.labelled.frames, result.labelled.timeline
    truth = _as_long(_spelt_as(truth, frames.labels), told.duration_sec)
    named = dict.fromkeys(part.label for part in truth.segments if part.label is not None)
    unknown = tuple(label for label in named if label not in frames.labels)
    measures = measure(frames, told, truth) if len(unknown) < len(named) or not named else None
    return AgainstTruth(truth, unknown, measures)


def keep_truth(folder: Path, data: bytes, duration_sec: float) -> Timeline:
    """Keep a table that somebody brings with an annotation, in place of one that was there.

    Args:
        folder: of the annotation.
        data: see `har.timeline.read_truth`.
        duration_sec: of the video.

    Raises:
        TruthRefused: it makes no sense.
        DiskFull: there is no room for it.
    """
    truth = read_truth(data, duration_sec)
    rows = [(part.start_sec, part.end_sec, part.label) for part in truth.segments]
    with quota.telling():
        atomic.write_text(folder / _FILE, _ROWS.dump_json(rows).decode())
    return truth


def kept_truth(folder: Path) -> Timeline | None:
    """What `keep_truth` has kept.

    Raises:
        ValidationError, OSError: a file that cannot be read.
    """
    try:
        rows = _ROWS.validate_json((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return None
    return Timeline(tuple(Segment(start, end, label, 1.0, 0) for start, end, label in rows))


def forget_truth(folder: Path) -> None:
    """Remove what `keep_truth` has kept."""
    (folder / _FILE).unlink(missing_ok=True)


def _spelt_as(truth: Timeline, labels: Sequence[str]) -> Timeline:
    """With 'TaiChi' for 'tai chi', where that is how the classifier writes it."""
    spelling = {normal_label(label): label for label in labels}
    return Timeline(
        tuple(
            replace(part, label=part.label and spelling.get(normal_label(part.label), part.label))
            for part in truth.segments
        )
    )


def _as_long(truth: Timeline, duration_sec: float) -> Timeline:
    """Cut off where the work was stopped; where a video's end is told differently, nothing happens in the rest."""
    if truth.duration_sec >= duration_sec:
        return truth.until(duration_sec)
    return Timeline((*truth.segments, Segment(truth.duration_sec, duration_sec, None, 1.0, 0)))
