"""A second classifier on a video that is annotated already. What it says lies in the same folder, and goes with it."""

import shutil
from dataclasses import replace
from pathlib import Path

from har.classifier import Card, load_cached, read_card
from har.errors import LabelsError
from har.recognition import score
from har.results.events import LoadingClassifier, OnEvent, ignore
from har.results.options import Annotation, LabelOptions, label
from har.results.store import SCORES, is_annotated, open_annotation, write_notes
from har.timeline import TimelineOptions, save_scores
from har.video import probe

_FOLDER = "second"


def annotate_second(folder: Path, classifier: str | Path, on_event: OnEvent = ignore) -> None:
    """Score the video of an annotated folder with another classifier, in place of one that was there.

    Args:
        folder: of the annotation.
        classifier: a name that `har.classifier.list_cards` lists, or a folder.
        on_event: told of progress. `StopRequested` raised out of it keeps what was scored.

    Raises:
        AnnotationMissing: there is none.
        ClassifierError: the classifier cannot be used.
        VideoError: the video is not there any more.
        StopRequested: asked to stop before anything was scored.
    """
    stored = open_annotation(folder)
    card = read_card(classifier)
    info = probe(stored.info.path)
    on_event(LoadingClassifier(card.title))
    scored = score(info, load_cached(classifier), None, on_event)
    forget_second(folder)
    beside = folder / _FOLDER
    beside.mkdir()
    save_scores(beside / SCORES, scored)
    write_notes(beside, info, card, own_options(card, stored.options))


def open_second(first: Annotation, options: LabelOptions) -> Annotation | None:
    """What the second classifier says, as of now; None: nobody has asked one.

    Args:
        first: the annotation that it stands beside.
        options: of the first now. Smoothing and durations are the same for both, a threshold is each one's own.
    """
    if not is_annotated(first.folder / _FOLDER):
        return None
    stored = open_annotation(first.folder / _FOLDER)
    now = replace(stored.options, timeline=replace(options.timeline, threshold=stored.options.timeline.threshold))
    return replace(stored, options=now, labelled=label(stored.scored, now), truth=first.truth)


def forget_second(folder: Path) -> None:
    """Remove what the second classifier has said."""
    shutil.rmtree(folder / _FOLDER, ignore_errors=True)


def own_options(card: Card, like: LabelOptions | None = None) -> LabelOptions:
    """What a classifier is asked with beside another: its own threshold, and the same labels if it has all of them."""
    like = like or LabelOptions()
    threshold = card.threshold if card.threshold is not None else TimelineOptions().threshold
    try:
        labels = like.spelt_as(card.labels).labels
    except LabelsError:
        labels = None
    return replace(like, labels=labels, timeline=replace(like.timeline, threshold=threshold))
