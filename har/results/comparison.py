"""A second classifier's labels for an annotated video, stored in the same folder and deleted with it."""

import shutil
from dataclasses import replace
from pathlib import Path

from har.classifier import Card, load_cached, read_card
from har.errors import LabelsError
from har.progress import OnProgress, Progress, Stage, ignore
from har.recognition import score
from har.results.options import Annotation, LabelOptions
from har.results.store import SCORES, is_annotated, open_annotation, write_notes
from har.timeline import TimelineOptions, save_scores
from har.video import probe

_FOLDER = "second"


def add_comparison(folder: Path, classifier: str | Path, on_progress: OnProgress = ignore) -> None:
    """Score an annotated video with another classifier, in place of an earlier comparison.

    `StopRequested` raised out of `on_progress` keeps what was scored.

    Raises:
        AnnotationMissing: no annotation in the folder.
        ClassifierError: the classifier cannot be used.
        VideoError: the video is gone.
        StopRequested: stopped before anything was scored.
    """
    stored = open_annotation(folder)
    card = read_card(classifier)
    info = probe(stored.info.path)
    on_progress(Progress(Stage.LOAD_CLASSIFIER, subject=card.title))
    scored = score(info, load_cached(classifier), None, on_progress)
    remove_comparison(folder)
    comparison = folder / _FOLDER
    comparison.mkdir()
    save_scores(comparison / SCORES, scored)
    write_notes(comparison, info, card, comparison_options(card, stored.options))


def open_comparison(first: Annotation, options: LabelOptions) -> Annotation | None:
    """The second classifier's annotation; None if there is none.

    `options` are the current ones of the first: both share smoothing and durations, each has its own threshold.
    """
    if not is_annotated(first.folder / _FOLDER):
        return None
    stored = open_annotation(first.folder / _FOLDER)
    own_threshold = replace(options.timeline, threshold=stored.options.timeline.threshold)
    second = stored.relabelled(replace(stored.options, timeline=own_threshold))
    return replace(second, ground_truth=first.ground_truth)


def remove_comparison(folder: Path) -> None:
    """Remove the second classifier's labels."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)


def comparison_options(card: Card, like: LabelOptions | None = None) -> LabelOptions:
    """Options for a classifier that is compared: its own threshold, and the same labels if it has all of them."""
    like = like or LabelOptions()
    threshold = card.threshold if card.threshold is not None else TimelineOptions().threshold
    try:
        labels = like.canonicalize(card.labels).labels
    except LabelsError:
        labels = None
    return replace(like, labels=labels, timeline=replace(like.timeline, threshold=threshold))
