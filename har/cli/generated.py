"""`har figures` and `har sample`: generated videos."""

import json
from pathlib import Path

import click

from har.cli.options import FILE, FOLDER, labels_option
from har.cli.progress import show_progress
from har.datasets import figures


@click.command("figures")
@click.argument("folder", type=FOLDER)
@labels_option("Generate only these actions.")
@click.option(
    "--groups",
    "group_count",
    type=click.IntRange(1, len(figures.GROUPS)),
    default=len(figures.GROUPS),
    show_default=True,
    help="How many groups to generate: each is one person in one place, with four clips of each action.",
)
def write_figures(folder: Path, labels: tuple[str, ...] | None, group_count: int) -> None:
    """Write the generated data set to FOLDER, with one folder per class."""
    with show_progress() as on_progress:
        data = figures.open_figures(labels, figures.GROUPS[:group_count], folder, on_progress)
    click.echo(f"{len(data.videos)} clips, {len(data.labels)} labels, {len(data.groups)} groups in {folder}")


@click.command()
@click.argument("name", type=click.Choice(list(figures.SAMPLES)), default="six-actions")
@click.option("--out", type=FILE, metavar="FILE", help="The video to write; by default NAME.mp4.")
def sample(name: str, out: Path | None) -> None:
    """Write a generated sample video, and print its ground truth as JSON."""
    path = out or Path(f"{name}.mp4")
    keys = ("start_sec", "end_sec", "label")
    ground_truth = [{key: getattr(segment, key) for key in keys} for segment in figures.make_sample(path, name)]
    click.echo(json.dumps(ground_truth, indent=2))
