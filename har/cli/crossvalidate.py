"""`har crossvalidate`: how well a recipe does on groups it was not trained on, each in turn."""

from typing import Any

import click

from har.cli.datasets import print_remarks
from har.cli.options import remark, workers_option
from har.cli.progress import show_progress
from har.cli.train import recipe_options
from har.crossvalidation import REPORTS, CrossValidationOptions, crossvalidate, write_reports
from har.errors import StopRequested
from har.progress import Spans, Stage
from har.recipe import default_preset, recipe_for


@click.command("crossvalidate")
@click.argument("dataset")
@recipe_options
@click.option(
    "--folds", type=click.Choice(["groups"]), default="groups", show_default=True, help="Leave out one group each time."
)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="Number of seeds.")
@workers_option
@click.option("--out", required=True, metavar="DIR", help="Folder for the results of each fold, and the reports.")
def cross_validate(
    dataset: str,
    network: str,
    preset: str | None,
    labels: tuple[str, ...] | None,
    folds: str,
    seeds: int,
    epochs: int | None,
    workers: int,
    out: str,
) -> None:
    """For each group of DATASET, train a network without it and test on it.

    For UCF50 that makes 25 folds. If the command is interrupted, run it again to resume. Folds that were in training
    start over.
    """
    changes: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    recipe = recipe_for(network, preset or default_preset(network, dataset), **changes)
    options = CrossValidationOptions(dataset, labels, recipe, seeds)
    try:
        spans: Spans = {Stage.DRAW_CLIPS: (0.0, 0.04), Stage.SCAN_VIDEOS: (0.04, 0.05), Stage.TASKS: (0.05, 1.0)}
        with show_progress(spans) as on_progress:
            result = crossvalidate(options, out, workers, on_progress)
    except StopRequested:
        remark("run the same command again to resume.")
        raise
    for row in result.failed:
        remark(f"{row['fold']} failed. {row['why']}")
    print_remarks(result.skipped)
    if (pooled := write_reports(result, options, out)) is not None:
        low, high = pooled.interval
        click.echo(f"accuracy {pooled.accuracy:.3f} on {pooled.clips} clips (95 % interval {low:.3f} to {high:.3f})")
        click.echo(f"trainings: {len(result.done)}; {', '.join(REPORTS)} are in {out}")
    if result.failed:
        raise click.exceptions.Exit(2)
