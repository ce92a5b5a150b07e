"""The public functions: what `import har` offers, loaded on first use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from har import datasets
from har.annotation import save_annotation, write_labelled_video
from har.classifier import Card, Classifier, folder_of, list_cards, load, read_card
from har.datasets import Dataset
from har.errors import OptionsError
from har.evaluation import Report
from har.evaluation import evaluate as evaluate_classifier
from har.exports import FORMATS
from har.networks import DEFAULT_NETWORK
from har.progress import OnProgress, Progress, Stage, ignore
from har.recipe import Recipe, default_preset, recipe_for
from har.recognition import score
from har.results import Annotation, LabelOptions, export_text, label_scores
from har.timeline import FrameLabels, Segment, TimelineOptions
from har.training import TrainingResult
from har.training_pipeline import train_and_save
from har.video import probe

DEFAULT_CLASSIFIER = "i3d-kinetics400"


@dataclass(frozen=True)
class Result:
    """An annotated video: labels of its frames and segments. Nothing is written until `save`."""

    annotation: Annotation

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The timeline without gaps. A segment has `start_sec`, `end_sec`, `label` (None: unsure) and `confidence`."""
        return self.annotation.segments

    @property
    def frames(self) -> FrameLabels:
        """Time, label and confidence of every frame, as arrays."""
        return self.annotation.frames

    def relabel(
        self, labels: Sequence[str] | None = None, threshold: float | None = None, smooth_sec: float | None = None
    ) -> "Result":
        """The same scores with other options: milliseconds, no network. None: as it is.

        Raises:
            LabelsError, OptionsError: options that do not fit the classifier.
        """
        options = _options(self.annotation.card, labels, threshold, smooth_sec, self.annotation.options)
        return Result(self.annotation.relabelled(options))

    def export(self, format_name: str) -> str:
        """The result in a format of `har.exports.FORMATS`: csv, json, vtt, srt, label-studio, activitynet.

        Raises:
            OptionsError: no such format.
        """
        if format_name not in FORMATS:
            raise OptionsError(
                f"Format {format_name!r} is unknown.", f"Known: {', '.join(FORMATS)}.", "Choose one of them."
            )
        return export_text(self.annotation, format_name)

    def to_csv(self) -> str:
        """One row per frame: number, time, label, confidence."""
        return self.export("csv")

    def save(self, folder: str | Path, *, video: bool = True) -> Path:
        """Write CSV, JSON, captions, scores and, unless `video` is False, the labelled video.

        Returns:
            The folder, which `har export`, `har correct` and the app can open.

        Raises:
            EncodingFailed: ffmpeg could not write the video.
        """
        stored = replace(self.annotation, folder=Path(folder))
        save_annotation(stored)
        if video:
            write_labelled_video(stored)
        return stored.folder


def annotate(
    video: str | Path,
    classifier: str | Path | Classifier = DEFAULT_CLASSIFIER,
    *,
    labels: Sequence[str] | None = None,
    threshold: float | None = None,
    smooth_sec: float | None = None,
    stride_sec: float | None = None,
    on_progress: OnProgress = ignore,
) -> Result:
    """Recognise the actions in a video.

    Args:
        video: any file that ffmpeg reads.
        classifier: a name from `list_classifiers`, a folder, or a loaded classifier.
        labels: only these labels are considered, in any spelling.
        threshold: probability at which a label begins; below it frames are unsure. By default the classifier's own.
        smooth_sec: seconds over which probabilities are averaged.
        stride_sec: seconds between two windows; by default the classifier's own.
        on_progress: called with `har.progress.Progress`; may raise `StopRequested`, which keeps what was scored.

    Raises:
        HarError: the video, classifier or options cannot be used; the message says why and what to do.
    """
    info = probe(Path(video))
    card = classifier.card if isinstance(classifier, Classifier) else read_card(classifier)
    options = _options(card, labels, threshold, smooth_sec, LabelOptions())
    on_progress(Progress(Stage.LOAD_CLASSIFIER, subject=card.title))
    loaded = classifier if isinstance(classifier, Classifier) else load_classifier(classifier)
    scored = score(info, loaded, stride_sec, on_progress)
    folder = loaded.folder.absolute() if loaded.folder else None
    return Result(Annotation(Path(), info, card, options, scored, label_scores(scored, options), folder))


def load_classifier(name: str | Path) -> Classifier:
    """A classifier by its name or folder. Called with clips it returns probabilities; `.card` has labels and figures.

    Raises:
        ClassifierMissing, ClassifierDamaged: there is none, or it cannot be read.
    """
    return load(folder_of(name))


def list_classifiers() -> list[Card]:
    """Cards of the shipped classifiers and of those trained on this machine. Does not import TensorFlow."""
    return list_cards()


def open_dataset(name: str | Path, labels: Sequence[str] | None = None) -> Dataset:
    """A data set: `figures` (generated on first use), a downloaded one by name, or a folder with a folder per label.

    Raises:
        DatasetError, LabelsError: there is none, or it lacks a label.
    """
    return datasets.open_dataset(str(name), tuple(labels) if labels is not None else None)


def train(
    dataset: Dataset | str | Path,
    network: str = DEFAULT_NETWORK,
    *,
    folder: str | Path,
    recipe: Recipe | None = None,
    on_progress: OnProgress = ignore,
) -> TrainingResult:
    """Train a classifier and evaluate it on recordings it has not seen.

    Args:
        dataset: labelled videos, or what `open_dataset` opens.
        network: a name from `har.networks.NETWORKS`.
        folder: for the classifier and its report; `annotate` takes it as classifier.
        recipe: every choice; by default the recommended one for this network and data set (`har.recipe.recipe_for`).
        on_progress: called with progress; may raise `StopRequested`, which keeps the best epoch so far.

    Raises:
        HarError: the data set is too small, or the recipe cannot work.
    """
    data = dataset if isinstance(dataset, Dataset) else open_dataset(dataset)
    chosen = recipe or recipe_for(network, default_preset(network, data.name))
    return train_and_save(data, chosen, Path(folder), on_progress=on_progress)


def evaluate(
    classifier: Classifier | str | Path,
    dataset: Dataset | str | Path,
    *,
    include_seen: bool = False,
    on_progress: OnProgress = ignore,
) -> Report:
    """Accuracy on the clips of a data set that the classifier has not seen, with interval and confusion matrix.

    Args:
        classifier: loaded, or a name or folder.
        dataset: labelled videos, or what `open_dataset` opens.
        include_seen: also clips that trained or validated it.
        on_progress: called with progress; may raise `StopRequested`.

    Raises:
        DatasetError, DatasetTooSmall: labels that it does not have, or no clips that it has not seen.
    """
    loaded = classifier if isinstance(classifier, Classifier) else load_classifier(classifier)
    data = dataset if isinstance(dataset, Dataset) else open_dataset(dataset)
    return evaluate_classifier(loaded, data, include_seen, on_progress)


def _options(
    card: Card,
    labels: Sequence[str] | None,
    threshold: float | None,
    smooth_sec: float | None,
    before: LabelOptions,
) -> LabelOptions:
    timeline = before.timeline
    default = card.threshold if card.threshold is not None and before == LabelOptions() else timeline.threshold
    return LabelOptions(
        tuple(labels) if labels is not None else before.labels,
        TimelineOptions(
            default if threshold is None else threshold,
            timeline.hysteresis,
            timeline.min_sec,
            timeline.smooth_sec if smooth_sec is None else smooth_sec,
        ),
        before.floor_share,
    ).canonicalize(card.labels)
