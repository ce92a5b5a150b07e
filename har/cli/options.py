"""Options and messages that several commands have."""

import csv
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import click

from har.errors import LabelsError

FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)

_Command = TypeVar("_Command", bound=Callable[..., Any])


def remark(text: str) -> None:
    """Print a line on standard error."""
    click.echo(f"har: {text}", err=True)


def workers_option(command: _Command) -> _Command:
    """The option `--workers`."""
    text = "Number of worker processes; 0: this process does all the work. With HAR_SCHEDULER, a cluster is used."
    return click.option("--workers", type=click.IntRange(0), default=1, show_default=True, metavar="N", help=text)(
        command
    )


def labels_option(help_text: str) -> Callable[[_Command], _Command]:
    """The option `--labels`: one value with commas between labels, or one value for each label.

    The command gets a tuple, or None where the option is not given. A label that contains a comma can be in quotes, as
    in a CSV file, or in a value of its own if there are several.
    """

    def parse(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
        if not values:
            return None
        if len(values) == 1:
            values = tuple(chain.from_iterable(csv.reader(values[0].splitlines(), skipinitialspace=True)))
        labels = tuple(label.strip() for label in values if label.strip())
        if not labels:
            raise LabelsError("--labels has no label.", "At least one was expected.", "Add one, or leave it out.")
        return labels

    quoted = "Quote a label that contains a comma, or repeat the option for each label."
    return click.option("--labels", metavar="A,B", multiple=True, callback=parse, help=f"{help_text} {quoted}")
