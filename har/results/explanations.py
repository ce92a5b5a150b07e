"""Explanations of an annotation's windows: computed once, and stored in its folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from har import explain
from har.classifier import Classifier, load_cached
from har.errors import AnnotationMissing, ClassifierChanged, VideoMissing
from har.progress import OnProgress, Progress, Stage, ignore
from har.results.options import Annotation, considered_scores
from har.results.store import open_annotation
from har.storage.cache import cache_key

_FOLDER = "explained"  # inside the result's
_ROUNDED_SEC = 1e-4  # by which a browser may have rounded a time
_MAX_STORED = 30  # per result; the oldest is removed
_EXACT = 0.001  # maximum difference from the stored probability after a seek, otherwise all frames up to there are read
_SAME = 0.02  # maximum difference then: other batch sizes, another machine


@dataclass(frozen=True)
class ExplanationTarget:
    """What is explained: a label in a window."""

    window: int  # index of the scored window
    label: str

    @property
    def key(self) -> str:
        """Name of its folder; windows sort in their order in the video."""
        return f"{self.window:06}-{cache_key(self.label)[:8]}"

    @classmethod
    def with_label(cls, key: str, label: str) -> "ExplanationTarget":
        """Another label in the window of a key."""
        return cls(int(key.split("-")[0]), label)


def target_at(shown: Annotation, at_sec: float) -> ExplanationTarget:
    """The window with its centre nearest to the frame on the screen at a time, and that frame's label.

    Where it is unsure, that is the closest label (see `Annotation.guesses`). Without one, and in place of a person's
    own label, it is the most probable of the considered labels.

    Raises:
        OptionsError: a time outside the scored part.
    """
    explain.check_time(at_sec, shown.scored.duration_sec)
    times_sec, scores = shown.scored.times_sec, considered_scores(shown.scored, shown.options)
    frame = max(0, int(np.searchsorted(times_sec, at_sec + _ROUNDED_SEC)) - 1)
    frame_sec = float(times_sec[frame])
    window = explain.nearest_window(scores, shown.card.spec.span_sec, frame_sec, shown.scored.duration_sec)
    label = shown.frames.label(frame)
    if label is None:
        guesses = shown.guesses()
        label = next((part.label for part in guesses if part.start_sec <= frame_sec < part.end_sec), None)
    if label not in scores.labels:
        label = scores.labels[int(scores.probabilities[window].argmax())]
    return ExplanationTarget(window, label)


def explain_target(folder: Path, target: ExplanationTarget, on_progress: OnProgress = ignore) -> None:
    """Explain a window of an annotation, and store that in its folder.

    Raises:
        AnnotationMissing: no annotation in the folder.
        VideoMissing: the video is gone.
        ClassifierMissing, ClassifierDamaged: the classifier that scored it is gone.
        ClassifierChanged: another one has taken its place.
        StopRequested: raised out of `on_progress`; nothing is stored.
    """
    stored = open_annotation(folder)
    if not stored.info.path.is_file():
        raise VideoMissing(
            "The video of this result no longer exists.",
            "An explanation needs the frames of the video.",
            "Annotate the video again.",
        )
    on_progress(Progress(Stage.LOAD_CLASSIFIER, subject=stored.card.title))
    classifier = load_cached(stored.classifier or stored.card.name)
    if classifier.card.labels != stored.scored.scores.labels or classifier.card.spec != stored.card.spec:
        raise _classifier_changed(stored)
    start, count = explain.scored_samples(stored.info, classifier.card.spec, stored.scored.scores, target.window)
    stored_probabilities = stored.scored.scores.probabilities[target.window]
    for may_seek, tolerance in ((True, _EXACT), (False, _SAME)):
        window = explain.read_window(stored.info, classifier.card.spec, start, count, may_seek=may_seek)
        # An encoder with a memory scored the window with what came before it, so it cannot be compared.
        if classifier.has_memory or _difference(classifier, window, stored_probabilities) <= tolerance:
            break
    else:
        # Earlier versions scored every video in Keras, with weights of full precision.
        classifier = Classifier.from_model(classifier.card, classifier.model)
        if _difference(classifier, window, stored_probabilities) > _SAME:
            raise _classifier_changed(stored)
    explanation = explain.explain(classifier, window, target.label, on_progress)
    _remove_oldest(folder / _FOLDER)
    explain.write_explanation(folder / _FOLDER / target.key, explanation)


def list_explanations(folder: Path) -> list[str]:
    """Keys of an annotation's explanations, in the order of the video."""
    return sorted(path.parent.name for path in (folder / _FOLDER).glob("*/facts.json"))


def read_explanation(folder: Path, key: str) -> explain.StoredExplanation:
    """A stored explanation.

    Raises:
        AnnotationMissing: it does not exist.
    """
    if key not in list_explanations(folder):
        raise AnnotationMissing(
            "There is no such explanation.", "It may have been replaced by a newer one.", "Request it again."
        )
    return explain.read_explanation(folder / _FOLDER / key)


def _difference(classifier: Classifier, window: explain.Window, stored: Float32[np.ndarray, "labels"]) -> float:
    return float(np.abs(classifier(window.frames[None])[0] - stored).max())


def _remove_oldest(explanations: Path) -> None:
    folders = sorted((path.stat().st_mtime, path) for path in explanations.glob("*")) if explanations.exists() else []
    for _, path in folders[: max(0, len(folders) + 1 - _MAX_STORED)]:
        shutil.rmtree(path, ignore_errors=True)


def _classifier_changed(stored: Annotation) -> ClassifierChanged:
    return ClassifierChanged(
        f"{stored.card.title} does not return the probabilities stored for this video.",
        "Only the classifier that scored the video can explain the result.",
        "Annotate the video again.",
    )
