"""The ground truth of an annotated video, and how well the annotation agrees with it.

It is known for generated samples. For any other video the user can import a table, or a file that `har.exports` can
read; it is stored with the result.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.datasets import normalise_label
from har.errors import CorrectionsInvalid, GroundTruthInvalid
from har.exports import FORMATS, ImportTarget, read_any
from har.exports.base import DIGITS
from har.results.options import Annotation
from har.results.samples import sample_ground_truth
from har.storage import atomic, quota
from har.timeline import IOUS, Segment, SegmentationMetrics, Timeline, parse_ground_truth, segmentation_metrics
from har.video import VideoInfo

_FILE = "truth.json"
_SLACK_SEC = 0.5  # programs report different durations
_ROWS = TypeAdapter(list[tuple[float, float, str | None]])
_SEGMENTS = TypeAdapter(list[Segment])


@dataclass(frozen=True)
class GroundTruthComparison:
    """Ground truth of the annotated part of a video, in the classifier's spelling, and the annotation's scores."""

    timeline: Timeline
    unknown: tuple[str, ...]  # its labels that the classifier lacks, or that were not chosen
    metrics: SegmentationMetrics | None  # None: all of its labels are unknown
    left_out_sec: float = 0.0  # of its labelled time, after the end of the annotation

    @property
    def notice(self) -> str | None:
        """A sentence for users if part of the ground truth is not compared."""
        if not self.left_out_sec:
            return None
        return (
            f"{self.left_out_sec:.2f} labelled seconds of the ground truth are after the end of the annotation at "
            f"{self.timeline.duration_sec:.2f} s and do not count."
        )

    def to_json(self) -> dict[str, object]:
        """For the exported JSON document."""
        metrics = self.metrics
        return {
            "segments": [
                {name: round(getattr(part, name), DIGITS) for name in ("start_sec", "end_sec")} | {"label": part.label}
                for part in self.timeline.segments
            ],
            "unknown_labels": list(self.unknown),
            **({"left_out_sec": round(self.left_out_sec, DIGITS)} if self.left_out_sec else {}),
            "frame_accuracy": metrics and round(metrics.frame_accuracy, DIGITS),
            "edit_score": metrics and round(metrics.edit_score, DIGITS),
            "segmental_f1": metrics
            and {f"{iou:g}": round(share, DIGITS) for iou, share in zip(IOUS, metrics.f1, strict=True)},
        }


def compare_with_ground_truth(result: Annotation) -> GroundTruthComparison | None:
    """Compare an annotation with its ground truth; None if that is not known."""
    truth = result.ground_truth or sample_ground_truth(result.info.path)
    if truth is None:
        return None
    frames, timeline = result.labelled.frames, result.labelled.timeline
    whole = _with_spelling(truth, frames.labels)
    truth = _with_duration(whole, timeline.duration_sec)
    labels = dict.fromkeys(part.label for part in truth.segments if part.label is not None)
    unknown = tuple(label for label in labels if label not in frames.labels)
    comparable = len(unknown) < len(labels) or not labels
    metrics = segmentation_metrics(frames, timeline, truth) if comparable else None
    left_out_sec = _labelled_sec(whole) - _labelled_sec(truth)
    return GroundTruthComparison(truth, unknown, metrics, left_out_sec if left_out_sec > _SLACK_SEC else 0.0)


def read_ground_truth(data: bytes, info: VideoInfo, name: str = "") -> Timeline:
    """Ground truth from a table (see `har.timeline.parse_ground_truth`), a file that `har.exports` can import, or what
    `har sample` prints.

    `name` is that of the video in the file, if it is not that of `info`.

    Raises:
        GroundTruthInvalid: it cannot be read, or is not of this video.
    """
    if not any(form.recognises(data) for form in FORMATS.values() if form.read and form.recognises):
        return parse_ground_truth(_as_table(data), info.duration_sec)
    try:
        imported = read_any(data, ImportTarget(info.fps, info.duration_sec, name or info.path.name))
    except CorrectionsInvalid as error:
        received = error.received.replace("These corrections", "This ground truth")
        raise GroundTruthInvalid(received, error.expected, error.remedy) from error
    if imported.left_out is not None:
        raise GroundTruthInvalid(
            f"This ground truth cannot be read as a whole. {imported.left_out}",
            "Every entry must be a segment with one label.",
            "Remove the other entries, and try again.",
        )
    segments = imported.timeline.segments
    return Timeline(tuple(Segment(part.start_sec, part.end_sec, part.label) for part in segments))


def import_ground_truth(
    folder: Path, data: bytes, duration_sec: float, info: VideoInfo | None = None, name: str = ""
) -> Timeline:
    """Store ground truth with a result, in place of an earlier one: a table or, with `info`, a file.

    See `read_ground_truth`.

    Raises:
        GroundTruthInvalid: it cannot be read, or is not of this video.
        DiskFull: no room for it.
    """
    truth = parse_ground_truth(data, duration_sec) if info is None else read_ground_truth(data, info, name)
    store_ground_truth(folder, truth)
    return truth


@quota.raising_disk_full()
def store_ground_truth(folder: Path, truth: Timeline) -> None:
    """Store ground truth with a result, in place of an earlier one.

    Raises:
        DiskFull: no room for it.
    """
    rows = [(part.start_sec, part.end_sec, part.label) for part in truth.segments]
    atomic.write_bytes(folder / _FILE, _ROWS.dump_json(rows))


def stored_ground_truth(folder: Path) -> Timeline | None:
    """What `import_ground_truth` stored; None if nothing.

    Raises:
        ValidationError, OSError: a file that cannot be read.
    """
    try:
        rows = _ROWS.validate_json((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return None
    return Timeline(tuple(Segment(start, end, label) for start, end, label in rows))


def remove_ground_truth(folder: Path) -> None:
    """Remove what `import_ground_truth` stored."""
    (folder / _FILE).unlink(missing_ok=True)


def _as_table(data: bytes) -> bytes:
    """What `har sample` prints as a table; anything else unchanged."""
    try:
        segments = _SEGMENTS.validate_json(data)
    except ValidationError:
        return data
    table = io.StringIO()
    rows = ((part.start_sec, part.end_sec, part.label or "") for part in segments)
    csv.writer(table).writerows((("start_sec", "end_sec", "label"), *rows))
    return table.getvalue().encode()


def _labelled_sec(timeline: Timeline) -> float:
    return sum(part.end_sec - part.start_sec for part in timeline.segments if part.label is not None)


def _with_spelling(truth: Timeline, labels: Sequence[str]) -> Timeline:
    spelling = {normalise_label(label): label for label in labels}

    def spelled(label: str | None) -> str | None:
        return label and spelling.get(normalise_label(label), label)

    return Timeline(tuple(replace(part, label=spelled(part.label)) for part in truth.segments))


def _with_duration(truth: Timeline, duration_sec: float) -> Timeline:
    """Cut to the annotated part, or padded with background where durations differ slightly."""
    if truth.duration_sec >= duration_sec:
        return truth.until(duration_sec)
    return Timeline((*truth.segments, Segment(truth.duration_sec, duration_sec, None)))
