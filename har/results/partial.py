"""A video that is still being scored, as far as that has come: one process writes it down, another shows it.

Two small files lie in the folder meanwhile: what is annotated and how, and the scores of the windows so far. Labels are
made from them as from the final ones, and only those are shown that will not change any more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from har.classifier import Card
from har.errors import ScoresDamaged
from har.results.options import Annotation, Labelled, LabelOptions
from har.results.store import NOTES, Notes, is_annotated, open_annotation
from har.storage import atomic
from har.timeline import Scored, WindowScores, load_scores, restrict, save_scores, segment, settled_labels, verdict
from har.video import VideoInfo

_ABOUT, _SCORES = "so-far.json", "so-far.npz"
_EVERY_SEC = 1.0  # at most so often is it written down
_SHARE = 1 / 30  # and no more often than this share of the time so far: what is written grows, and is read and labelled


@dataclass(frozen=True)
class Growing:
    """What a page shows while the work goes on."""

    info: VideoInfo
    card: Card
    options: LabelOptions
    so_far: Annotation | None  # None: nothing that could not change yet


def begin(folder: Path, about: Notes) -> Callable[[Callable[[], WindowScores]], None]:
    """Leave a note of what is annotated; gives what writes down the scores so far, from time to time."""
    atomic.write_text(folder / _ABOUT, NOTES.dump_json(about).decode())
    begun = written = time.monotonic()

    def keep(scores: Callable[[], WindowScores]) -> None:
        nonlocal written
        now = time.monotonic()
        if now - written < max(_EVERY_SEC, _SHARE * (now - begun)):
            return
        written = now
        found = scores()
        end_sec = float(found.end_sec[-1])
        save_scores(folder / _SCORES, Scored(found, _even_times(about.info, end_sec), end_sec))

    return keep


def end(folder: Path) -> None:
    """The annotation itself is there: remove what stood for it."""
    for name in (_ABOUT, _SCORES):
        (folder / name).unlink(missing_ok=True)


def changed_ns(folder: Path) -> int:
    """When what `open_growing` gives has last changed; 0: it gives nothing."""
    for name in (_SCORES, _ABOUT):
        try:
            return (folder / name).stat().st_mtime_ns
        except FileNotFoundError:
            continue
    return 0


def open_growing(folder: Path) -> Growing | None:
    """As far as the work has come; None: it has not begun, or nobody has written it down."""
    if is_annotated(folder):  # only the labels are still being written onto the frames
        done = open_annotation(folder)
        return Growing(done.info, done.card, done.options, done)
    try:
        about = NOTES.validate_json((folder / _ABOUT).read_bytes())
    except (OSError, ValidationError):
        return None
    return Growing(about.info, about.card, about.options, _so_far(folder, about))


def _so_far(folder: Path, about: Notes) -> Annotation | None:
    try:
        scored = load_scores(folder / _SCORES)
    except ScoresDamaged:  # not there yet
        return None
    scores, options = scored.scores, about.options
    if options.labels is not None:
        scores = restrict(scores, options.labels, options.floor_share)
    frames = settled_labels(scores, scored.times_sec, options.timeline)
    if frames is None:
        return None
    timeline = segment(frames, float(scored.times_sec[len(frames.times_sec)]))  # where the next frame begins
    return Annotation(folder, about.info, about.card, options, scored, Labelled(frames, timeline, verdict(scores)))


def _even_times(info: VideoInfo, end_sec: float) -> np.ndarray:
    """When frames are shown, as if their rate never varied: the true times are known when all of them are read."""
    times: np.ndarray = np.arange(max(1, int(end_sec * info.fps))) / float(info.fps)
    return times
