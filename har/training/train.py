"""From a recipe and labelled videos to a classifier with its card."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from har import networks
from har.classifier import Card, Classifier, Figure, SeenVideo, TrainingData
from har.datasets import Dataset, LabelledVideo, splits
from har.datasets.likeness import with_guessed_groups
from har.errors import StopRequested
from har.evaluation import ClipScored, Report, evaluate
from har.recipe import Recipe
from har.training.events import EpochDone, LookingForGroups, Testing, TrainingEvent
from har.training.examples import decode_all


@dataclass(frozen=True)
class TrainingResult:
    """What training gives back; `save(folder, classifier.card, classifier.model)` of `har.classifier` keeps it."""

    classifier: Classifier  # of the best epoch; its card tells all of the below but the history
    split: splits.Split
    history: tuple[EpochDone, ...]
    best: EpochDone
    report: Report | None  # on the test clips; None if it was stopped before they were all scored
    stopped: bool  # on request, before its time


def train(
    dataset: Dataset, recipe: Recipe, on_event: Callable[[TrainingEvent], None] = lambda event: None
) -> TrainingResult:
    """Split, decode, train, keep the best epoch, and measure it on the test clips.

    Where a grouped split is wanted and some videos have no known group, theirs are guessed from likeness.

    The same data, recipe and machine give the same weights.

    Args:
        dataset: clips with their labels; all labels are learnt.
        recipe: every choice.
        on_event: told of each video decoded, batch, epoch and test clip. `StopRequested` raised out of it ends the
            work and keeps the best epoch so far.

    Raises:
        DatasetTooSmall: too few labels, videos or groups to split.
        OptionsError: a network or size that cannot be built.
        VideoError: a video that cannot be read.
        TrainingFailed: a loss that is not a number.
        StopRequested: asked to stop before the first epoch was over.
    """
    networks.start()
    import keras

    from har.training.frames import learn_frames
    from har.training.loop import fit

    if recipe.split == "grouped":
        dataset = with_guessed_groups(dataset, lambda done, total: on_event(LookingForGroups(done, total)))
    split = splits.divide(dataset, recipe.split, recipe.seed, recipe.validation_share, recipe.test_share)
    total = len(split.train) + len(split.validation)
    training = decode_all(split.train, dataset.labels, recipe, on_event, 0, total)
    validation = decode_all(split.validation, dataset.labels, recipe, on_event, len(split.train), total)
    keras.utils.set_random_seed(recipe.seed)  # here: whatever decoding drew, or did not need to draw, is forgotten
    model = networks.build(recipe.network, len(dataset.labels), recipe.spec)
    learn_frames(model, training, recipe, on_event)
    fitted = fit(model, training, validation, recipe, on_event)
    classifier = Classifier(_card(dataset, recipe, split, fitted.best), model)
    report, stopped = None, fitted.stopped
    if not stopped:
        try:
            report = _test(classifier, dataset, split, on_event)
        except StopRequested:
            stopped = True
    if report is not None:
        figure = Figure("accuracy", round(report.accuracy, 4), _described(dataset, split.test, "never trained on"))
        classifier.card = replace(classifier.card, figures=(figure, *classifier.card.figures))
    return TrainingResult(classifier, split, fitted.history, fitted.best, report, stopped)


def _test(
    classifier: Classifier, dataset: Dataset, split: splits.Split, on_event: Callable[[TrainingEvent], None]
) -> Report:
    def tell(event: ClipScored) -> None:
        on_event(Testing(event.done, event.total))

    return evaluate(classifier, replace(dataset, videos=split.test), include_seen=True, on_event=tell)


def _card(dataset: Dataset, recipe: Recipe, split: splits.Split, best: EpochDone) -> Card:
    title = networks.NETWORKS[recipe.network].title
    return Card(
        name="",  # its folder's, once it is saved
        title=f"{title} on {dataset.name}",
        description=f"Tells apart {', '.join(dataset.labels)}: {title} trained on {len(split.train)} clips.",
        network=recipe.network,
        labels=dataset.labels,
        spec=recipe.spec,
        stride_sec=recipe.stride_sec,
        licence=dataset.licence,
        data=TrainingData(dataset.name, _seen(split.train), _seen(split.validation)),
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
