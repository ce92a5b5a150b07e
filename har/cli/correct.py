"""`har export`, `har correct`, `har keep`: exports, corrections, and training clips of a result."""

from pathlib import Path

import click

from har import results
from har.cli.annotate import print_timeline
from har.cli.options import FILE, FOLDER, remark
from har.cli.progress import show_progress
from har.errors import CorrectionsInvalid, OptionsError
from har.exports import FORMATS, MAX_IMPORT_BYTES, single_line
from har.storage import atomic


class _FormatName(click.ParamType[str]):
    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(FORMATS)}]"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return click.Choice(list(FORMATS)).convert(value, param, ctx)


@click.command()
@click.argument("result_dir", type=FOLDER)
@click.option("--as", "format_name", type=_FormatName(), required=True, help="Format of the file.")
@click.option("--out", type=FILE, metavar="FILE", help="The file to write; by default in RESULT_DIR.")
def export(result_dir: Path, format_name: str, out: Path | None) -> None:
    """Export the timeline of RESULT_DIR, a result of `har annotate`, including its corrections."""
    result = results.apply_corrections(results.open_annotation(result_dir))
    path = out or result_dir / FORMATS[format_name].file_name
    atomic.check_not_input(path, result.info.path)
    atomic.write_text(path, results.export_text(result, format_name))
    click.echo(f"written to {path}")


@click.command()
@click.argument("result_dir", type=FOLDER)
@click.argument("file", type=FILE, required=False)
@click.option("--undo", is_flag=True, help="Undo the last correction instead.")
@click.option("--take-back", "reset", is_flag=True, help="Return to the classifier's labels instead.")
def correct(result_dir: Path, file: Path | None, undo: bool, reset: bool) -> None:
    """Replace the timeline in RESULT_DIR with that of FILE.

    FILE is from Label Studio or in ActivityNet's format, captions (SRT, WebVTT), or an edited timeline.json.
    """
    if [file is not None, undo, reset].count(True) != 1:
        raise OptionsError(
            "None or several of FILE, --undo and --take-back were given.", "Exactly one was expected.", "Give one."
        )
    result = results.open_annotation(result_dir)
    if undo:
        results.undo_correction(result)
    elif file is None:
        results.replace_segments(result, None)
    elif (left_out := results.import_corrections(result, _read(file))) is not None:
        remark(left_out)
    corrected = results.apply_corrections(result)
    results.write_exports(corrected)
    print_timeline(corrected.labelled.timeline)
    if (result.folder / results.ANNOTATED).exists():
        remark(f"{results.ANNOTATED} still shows the earlier labels.")


@click.command()
@click.argument("result_dir", type=FOLDER)
@click.option(
    "--dataset",
    type=FOLDER,
    metavar="DIR",
    required=True,
    help="A data set with one folder per label; created if it does not exist.",
)
@click.option("--all", "every", is_flag=True, help="Include segments that were not corrected or confirmed.")
@click.option("--video", type=FILE, metavar="FILE", help="The video, if it has been moved.")
def keep(result_dir: Path, dataset: Path, every: bool, video: Path | None) -> None:
    """Cut the corrected segments of RESULT_DIR into training clips. Earlier clips of this video are replaced."""
    with show_progress() as on_progress:
        saved = results.save_training_clips(result_dir, dataset, every, video, on_progress)
    for label, count in saved.counts.items():
        click.echo(f"{count:5} clips  {single_line(label)}")
    if saved.too_short:
        remark(f"{saved.too_short} segments were left out, because they are too short to show an action.")
    click.echo(f"group {saved.group} in {dataset}")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MAX_IMPORT_BYTES + 1)
    except OSError as error:
        raise CorrectionsInvalid(
            f"{file} cannot be read.", "A file with a timeline was expected.", "Check the path."
        ) from error
