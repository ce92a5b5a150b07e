"""`har montage`: the classes of a data set as a film."""

from pathlib import Path

import click

from har import reels
from har.cli.options import FILE, labels_option, remark
from har.cli.progress import show_progress
from har.datasets import one_per_class, open_dataset
from har.progress import FILMING_CLASSES
from har.storage import atomic


@click.command()
@click.argument("dataset")
@labels_option("Show only these classes.")
@click.option(
    "--classes",
    "class_count",
    type=click.IntRange(1),
    default=20,
    show_default=True,
    help="How many random classes to show; all, if there are fewer.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Another seed chooses other classes and clips."
)
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    default=Path("wall.mp4"),
    show_default=True,
    help="The film: .mp4, or .gif, which loops.",
)
def montage(dataset: str, labels: tuple[str, ...] | None, class_count: int, seed: int, out: Path) -> None:
    """Make a film of four seconds with a random clip of each class of DATASET, a name or a folder, in a grid."""
    videos = one_per_class(open_dataset(dataset, labels, draw=False).videos, class_count, seed)
    atomic.check_not_input(out, *(video.path for video in videos))
    with show_progress(FILMING_CLASSES) as on_progress:
        shown = reels.make_montage(videos, out, on_progress=on_progress, on_remark=remark)
    click.echo(f"{len(shown)} classes, written to {out}")
