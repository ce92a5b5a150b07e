"""`har explain`: why a classifier says what it says at one moment of a video."""

from pathlib import Path

import click

from har import explain, exports
from har.classifier import load
from har.cli.annotate import classifier_named
from har.cli.progress import progress
from har.clips import stride_samples
from har.explain.files import overlays, png
from har.explain.window import check_moment
from har.video import probe


@click.command("explain")
@click.argument("video", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--classifier", default="i3d-kinetics400", show_default=True, metavar="NAME|DIR", help="Who is asked.")
@click.option("--at", "at_sec", type=float, required=True, metavar="SEC", help="The moment; its window is explained.")
@click.option("--label", metavar="LABEL", help="Which of its labels; by default the likeliest.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="By default VIDEO's name with '-explained', here.",
)
def explain_moment(video: Path, classifier: str, at_sec: float, label: str | None, out: Path | None) -> None:
    """Explain what CLASSIFIER says of VIDEO at one moment: frames with heat over them, and the numbers as JSON."""
    info = probe(video)
    check_moment(at_sec, info.duration_sec)
    known = load(classifier_named(classifier))
    spec = known.card.spec
    if label is not None:
        label = explain.spelt(label, known.card.labels)
    stride = stride_samples(spec, known.card.stride_sec)
    start = max(0, round((at_sec * float(spec.rate) - spec.frames / 2) / stride) * stride)
    with progress(_explaining) as on_event:
        found = explain.explain(known, explain.read_window(info, spec, start), label, on_event)
    folder = out or Path(f"{video.stem}-explained")
    explain.write(folder, found)
    for number, frame in enumerate(overlays(found)):
        (folder / f"overlay-{number:02}.png").write_bytes(png(frame))
    (folder / "sheet.png").write_bytes(png(explain.contact_sheet(found)))
    _print(found.facts, folder)


def _print(facts: explain.Facts, folder: Path) -> None:
    first, last = facts.times_sec[0], facts.times_sec[-1]
    click.echo(f"{exports.one_line(facts.label)} {facts.probability:.3f}, frames from {first:.2f} to {last:.2f} s")
    for name, probability in facts.orders.items():
        click.echo(f"  {name:10} {probability:.3f}")
    drop = max(facts.drops)
    at_sec = facts.times_sec[facts.drops.index(drop)]
    click.echo(f"hiding {facts.hidden_count} frames costs at most {drop:.3f}, at {at_sec:.2f} s")
    click.echo(f"written to {folder}")


def _explaining(event: explain.Explaining) -> tuple[float, str]:
    return event.done / event.total, "explaining"
