"""Training clips out of corrected results."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from har.datasets.base import content_hash
from har.datasets.sources import training_clips, user
from har.datasets.sources.base import check_disk
from har.errors import AnnotationMissing, CorrectionsRefused
from har.results.corrections import corrected
from har.results.events import Cutting, ignore
from har.results.store import open_annotation
from har.settings import settings
from har.timeline import Segment, Timeline
from har.video import cut, probe

OnCutting = Callable[[Cutting], None]

_SHORTEST_SEC = 0.2  # what is shorter shows no action
_ALMOST = 1e-6


@dataclass(frozen=True)
class Kept:
    """What was put into a data set."""

    group: str
    counts: dict[str, int]  # clips by label
    too_short: int  # segments left out


def clips_of(timeline: Timeline, span_sec: float, every: bool = False) -> list[tuple[str, float, float]]:
    """Which stretches become clips: label, first and last second of each.

    Those that a person has corrected or confirmed, and that have a label. A long segment gives as many clips as spans
    fit into it, all of one length, so nothing is lost and none is shorter than the span.

    Args:
        timeline: of a video.
        span_sec: what a network looks at at once.
        every: also what nobody has looked at.
    """
    clips = []
    for part in timeline.segments:
        if part.label is None or not (every or part.mark) or _lasts(part) < _SHORTEST_SEC:
            continue
        count = max(1, int(_lasts(part) / span_sec + _ALMOST))
        bounds = [part.start_sec + _lasts(part) * number / count for number in range(count + 1)]
        clips += [(part.label, start, end) for start, end in pairwise(bounds)]
    return clips


def keep(
    folder: Path, dataset: Path, every: bool = False, video: Path | None = None, on_event: OnCutting = ignore
) -> Kept:
    """Cut what a person has corrected or confirmed into clips, and put them into a data set as one group.

    The clips that came from the same video before are replaced.

    Args:
        folder: an annotation's.
        dataset: a folder of label folders, made if need be.
        every: also what nobody has looked at.
        video: where it lies now, if it was moved.
        on_event: told of `Cutting`. `StopRequested` raised out of it leaves the data set as it was.

    Raises:
        AnnotationMissing: there is no result in the folder.
        CorrectionsRefused: nothing was corrected or confirmed, or it would give too many clips.
        VideoError: the video cannot be read any more, or a clip not be written.
        ArchiveRefused, DownloadFailed: the data set, or the disk, would become too full.
        DatasetError: the data set's notes cannot be read.
    """
    result = corrected(open_annotation(folder))
    timeline = result.labelled.timeline
    wanted = clips_of(timeline, result.card.spec.span_sec, every)
    _check(wanted)
    info = probe(_found(video or result.info.path))
    check_disk(info.size_bytes, dataset, "What is to be kept")
    done: list[tuple[str, Path]] = []
    with user.gathering(dataset.absolute()) as incoming:
        for number, (label, start, end) in enumerate(wanted):
            on_event(Cutting(number, len(wanted)))
            cut(info, start, end, path := incoming / f"{number}.mp4")
            done.append((label, path))
        on_event(Cutting(len(wanted), len(wanted)))
        group = training_clips.put(dataset.absolute(), content_hash(info.path), done)
    counts = {label: sum(1 for other, _ in done if other == label) for label, _ in done}
    short = [part for part in timeline.segments if part.label and (every or part.mark) and _lasts(part) < _SHORTEST_SEC]
    return Kept(group, counts, len(short))


def keep_for_page(folder: Path, name: str, on_event: OnCutting = ignore) -> Kept:
    """`keep` for a page: into a visitor's own data set, by its name.

    Raises:
        DatasetMissing: no data set can be called so; all else as `keep`.
    """
    return keep(folder, user.folder_of(name), on_event=on_event)


def _lasts(part: Segment) -> float:
    return part.end_sec - part.start_sec


def _check(wanted: list[tuple[str, float, float]]) -> None:
    if not wanted:
        raise CorrectionsRefused(
            "No segment with a label was corrected or confirmed.",
            "Only what a person has looked at is kept to train on.",
            "Correct labels or edges, or confirm what is right, and try again.",
        )
    most = settings().max_kept_clips
    if len(wanted) > most:
        raise CorrectionsRefused(
            f"That would give {len(wanted)} clips.",
            f"At most {most} are cut out of one video.",
            "Confirm fewer segments; HAR_MAX_KEPT_CLIPS raises the limit.",
        )


def _found(video: Path) -> Path:
    if video.is_file():
        return video
    raise AnnotationMissing(
        "The video of this result is not where it was.", f"{video.name} was expected there.", "Say where it lies now."
    )
