"""`har train`: from a data set to a classifier."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from har.cli.datasets import print_remarks
from har.cli.evaluate import print_accuracy
from har.cli.options import FOLDER, labels_option, remark
from har.cli.progress import show_progress
from har.datasets import normalise_label, open_dataset
from har.datasets.splits import KINDS
from har.evaluation import Evaluation
from har.networks import DEFAULT_NETWORK
from har.progress import TRAINING
from har.recipe import default_preset, recipe_for
from har.runs.naming import clean_name
from har.settings import settings
from har.training_pipeline import train_and_save


def recipe_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that trains: network, recipe, labels and epochs."""
    options = (
        click.option(
            "--network", default=DEFAULT_NETWORK, show_default=True, metavar="NAME", help="`har networks` lists them."
        ),
        click.option(
            "--recipe",
            "preset",
            metavar="NAME",
            help="One of `har networks NETWORK`. Default: that with the data set's name if there is one, else own.",
        ),
        labels_option("Train on these labels only."),
        click.option("--epochs", type=int, metavar="N", help="Maximum number of epochs; by default the recipe's."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("dataset")
@recipe_options
@click.option(
    "--split",
    type=click.Choice(list(KINDS)),
    default="grouped",
    show_default=True,
    help="grouped: keep each recording in one part; ucf101-N: UCF101's official list N.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, metavar="S", help="Random seed of the split and the weights."
)
@click.option(
    "--title", default="", metavar="TEXT", help="Title of the classifier; by default its labels and its network."
)
@click.option("--resume", is_flag=True, help="Resume the training of the same command if it was interrupted.")
@click.option(
    "--out",
    type=FOLDER,
    metavar="DIR",
    help="Folder for the classifier; by default one that `har classifiers` lists.",
)
def train(
    dataset: str,
    network: str,
    preset: str | None,
    labels: tuple[str, ...] | None,
    split: str,
    epochs: int | None,
    seed: int,
    title: str,
    resume: bool,
    out: Path | None,
) -> None:
    """Train a network on DATASET: a name, or a folder with one folder per class."""
    changes: dict[str, Any] = {"split": split, "seed": seed} | ({} if epochs is None else {"epochs": epochs})
    recipe_for(network, preset or "own", **changes)  # reports errors before anything is drawn
    with show_progress(TRAINING) as on_progress:
        data = open_dataset(dataset, labels, on_progress)
        recipe = recipe_for(network, preset or default_preset(network, data.name), **changes)
        name = re.sub(r"[\W_]+", "-", normalise_label(data.name)).strip("-") or "data"
        folder = out or settings().classifiers / f"{network}-{name}-seed{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / "checkpoint.npz"
        if not resume:
            checkpoint.unlink(missing_ok=True)
        try:
            result = train_and_save(
                data, recipe, folder, title=clean_name(title), on_progress=on_progress, checkpoint=checkpoint
            )
        except BaseException:
            with suppress(OSError):  # not empty: it has a checkpoint to resume from
                folder.rmdir()
            raise
    best, evaluation = result.outcome.best, result.outcome.examination
    click.echo(f"best epoch {best.epoch}: validation accuracy {best.validation_accuracy:.3f}")
    if evaluation is not None:
        _print_evaluation(evaluation)
    print_remarks((*data.notes, *result.outcome.skipped))
    if result.split.note is not None:
        remark(result.split.note)
    click.echo(f"saved in {folder}")


def _print_evaluation(evaluation: Evaluation) -> None:
    print_accuracy(evaluation.report, "test accuracy")
    click.echo(f"baseline (most frequent label): {evaluation.report.baseline.value:.3f}")
    orders = ", ".join(f"{name} {share.value:.3f}" for name, share in evaluation.orders.items())
    click.echo(f"the same clips with their frames {orders}")
    calibration = evaluation.calibration
    click.echo(
        f"temperature {calibration.temperature:.2f}: calibration error {calibration.ece_before:.3f} -> "
        f"{calibration.ece_after:.3f}; unsure below {calibration.threshold:.2f}"
    )
    if evaluation.novelty is not None:
        click.echo(evaluation.novelty.describe())
