"""The public functions: what `import har` offers, loaded on first use."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from har import datasets
from har.annotation import check_folder, save_annotation, write_labelled_video
from har.classifier import Card, Classifier, choose, folder_of, list_cards, load, place_of
from har.datasets import Dataset
from har.errors import LabelsError, OptionsError
from har.evaluation import Report
from har.evaluation import evaluate as evaluate_classifier
from har.exports import FORMATS
from har.networks import DEFAULT_NETWORK
from har.progress import OnProgress, Progress, Stage, ignore
from har.recipe import Recipe, default_preset, recipe_for
from har.recognition import score
from har.results import Annotation, LabelOptions, comparison_options, export_text, label_scores
from har.timeline import FrameLabels, Segment
from har.training import TrainingResult
from har.training_pipeline import train_and_save
from har.video import probe


@dataclass(frozen=True)
class Result:
    """An annotated video: the labels of its frames and segments. Nothing is written to disk before `save`."""

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
        """Apply other options to the same scores; takes milliseconds. None leaves an option unchanged.

        Raises:
            LabelsError, OptionsError: options that do not fit the classifier.
        """
        options = _options(self.annotation.options, labels, threshold, smooth_sec).canonicalize(
            self.annotation.card.labels
        )
        return Result(self.annotation.relabelled(options))

    def export(self, format_name: str) -> str:
        """Return the result in a format of `har.exports.FORMATS`: csv, json, vtt, srt, label-studio, activitynet.

        Raises:
            OptionsError: no such format.
        """
        if format_name not in FORMATS:
            raise OptionsError(
                f"Format {format_name!r} is unknown.", f"Formats: {', '.join(FORMATS)}.", "Choose one of them."
            )
        return export_text(self.annotation, format_name)

    def to_csv(self) -> str:
        """Return a table with one row per frame: number, time, label, confidence."""
        return self.export("csv")

    def save(self, folder: str | Path, *, video: bool = True) -> Path:
        """Write CSV, JSON, captions, scores and, unless `video` is False, the labelled video to a folder.

        Returns:
            The folder, which `har export`, `har correct` and the app can open.

        Raises:
            EncodingFailed: ffmpeg could not write the video.
            LocationError, OptionsError: the folder cannot be written to, or has files that are of no result.
        """
        check_folder(Path(folder), self.annotation.info.path)
        stored = replace(self.annotation, folder=Path(folder))
        save_annotation(stored)
        if video:
            write_labelled_video(stored)
        return stored.folder


def annotate(
    video: str | Path,
    classifier: str | Path | Classifier | None = None,
    *,
    labels: Sequence[str] | None = None,
    threshold: float | None = None,
    smooth_sec: float | None = None,
    stride_sec: float | None = None,
    on_progress: OnProgress = ignore,
) -> Result:
    """Recognise the actions in a video.

    Args:
        video: a video file that ffmpeg can read.
        classifier: a name from `list_classifiers`, a folder, or a loaded classifier; by default `movinet-kinetics600`,
            whose network is downloaded once, or `i3d-kinetics400` where it cannot be downloaded.
        labels: the only labels to consider. Spelling is flexible: 'TaiChi' means 'tai chi'.
        threshold: the probability that starts a label; frames below it are unsure. By default the classifier's own.
        smooth_sec: duration over which probabilities are averaged, in seconds.
        stride_sec: seconds between the starts of two windows; by default the classifier's own.
        on_progress: called with `har.progress.Progress`; may raise `StopRequested`: the result then ends there.

    Raises:
        HarError: the video, classifier or options cannot be used; the message says why and what to do.
    """
    info = probe(Path(video))
    if not isinstance(classifier, Classifier):
        chosen = choose(None if classifier is None else place_of(classifier), on_progress)
        info = info.remarked(chosen.remarks)
    card = classifier.card if isinstance(classifier, Classifier) else chosen.card
    options = _options(comparison_options(card), labels, threshold, smooth_sec).canonicalize(card.labels)
    on_progress(Progress(Stage.LOAD_CLASSIFIER, subject=card.title))
    loaded = classifier if isinstance(classifier, Classifier) else load_classifier(chosen.where)
    scored = score(info, loaded, stride_sec, on_progress)
    folder = loaded.folder.absolute() if loaded.folder else None
    return Result(Annotation(Path(), info, card, options, scored, label_scores(scored, options), folder))


def load_classifier(name: str | Path) -> Classifier:
    """Load a classifier by name or folder. Called with clips, it returns probabilities. `.card` describes it.

    Raises:
        ClassifierMissing, ClassifierDamaged: it does not exist, or cannot be read.
    """
    return load(folder_of(place_of(name)))


def list_classifiers() -> list[Card]:
    """List the cards of the shipped classifiers and of those trained on this machine. Does not import TensorFlow."""
    return list_cards()


def open_dataset(name: str | Path, labels: Sequence[str] | None = None) -> Dataset:
    """Open a data set: `figures` (generated on first use), a downloaded one, or a folder with a folder per label.

    Raises:
        DatasetError, LabelsError: it does not exist, has no such label, or none is given.
    """
    chosen = _labels(labels)
    if chosen == ():
        raise LabelsError("No label was given.", "At least one is needed.", "Give one, or None for all.")
    return datasets.open_dataset(str(name), chosen)


def train(
    dataset: Dataset | str | Path,
    network: str | None = None,
    *,
    folder: str | Path,
    recipe: Recipe | None = None,
    on_progress: OnProgress = ignore,
) -> TrainingResult:
    """Train a classifier, and evaluate it on recordings it has not seen.

    Args:
        dataset: a loaded data set, or a name or folder as for `open_dataset`.
        network: a name from `har.networks.NETWORKS`; by default the recipe's, or `lrcn`.
        folder: where to save the classifier and its report; `annotate` accepts it as `classifier`.
        recipe: all training options; by default those recommended for this network and data set (see `har.recipe`).
        on_progress: called with `har.progress.Progress`; may raise `StopRequested`, which keeps the best epoch so far.

    Raises:
        HarError: for example, the data set is too small or the recipe is invalid.
    """
    if recipe is not None and network not in (None, recipe.network):
        raise OptionsError(
            f"The network {network!r} was given with a recipe for {recipe.network!r}.",
            "Both must be for the same network.",
            "Leave one of them out.",
        )
    data = dataset if isinstance(dataset, Dataset) else open_dataset(dataset)
    network = network or DEFAULT_NETWORK
    chosen = recipe or recipe_for(network, default_preset(network, data.name))
    return train_and_save(data, chosen, Path(folder), on_progress=on_progress)


def evaluate(
    classifier: Classifier | str | Path,
    dataset: Dataset | str | Path,
    *,
    include_seen: bool = False,
    on_progress: OnProgress = ignore,
) -> Report:
    """Evaluate a classifier on the clips of a data set that it has not seen: accuracy, its interval, confusion matrix.

    Args:
        classifier: a loaded classifier, a name or a folder.
        dataset: a loaded data set, or a name or folder as for `open_dataset`.
        include_seen: also use clips that the classifier was trained or validated on.
        on_progress: called with `har.progress.Progress`; may raise `StopRequested`.

    Raises:
        DatasetError, DatasetTooSmall: the data set has labels unknown to the classifier, or no unseen clips.
    """
    loaded = classifier if isinstance(classifier, Classifier) else load_classifier(classifier)
    data = dataset if isinstance(dataset, Dataset) else datasets.open_dataset(str(dataset), draw=False)
    return evaluate_classifier(loaded, data, include_seen, on_progress)


def _options(
    before: LabelOptions, labels: Sequence[str] | None, threshold: float | None, smooth_sec: float | None
) -> LabelOptions:
    given = {"threshold": threshold, "smooth_sec": smooth_sec}
    timeline = replace(before.timeline, **{name: value for name, value in given.items() if value is not None})
    return replace(before, labels=before.labels if labels is None else _labels(labels), timeline=timeline)


def _labels(labels: Sequence[str] | None) -> tuple[str, ...] | None:
    """A text is one label: as a sequence, it would be those of its letters."""
    return (labels,) if isinstance(labels, str) else None if labels is None else tuple(labels)
