"""The files of a result: writing them, and opening them again."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path

from pydantic import TypeAdapter

from har.classifier import Card, TrainingData
from har.errors import AnnotationMissing, LocationError, OptionsError, ScoresDamaged
from har.exports import FORMATS, Document
from har.results.ground_truth import compare_with_ground_truth, stored_ground_truth
from har.results.options import Annotation, LabelOptions, label_scores
from har.settings import settings
from har.storage import atomic, quota
from har.timeline import load_scores
from har.video import VideoInfo

ANNOTATED, SCORES = "annotated.mp4", "scores.npz"
PLAYER_FILES = ("proxy.mp4", "proxy.webm", "preview.mp4")  # the last, with burned-in labels, is of early versions
_NOTES_FILE = "notes.json"


@dataclass(frozen=True)
class Notes:
    """What opening a folder again needs in addition to the scores."""

    info: VideoInfo
    card: Card  # without its training clips; the classifier itself may be deleted
    options: LabelOptions
    classifier: Path | None = None  # its folder, which may be gone


NOTES = TypeAdapter(Notes)


def write_exports(result: Annotation) -> None:
    """Write the files of every format that belongs to each result."""
    for entry in FORMATS.values():
        if entry.with_results:
            atomic.write_text(result.folder / entry.file_name, export_text(result, entry.name))


def export_text(result: Annotation, format_name: str) -> str:
    """A result in one of the formats in `har.exports.FORMATS`."""
    card, comparison = result.card, compare_with_ground_truth(result)
    return FORMATS[format_name].write(
        Document(
            video=result.info,
            classifier={
                "name": card.name,
                "title": card.title,
                "network": card.network,
                "label_count": len(card.labels),
                "span_sec": card.spec.span_sec,
                "frames_per_clip": card.spec.frames,
                "licence": card.licence,
            },
            labels=result.options.labels,
            options=result.options.timeline,
            scored=result.scored,
            frames=result.labelled.frames,
            timeline=result.labelled.timeline,
            verdict=result.labelled.verdict,
            ground_truth=comparison.to_json() if comparison else None,
        )
    )


def write_notes(
    folder: Path, info: VideoInfo, card: Card, options: LabelOptions, classifier: Path | None = None
) -> None:
    """Write what `open_annotation` needs. The last file to be written: a folder with notes has scores and exports."""
    notes = NOTES.dump_python(make_notes(info, card, options, classifier), mode="json")
    atomic.write_text(folder / _NOTES_FILE, json.dumps(notes, ensure_ascii=False))  # pydantic refuses some file names


def _read_notes(folder: Path) -> Notes:
    """Raises: OSError, ValueError (ValidationError is one)."""
    return NOTES.validate_python(json.loads((folder / _NOTES_FILE).read_bytes()))


def make_notes(info: VideoInfo, card: Card, options: LabelOptions, classifier: Path | None = None) -> Notes:
    """Notes without the clips that the classifier was trained on."""
    return Notes(info, replace(card, data=TrainingData(card.data.name)), options, classifier)


def is_annotated(folder: Path) -> bool:
    """Whether there is a result that `open_annotation` can open."""
    return (folder / _NOTES_FILE).exists()


def open_annotation(folder: Path) -> Annotation:
    """Open an earlier result. This counts as a use of its folder, which postpones its deletion.

    Raises:
        AnnotationMissing: there is none in the folder.
    """
    try:
        notes = _read_notes(folder)
        scored = load_scores(folder / SCORES)
        ground_truth = stored_ground_truth(folder)
        quota.mark_shown(folder.name)
    except (OSError, ValueError, RecursionError, ScoresDamaged, OptionsError) as error:
        raise AnnotationMissing(
            "The result cannot be opened.",
            "A finished annotation was expected here.",
            "Annotate the video again.",
        ) from error
    labelled = label_scores(scored, notes.options)
    return Annotation(folder, notes.info, notes.card, notes.options, scored, labelled, notes.classifier, ground_truth)


def other_video(folder: Path, video: Path) -> Path | None:
    """The video whose results are in a folder, if it is another one."""
    stored = _annotated_video(folder)
    return stored if stored is not None and stored.resolve() != video.resolve() else None


def _annotated_video(folder: Path) -> Path | None:
    try:
        return _read_notes(folder).info.path
    except (OSError, ValueError, RecursionError):
        return None


def check_folder(folder: Path, *inputs: Path) -> None:
    """Check that results can be written to a folder, and replace nothing there but the results of an earlier run.

    Raises:
        LocationError: it cannot be written to.
        OptionsError: an input, or a file that is of no result, would be replaced.
    """
    nearest = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise LocationError(
            f"No results can be written to {folder}.",
            "A folder was expected that exists or can be created.",
            "Choose another one.",
        )
    names = (
        ANNOTATED,
        *PLAYER_FILES,
        SCORES,
        _NOTES_FILE,
        *(each.file_name for each in FORMATS.values() if each.with_results),
    )
    existing = [path for name in names if (path := folder / name).exists()]
    for path in existing:
        atomic.check_not_input(path, *inputs)
    if existing and _annotated_video(folder) is None:
        raise OptionsError(
            f"{existing[0]} exists already, and is no result of this program.",
            "Only earlier results are replaced.",
            "Choose another folder.",
        )


def free_folder(name: str, is_free: Callable[[str], bool]) -> str:
    """The name of a folder for results: `name-annotated`, or with a number where another video has that."""
    first = f"{name}-annotated"
    names = chain((first,), (f"{first}-{number}" for number in count(2)))
    return next(folder for folder in names if is_free(folder))


def playable_file(folder: Path) -> Path | None:
    """The copy of the video for a browser's player, if there is one."""
    return next((folder / name for name in PLAYER_FILES if (folder / name).exists()), None)


def expires_at(folder: Path) -> float:
    """When a job's folder will be deleted, in seconds since 1970.

    Raises:
        OSError: it does not exist.
    """
    return folder.stat().st_mtime + settings().job_hours * 3600
