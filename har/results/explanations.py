"""Why a stored annotation says what it says at one moment: explained once, and kept in its folder."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from har import explain
from har.classifier import folder_of, load_cached
from har.clips import ClipSpec
from har.errors import AnnotationMissing, ClassifierChanged, VideoMissing
from har.results.events import LoadingClassifier, ignore
from har.results.options import Annotation
from har.results.store import open_annotation
from har.storage.cache import key_of

_EXPLAINED = "explained"  # the folder inside the result's
_MOST_KEPT = 30  # of one result; the oldest goes
_EXACT = 0.001  # by so much a probability may differ from the stored one after a seek, or all is read up to there
_SAME = 0.02  # and then: batches of another size, another machine


@dataclass(frozen=True)
class Place:
    """What is to be explained: a window, and a label."""

    window: int  # among those that were scored
    label: str

    @property
    def key(self) -> str:
        """Name of its folder: windows sort as they follow each other."""
        return f"{self.window:06}-{key_of(self.label)[:8]}"

    @classmethod
    def beside(cls, key: str, label: str) -> "Place":
        """The same window as that of a key, for another label."""
        return cls(int(key.split("-")[0]), label)


def place_at(stored: Annotation, at_sec: float, label: str | None = None) -> Place:
    """The window whose middle is nearest to a moment; and, if none is wanted, the label that was likeliest there.

    Raises:
        OptionsError: a moment outside what was scored.
        LabelsError: a label that the scores do not have.
    """
    scores = stored.scored.scores
    end_sec = stored.scored.duration_sec
    window = explain.nearest_start(scores.start_sec, stored.card.spec.span_sec, at_sec, end_sec)
    if label is None:
        return Place(window, scores.labels[int(scores.probabilities[window].argmax())])
    return Place(window, explain.spelt(label, scores.labels))


def explain_place(folder: Path, place: Place, on_event: Callable[[Any], None] = ignore) -> None:
    """Explain a place of an annotation, and keep that in its folder. It gives nothing back: the page reads it.

    Args:
        folder: of the annotation.
        place: of `place_at`.
        on_event: told of loading and of each look; may raise `StopRequested`, which leaves nothing.

    Raises:
        AnnotationMissing: the folder holds no annotation made with `for_page`.
        VideoMissing: the video is not there any more.
        ClassifierMissing, ClassifierDamaged: the classifier that scored it is not there any more.
        ClassifierChanged: another one stands in its place.
        StopRequested: raised out of `on_event`.
    """
    stored = open_annotation(folder)
    if not stored.info.path.is_file():
        raise VideoMissing(
            "The video of this result is not there any more.",
            "Its frames have to be looked at again for an explanation.",
            "Annotate the video again.",
        )
    where = folder_of(stored.classifier if stored.classifier is not None else stored.card.name)
    on_event(LoadingClassifier(stored.card.title))
    classifier = load_cached(where)
    if classifier.card.labels != stored.scored.scores.labels or classifier.card.spec != stored.card.spec:
        raise _changed(stored)
    start = first_sample(float(stored.scored.scores.start_sec[place.window]), classifier.card.spec)
    said = stored.scored.scores.probabilities[place.window]
    for may_seek, most in ((True, _EXACT), (False, _SAME)):
        window = explain.read_window(stored.info, classifier.card.spec, start, may_seek=may_seek)
        if np.abs(classifier(window.frames[None])[0] - said).max() <= most:
            break
    else:
        raise _changed(stored)
    found = explain.explain(classifier, window, place.label, on_event)
    _make_room(folder / _EXPLAINED)
    explain.write(folder / _EXPLAINED / place.key, found)


def explained(folder: Path) -> list[str]:
    """Keys of the places of an annotation that have been explained, in the order of the video."""
    return sorted(path.parent.name for path in (folder / _EXPLAINED).glob("*/facts.json"))


def read_explained(folder: Path, key: str) -> explain.Kept:
    """One of them.

    Raises:
        AnnotationMissing: it is not there.
    """
    if key not in explained(folder):
        raise AnnotationMissing("There is no such explanation.", "It may have been replaced.", "Ask for it again.")
    return explain.read(folder / _EXPLAINED / key)


def first_sample(start_sec: float, spec: ClipSpec) -> int:
    """The number of a window's first sample."""
    return round(start_sec * spec.rate)


def _make_room(kept: Path) -> None:
    folders = sorted((path.stat().st_mtime, path) for path in kept.glob("*")) if kept.exists() else []
    for _, path in folders[: max(0, len(folders) + 1 - _MOST_KEPT)]:
        shutil.rmtree(path, ignore_errors=True)


def _changed(stored: Annotation) -> ClassifierChanged:
    return ClassifierChanged(
        f"{stored.card.title} answers otherwise than when it scored this video.",
        "Only the classifier that gave the stored scores can explain them.",
        "Annotate the video again.",
    )
