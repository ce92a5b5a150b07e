"""Training clips from corrected results."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from har.datasets import training_clips
from har.datasets.archives.unpacking import temporary_folder
from har.datasets.dataset import content_hash
from har.downloads.limits import check_disk_space
from har.errors import AnnotationMissing, CorrectionsInvalid
from har.progress import OnProgress, Progress, Stage, ignore
from har.results.corrections import apply_corrections
from har.results.store import open_annotation
from har.settings import settings
from har.timeline import Segment, Timeline
from har.video import cut_clip, probe

_MIN_SEC = 0.2  # shorter segments show no action
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SavedClips:
    """What was added to a data set."""

    group: str
    counts: dict[str, int]  # clips by label
    too_short: int  # segments left out


def select_clips(timeline: Timeline, span_sec: float, every: bool = False) -> list[tuple[str, float, float]]:
    """Label, start and end of each clip to cut: from labelled segments that a person has reviewed, or from `every` one.

    A segment gives as many clips as spans of the network's input fit into it, all of one length, so nothing is lost and
    none is shorter than the span.
    """
    clips = []
    for segment, duration_sec in _labelled(timeline, every):
        if duration_sec >= _MIN_SEC:
            count = max(1, int(duration_sec / span_sec + _ROUNDING))
            bounds = [segment.start_sec + duration_sec * number / count for number in range(count + 1)]
            clips += [(str(segment.label), start, end) for start, end in pairwise(bounds)]
    return clips


def save_training_clips(
    folder: Path, dataset: Path, every: bool = False, video: Path | None = None, on_progress: OnProgress = ignore
) -> SavedClips:
    """Cut reviewed segments, or `every` one with a label, into clips, and add them to a data set as one group.

    Clips from the same video are replaced. The data set is created if need be; it stays unchanged if `StopRequested` is
    raised out of `on_progress`. `video` is the video's path, if it was moved.

    Raises:
        AnnotationMissing: no result in the folder.
        CorrectionsInvalid: no segment was corrected or confirmed, or there would be too many clips.
        VideoError: the video cannot be read any more, or a clip cannot be written.
        ArchiveRefused, DownloadFailed: the data set would become too large, or the disk too full.
        DatasetError: the data set's notes cannot be read.
    """
    result = apply_corrections(open_annotation(folder))
    timeline = result.labelled.timeline
    selected = select_clips(timeline, result.card.spec.span_sec, every)
    _check_count(len(selected))
    info = probe(_existing(video or result.info.path))
    check_disk_space(info.size_bytes, dataset, "This video")
    clips: list[tuple[str, Path]] = []
    with temporary_folder(dataset.absolute()) as incoming:
        for number, (label, start, end) in enumerate(selected):
            on_progress(Progress(Stage.CUT_CLIPS, number, len(selected)))
            cut_clip(info, start, end, path := incoming / f"{number}.mp4", result.scored.times_sec)
            clips.append((label, path))
        on_progress(Progress(Stage.CUT_CLIPS, len(selected), len(selected)))
        group = training_clips.replace_group(dataset.absolute(), content_hash(info.path), clips)
    too_short = sum(duration_sec < _MIN_SEC for _, duration_sec in _labelled(timeline, every))
    return SavedClips(group, dict(Counter(label for label, _ in clips)), too_short)


def _labelled(timeline: Timeline, every: bool) -> list[tuple[Segment, float]]:
    """Segments with a label, reviewed unless `every`, and their durations."""
    segments = (segment for segment in timeline.segments if segment.label and (every or segment.mark))
    return [(segment, segment.end_sec - segment.start_sec) for segment in segments]


def _check_count(count: int) -> None:
    if not count:
        raise CorrectionsInvalid(
            "No segment with a label was corrected or confirmed.",
            "Only segments that a person has reviewed become training clips.",
            "Correct or confirm some segments, and try again.",
        )
    limit = settings().max_kept_clips
    if count > limit:
        raise CorrectionsInvalid(
            f"That would give {count} clips.",
            f"At most {limit} can be cut from one video.",
            "Confirm fewer segments; HAR_MAX_KEPT_CLIPS raises the limit.",
        )


def _existing(video: Path) -> Path:
    if video.is_file():
        return video
    raise AnnotationMissing(
        "The video of this result has been moved or deleted.",
        f"{video.name} was expected where it was annotated.",
        "Set --video to its path.",
    )
