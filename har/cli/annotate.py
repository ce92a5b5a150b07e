"""`har annotate`: the action written on every frame of a file, or of a stretch of a YouTube video."""

from contextlib import suppress
from pathlib import Path

import click

from har import annotation, exports
from har.annotation import BurningIn, LabelOptions
from har.classifier import read_card
from har.cli.datasets import listed
from har.cli.progress import progress
from har.cli.youtube import fetched
from har.errors import OptionsError
from har.recognition import Scoring
from har.timeline import Timeline, TimelineOptions
from har.youtube import is_address, parse

_FOLDER = click.Path(path_type=Path, file_okay=False)
_OPTIONS = TimelineOptions()


@click.command()
@click.argument("video", metavar="VIDEO|URL")
@click.option("--classifier", default="i3d-kinetics400", show_default=True, metavar="NAME|DIR", help="Who recognises.")
@click.option("--labels", metavar="A,B", help="Consider only these of the classifier's labels.")
@click.option("--stride", type=float, metavar="SEC", help="Between two windows; the classifier's own by default.")
@click.option(
    "--threshold", type=float, metavar="P", default=_OPTIONS.threshold, show_default=True, help="Below it: unsure."
)
@click.option(
    "--smooth", type=float, metavar="SEC", default=_OPTIONS.smooth_sec, show_default=True, help="Average over so long."
)
@click.option("--start", metavar="TIME", help="Of a YouTube address: where to begin, in seconds or as m:ss.")
@click.option("--end", metavar="TIME", help="Of a YouTube address: where to end.")
@click.option("--out", type=_FOLDER, metavar="DIR", help="By default VIDEO's name with '-annotated', here.")
def annotate(
    video: str,
    classifier: str,
    labels: str | None,
    stride: float | None,
    threshold: float,
    smooth: float,
    start: str | None,
    end: str | None,
    out: Path | None,
) -> None:
    """Write the action on every frame of VIDEO, a file or a YouTube address, and its timeline as files."""
    options = LabelOptions(listed(labels), TimelineOptions(threshold=threshold, smooth_sec=smooth))
    if is_address(video) and not Path(video).exists():
        path, folder = _from_youtube(video, start, end, out, classifier, options)
    elif start is not None or end is not None:
        raise OptionsError("--start and --end were given.", "They are for YouTube addresses.", "Leave them out.")
    else:
        path = Path(video)
        folder = out or Path(f"{path.stem}-annotated")
    with progress(_annotating) as on_event:
        result = annotation.annotate(path, folder, classifier_named(classifier), options, stride, on_event=on_event)
    warning = result.scored.warning or result.info.warning
    if warning:
        click.echo(f"har: {warning}", err=True)
    print_timeline(result.labelled.timeline)
    if result.scored.stopped:
        until = f"{result.scored.duration_sec:.2f} s"
        click.echo(f"har: stopped; what was recognised until {until} is in {folder}, without the video.", err=True)


def _from_youtube(
    text: str, start: str | None, end: str | None, out: Path | None, classifier: str, options: LabelOptions
) -> tuple[Path, Path]:
    """The fetched video and the folder that it lies in, where everything else goes too."""
    address = parse(text)
    options.spelt_as(read_card(classifier_named(classifier)).labels)  # what is wrong with them is told at once
    folder = out or Path(f"{address.video_id}-annotated")
    try:
        return fetched(address, start, end, folder / f"{address.video_id}.mp4"), folder
    except BaseException:
        with suppress(OSError):  # there is something else in it
            folder.rmdir()
        raise


def _annotating(event: annotation.AnnotationEvent) -> tuple[float, str] | None:
    match event:
        case Scoring(done_sec, total_sec):
            return 0.6 * done_sec / total_sec, "recognising"
        case BurningIn(done):
            return 0.6 + 0.4 * done, "writing the video"
    return None


def classifier_named(text: str) -> str | Path:
    """A name, unless it looks like a folder or is one."""
    path = Path(text).expanduser()
    return path if path.name != text or (path / "card.json").exists() else text


def print_timeline(timeline: Timeline) -> None:
    """A line a segment, on standard output."""
    for segment in timeline.segments:
        times = f"{segment.start_sec:9.2f} {segment.end_sec:9.2f}"
        click.echo(f"{times}  {segment.confidence:4.0%}  {exports.one_line(segment.label or 'unsure')}")
