"""The data sets that can be opened by name: the generated one, those in the folder of data sets, users' own."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from har.datasets import figures, folder, user_sets
from har.datasets.dataset import Dataset, LabelledVideo
from har.datasets.source import Source
from har.errors import DatasetMissing
from har.progress import OnProgress, Progress, Stage, ignore
from har.settings import settings


@dataclass(frozen=True)
class DatasetEntry:
    """What is known of a data set without opening it."""

    name: str  # for `open_dataset`
    title: str


def list_datasets() -> list[DatasetEntry]:
    """The generated set, and those in the folder of data sets; not what users have uploaded."""
    known = _sources()
    folders = sorted(path.name for path in settings().datasets.glob("*") if path.is_dir())
    names = [name for name in folders if name != "figures" and not name.startswith((".", "figures-v"))]
    return [
        DatasetEntry("figures", "Figures: drawn people, generated on demand"),
        *(DatasetEntry(name, known[name].title if name in known else name) for name in names),
    ]


def open_dataset(
    name_or_path: str,
    labels: Iterable[str] | None = None,
    on_progress: OnProgress = ignore,
    *,
    draw: bool = True,
) -> Dataset:
    """A data set, or some of its labels.

    Args:
        name_or_path: 'figures'; a folder in the folder of data sets, as in `list_datasets`; a user's own set, 'own-…';
            or the path of a folder. Names with a path separator, and names that exist in the current directory, are
            paths.
        labels: only these, in any spelling.
        on_progress: reports the clips that are drawn.
        draw: False: do not draw missing clips of the generated set; see `ensure_drawn`.

    Raises:
        DatasetMissing: there is no such folder, or no video in it.
        DatasetError: a table of groups cannot be read.
        LabelsError: no video has one of the labels.
        StopRequested: raised by on_progress; finished clips are kept.
    """
    if name_or_path == "figures":
        dataset = figures.open_figures(labels, on_progress=on_progress) if draw else figures.list_figures(labels)
        return replace(dataset, licence="MIT, as the rest of this project, which drew the videos.")
    if name_or_path.startswith(user_sets.PREFIX) and "/" not in name_or_path:
        dataset = user_sets.open_set(name_or_path)
    else:
        dataset = _open_folder(_find_folder(name_or_path))
    return dataset if labels is None else dataset.select_labels(labels)


def ensure_drawn(videos: Iterable[LabelledVideo], on_progress: OnProgress = ignore) -> None:
    """Draw missing clips of the generated set, in another process; other videos need nothing.

    Raises:
        StopRequested: raised by on_progress; finished clips are kept.
    """
    paths = [video.path for video in videos if figures.is_figures_clip(video.path)]
    missing = [path for path in paths if not path.exists()]
    for done, path in enumerate(missing, start=len(paths) - len(missing)):
        on_progress(Progress(Stage.DRAW_CLIPS, done, len(paths)))
        figures.drawing_process().draw(path)
    if paths:
        on_progress(Progress(Stage.DRAW_CLIPS, len(paths), len(paths)))


def _sources() -> dict[str, Source]:
    from har.datasets.sources import SOURCES  # with libraries that start slowly

    return SOURCES


def _find_folder(name_or_path: str) -> Path:
    if not name_or_path:
        raise DatasetMissing(
            "The name of the data set is empty.", "A name or the path of a folder was expected.", "Enter one."
        )
    path = Path(os.path.expanduser(name_or_path))
    if "/" in name_or_path or os.sep in name_or_path or os.path.exists(path):
        return path
    named = settings().datasets / name_or_path
    return named if os.path.isdir(named) else path


def _open_folder(path: Path) -> Dataset:
    dataset = folder.open_folder(path)
    source = _sources().get(dataset.name)
    if source is None or path.parent != settings().datasets:
        return dataset
    return replace(dataset, title=source.title, licence=source.licence)
