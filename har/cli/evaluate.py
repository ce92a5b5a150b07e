"""`har evaluate`: the accuracy of a classifier on a data set."""

import json
from pathlib import Path

import click

from har.classifier import load, place_of
from har.cli.datasets import print_remarks
from har.cli.options import FILE
from har.cli.progress import show_progress
from har.datasets import open_dataset
from har.evaluation import Report
from har.evaluation import evaluate as evaluate_classifier
from har.progress import Stage
from har.storage import atomic


@click.command()
@click.argument("classifier")
@click.argument("dataset")
@click.option("--all", "include_seen", is_flag=True, help="Include the clips that it was trained or validated on.")
@click.option("--json", "json_path", type=FILE, metavar="FILE", help="Write the report as JSON.")
def evaluate(classifier: str, dataset: str, include_seen: bool, json_path: Path | None) -> None:
    """Evaluate CLASSIFIER on the clips of DATASET that it has not seen."""
    model = load(place_of(classifier))
    with show_progress({Stage.DRAW_CLIPS: (0.0, 0.2), Stage.EVALUATE: (0.2, 1.0)}) as on_progress:
        data = open_dataset(dataset, draw=False)
        report = evaluate_classifier(model, data, include_seen, on_progress)
    if json_path is not None:
        atomic.write_text(json_path, json.dumps(report.to_json(), indent=2, ensure_ascii=False) + "\n")
    click.echo(f"{report.left_out} clips left out, because {model.card.name} was trained or validated on them")
    print_remarks(report.skipped)
    print_accuracy(report, "accuracy")
    for label, share in report.recall().items():
        click.echo(f"  {label:30} {share.value:.3f}")
    _print_confusion(report)
    for clip in report.clips:
        correct = "right" if clip.predicted == clip.label else "WRONG"
        click.echo(f"{correct}  {clip.path}  {clip.label} -> {clip.predicted} ({clip.confidence:.2f})")


def print_accuracy(report: Report, name: str) -> None:
    """Print the accuracy of a report with its interval."""
    low, high = report.interval
    click.echo(f"{name} {report.accuracy:.3f} on {len(report.clips)} clips (95 % interval {low:.3f} to {high:.3f})")


def _print_confusion(report: Report) -> None:
    rows = [row for row in range(len(report.labels)) if report.confusion[row].sum() or report.confusion[:, row].sum()]
    click.echo("confusion matrix (rows: true labels; columns: predicted labels, in the same order):")
    for row in rows:
        counts = " ".join(f"{report.confusion[row, column]:4d}" for column in rows)
        click.echo(f"  {report.labels[row]:30} {counts}")
