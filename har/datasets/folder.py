"""A data set in a folder with a folder for each label, as most are."""

import csv
import re
from pathlib import Path

from har.datasets.base import Dataset, LabelledVideo
from har.errors import DatasetError, DatasetMissing

# By name only: whether a file is a video is found when it is read.
SUFFIXES = {".3gp", ".avi", ".flv", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts"}
SUFFIXES |= {".webm", ".wmv"}

_GROUP = re.compile(r"(?<![A-Za-z0-9])g\d+(?![A-Za-z0-9])")  # g07 in v_TaiChi_g07_c02.avi

Groups = dict[tuple[str, str], str]  # by label and file name; the label is empty where the table has none


def open_folder(folder: Path) -> Dataset:
    """The videos of a folder of folders: `TaiChi/v_TaiChi_g07_c02.avi` is labelled 'TaiChi' and of group 'g07'.

    A table `groups.csv` beside the labels' folders, with columns `file`, `group` and perhaps `class`, goes before what
    names say. Videos of which neither knows have no group.

    Raises:
        DatasetMissing: no such folder, or no videos one level down.
        DatasetError: a table of groups that cannot be read.
    """
    if not folder.is_dir():
        raise DatasetMissing(f"{folder} is not a folder.", "A folder of class folders was expected.", "Check the path.")
    groups = _read_groups(folder / "groups.csv")
    paths = [
        path
        for path in sorted(folder.glob("*/*"))
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and not path.parent.name.startswith(".")
    ]
    if not paths:
        raise DatasetMissing(
            f"{folder} has no videos one level down.",
            "Each label needs a folder of its name with its videos in it.",
            "Sort the videos into such folders, or give another path.",
        )
    videos = (LabelledVideo(path, path.parent.name, _group(path, groups)) for path in paths)
    name = folder.resolve().name
    return Dataset(name, name, tuple(videos))


def _group(path: Path, groups: Groups) -> str | None:
    listed = groups.get((path.parent.name, path.name)) or groups.get(("", path.name))
    named = _GROUP.search(path.stem)
    return listed or (named.group() if named else None)


def _read_groups(table: Path) -> Groups:
    if not table.exists():
        return {}
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            return {(row.get("class") or "", row["file"]): row["group"] for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DatasetError(
            f"{table} cannot be used ({error}).",
            "A table with the columns 'file' and 'group' was expected.",
            "Correct or remove it.",
        ) from error
