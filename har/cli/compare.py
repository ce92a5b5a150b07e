"""`har compare`: where two classifiers differ on a video."""

from collections.abc import Callable
from pathlib import Path

import click

from har import exports
from har.classifier import load, read_card
from har.cli.annotate import classifier_named
from har.cli.progress import progress
from har.recognition import Scoring, score
from har.results import label, own_options
from har.timeline import Scored
from har.timeline import compare as compare_labels
from har.video import VideoInfo, probe


@click.command()
@click.argument("video", type=click.Path(path_type=Path))
@click.option("--classifier", default="i3d-kinetics400", show_default=True, metavar="NAME|DIR", help="One.")
@click.option("--with", "other", required=True, metavar="NAME|DIR", help="The other.")
def compare(video: Path, classifier: str, other: str) -> None:
    """Tell on how many frames of VIDEO two classifiers agree, and where they do not.

    Each is asked with its own threshold; a label is the same where both spell it alike.
    """
    info = probe(video)
    names = (classifier_named(classifier), classifier_named(other))
    cards = [read_card(name) for name in names]  # what is wrong with the second is told before the first works
    with progress(_scoring) as on_event:
        scored = [_scored(info, name, at, on_event) for at, name in enumerate(names)]
    one, two = (label(found, own_options(card)) for found, card in zip(scored, cards, strict=True))
    duration_sec = min(found.duration_sec for found in scored)
    found = compare_labels(one.frames, two.frames, duration_sec)
    for stretch in found.differing:
        told = (exports.one_line(name or "unsure") for name in (stretch.one, stretch.other))
        click.echo(f"{stretch.start_sec:9.2f} {stretch.end_sec:9.2f}  {' | '.join(told)}")
    click.echo(f"{cards[0].name} and {cards[1].name} agree on {found.agreement:.1%} of frames")


def _scored(info: VideoInfo, name: str | Path, at: int, on_event: Callable[[tuple[int, Scoring]], None]) -> Scored:
    return score(info, load(name), on_event=lambda event: on_event((at, event)))


def _scoring(event: tuple[int, Scoring]) -> tuple[float, str]:
    at, scoring = event
    return (at + scoring.done_sec / scoring.total_sec) / 2, "recognising"
