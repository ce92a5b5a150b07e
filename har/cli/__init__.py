"""The command line: everything the app does, without the app."""

import errno
import io
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from har.errors import HarError, StopRequested
from har.storage import private

_COMMANDS = {  # where each is defined; imported when it is used, since some need libraries that start slowly
    "annotate": "annotate:annotate",
    "classifiers": "lists:classifiers",
    "compare": "compare:compare",
    "correct": "correct:correct",
    "crossvalidate": "crossvalidate:cross_validate",
    "datasets": "datasets:datasets",
    "evaluate": "evaluate:evaluate",
    "explain": "explain:explain_moment",
    "export": "correct:export",
    "figures": "generated:write_figures",
    "keep": "correct:keep",
    "montage": "montage:montage",
    "networks": "lists:networks",
    "reel": "reel:reel",
    "sample": "generated:sample",
    "train": "train:train",
    "weights": "lists:weights",
    "youtube": "youtube:youtube",
}


class _Commands(click.Group):
    """Reports errors that a user can correct as one line on standard error, with exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(f"har.cli.{module}"), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="surrogateescape")  # names of files may be any bytes
        try:
            return super().invoke(ctx)
        except HarError as error:
            _fail(ctx, str(error))
        except (StopRequested, KeyboardInterrupt, click.Abort):
            click.echo("har: stopped; no incomplete files were left behind.", err=True)
            ctx.exit(130)
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone: click ends quietly
                raise
            where = f"{error.filename} cannot be used" if error.filename else "A file cannot be read or written"
            _fail(
                ctx, f"{where} ({error.strerror or error}). Check the path, the permissions and the room on the disk."
            )


def _fail(ctx: click.Context, message: str) -> NoReturn:
    click.echo(f"har: {' '.join(message.split())}", err=True)
    ctx.exit(2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="har-demo", prog_name="har")
def main() -> None:
    """Recognise human actions in videos: annotate videos frame by frame, and train small networks."""
    private.make_home_private()
