"""`har reel`: films of results."""

from pathlib import Path

import click

from har import reels
from har.cli.datasets import labels_option
from har.cli.progress import show_progress
from har.progress import FILMING
from har.reels import HighlightOptions

_RESULT = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)

LINES = click.option(
    "--lines",
    type=click.Choice([str(lines) for lines in reels.LINES]),
    default=str(HighlightOptions.lines),
    show_default=True,
    callback=lambda context, parameter, value: int(value),
    help="Size of the film: its shorter side in pixels.",
)


@click.command()
@click.argument("result_dirs", metavar="RESULT…", type=_RESULT, nargs=-1, required=True)
@labels_option("Show only segments of these labels.")
@click.option(
    "--max-sec",
    type=float,
    metavar="SEC",
    default=HighlightOptions.max_sec,
    show_default=True,
    help="Length of the film at most: the surest segments are chosen first.",
)
@click.option("--portrait", is_flag=True, help="Upright, for phones; otherwise 16:9. What is left over is blurred.")
@click.option(
    "--speed", type=float, metavar="X", default=HighlightOptions.speed, show_default=True, help="0.5 is half the speed."
)
@click.option("--title", metavar="TEXT", help="Text of the title; by default the labels.")
@LINES
@click.option("--out", type=_FILE, metavar="FILE", default=Path("reel.mp4"), show_default=True, help="The film.")
def reel(
    result_dirs: tuple[Path, ...],
    labels: tuple[str, ...] | None,
    max_sec: float,
    portrait: bool,
    speed: float,
    title: str | None,
    lines: int,
    out: Path,
) -> None:
    """Make a film of the segments in RESULT…, results of `har annotate`, including their corrections."""
    options = HighlightOptions(labels, max_sec, portrait, speed, lines, title)
    remarks: list[str] = []
    with show_progress(FILMING) as on_progress:
        plan = reels.make_highlights(result_dirs, out, options, on_progress=on_progress, on_remark=remarks.append)
    for remark in dict.fromkeys(remarks):
        click.echo(f"har: {remark}", err=True)
    click.echo(f"{plan.duration_sec:.2f} s, {len(plan.shots)} of {plan.found_count} segments, written to {out}")
