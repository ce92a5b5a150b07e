"""`har weights`: published networks, which are not part of this project, and are downloaded on first use."""

import click

from har.cli.progress import show_progress
from har.networks import published
from har.settings import MIB


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
