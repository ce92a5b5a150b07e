"""Labelled videos: opened by name or from a folder, and divided for training."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from har.datasets import figures, folder, splits
from har.datasets.base import Dataset, LabelledVideo, Skipped, content_hash, normal_label
from har.datasets.figures.files import OnProgress
from har.settings import settings

__all__ = [
    "Dataset",
    "DatasetEntry",
    "LabelledVideo",
    "Skipped",
    "content_hash",
    "list_datasets",
    "normal_label",
    "open_dataset",
    "splits",
]


@dataclass(frozen=True)
class DatasetEntry:
    """What is known of a data set without opening it."""

    name: str  # what `open_dataset` takes
    title: str


def list_datasets() -> list[DatasetEntry]:
    """The generated set, and what lies in the folder of data sets."""
    found = sorted(path for path in settings().datasets.glob("*") if path.is_dir() and path.name[0] != ".")
    others = [DatasetEntry(str(path), path.name) for path in found if not path.name.startswith("figures-")]
    return [DatasetEntry("figures", "Figures: drawn people, generated on demand"), *others]


def open_dataset(
    name_or_path: str, labels: Iterable[str] | None = None, on_progress: OnProgress | None = None
) -> Dataset:
    """A data set, or some labels of it.

    Args:
        name_or_path: 'figures', or a folder of class folders.
        labels: only these, in any spelling.
        on_progress: told of each clip that is generated: clips there, clips in all.

    Raises:
        DatasetMissing: no such folder, or no videos in it.
        LabelsError: a label that no video has.
    """
    if name_or_path == "figures":
        drawn = figures.open_figures(labels, on_progress=on_progress)
        return replace(drawn, licence="MIT, as the rest of this project, which drew the videos.")
    dataset = folder.open_folder(Path(name_or_path).expanduser())
    return dataset if labels is None else dataset.only(labels)
