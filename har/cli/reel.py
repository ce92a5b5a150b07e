"""`har reel`: films of results."""

from pathlib import Path

import click

from har import reels, results
from har.cli.options import FILE, FOLDER, labels_option, remark
from har.cli.progress import show_progress
from har.errors import OptionsError
from har.exports import single_line
from har.progress import FILMING
from har.reels import Against, HighlightOptions, SideOptions
from har.storage import atomic


@click.command()
@click.argument("result_dirs", metavar="RESULT…", type=FOLDER, nargs=-1, required=True)
@labels_option("Show only segments of these labels.")
@click.option(
    "--max-sec",
    type=float,
    metavar="SEC",
    help=f"Maximum length of the film. Highlights: {HighlightOptions.max_sec:g} seconds by default; segments with the "
    "highest confidence are chosen first. Side by side: by default the whole video.",
)
@click.option("--portrait", is_flag=True, help="9:16, for phones, instead of 16:9. Borders are blurred.")
@click.option(
    "--speed", type=float, metavar="X", default=HighlightOptions.speed, show_default=True, help="0.5 is half the speed."
)
@click.option("--title", metavar="TEXT", help="Text of the title; by default the labels.")
@click.option(
    "--side-by-side",
    is_flag=True,
    help="Instead of highlights, show the whole video twice, in sync: with the labels of one RESULT and those of "
    "another, or of its second classifier, or with its ground truth.",
)
@click.option("--truth", is_flag=True, help="Side by side with the ground truth, even if there is a second classifier.")
@click.option(
    "--lines",
    type=click.Choice([str(lines) for lines in reels.LINES]),
    default=str(HighlightOptions.lines),
    show_default=True,
    callback=lambda context, parameter, value: int(value),
    help="Size of the film: its shorter side in pixels.",
)
@click.option("--out", type=FILE, metavar="FILE", default=Path("reel.mp4"), show_default=True, help="The film.")
def reel(
    result_dirs: tuple[Path, ...],
    labels: tuple[str, ...] | None,
    max_sec: float | None,
    portrait: bool,
    speed: float,
    title: str | None,
    side_by_side: bool,
    truth: bool,
    lines: int,
    out: Path,
) -> None:
    """Make a film of the segments in RESULT…, results of `har annotate`, including their corrections."""
    remarks: list[str] = []
    _check_options(side_by_side, truth, labels is not None or portrait or speed != 1 or title is not None)
    for folder in result_dirs:
        atomic.check_not_input(out, results.open_annotation(folder).info.path)
    with show_progress(FILMING) as on_progress:
        if side_by_side:
            pair = reels.make_side_by_side(
                result_dirs,
                out,
                SideOptions(max_sec, lines),
                against=Against.GROUND_TRUTH if truth else None,
                on_progress=on_progress,
                on_remark=remarks.append,
            )
            done = " and ".join(single_line(side.title) for side in pair.sides)
        else:
            longest = HighlightOptions.max_sec if max_sec is None else max_sec
            options = HighlightOptions(labels, longest, portrait, speed, lines, title)
            plan = reels.make_highlights(result_dirs, out, options, on_progress=on_progress, on_remark=remarks.append)
            done = f"{plan.duration_sec:.2f} s, {len(plan.shots)} of {plan.found_count} segments"
    for text in dict.fromkeys(remarks):
        remark(text)
    click.echo(f"{done}, written to {out}")


def _check_options(side_by_side: bool, truth: bool, for_highlights: bool) -> None:
    if truth and not side_by_side:
        raise OptionsError("--truth was given without --side-by-side.", "It applies only to that.", "Leave it out.")
    if side_by_side and for_highlights:
        raise OptionsError(
            "--labels, --portrait, --speed or --title was given with --side-by-side.",
            "They apply only to highlights.",
            "Leave them out.",
        )
