"""`har explain`: why a classifier gives its answer at one moment of a video."""

from pathlib import Path

import click

from har import explain, exports
from har.classifier import load
from har.classifier.default import DESCRIPTION
from har.cli.annotate import choose_classifier
from har.cli.options import FILE, FOLDER, remark
from har.cli.progress import show_progress
from har.clips import stride_samples
from har.explain.store import HEAT, overlays, png
from har.explain.window import check_time
from har.video import probe


@click.command("explain")
@click.argument("video", type=FILE)
@click.option("--classifier", metavar="NAME|DIR", help=f"The classifier to explain; {DESCRIPTION}.")
@click.option("--at", "at_sec", type=float, required=True, metavar="SEC", help="Time of the moment to explain.")
@click.option("--label", metavar="LABEL", help="The label to explain; by default the most probable.")
@click.option(
    "--out",
    type=FOLDER,
    metavar="DIR",
    help="Folder to write to; by default VIDEO's name with '-explained', in the current folder.",
)
def explain_moment(video: Path, classifier: str | None, at_sec: float, label: str | None, out: Path | None) -> None:
    """Explain the classifier's label at one moment of VIDEO.

    Writes the frames, with a heatmap if the network has gradients, and the figures as JSON.
    """
    info = probe(video)
    check_time(at_sec, info.duration_sec)
    chosen = choose_classifier(classifier)
    for text in chosen.remarks:
        remark(text)
    loaded = load(chosen.where)
    spec = loaded.card.spec
    if label is not None:
        label = explain.canonical_label(label, loaded.card.labels)
    stride = stride_samples(spec, loaded.card.stride_sec)
    start = max(0, round((at_sec * float(spec.rate) - spec.frames / 2) / stride) * stride)
    with show_progress() as on_progress:
        explanation = explain.explain(loaded, explain.read_window(info, spec, start), label, on_progress)
    folder = out or Path(f"{video.stem}-explained")
    explain.write_explanation(folder, explanation)
    if explanation.facts.layers:
        for number, frame in enumerate(overlays(explanation)):
            (folder / f"overlay-{number:02}.png").write_bytes(png(frame))
    else:
        (folder / HEAT).unlink()  # it is black
    (folder / "sheet.png").write_bytes(png(explain.contact_sheet(explanation)))
    _print(explanation.facts, folder)


def _print(facts: explain.Facts, folder: Path) -> None:
    first, last = facts.times_sec[0], facts.times_sec[-1]
    click.echo(f"{exports.single_line(facts.label)} {facts.probability:.3f}, frames from {first:.2f} to {last:.2f} s")
    for name, probability in facts.orders.items():
        click.echo(f"  {name:10} {probability:.3f}")
    drop = max(facts.drops)
    at_sec = facts.times_sec[facts.drops.index(drop)]
    lowers = f"lowers the probability by at most {drop:.3f}, at {at_sec:.2f} s" if drop > 0 else "never lowers it"
    click.echo(f"hiding {facts.hidden_count} frames {lowers}")
    if not facts.layers:
        click.echo(explain.NO_HEATMAP)
    click.echo(f"written to {folder}")
