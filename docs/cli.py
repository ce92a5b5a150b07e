"""`python -m docs.cli`: writes docs/cli.md from the help of the command line."""

from pathlib import Path

import click

from har.cli import main

PAGE = Path(__file__).with_name("cli.md")
_WIDTH = 110


def render() -> str:
    """The page: the help of every command, in the order of the command line's own list."""
    parts = [
        "# The command line\n",
        "`har …` where the package is installed, `.venv/bin/python -m har …` in a checkout.\n",
        "Exit codes: 0 success, 1 a bug, 2 an error that you can correct (one line on standard error), 130 stopped.\n",
    ]
    root = click.Context(
        main, info_name="har", max_content_width=_WIDTH, terminal_width=_WIDTH, **main.context_settings
    )
    parts.append(_section(root, 2))
    parts += _commands(root, 2)
    return "\n".join(parts)


def _commands(context: click.Context, level: int) -> list[str]:
    group, parts = context.command, []
    assert isinstance(group, click.Group)  # noqa: S101  only groups are passed
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context, max_content_width=_WIDTH, terminal_width=_WIDTH)
        parts.append(_section(inner, level))
        if isinstance(command, click.Group):
            parts += _commands(inner, level + 1)
    return parts


def _section(context: click.Context, level: int) -> str:
    return f"{'#' * level} {context.command_path}\n\n```\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
