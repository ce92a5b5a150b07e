"""The command line: everything the app does, without the app."""

import json
from pathlib import Path
from typing import Any

import click

from har.classifier import list_cards
from har.cli.annotate import annotate
from har.cli.compare import compare
from har.cli.correct import correct, export, keep
from har.cli.crossvalidate import cross_validate
from har.cli.datasets import datasets, labels_option
from har.cli.evaluate import evaluate
from har.cli.explain import explain_moment
from har.cli.montage import montage
from har.cli.progress import show_progress
from har.cli.reel import reel
from har.cli.train import train
from har.cli.weights import weights
from har.cli.youtube import youtube
from har.datasets import figures
from har.errors import HarError, StopRequested
from har.networks import NETWORKS
from har.networks.summary import build_summary, cached_summary
from har.storage import private

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)


class _Commands(click.Group):
    """Reports errors that a user can correct as one line on standard error, with exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except HarError as error:
            click.echo(f"har: {' '.join(str(error).split())}", err=True)
            ctx.exit(2)
        except StopRequested:
            click.echo("har: stopped; no incomplete files were left behind.", err=True)
            ctx.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="har-demo", prog_name="har")
def main() -> None:
    """Recognise human actions in videos: annotate videos frame by frame, and train small networks."""
    private.make_home_private()


for _command in (
    annotate,
    compare,
    correct,
    cross_validate,
    datasets,
    evaluate,
    explain_moment,
    export,
    keep,
    montage,
    reel,
    train,
    weights,
    youtube,
):
    main.add_command(_command)


@main.command("networks")
@click.argument("name", required=False, type=click.Choice(list(NETWORKS)))
def show_networks(name: str | None) -> None:
    """List the networks, or the layers of one network with their cost."""
    if name is None:
        for key, entry in NETWORKS.items():
            click.echo(f"{key:12} {entry.title}. {entry.description}")
        return
    entry = NETWORKS[name]
    arguments = (name, entry.label_count, entry.spec, entry.default_options)
    summary = cached_summary(*arguments) or build_summary(*arguments)
    click.echo(f"{'layer':24} {'kind':20} {'output':22} {'parameters':>12} {'multiply-adds':>16}")
    for layer in summary.layers:
        shape = "×".join(str(side) for side in layer.output_shape)
        click.echo(f"{layer.name[:24]:24} {layer.kind[:20]:20} {shape:22} {layer.parameters:12,} {layer.macs:16,}")
    click.echo(f"{summary.parameters:,} parameters, {summary.trainable_parameters:,} trainable")
    click.echo(f"{summary.macs:,} multiply-adds per clip")


@main.command()
def classifiers() -> None:
    """List the classifiers on this machine."""
    for card in list_cards():
        figure = next((f"{figure.metric} {figure.value:.3f}" for figure in card.figures), "")
        click.echo(f"{card.name:28} {len(card.labels):4} labels  {card.title}  {figure}".rstrip())


@main.command("figures")
@click.argument("folder", type=_FOLDER)
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


@main.command()
@click.argument("name", type=click.Choice(list(figures.SAMPLES)), default="six-actions")
@click.option("--out", type=_FILE, metavar="FILE", help="The video to write; by default NAME.mp4.")
def sample(name: str, out: Path | None) -> None:
    """Write a generated sample video, and print its ground truth as JSON."""
    path = out or Path(f"{name}.mp4")
    ground_truth = figures.make_sample(path, name)
    click.echo(json.dumps([segment._asdict() for segment in ground_truth], indent=2))
