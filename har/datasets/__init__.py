"""Labelled videos: opened by name or from a folder, and divided for training."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from har.datasets import figures, folder, splits
from har.datasets.dataset import Dataset, LabelledVideo, Skipped, content_hash, normalise_label
from har.datasets.figures.dataset_files import OnProgress
from har.datasets.sources import SOURCES, user
from har.errors import DatasetMissing
from har.settings import settings

__all__ = [
    "Dataset",
    "DatasetEntry",
    "LabelledVideo",
    "Skipped",
    "content_hash",
    "list_datasets",
    "normalise_label",
    "open_dataset",
    "ensure_drawn",
    "splits",
]

_TITLE = "title.txt"
_LONGEST_TITLE = 100


@dataclass(frozen=True)
class DatasetEntry:
    """What is known of a data set without opening it."""

    name: str  # what `open_dataset` takes
    title: str


def list_datasets() -> list[DatasetEntry]:
    """The generated set, and what lies in the folder of data sets; not what visitors brought."""
    found = sorted(path.name for path in settings().datasets.glob("*") if path.is_dir())
    others = [name for name in found if name != "figures" and not name.startswith((".", "figures-v"))]
    return [
        DatasetEntry("figures", "Figures: drawn people, generated on demand"),
        *(DatasetEntry(name, SOURCES[name].title if name in SOURCES else name) for name in others),
    ]


def open_dataset(
    name_or_path: str,
    labels: Iterable[str] | None = None,
    on_progress: OnProgress | None = None,
    *,
    draw: bool = True,
) -> Dataset:
    """A data set, or some labels of it.

    Args:
        name_or_path: 'figures'; the name of a folder in the folder of data sets, as `list_datasets` has it; the name of
            a visitor's own set, 'own-…'; or the path of a folder. Names with a path separator, and names of what is in
            the current directory, are paths.
        labels: only these, in any spelling.
        on_progress: told of each clip that is generated: clips there, clips in all.
        draw: False: leave files of the generated set that are missing to `ensure_drawn`.

    Raises:
        DatasetMissing: no such folder, or no videos in it.
        DatasetError: a table of groups that cannot be read.
        LabelsError: a label that no video has.
        StopRequested: if on_progress raises it; clips that are whole stay.
    """
    if name_or_path == "figures":
        drawn = figures.open_figures(labels, on_progress=on_progress) if draw else figures.list_figures(labels)
        return replace(drawn, licence="MIT, as the rest of this project, which drew the videos.")
    if name_or_path.startswith("own-") and "/" not in name_or_path:
        dataset = _open_own(user.dataset_folder(name_or_path))
    else:
        dataset = _open(_folder_called(name_or_path))
    return dataset if labels is None else dataset.only(labels)


def ensure_drawn(videos: Iterable[LabelledVideo], on_progress: OnProgress | None = None) -> None:
    """Draws those videos of the generated set whose files are missing, in another process; others need nothing.

    Args:
        videos: of any data sets.
        on_progress: told of the generated set's videos among them: files there, files in all.

    Raises:
        StopRequested: if on_progress raises it; files that are whole stay.
    """
    paths = [video.path for video in videos if figures.is_figures_clip(video.path)]
    missing = [path for path in paths if not path.exists()]
    for done, path in enumerate(missing, start=len(paths) - len(missing)):
        if on_progress:
            on_progress(done, len(paths))
        figures.drawing_process().draw(path)
    if on_progress and paths:
        on_progress(len(paths), len(paths))


def _folder_called(name_or_path: str) -> Path:
    if not name_or_path:
        raise DatasetMissing(
            "A data set without a name was asked for.", "A name or the path of a folder was expected.", "Give one."
        )
    path = Path(os.path.expanduser(name_or_path))
    if "/" in name_or_path or os.sep in name_or_path or os.path.exists(path):
        return path
    known = settings().datasets / name_or_path
    return known if os.path.isdir(known) else path


def _open(path: Path) -> Dataset:
    dataset = folder.open_folder(path)
    known = SOURCES.get(dataset.name)
    if known is None or path.parent != settings().datasets:
        return dataset
    return replace(dataset, title=known.title, licence=known.licence)


def _open_own(path: Path) -> Dataset:
    if not path.is_dir():
        raise DatasetMissing(
            "There is no such data set of one's own, or its time is up.",
            f"Own videos are kept for {settings().job_hours:g} hours.",
            "Bring them once more.",
        )
    return replace(folder.open_folder(path), name="own", title=_own_title(path), licence=SOURCES["own"].licence)


def _own_title(path: Path) -> str:
    """What the visitor calls it: the first line of a file that may be there."""
    try:
        text = (path / _TITLE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    first = next(iter(text.strip().splitlines()), "")
    return first.strip()[:_LONGEST_TITLE] or "Own videos"
