"""`har export`, `har correct`, `har keep`: what a person makes of a result."""

from pathlib import Path

import click

from har import exports, results
from har.cli.annotate import print_timeline
from har.cli.progress import progress
from har.errors import CorrectionsRefused, OptionsError
from har.exports import MOST_BYTES
from har.results import Annotation, Cutting
from har.storage import atomic

_RESULT = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_FORMATS = {
    "csv": results.CSV,
    "json": results.JSON,
    "vtt": results.VTT,
    "srt": results.SRT,
    "label-studio": results.LABEL_STUDIO,
    "activitynet": results.ACTIVITYNET,
}


@click.command()
@click.argument("result_dir", type=_RESULT)
@click.option("--as", "form", type=click.Choice(list(_FORMATS)), required=True, help="What to write.")
@click.option("--out", type=_FILE, metavar="FILE", help="By default in RESULT_DIR, beside the others.")
def export(result_dir: Path, form: str, out: Path | None) -> None:
    """Write the timeline of RESULT_DIR, which `har annotate` has made, as corrected, in another form."""
    result = results.corrected(results.open_annotation(result_dir))
    path = out or result_dir / _FORMATS[form]
    atomic.write_text(path, results.export_text(result, _FORMATS[form]))
    click.echo(f"written to {path}")


@click.command()
@click.argument("result_dir", type=_RESULT)
@click.argument("file", type=_FILE, required=False)
@click.option("--undo", "undone", is_flag=True, help="Take the last step back instead.")
@click.option("--take-back", "all_back", is_flag=True, help="Take back all corrections instead.")
def correct(result_dir: Path, file: Path | None, undone: bool, all_back: bool) -> None:
    """Correct the timeline of RESULT_DIR by FILE: Label Studio's JSON, ActivityNet's, or timeline.json, edited."""
    if [file is not None, undone, all_back].count(True) != 1:
        raise OptionsError(
            "What to do is not clear.", "A file, --undo or --take-back is expected, one of them.", "Give one."
        )
    result = results.open_annotation(result_dir)
    if undone:
        results.undo(result)
    elif file is None:
        results.change(result, None)
    else:
        results.bring(result, _read(file))
    changed = results.corrected(result)
    results.write_texts(changed)
    print_timeline(changed.labelled.timeline)
    _tell_of_video(result)


@click.command()
@click.argument("result_dir", type=_RESULT)
@click.option(
    "--dataset", type=_RESULT, metavar="DIR", required=True, help="A folder of label folders, made if need be."
)
@click.option("--all", "every", is_flag=True, help="Also segments that nobody has corrected or confirmed.")
@click.option("--video", type=_FILE, metavar="FILE", help="The video, if it does not lie where it was annotated.")
def keep(result_dir: Path, dataset: Path, every: bool, video: Path | None) -> None:
    """Cut the corrected segments of RESULT_DIR into clips to train on; those kept before of this video are replaced."""
    with progress(_cutting) as on_event:
        kept = results.keep(result_dir, dataset, every, video, on_event)
    for label, count in kept.counts.items():
        click.echo(f"{count:5} clips  {exports.one_line(label)}")
    if kept.too_short:
        click.echo(f"har: {kept.too_short} segments are too short to show an action, and were left out.", err=True)
    click.echo(f"group {kept.group} in {dataset}")


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CorrectionsRefused(
            f"{file} cannot be read.", "A JSON file with a timeline was expected.", "Check the path."
        ) from error


def _tell_of_video(result: Annotation) -> None:
    if (result.folder / results.ANNOTATED).exists():
        click.echo(f"har: {results.ANNOTATED} still shows the timeline of before.", err=True)


def _cutting(event: Cutting) -> tuple[float, str]:
    return event.done / event.total, "cutting clips"
