"""Accuracy of a classifier on a data set."""

from har.classifier import Card, Classifier, load_cached
from har.datasets import Dataset, LabelledVideo, figures, normalise_label, open_dataset
from har.datasets.facts import none_readable, unreadable
from har.errors import DatasetError, DatasetTooSmall, VideoError
from har.evaluation.predictions import clip_probabilities, encode_clip, predict_clip
from har.evaluation.report import Report
from har.labels import join_labels
from har.progress import OnProgress, Progress, Stage, ignore


def evaluate(
    classifier: Classifier, dataset: Dataset, include_seen: bool = False, on_progress: OnProgress = ignore
) -> Report:
    """Predict every clip as recognition does: from the mean over windows at the card's stride. None is 'unsure'.

    Clips that cannot be read are left out, and named in the report. So are those that the classifier was trained or
    validated on, unless `include_seen`. Labels may have any spelling.

    Raises:
        DatasetError: labels that the classifier does not have.
        DatasetTooSmall: no clips are left.
        DatasetMissing: none of the clips can be read.
        StopRequested: raised by `on_progress`; there is no report on some of the clips.
    """
    card = classifier.card
    true_labels = canonical_labels(card, dataset)
    videos = dataset.videos if include_seen else unseen(card, dataset, on_progress)
    if not videos:
        raise DatasetTooSmall(
            f"{card.title} was trained or validated on every clip of {dataset.title}.",
            "A meaningful accuracy needs clips that it has not seen.",
            "Choose other clips, or evaluate all of them (--all), which inflates the accuracy.",
        )
    figures.draw_missing([video.path for video in videos], on_progress)
    clips, skipped = [], []
    for done, video in enumerate(videos, start=1):
        try:
            windows = clip_probabilities(classifier, encode_clip(classifier, video))
            clips.append(predict_clip(video, true_labels[video.label], card.labels, windows))
        except VideoError as error:
            skipped.append(unreadable(video, error))
        on_progress(Progress(Stage.EVALUATE, done, len(videos)))
    if not clips:
        raise none_readable(dataset.title, skipped)
    return Report(card.labels, tuple(clips), len(dataset.videos) - len(videos), tuple(skipped))


def evaluate_by_name(classifier: str, dataset: str, on_progress: OnProgress = ignore) -> Report:
    """The same for a classifier and a data set that are loaded by name: as a job.

    Raises:
        ClassifierMissing, DatasetMissing: there is no such one.
    """
    return evaluate(load_cached(classifier), open_dataset(dataset, draw=False), on_progress=on_progress)


def unseen(card: Card, dataset: Dataset, on_progress: OnProgress = ignore) -> tuple[LabelledVideo, ...]:
    """The clips that a classifier was neither trained nor validated on, by content.

    Generated clips are compared by group first, since another machine's encoder may write other bytes. Those of other
    groups are drawn, if they are missing.

    Raises:
        StopRequested: raised by `on_progress`.
    """
    groups = {video.group for video in card.data.seen} if dataset.name == card.data.name == "figures" else set()
    videos = [video for video in dataset.videos if video.group not in groups]
    figures.draw_missing([video.path for video in videos], on_progress)
    contents = {video.content for video in card.data.seen}
    return tuple(video for video in videos if video.content not in contents)


def canonical_labels(card: Card, dataset: Dataset) -> dict[str, str]:
    """The classifier's spelling of each label of the data set.

    Raises:
        DatasetError: labels that the classifier does not have.
    """
    known = {normalise_label(label): label for label in card.labels}
    unknown = [label for label in dataset.labels if normalise_label(label) not in known]
    if unknown:
        raise DatasetError(
            f"{card.title} has no label {join_labels(unknown)}.",
            f"It has {join_labels(card.labels[:20])}{' …' if len(card.labels) > 20 else ''}.",
            "Leave these labels out, or rename their folders.",
        )
    return {label: known[normalise_label(label)] for label in dataset.labels}
