"""`har annotate`: the action written on every frame of a file, of many, or of a stretch of a YouTube video."""

from contextlib import suppress
from pathlib import Path

import click

from har import annotation, exports, results
from har.batch import ManyOptions
from har.classifier import read_card
from har.cli.datasets import listed
from har.cli.many import annotate_listed, are_many
from har.cli.progress import WORKERS, progress
from har.cli.youtube import fetched
from har.errors import OptionsError
from har.recognition import Scoring
from har.results import BurningIn, LabelOptions
from har.timeline import IOUS, Timeline, TimelineOptions
from har.youtube import is_address, parse

_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False)
_OPTIONS = TimelineOptions()


@click.command()
@click.argument("videos", metavar="VIDEO…|URL", nargs=-1)
@click.option("--list", "listed_in", type=_FILE, metavar="FILE", help="A text with a VIDEO a line.")
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
@click.option("--truth", type=_FILE, metavar="CSV", help="What truly happens (start_sec,end_sec,label), to measure by.")
@click.option("--video/--no-video", "with_video", default=True, help="Also write a copy with the labels on it.")
@click.option("--workers", type=click.IntRange(0), default=1, show_default=True, metavar="N", help=WORKERS)
@click.option("--out", metavar="DIR", help="By default VIDEO's name with '-annotated'; of many, needed.")
def annotate(
    videos: tuple[str, ...],
    listed_in: Path | None,
    classifier: str,
    labels: str | None,
    stride: float | None,
    threshold: float,
    smooth: float,
    start: str | None,
    end: str | None,
    truth: Path | None,
    with_video: bool,
    workers: int,
    out: str | None,
) -> None:
    """Write the action on every frame of VIDEO, a file or a YouTube address, and its timeline as files.

    Of many videos each gets a folder in DIR, and manifest.jsonl there tells which are done or failed, and why; the same
    command again goes on. VIDEO and DIR may then be URLs (s3://, gs://, abfs://, file://).
    """
    options = LabelOptions(listed(labels), TimelineOptions(threshold=threshold, smooth_sec=smooth))
    from_youtube = len(videos) == 1 and is_address(videos[0]) and not Path(videos[0]).exists()
    if not from_youtube and (start is not None or end is not None):
        raise OptionsError("--start and --end were given.", "They are for YouTube addresses.", "Leave them out.")
    if are_many(videos, listed_in, out):
        if truth is not None:
            raise OptionsError("--truth was given.", "It is for one video.", "Leave it out.")
        shared = ManyOptions(classifier_named(classifier), options, stride, with_video)
        annotate_listed(videos, listed_in, out, shared, workers)
        return
    if not videos:
        raise OptionsError("No video was given.", "A file, a YouTube address or a list was expected.", "Name one.")
    out_folder = _FOLDER.convert(out, None, None) if out else None
    if from_youtube:
        path, folder = _from_youtube(videos[0], start, end, out_folder, classifier, options)
    else:
        path = Path(videos[0])
        folder = out_folder or Path(f"{path.stem}-annotated")
    with progress(_annotating) as on_event:
        result = annotation.annotate(
            path,
            folder,
            classifier_named(classifier),
            options,
            stride,
            truth=truth,
            with_video=with_video,
            on_event=on_event,
        )
    warning = result.scored.warning or result.info.warning
    if warning:
        click.echo(f"har: {warning}", err=True)
    print_timeline(result.labelled.timeline)
    _print_measures(results.against_truth(result))
    if result.scored.stopped:
        until = f"{result.scored.duration_sec:.2f} s"
        click.echo(f"har: stopped; what was recognised until {until} is in {folder}, without the video.", err=True)
        raise click.exceptions.Exit(130)


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


def _annotating(event: results.AnnotationEvent) -> tuple[float, str] | None:
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


def _print_measures(found: results.AgainstTruth | None) -> None:
    if found is None:
        return
    if found.unknown:
        names = ", ".join(exports.one_line(label) for label in found.unknown)
        click.echo(f"har: not among the classifier's labels, so never right: {names}", err=True)
    if found.measures is None:
        return
    click.echo(f"frame accuracy {found.measures.frame_accuracy:.3f}, edit score {found.measures.edit_score:.3f}")
    f1 = ", ".join(f"{share:.3f} at {iou:g}" for iou, share in zip(IOUS, found.measures.f1, strict=True))
    click.echo(f"segmental F1 by overlap (IoU): {f1}")


def print_timeline(timeline: Timeline) -> None:
    """A line a segment, on standard output."""
    for segment in timeline.segments:
        times = f"{segment.start_sec:9.2f} {segment.end_sec:9.2f}"
        click.echo(f"{times}  {segment.confidence:4.0%}  {exports.one_line(segment.label or 'unsure')}")
