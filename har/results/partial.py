"""The annotation so far, while a video is being scored: one process writes it, another shows it.

Meanwhile two small files are in the folder: the notes, and the scores of the windows so far. Labels are computed from
them as from the final ones; only those that later windows cannot change are shown.
"""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from har.classifier import Card
from har.errors import ScoresDamaged
from har.results.options import Annotation, Labelled, LabelOptions, considered_scores
from har.results.store import NOTES, Notes, is_annotated, open_annotation
from har.storage import atomic
from har.timeline import Scored, WindowScores, load_scores, save_scores, segment, stable_labels, verdict
from har.video import VideoInfo

_NOTES_FILE, _SCORES_FILE = "so-far.json", "so-far.npz"
_INTERVAL_SEC = 1.0  # minimum between two writes
_TIME_SHARE = 1 / 30  # minimum between two writes, of the time so far: each is larger, and is read and labelled


@dataclass(frozen=True)
class PartialAnnotation:
    """What can be shown during the work."""

    info: VideoInfo
    card: Card
    options: LabelOptions
    annotation: Annotation | None  # None: no label is final yet


def start_partial(folder: Path, notes: Notes) -> Callable[[Callable[[], WindowScores]], None]:
    """Write the notes, and return a function that writes the scores so far, at most every second."""
    atomic.write_bytes(folder / _NOTES_FILE, NOTES.dump_json(notes))
    started = written = time.monotonic()

    def write_scores(current_scores: Callable[[], WindowScores]) -> None:
        nonlocal written
        now = time.monotonic()
        if now - written < max(_INTERVAL_SEC, _TIME_SHARE * (now - started)):
            return
        written = now
        scores = current_scores()
        end_sec = float(scores.end_sec[-1])
        save_scores(folder / _SCORES_FILE, Scored(scores, _estimated_times(notes.info, end_sec), end_sec))

    return write_scores


def remove_partial(folder: Path) -> None:
    """Remove the files, once the annotation itself is there."""
    for name in (_NOTES_FILE, _SCORES_FILE):
        (folder / name).unlink(missing_ok=True)


def partial_changed_ns(folder: Path) -> int:
    """When the result of `open_partial` last changed; 0 if there is none."""
    for name in (_SCORES_FILE, _NOTES_FILE):
        with suppress(FileNotFoundError):
            return (folder / name).stat().st_mtime_ns
    return 0


def open_partial(folder: Path) -> PartialAnnotation | None:
    """The annotation so far; None if it has not begun."""
    if is_annotated(folder):  # only the labelled video is still being written
        done = open_annotation(folder)
        return PartialAnnotation(done.info, done.card, done.options, done)
    try:
        notes = NOTES.validate_json((folder / _NOTES_FILE).read_bytes())
    except (OSError, ValidationError):
        return None
    return PartialAnnotation(notes.info, notes.card, notes.options, _annotation(folder, notes))


def _annotation(folder: Path, notes: Notes) -> Annotation | None:
    try:
        scored = load_scores(folder / _SCORES_FILE)
    except ScoresDamaged:  # not there yet
        return None
    scores = considered_scores(scored, notes.options)
    frames = stable_labels(scores, scored.times_sec, notes.options.timeline)
    if frames is None:
        return None
    timeline = segment(frames, float(scored.times_sec[len(frames.times_sec)]))  # where the next frame begins
    labelled = Labelled(frames, timeline, verdict(scores))
    return Annotation(folder, notes.info, notes.card, notes.options, scored, labelled)


def _estimated_times(info: VideoInfo, end_sec: float) -> np.ndarray:
    """Times of frames at a constant rate, the last one after the end: the true ones are known only at the end."""
    return np.asarray(np.arange(math.ceil(end_sec * info.fps) + 1) / float(info.fps))
