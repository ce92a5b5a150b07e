"""`har compare`: where two classifiers differ on a video."""

from pathlib import Path

import click

from har.classifier import load
from har.classifier.default import DESCRIPTION
from har.cli.annotate import choose_classifier
from har.cli.options import remark
from har.cli.progress import show_progress
from har.exports import single_line
from har.recognition import score
from har.results import comparison_options, label_scores
from har.timeline import compare as compare_labels
from har.video import probe


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--classifier", metavar="NAME|DIR", help=f"The first classifier; {DESCRIPTION}.")
@click.option("--with", "other", required=True, metavar="NAME|DIR", help="The second classifier.")
def compare(video: Path, classifier: str | None, other: str) -> None:
    """Show on how many frames of VIDEO two classifiers agree, and where they differ.

    Each classifier uses its own threshold. Two labels are equal if they are spelt the same.
    """
    info = probe(video)
    both = [choose_classifier(other), choose_classifier(classifier)][::-1]  # before any work
    cards = [chosen.card for chosen in both]
    for text in both[0].remarks:
        remark(text)
    scored = []
    for chosen in both:
        with show_progress() as on_progress:
            scored.append(score(info, load(chosen.where), on_progress=on_progress))
    first, second = (label_scores(each, comparison_options(card)) for each, card in zip(scored, cards, strict=True))
    duration_sec = min(each.duration_sec for each in scored)
    comparison = compare_labels(first.frames, second.frames, duration_sec)
    for part in comparison.differences:
        labels = " | ".join(single_line(label or "unsure") for label in (part.first, part.second))
        click.echo(f"{part.start_sec:9.2f} {part.end_sec:9.2f}  {labels}")
    click.echo(f"{cards[0].name} and {cards[1].name} agree on {comparison.agreement:.1%} of frames")
