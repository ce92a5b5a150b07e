"""`python -m har …`: everything the app does, without the app."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from har.classifier import list_cards, load, save
from har.cli.annotate import annotate, classifier_named
from har.cli.compare import compare
from har.cli.correct import correct, export, keep
from har.cli.crossvalidate import cross_validate
from har.cli.datasets import datasets, listed
from har.cli.explain import explain_moment
from har.cli.progress import drawing, progress
from har.cli.youtube import youtube
from har.datasets import figures, normal_label, open_dataset
from har.datasets.splits import KINDS
from har.errors import HarError, StopRequested
from har.evaluation import ClipScored, Examination, Report
from har.evaluation import evaluate as evaluate_classifier
from har.networks import NETWORKS
from har.networks.summary import count_facts, kept_facts
from har.recipe import PRESETS, preset_for, recipe_for
from har.settings import settings
from har.storage import atomic
from har.training import (
    BatchDone,
    Decoding,
    Encoding,
    EpochDone,
    FramesDone,
    LookingForGroups,
    Resumed,
    Testing,
    TrainingEvent,
)
from har.training import train as train_classifier

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


class _Commands(click.Group):
    """Shows what a user can cause as one line on standard error, with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except HarError as error:
            click.echo(f"har: {' '.join(str(error).split())}", err=True)
            ctx.exit(2)
        except StopRequested:
            click.echo("har: stopped; nothing was left unfinished.", err=True)
            ctx.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="har-demo", prog_name="har")
def main() -> None:
    """Recognise human actions in videos: annotate videos frame by frame, train small networks."""


main.add_command(annotate)
main.add_command(compare)
main.add_command(correct)
main.add_command(cross_validate)
main.add_command(export)
main.add_command(keep)
main.add_command(datasets)
main.add_command(explain_moment)
main.add_command(youtube)


@main.command()
@click.argument("dataset")
@click.option("--network", default="lrcn", show_default=True, metavar="NAME", help="`har networks` lists them.")
@click.option("--recipe", "preset", metavar="NAME", help="own, figures or tutorial; by default what suits.")
@click.option("--labels", metavar="A,B", help="Learn only these labels.")
@click.option(
    "--split",
    type=click.Choice(list(KINDS)),
    default="grouped",
    show_default=True,
    help="grouped: no recording stands on two sides; ucf101-N: UCF101's official list N.",
)
@click.option("--epochs", type=int, metavar="N", help="Passes over the clips at most; the recipe's by default.")
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="Of the split and of the weights.")
@click.option("--resume", is_flag=True, help="Go on where the same command was cut off.")
@click.option("--out", type=_FOLDER, metavar="DIR", help="By default where `har classifiers` finds it.")
def train(
    dataset: str,
    network: str,
    preset: str | None,
    labels: str | None,
    split: str,
    epochs: int | None,
    seed: int,
    resume: bool,
    out: Path | None,
) -> None:
    """Train a network on DATASET: a folder of class folders, or `figures`."""
    changes: dict[str, Any] = {"split": split, "seed": seed} | ({} if epochs is None else {"epochs": epochs})
    recipe_for(network, preset or "own", **changes)  # what is wrong with it is told before anything is drawn
    with progress(drawing) as on_event:
        data = open_dataset(dataset, listed(labels), lambda done, total: on_event((done, total)))
    recipe = recipe_for(network, preset or preset_for(network, data.name), **changes)
    name = f"{network}-{'-'.join(normal_label(data.name).split()) or 'data'}-seed{seed}"
    folder = out or settings().classifiers / name
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "checkpoint.npz"
    if not resume:
        checkpoint.unlink(missing_ok=True)
    try:
        with progress(_training) as on_event:
            result = train_classifier(data, recipe, on_event, checkpoint)
            save(folder, result.classifier.card, result.classifier.model, overwrite=True)
    except BaseException:
        with suppress(OSError):  # a checkpoint is in it, to go on from
            folder.rmdir()
        raise
    checkpoint.unlink(missing_ok=True)
    click.echo(f"best epoch {result.best.epoch}: validation accuracy {result.best.validation_accuracy:.3f}")
    if result.examination is not None:
        _print_examination(result.examination)
    if result.split.note is not None:
        click.echo(f"har: {result.split.note}", err=True)
    click.echo(f"saved in {folder}")


@main.command("networks")
@click.argument("name", required=False, type=click.Choice(list(NETWORKS)))
def show_networks(name: str | None) -> None:
    """List the networks, or the layers of one with what each costs."""
    if name is None:
        for key, entry in NETWORKS.items():
            click.echo(f"{key:12} {entry.title}. {entry.description}")
        return
    options = PRESETS[name]["own"].get("options", {}) if name in PRESETS else {}
    asked = (name, 4 if NETWORKS[name].trainable else 400, NETWORKS[name].spec, options)
    facts = kept_facts(*asked) or count_facts(*asked)
    click.echo(f"{'layer':24} {'kind':20} {'gives':22} {'parameters':>12} {'multiply-adds':>16}")
    for layer in facts.layers:
        shape = "×".join(str(side) for side in layer.output_shape)
        click.echo(f"{layer.name[:24]:24} {layer.kind[:20]:20} {shape:22} {layer.parameters:12,} {layer.macs:16,}")
    click.echo(f"{facts.parameters:,} parameters, {facts.trainable_parameters:,} of them learn")
    click.echo(f"{facts.macs:,} multiply-adds for a clip")


@main.command()
@click.argument("classifier")
@click.argument("dataset")
@click.option("--all", "include_seen", is_flag=True, help="Score also the clips it was trained or validated on.")
@click.option("--json", "json_path", type=_FILE, metavar="FILE", help="Write the report as JSON.")
def evaluate(classifier: str, dataset: str, include_seen: bool, json_path: Path | None) -> None:
    """Measure CLASSIFIER on the clips of DATASET that it has not seen."""
    model = load(classifier_named(classifier))
    with progress(drawing) as on_event:
        data = open_dataset(dataset, None, lambda done, total: on_event((done, total)))
    with progress(_evaluating) as on_event:
        report = evaluate_classifier(model, data, include_seen, on_event)
    if json_path is not None:
        atomic.write_text(json_path, json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n")
    click.echo(f"{report.left_out} clips left out: {model.card.name} was trained or validated on them")
    _print_accuracy(report, "accuracy")
    for label, share in report.recall().items():
        click.echo(f"  {label:30} {share.value:.3f}")
    _print_confusion(report)
    for clip in report.clips:
        right = "right" if clip.predicted == clip.label else "WRONG"
        click.echo(f"{right}  {clip.path}  {clip.label} -> {clip.predicted} ({clip.confidence:.2f})")


@main.command()
def classifiers() -> None:
    """List the classifiers that are there."""
    for card in list_cards():
        figure = next((f"{figure.metric} {figure.value:.3f}" for figure in card.figures), "")
        click.echo(f"{card.name:28} {len(card.labels):4} labels  {card.title}  {figure}".rstrip())


@main.command("figures")
@click.argument("folder", type=_FOLDER)
@click.option("--labels", metavar="A,B", help="Only these actions.")
def write_figures(folder: Path, labels: str | None) -> None:
    """Write the generated data set into FOLDER, as folders of classes."""
    with progress(drawing) as on_event:
        data = figures.write_figures(folder, listed(labels), on_progress=lambda done, total: on_event((done, total)))
    click.echo(f"{len(data.videos)} clips, {len(data.labels)} labels, {len(data.groups)} groups in {folder}")


@main.command()
@click.argument("name", type=click.Choice(list(figures.SAMPLES)), default="six-actions")
@click.option("--out", type=_FILE, metavar="FILE", help="By default NAME.mp4.")
def sample(name: str, out: Path | None) -> None:
    """Write a generated sample video; its true timeline goes to standard output as JSON."""
    path = out or Path(f"{name}.mp4")
    truth = figures.make_sample(path, name)
    click.echo(json.dumps([segment._asdict() for segment in truth], indent=2))


def _training(event: TrainingEvent) -> tuple[float, str]:
    match event:
        case LookingForGroups(done, total):
            return 0.0, f"comparing clips, {done} of {total}"
        case Decoding(done, total):
            return 0.1 * done / total, "reading clips"
        case Encoding(done, total):
            return 0.1 + 0.3 * done / total, f"looking at clips, {done} of {total}"
        case Resumed(epoch):
            return 0.4, f"going on after epoch {epoch}"
        case FramesDone(done, total):
            return 0.1 + 0.3 * done / total, f"single frames, accuracy {event.accuracy:.3f}"
        case BatchDone(epoch, epochs, batch, batches, loss, accuracy):
            return 0.4 + 0.5 * (
                epoch - 1 + batch / batches
            ) / epochs, f"epoch {epoch}, loss {loss:.3f}, accuracy {accuracy:.3f}"
        case EpochDone(epoch, epochs):
            return 0.4 + 0.5 * epoch / epochs, f"epoch {epoch}, validation accuracy {event.validation_accuracy:.3f}"
        case Testing(done, total):
            return 0.9 + 0.09 * done / total, "testing"


def _evaluating(event: ClipScored) -> tuple[float, str]:
    return event.done / event.total, "evaluating"


def _print_accuracy(report: Report, name: str) -> None:
    low, high = report.interval
    click.echo(f"{name} {report.accuracy:.3f} on {len(report.clips)} clips (95 % interval {low:.3f} to {high:.3f})")


def _print_examination(examination: Examination) -> None:
    _print_accuracy(examination.report, "test accuracy")
    click.echo(f"always the most frequent label: {examination.report.baseline.value:.3f}")
    orders = ", ".join(f"{name} {share.value:.3f}" for name, share in examination.orders.items())
    click.echo(f"the same clips with their frames {orders}")
    calibration = examination.calibration
    click.echo(
        f"temperature {calibration.temperature:.2f}: calibration error {calibration.ece_before:.3f} -> "
        f"{calibration.ece_after:.3f}; unsure below {calibration.threshold:.2f}"
    )


def _print_confusion(report: Report) -> None:
    """Rows are true labels, columns what was predicted; only labels that occur."""
    rows = [row for row in range(len(report.labels)) if report.confusion[row].sum() or report.confusion[:, row].sum()]
    click.echo("confusion (rows true, columns predicted, in the same order):")
    for row in rows:
        counts = " ".join(f"{report.confusion[row, column]:4d}" for column in rows)
        click.echo(f"  {report.labels[row]:30} {counts}")
