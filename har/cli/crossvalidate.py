"""`har crossvalidate`: how well a recipe does on groups that it never saw, each in its turn."""

from typing import Any

import click

from har.cli.datasets import listed
from har.cli.progress import WORKERS, drawing, progress, tally
from har.crossvalidation import REPORTS, CrossOptions, crossvalidate, write_reports
from har.errors import StopRequested
from har.jobs import Tally
from har.recipe import preset_for, recipe_for


@click.command("crossvalidate")
@click.argument("dataset")
@click.option("--network", default="lrcn", show_default=True, metavar="NAME", help="`har networks` lists them.")
@click.option("--recipe", "preset", metavar="NAME", help="own, tutorial or figures; by default what suits the data.")
@click.option("--labels", metavar="A,B", help="Learn only these labels.")
@click.option(
    "--folds", type=click.Choice(["groups"]), default="groups", show_default=True, help="Leave out one group each time."
)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, metavar="N", help="So often everything.")
@click.option("--epochs", type=int, metavar="N", help="Passes over the clips at most; the recipe's by default.")
@click.option("--workers", type=click.IntRange(0), default=1, show_default=True, metavar="N", help=WORKERS)
@click.option("--out", required=True, metavar="DIR", help="For what comes of each training, and the reports.")
def cross_validate(
    dataset: str,
    network: str,
    preset: str | None,
    labels: str | None,
    folds: str,
    seeds: int,
    epochs: int | None,
    workers: int,
    out: str,
) -> None:
    """Train on DATASET once for each of its groups, without that group, and test on it; 25 times for UCF50.

    Of a command that was cut off the same one goes on. A training that began begins anew.
    """
    changes: dict[str, Any] = {} if epochs is None else {"epochs": epochs}
    recipe = recipe_for(network, preset or preset_for(network, dataset), **changes)
    options = CrossOptions(dataset, listed(labels), recipe, seeds)
    try:
        with progress(_training) as on_event:
            found = crossvalidate(options, out, workers, on_event, lambda done, total: on_event((done, total)))
    except StopRequested:
        click.echo("har: the same command goes on from here.", err=True)
        raise
    for row in found.failed:
        click.echo(f"har: {row['fold']} failed. {row['why']}", err=True)
    if (pooled := write_reports(found, options, out)) is not None:
        low, high = pooled.interval
        click.echo(f"accuracy {pooled.accuracy:.3f} on {pooled.clips} clips (95 % interval {low:.3f} to {high:.3f})")
        click.echo(f"trainings: {len(found.done)}; {', '.join(REPORTS)} are in {out}")
    if found.failed:
        raise click.exceptions.Exit(2)


def _training(event: Tally | tuple[int, int]) -> tuple[float, str]:
    return tally(event, "trainings") if isinstance(event, Tally) else drawing(event)
