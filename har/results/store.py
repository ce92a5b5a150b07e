"""The files of an annotation: writing them, and opening them again."""

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har import exports
from har.classifier import Card, TrainingData
from har.errors import AnnotationMissing, OptionsError, ScoresDamaged
from har.results.ground_truth import against_truth, kept_truth
from har.results.options import Annotation, LabelOptions, label
from har.settings import settings
from har.storage import atomic, quota
from har.timeline import load_scores
from har.video import VideoInfo

ANNOTATED, SCORES = "annotated.mp4", "scores.npz"
PLAYED = ("proxy.mp4", "proxy.webm", "preview.mp4")  # the last with labels burned in, as results used to have it
JSON, CSV, VTT, SRT = "timeline.json", "timeline.csv", "captions.vtt", "captions.srt"
LABEL_STUDIO, ACTIVITYNET = "label-studio.json", "activitynet.json"  # made when they are asked for
_NOTES_FILE = "notes.json"


@dataclass(frozen=True)
class Notes:
    """What opening a folder again needs beside the scores."""

    info: VideoInfo
    card: Card  # without the clips it has seen; the classifier itself may be deleted
    options: LabelOptions
    classifier: Path | None = None  # its folder, for whoever wants to ask it again; it may be gone


NOTES = TypeAdapter(Notes)


def write_texts(result: Annotation) -> None:
    """Write the timeline and the captions beside the video."""
    for name in (JSON, CSV, VTT, SRT):
        atomic.write_text(result.folder / name, export_text(result, name))


def export_text(result: Annotation, name: str) -> str:
    """The content of one of the text files: `JSON`, `CSV`, `VTT`, `SRT`, `LABEL_STUDIO` or `ACTIVITYNET`."""
    labelled, info = result.labelled, result.info
    if name == JSON:
        truth = against_truth(result)
        return exports.to_json(
            result.info,
            result.card,
            result.options,
            result.scored,
            labelled.verdict,
            labelled.timeline,
            truth.to_json() if truth else None,
        )
    if name == CSV:
        return exports.to_csv(labelled.frames)
    if name == LABEL_STUDIO:
        return exports.to_label_studio(info.path.name, labelled.timeline, info.fps, result.card.name)
    if name == ACTIVITYNET:
        return exports.to_activitynet(info.path.stem, labelled.timeline, info.width, info.height)
    return exports.to_captions(labelled.timeline, "vtt" if name == VTT else "srt")


def write_notes(
    folder: Path, info: VideoInfo, card: Card, options: LabelOptions, classifier: Path | None = None
) -> None:
    """Leave what `open_annotation` needs. The last file to be written: a folder with notes has scores and texts."""
    atomic.write_text(folder / _NOTES_FILE, NOTES.dump_json(notes_of(info, card, options, classifier)).decode())


def notes_of(info: VideoInfo, card: Card, options: LabelOptions, classifier: Path | None = None) -> Notes:
    """What is told of an annotation beside its scores."""
    return Notes(info, replace(card, data=TrainingData(card.data.name)), options, classifier)


def is_annotated(folder: Path) -> bool:
    """Whether `open_annotation` will find something there."""
    return (folder / _NOTES_FILE).exists()


def open_annotation(folder: Path) -> Annotation:
    """An annotation that was made earlier, for a page. It counts as used then.

    Raises:
        AnnotationMissing: there is none in the folder.
    """
    try:
        notes = NOTES.validate_json((folder / _NOTES_FILE).read_bytes())
        scored = load_scores(folder / SCORES)
        truth = kept_truth(folder)
        quota.note_use(folder.name)
    except (OSError, ValidationError, ScoresDamaged, OptionsError) as error:
        raise AnnotationMissing(
            "The result cannot be opened.",
            "A finished annotation was expected here.",
            "Annotate the video again.",
        ) from error
    labelled = label(scored, notes.options)
    return Annotation(folder, notes.info, notes.card, notes.options, scored, labelled, notes.classifier, truth)


def to_play(folder: Path) -> Path | None:
    """What a page plays; None where the work was stopped before it was there."""
    return next((folder / name for name in PLAYED if (folder / name).exists()), None)


def ends_at(folder: Path) -> float:
    """When the time of a job's folder is up, in seconds since 1970.

    Raises:
        OSError: it is not there.
    """
    return folder.stat().st_mtime + settings().job_hours * 3600
