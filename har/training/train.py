"""From a recipe and labelled videos to a classifier with its card."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from har import networks
from har.classifier import Card, Classifier, Figure, SeenVideo, TrainingData
from har.datasets import Dataset, LabelledVideo, splits
from har.datasets.similarity_groups import with_guessed_groups
from har.errors import StopRequested
from har.evaluation import ClipScored, Examination, examine, settle
from har.recipe import Recipe
from har.training.events import EpochDone, LookingForGroups, Testing, TrainingEvent
from har.training.examples import Examples, decode_all

if TYPE_CHECKING:
    import keras

    from har.training.loop import Fit


@dataclass(frozen=True)
class TrainingResult:
    """What training gives back; `save(folder, classifier.card, classifier.model)` of `har.classifier` keeps it."""

    classifier: Classifier  # of the best epoch; its card tells all of the below but the history
    dataset: Dataset  # with the groups that were guessed
    split: splits.Split
    history: tuple[EpochDone, ...]
    best: EpochDone
    examination: Examination | None  # None if it was stopped before all test clips were scored
    stopped: bool  # on request, before its time


def train(
    dataset: Dataset,
    recipe: Recipe,
    on_event: Callable[[TrainingEvent], None] = lambda event: None,
    checkpoint: Path | None = None,
    split: splits.Split | None = None,
) -> TrainingResult:
    """Split, decode, train, keep the best epoch, and examine it on clips it never saw.

    Where a grouped split is wanted and some videos have no known group, theirs are guessed from likeness.

    The same data, recipe and machine give the same weights, also where it was cut off in between.

    Args:
        dataset: clips with their labels; all labels are learnt.
        recipe: every choice.
        on_event: told of each video decoded, batch, epoch and test clip. `StopRequested` raised out of it ends the
            work; the best epoch so far is kept and examined.
        checkpoint: a file for where it stands, after each epoch; a training that was cut off goes on from there.
        split: of the data set, if it is not the recipe's; without test clips nothing is measured but the threshold.

    Raises:
        DatasetTooSmall: too few labels, videos or groups to split.
        OptionsError: a network or size that cannot be built.
        VideoError: a video that cannot be read.
        TrainingFailed: a loss that is not a number.
        StopRequested: asked to stop before the first epoch was over.
    """
    networks.start()
    from har.training.seeds import seeded

    if split is None and recipe.split == "grouped":
        dataset = with_guessed_groups(dataset, lambda done, total: on_event(LookingForGroups(done, total)))
    if split is None:
        split = splits.divide(dataset, recipe.split, recipe.seed, recipe.validation_share, recipe.test_share)
    tested = replace(recipe, spec=recipe.test_spec)
    if networks.NETWORKS[recipe.network].frozen:  # its clips are not enlarged in training
        recipe = tested
    total = len(split.train) + len(split.validation)
    training = decode_all(split.train, dataset.labels, recipe, on_event, 0, total)
    validation = decode_all(split.validation, dataset.labels, tested, on_event, len(split.train), total)
    with seeded(recipe.seed):  # here: whatever decoding drew, or did not need to draw, is forgotten
        model = networks.build(recipe.network, len(dataset.labels), recipe.spec, **recipe.options)
        fitted = _fitted(model, (split.train, training), (split.validation, validation), recipe, on_event, checkpoint)
    classifier = Classifier(_card(dataset, recipe, split, fitted.best), model)
    examination, stopped = None, fitted.stopped
    try:
        examination = _examined(classifier, dataset, split, on_event, to_the_end=fitted.stopped)
    except StopRequested:
        stopped = True
    return TrainingResult(classifier, dataset, split, fitted.history, fitted.best, examination, stopped)


def _examined(
    classifier: Classifier,
    dataset: Dataset,
    split: splits.Split,
    on_event: Callable[[TrainingEvent], None],
    *,
    to_the_end: bool,
) -> Examination | None:
    """Put into the card what the clips say that moved no weight; the examination, if there are test clips.

    Args:
        classifier: freshly trained.
        dataset: what it was trained on.
        split: which clips are for what.
        on_event: told of each clip.
        to_the_end: whatever `on_event` says: whoever stopped the training wants to know what is kept.
    """

    def tell(event: ClipScored) -> None:
        with suppress(StopRequested) if to_the_end else nullcontext():
            on_event(Testing(event.done, event.total))

    if not split.test:
        temperature, threshold = settle(classifier, split.validation, tell)
        classifier.card = replace(classifier.card, temperature=temperature, threshold=threshold)
        return None
    examination = examine(classifier, split.validation, split.test, tell)
    classifier.card = _with_figures(classifier.card, dataset, split, examination)
    return examination


def _fitted(
    model: "keras.Model",
    train: tuple[tuple[LabelledVideo, ...], Examples],
    validation: tuple[tuple[LabelledVideo, ...], Examples],
    recipe: Recipe,
    on_event: Callable[[TrainingEvent], None],
    checkpoint: Path | None,
) -> "Fit":
    """Train all of a network, or the head alone where the rest knows something already."""
    from har.training.features import Encoder, encode_all
    from har.training.frames import learn_frames
    from har.training.loop import fit
    from har.training.solved import solve

    if not networks.NETWORKS[recipe.network].frozen:
        if checkpoint is None or not checkpoint.exists():
            learn_frames(model, train[1], recipe, on_event)
        return fit(model, train[1], validation[1], recipe, on_event, checkpoint)
    parts = networks.parts(model)
    if parts is None:
        raise TypeError(f"{recipe.network} has no encoder that could stay as it is")
    encoder, head = Encoder(parts[0], recipe), parts[1]
    total = len(train[0]) + len(validation[0])
    known = encode_all(*train, encoder, recipe.flip, on_event, 0, total)
    checked = encode_all(*validation, encoder, False, on_event, len(train[0]), total)
    fitted = fit(head, known, checked, recipe, on_event, checkpoint)
    solve(head, known)
    return fitted


def _with_figures(card: Card, dataset: Dataset, split: splits.Split, examination: Examination) -> Card:
    report, calibration = examination.report, examination.calibration
    low, high = report.interval
    described = _described(dataset, split.test, "never trained on") + f"; 95 % interval {low:.3f} to {high:.3f}"
    figure = Figure("accuracy", round(report.accuracy, 4), described)
    return replace(
        card,
        figures=(figure, *card.figures),
        temperature=calibration.temperature,
        threshold=calibration.threshold,
    )


def _card(dataset: Dataset, recipe: Recipe, split: splits.Split, best: EpochDone) -> Card:
    title = networks.NETWORKS[recipe.network].title
    return Card(
        name="",  # its folder's, once it is saved
        title=f"{title} on {dataset.name}",
        description=f"Tells apart {', '.join(dataset.labels)}: {title} trained on {len(split.train)} clips.",
        network=recipe.network,
        labels=dataset.labels,
        spec=recipe.test_spec,
        stride_sec=recipe.stride_sec,
        licence=dataset.licence,
        data=TrainingData(dataset.name, _seen(split.train), _seen(split.validation)),
        options=recipe.options,
        recipe=asdict(recipe) | {"best_epoch": best.epoch},
        figures=(
            Figure(
                "accuracy",
                round(best.validation_accuracy, 4),
                _described(dataset, split.validation, "which chose the epoch"),
            ),
        ),
    )


def _described(dataset: Dataset, videos: Sequence[LabelledVideo], role: str) -> str:
    groups = sorted({video.group for video in videos if video.group is not None})
    of_groups = f" of groups {', '.join(groups)}" if 0 < len(groups) <= 30 else ""
    return f"{dataset.title}: {len(videos)} clips{of_groups}, {role}"


def _seen(videos: Sequence[LabelledVideo]) -> tuple[SeenVideo, ...]:
    return tuple(
        SeenVideo(video.content, video.group, video.label, f"{video.path.parent.name}/{video.path.name}")
        for video in videos
    )
