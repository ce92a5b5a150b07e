"""`har networks`, `har classifiers` and `har weights`: what there is, and what is downloaded on first use."""

import click

from har.classifier import list_cards
from har.cli.progress import show_progress
from har.networks import NETWORKS, published
from har.networks.summary import build_summary, cached_summary
from har.settings import MIB


@click.command()
@click.argument("name", required=False, type=click.Choice(list(NETWORKS)))
def networks(name: str | None) -> None:
    """List all networks, or the layers, cost and recipes of one."""
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
    for key, preset in entry.presets.items():
        click.echo(f"recipe {key}: {preset.title}. {preset.description}")


@click.command()
def classifiers() -> None:
    """List the classifiers on this machine."""
    for card in list_cards():
        figure = next((f"{figure.metric} {figure.value:.3f}" for figure in card.figures), "")
        click.echo(f"{card.name:28} {len(card.labels):4} labels  {card.title}  {figure}".rstrip())


@click.group()
def weights() -> None:
    """List published networks, or download one. They are also downloaded on their first use."""


@weights.command("list")
def list_weights() -> None:
    """List the published networks, and whether they are on this machine."""
    for name, entry in published.PUBLISHED.items():
        state = "here" if published.find(name) is not None else "not here"
        click.echo(f"{name:20} {state:9} {entry.size_bytes / MIB:5.1f} MB  {entry.licence}  {entry.source}")


@weights.command()
@click.argument("name", type=click.Choice(list(published.PUBLISHED)), default=published.MOVINET)
def fetch(name: str) -> None:
    """Download the published network NAME unless it is on this machine, check it, and print its path."""
    with show_progress() as on_progress:
        path = published.fetch(name, on_progress, again=True)
    click.echo(path)
