"""From a recipe and labelled videos to a classifier with its card."""

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from har import networks
from har.classifier import Card, Classifier, Figure, SeenVideo, TrainingData
from har.classifier.graphs import prepare_encoder
from har.clips import find_cached
from har.datasets import Dataset, LabelledVideo, Skipped, splits
from har.datasets.facts import readable
from har.datasets.similarity_groups import with_guessed_groups
from har.errors import DatasetTooSmall, StopRequested
from har.evaluation import Evaluation, evaluate_novelty, evaluate_test_clips, fit_calibration, novelty_of
from har.labels import join_labels
from har.networks import published
from har.networks.summary import summarise
from har.progress import OnProgress, Progress, Stage, ignore
from har.recipe import Recipe
from har.training.examples import Examples, decode_all
from har.training.outcome import Outcome, split_facts, training_title
from har.training.records import EpochRecord

if TYPE_CHECKING:
    import keras

    from har.training.loop import Fit


@dataclass(frozen=True)
class TrainingResult:
    """A trained classifier and how it was trained."""

    classifier: Classifier  # of the best epoch
    dataset: Dataset  # with the groups that were guessed
    split: splits.Split
    outcome: Outcome


def train(
    dataset: Dataset,
    recipe: Recipe,
    on_progress: OnProgress = ignore,
    checkpoint: Path | None = None,
    split: splits.Split | None = None,
) -> TrainingResult:
    """Split the data set, decode, train, keep the best epoch, and evaluate it on clips it has not seen.

    Videos that cannot be read are left out, and named in the outcome. For a grouped split, groups of videos without a
    known one are guessed from similarity.

    The same data, recipe and machine give the same weights, even if the training was interrupted.

    Args:
        dataset: clips with their labels; all labels are learnt.
        recipe: every choice.
        on_progress: called for each video decoded, batch, epoch and test clip. `Progress.event` has the `BatchRecord`,
            `EpochRecord` or `Resumed`. If it raises `StopRequested`, the best epoch so far is kept and evaluated.
        checkpoint: a file that is written after each epoch; an interrupted training resumes from it.
        split: of the data set, if it is not the recipe's; without test clips only the calibration is fitted.

    Raises:
        DatasetMissing: no video can be read, or none of a label.
        DatasetTooSmall: too few labels, videos or groups to split.
        OptionsError: a network or size that cannot be built.
        TrainingFailed: a loss that is not a number.
        DownloadFailed, DownloadDamaged: a published file that the network runs cannot be fetched.
        StopRequested: raised by `on_progress` before the first epoch was done.
    """
    entry = networks.NETWORKS[recipe.network]
    if entry.published is not None:  # before anything that takes long
        published.fetch(entry.published.file, on_progress)
    networks.start_tensorflow()
    from har.training.seeds import seeded

    began = time.monotonic()
    test_recipe = replace(recipe, spec=recipe.test_spec)
    skipped: tuple[Skipped, ...] = ()
    if split is None:
        shares = recipe.validation_share, recipe.test_share
        splits.split_dataset(dataset, recipe.split, recipe.seed, *shares)  # refuses too few groups before any is opened
        specs = {recipe.spec, test_recipe.spec}
        opened = len(dataset.skipped)
        dataset = readable(
            dataset,
            on_progress,
            lambda video: any(find_cached(video.content, spec) is not None for spec in specs),
            for_training=True,
        )
        skipped = dataset.skipped[opened:]
        if recipe.split == "grouped":
            dataset = with_guessed_groups(dataset, on_progress)
        split = splits.split_dataset(dataset, recipe.split, recipe.seed, *shares)
    if entry.frozen:  # its clips are not enlarged in training
        recipe = test_recipe
    on_train, on_validation = _for_both(on_progress, split)
    training = decode_all(split.train, dataset.labels, recipe, on_train)
    validation = decode_all(split.validation, dataset.labels, test_recipe, on_validation)
    split = replace(split, train=training.videos, validation=validation.videos)
    if undecoded := training.skipped + validation.skipped:
        _check_decoded(dataset, split, undecoded)
        skipped += undecoded
    with seeded(recipe.seed):  # here, so that what decoding drew makes no difference
        model = networks.build(recipe.network, len(dataset.labels), recipe.spec, **recipe.options)
        fit, refit = _fit(model, split, training, validation, recipe, on_progress, checkpoint)
    classifier = Classifier.from_model(_card(dataset, recipe, split, fit.best), model)
    evaluation, stopped = None, fit.stopped
    try:
        evaluation = _evaluate(classifier, dataset, split, on_progress, refit, ignore_stop=fit.stopped)
    except StopRequested:
        stopped = True
    size = summarise(model, recipe.network)
    outcome = Outcome(
        fit.history,
        fit.best,
        split_facts(recipe.split, dataset, split),
        evaluation,
        stopped,
        time.monotonic() - began,
        size.parameters,
        size.macs,
        skipped + (evaluation.report.skipped if evaluation is not None else ()),
    )
    return TrainingResult(classifier, dataset, split, outcome)


def _check_decoded(dataset: Dataset, split: splits.Split, skipped: Sequence[Skipped]) -> None:
    missing = set(dataset.labels) - {video.label for video in split.train}
    if missing or not split.validation:
        raise DatasetTooSmall(
            f"No clip of {join_labels(sorted(missing)) or 'the validation part'} can be decoded; {skipped[0].name}: "
            f"{skipped[0].reason}.",
            "Each label needs clips for training, and some must be left for validation.",
            "Replace the clips, or leave the label out.",
        )


def _fit(
    model: "keras.Model",
    split: splits.Split,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    on_progress: OnProgress,
    checkpoint: Path | None,
) -> "tuple[Fit, Callable[[], None] | None]":
    """Train all of a network, or only the head of one with a pretrained encoder.

    Also returns what lets it learn from the validation clips as well, when these are no longer needed to measure: only
    solved layers can, since nothing of how they are fitted is chosen on these clips.
    """
    from har.training.checkpoint import read_checkpoint
    from har.training.features import Encoder, encode_all
    from har.training.loop import fit
    from har.training.pretraining import pretrain_on_frames
    from har.training.ridge import scale_sequence_logits, solve_ridge_layers

    if not networks.NETWORKS[recipe.network].frozen:
        if checkpoint is None or read_checkpoint(checkpoint) is None:
            pretrain_on_frames(model, train, recipe, on_progress)
        return fit(model, train, validation, recipe, on_progress, checkpoint), None
    parts = networks.encoder_and_head(model)
    if parts is None:
        raise TypeError(f"{recipe.network} has no encoder that could be frozen")
    graph = prepare_encoder(recipe.network, recipe.options, recipe.spec, parts[0])
    encoder, head = Encoder(graph, recipe), parts[1]
    on_train, on_validation = _for_both(on_progress, split)
    train = encode_all(split.train, train, encoder, recipe.flip, on_train)
    validation = encode_all(split.validation, validation, encoder, False, on_validation)
    fitted = fit(head, train, validation, recipe, on_progress, checkpoint)
    scale_sequence_logits(head)
    solve_ridge_layers(head, train)
    return fitted, partial(solve_ridge_layers, head, train, validation)


def _for_both(on_progress: OnProgress, split: splits.Split) -> tuple[OnProgress, OnProgress]:
    """Callbacks for the training clips and then the validation clips, which count them together."""
    done, total = len(split.train), len(split.train) + len(split.validation)
    return (
        lambda progress: on_progress(replace(progress, total=total)),
        lambda progress: on_progress(replace(progress, done=done + progress.done, total=total)),
    )


def _evaluate(
    classifier: Classifier,
    dataset: Dataset,
    split: splits.Split,
    on_progress: OnProgress,
    refit: Callable[[], None] | None,
    *,
    ignore_stop: bool,
) -> Evaluation | None:
    """Evaluate, if there are test clips, and put calibration and accuracy into the card.

    A request to stop ends the test alone: without its calibration a classifier is of little use. With `ignore_stop`,
    not even the test: the training was stopped, and its best epoch is evaluated.
    """

    def report(progress: Progress, stopping: bool = not ignore_stop) -> None:
        with nullcontext() if stopping else suppress(StopRequested):
            on_progress(replace(progress, stage=Stage.TEST))

    novelty = novelty_of(classifier, (*split.train, *split.validation))
    fitted = fit_calibration(classifier, split.validation, partial(report, stopping=False), len(split.test))
    if refit is not None:
        refit()
    evaluation = None
    try:
        if split.test:
            evaluation = evaluate_test_clips(classifier, fitted, split.test, report, len(split.validation))
    finally:
        card = classifier.card = replace(
            classifier.card, temperature=fitted.temperature, threshold=fitted.threshold, novelty=novelty
        )
    if evaluation is None:
        return None
    low, high = evaluation.report.interval
    description = _describe(dataset, split.test, "never trained on") + f"; 95 % interval {low:.3f} to {high:.3f}"
    figure = Figure("accuracy", round(evaluation.report.accuracy, 4), description)
    classifier.card = replace(card, figures=(figure, *card.figures))
    if novelty is not None:
        evaluation = replace(evaluation, novelty=evaluate_novelty(classifier, split.test))
    return evaluation


def _card(dataset: Dataset, recipe: Recipe, split: splits.Split, best: EpochRecord) -> Card:
    entry = networks.NETWORKS[recipe.network]
    title = entry.title
    description = _describe(dataset, split.validation, "which chose the epoch")
    return Card(
        name="",  # its folder's, once it is saved
        title=training_title(recipe, dataset.labels, dataset.name),
        description=f"Recognises {join_labels(dataset.labels)}: {title} trained on {len(split.train)} clips.",
        network=recipe.network,
        labels=dataset.labels,
        spec=recipe.test_spec,
        stride_sec=recipe.stride_sec,
        licence=dataset.licence,
        data=TrainingData(dataset.name, _seen(split.train), _seen(split.validation)),
        options=recipe.options,
        base=published.PUBLISHED[entry.published.file].sha256 if entry.published is not None else "",
        recipe=asdict(recipe) | {"best_epoch": best.epoch},
        figures=(Figure("accuracy", round(best.validation_accuracy, 4), description),),
    )


def _describe(dataset: Dataset, videos: Sequence[LabelledVideo], role: str) -> str:
    groups = sorted({video.group for video in videos if video.group is not None})
    of_groups = f" of groups {', '.join(groups)}" if 0 < len(groups) <= 30 else ""
    return f"{dataset.title}: {len(videos)} clips{of_groups}, {role}"


def _seen(videos: Sequence[LabelledVideo]) -> tuple[SeenVideo, ...]:
    return tuple(
        SeenVideo(video.content, video.group, video.label, f"{video.path.parent.name}/{video.path.name}")
        for video in videos
    )
