"""The option `--labels` of several commands."""

import csv
from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])


def labels_option(help_text: str) -> Callable[[_Command], _Command]:
    """The option `--labels`: one value with commas between labels, or one value for each label.

    The command gets a tuple, or None where the option is not given. A label that contains a comma can be in quotes, as
    in a CSV file, or in a value of its own if there are several.
    """

    def parse(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...] | None:
        if not any(values):
            return None
        if len(values) == 1:
            values = tuple(next(csv.reader(values, skipinitialspace=True), ()))
        return tuple(label.strip() for label in values if label.strip())

    quoted = "Quote a label that contains a comma, or repeat the option for each label."
    return click.option("--labels", metavar="A,B", multiple=True, callback=parse, help=f"{help_text} {quoted}")
