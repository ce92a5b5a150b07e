"""`har networks` and `har classifiers`: what there is."""

import click

from har.classifier import list_cards
from har.networks import NETWORKS
from har.networks.summary import build_summary, cached_summary


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
