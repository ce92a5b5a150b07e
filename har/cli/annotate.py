"""`har annotate`: the action written on every frame of a file, of many files, or of a section of a YouTube video."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from har import annotation, results
from har.classifier import Card, choose, place_of
from har.classifier.default import DESCRIPTION, Chosen
from har.cli.options import FILE, FOLDER, labels_option, remark, workers_option
from har.cli.progress import show_progress
from har.cli.youtube import download_section
from har.errors import OptionsError
from har.exports import single_line
from har.progress import Spans, Stage
from har.results import LabelOptions
from har.storage import remote
from har.timeline import IOUS, MOSTLY_UNSURE, Timeline, TimelineOptions
from har.youtube import is_address, parse_address

_SPANS: Spans = {
    Stage.DOWNLOAD: (0.0, 1.0),  # with a bar of its own
    Stage.LOAD_CLASSIFIER: (0.0, 0.0),
    Stage.SCORE: (0.0, 0.6),
    Stage.WRITE_VIDEO: (0.6, 1.0),
}


def _number(name: str, unit: str, text: str, default: float | None = None) -> Callable[[Callable[..., None]], Any]:
    return click.option(name, type=float, metavar=unit, help=text, default=default, show_default=default is not None)


@click.command()
@click.argument("videos", metavar="VIDEO…|URL", nargs=-1)
@click.option("--list", "list_file", type=FILE, metavar="FILE", help="A text file with one VIDEO per line.")
@click.option("--classifier", metavar="NAME|DIR", help=f"The classifier to use; {DESCRIPTION}.")
@labels_option("Consider only these labels of the classifier.")
@_number("--stride", "SEC", "Time between the starts of two windows; by default the classifier's own.")
@_number("--threshold", "P", "Frames below this probability are unsure; by default the classifier's own.")
@_number("--smooth", "SEC", "Duration over which probabilities are averaged.", TimelineOptions.smooth_sec)
@click.option("--start", metavar="TIME", help="Start of the section of a YouTube video, in seconds or as m:ss.")
@click.option("--end", metavar="TIME", help="End of the section of a YouTube video.")
@click.option("--truth", type=FILE, metavar="FILE", help="Ground truth: CSV (start_sec,end_sec,label), SRT, VTT, JSON.")
@click.option(
    "--video/--no-video", "burn_in", default=True, help="Also write a copy of the video with the labels burned in."
)
@workers_option
@click.option(
    "--out",
    metavar="DIR",
    help="Folder for the results; by default VIDEO's name with '-annotated', and a number if another video has that. "
    "Required for many videos.",
)
def annotate(
    videos: tuple[str, ...],
    list_file: Path | None,
    classifier: str | None,
    labels: tuple[str, ...] | None,
    stride: float | None,
    threshold: float | None,
    smooth: float,
    start: str | None,
    end: str | None,
    truth: Path | None,
    burn_in: bool,
    workers: int,
    out: str | None,
) -> None:
    """Recognise the action in every frame of VIDEO, a file or a YouTube link.

    The results are files in one folder: the timeline in several formats, and a labelled video. If there are many
    videos, each gets a folder in DIR, and DIR/manifest.jsonl lists which are done, and which failed and why. Run the
    same command again to resume. VIDEO and DIR may then be URLs (s3://, gs://, abfs://, file://).
    """
    from_youtube = len(videos) == 1 and is_address(videos[0]) and not Path(videos[0]).exists()
    if not from_youtube and (start is not None or end is not None):
        raise OptionsError(
            "--start or --end was given without a YouTube link.",
            "They apply only to YouTube videos.",
            "Leave them out.",
        )
    if _is_batch(videos, list_file, out):
        if truth is not None:
            raise OptionsError("--truth was given with many videos.", "It applies to a single video.", "Leave it out.")
        from har.batch import BatchOptions  # imports Dask
        from har.cli.many import annotate_batch

        chosen, options = _choose(classifier, labels, threshold, smooth)
        for text in chosen.remarks:
            remark(text)
        annotate_batch(videos, list_file, out, BatchOptions(chosen.where, options, stride, burn_in), workers)
        return
    if not videos:
        raise OptionsError("No video was given.", "A file, a YouTube link or --list was expected.", "Give one.")
    chosen, options = _choose(classifier, labels, threshold, smooth)
    out_folder = FOLDER.convert(out, None, None) if out else None
    if from_youtube:
        path, folder = _fetch(videos[0], start, end, out_folder, chosen.card, options)
    else:
        path = Path(videos[0])
        folder = _result_folder(path, out_folder)
    with show_progress(_SPANS) as on_progress:
        result = annotation.annotate(
            path,
            folder,
            chosen.where,
            options,
            stride,
            remarks=chosen.remarks,
            ground_truth=truth,
            burn_in=burn_in,
            on_progress=on_progress,
        )
    for notice in result.info.notices(result.scored.warning):
        remark(notice)
    print_timeline(result.labelled.timeline)
    _print_guesses(result)
    _print_comparison(results.compare_with_ground_truth(result))
    if result.scored.stopped:
        end_sec = f"{result.scored.duration_sec:.2f} s"
        remark(f"stopped; the labels up to {end_sec} are in {folder}, without the labelled video.")
        raise click.exceptions.Exit(130)


def _is_batch(videos: Sequence[str], list_file: Path | None, out: str | None) -> bool:
    """Whether there is more than one video, or any input or output is remote."""
    is_remote = [text for text in (*videos, out or "") if remote.is_url(text) and not is_address(text)]
    return list_file is not None or len(videos) > 1 or bool(is_remote)


def _choose(
    classifier: str | None, labels: tuple[str, ...] | None, threshold: float | None, smooth_sec: float
) -> tuple[Chosen, LabelOptions]:
    """The classifier, whose file is downloaded if need be, and the options with its threshold if none is given."""
    given = TimelineOptions(**({} if threshold is None else {"threshold": threshold}), smooth_sec=smooth_sec)
    chosen = choose_classifier(classifier)
    own = chosen.card.threshold if threshold is None else None
    return chosen, LabelOptions(labels, given if own is None else replace(given, threshold=own))


def choose_classifier(classifier: str | None) -> Chosen:
    """The classifier of an option, or the default; its file is downloaded with progress if need be."""
    with show_progress(_SPANS) as on_progress:
        return choose(None if classifier is None else place_of(classifier), on_progress)


def print_timeline(timeline: Timeline) -> None:
    """Print one line per segment."""
    for segment in timeline.segments:
        times = f"{segment.start_sec:9.2f} {segment.end_sec:9.2f}"
        click.echo(f"{times}  {segment.confidence:4.0%}  {single_line(segment.label or 'unsure')}")


def _result_folder(video: Path, out: Path | None) -> Path:
    """The folder for results, with a message if that of this name has those of another video."""
    first = out or Path(f"{video.stem}-annotated")
    other = results.other_video(first, video)
    if other is None:
        return first
    if out is not None:
        remark(f"the results of {other} in {out} are replaced.")
        return out
    name = results.free_folder(video.stem, lambda name: results.other_video(Path(name), video) is None)
    remark(f"{first} has the results of {other}; those of {video} go to {name}.")
    return Path(name)


def _fetch(
    text: str, start: str | None, end: str | None, out: Path | None, card: Card, options: LabelOptions
) -> tuple[Path, Path]:
    """Fetch a YouTube video, and return its path and the folder for results, which contains it."""
    address = parse_address(text)
    options.canonicalize(card.labels)  # reports mistakes before fetching
    folder = out or Path(f"{address.video_id}-annotated")
    try:
        return download_section(address, start, end, folder / f"{address.video_id}.mp4"), folder
    except BaseException:
        with suppress(OSError):  # it contains other files
            folder.rmdir()
        raise


def _print_guesses(result: results.Annotation) -> None:
    unsure = result.labelled.timeline.unsure_share
    if unsure <= MOSTLY_UNSURE:
        return
    closest = ", ".join(f"{single_line(label)} ({share:.0%})" for label, share in result.labelled.verdict if share > 0)
    if not closest:
        remark("none of these labels: it looks unlike the clips that the classifier was trained on.")
        return
    remark(f"{unsure:.0%} of the video is unsure. Closest labels: {closest}.")
    remark("if you know which actions can occur, list them with --labels.")


def _print_comparison(comparison: results.GroundTruthComparison | None) -> None:
    if comparison is None:
        return
    if comparison.unknown:
        names = ", ".join(single_line(label) for label in comparison.unknown)
        remark(f"labels that the classifier does not have, counted as wrong: {names}")
    if comparison.notice:
        remark(comparison.notice)
    metrics = comparison.metrics
    if metrics is None:
        return
    click.echo(f"frame accuracy {metrics.frame_accuracy:.3f}, edit score {metrics.edit_score:.3f}")
    f1 = ", ".join(f"{share:.3f} at {iou:g}" for iou, share in zip(IOUS, metrics.f1, strict=True))
    click.echo(f"segmental F1 by overlap (IoU): {f1}")
