"""A data set in a folder: with a folder for each label, as most are, or with labels in the videos' names."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from har.datasets import naming
from har.datasets.dataset import Dataset, LabelledVideo, Skipped
from har.errors import DatasetError, DatasetMissing

# By name only: whether a file is a video is found when it is read.
SUFFIXES = {".3gp", ".avi", ".flv", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts"}
SUFFIXES |= {".webm", ".wmv"}
_TABLE = "groups.csv"

Groups = dict[tuple[str, str], str]  # by label and file name; the label is empty where the table has none
Folders = tuple[str, ...]  # names of the folders on the way from the top; none: the top itself


class _Found(NamedTuple):
    """A file that may be a video."""

    folders: Folders
    name: str

    @property
    def stem(self) -> str:
        return os.path.splitext(self.name)[0]


class _Listing(NamedTuple):
    videos: list[_Found]
    tables: list[Folders]  # folders with a table of groups
    skipped: list[Skipped]


def open_folder(folder: Path) -> Dataset:
    """The videos of a folder: `TaiChi/v_TaiChi_g07_c02.avi` is labelled 'TaiChi' and of group 'g07'.

    The label is the name of the folder that holds the video, however deep it lies: `train/run/a.mp4` and
    `test/run/b.mp4` are both labelled 'run'. Where that folder is a recording's (`basketball/v_shooting_01/…`,
    `run/g07/…`), it is the group, and the label is the folder's above it. Where folders mix labels (one folder with all
    videos, or one for training and one for tests), and in the top folder, the videos' names must tell the labels, by
    one of the schemes in `names`.

    A table `groups.csv`, in the folder or beside the labels' folders, with columns `file`, `group` and perhaps `class`,
    goes before what names say. Videos of which neither knows have no group.

    Nothing is opened but tables. `skipped` has the files named like videos that were left out; other files, and what is
    hidden, are passed over.

    Raises:
        DatasetMissing: no such folder, or no video that a label could be told of.
        DatasetError: a table of groups that cannot be read.
    """
    if not os.path.isdir(folder):
        raise DatasetMissing(f"{folder} is not a folder.", "A folder of class folders was expected.", "Check the path.")
    found = _look(folder)
    tables = {folders: _read_groups(folder.joinpath(*folders, _TABLE)) for folders in found.tables}
    mixed = _mixed(found.videos)
    videos, skipped = [], list(found.skipped)
    for video in found.videos:
        shown = "/".join((*video.folders, video.name))
        label, recording = _label(video, mixed)
        if label is None:
            skipped.append(Skipped(shown, "neither a folder nor its name tells its label"))
            continue
        group = _listed_group(video, label, tables) or recording or naming.group_in(video.stem, label)
        videos.append(LabelledVideo(folder.joinpath(*video.folders, video.name), label, group))
    if not videos:
        raise _no_videos(folder, skipped)
    name = folder.resolve().name
    return Dataset(name, name, tuple(videos), skipped=tuple(skipped))


def _label(video: _Found, mixed: bool) -> tuple[str | None, str | None]:
    """A video's label, and the recording whose folder it lies in."""
    folders, recording = video.folders, None
    if folders and naming.is_recording(folders[-1], video.stem):
        folders, recording = folders[:-1], folders[-1]
    if mixed or not folders:
        return naming.label_in(video.stem), recording
    return folders[-1], recording


def _mixed(videos: Sequence[_Found]) -> bool:
    """Whether folders hold several labels each, to judge by the names: then folders are not labels.

    Several such folders must have a label in common, as those for training and tests have; 'indoors' and 'outdoors',
    with actions of their own each, are labels.
    """
    told: dict[Folders, set[str]] = {}
    for video in (video for video in videos if video.folders):
        told.setdefault(video.folders, set()).update(filter(None, [naming.label_in(video.stem)]))
    several = bool(told) and all(len(labels) > 1 for labels in told.values())
    return several and (len(told) == 1 or sum(map(len, told.values())) > len(set().union(*told.values())))


def _listed_group(video: _Found, label: str, tables: Mapping[Folders, Groups]) -> str | None:
    """What the nearest table that knows the video says."""
    for depth in range(len(video.folders), -1, -1):
        groups = tables.get(video.folders[:depth])
        if groups and (group := groups.get((label, video.name)) or groups.get(("", video.name))):
            return group
    return None


def _look(top: Path) -> _Listing:
    """All files that may be videos, sorted by where they lie."""
    listing = _Listing([], [], [])
    inside = top.resolve()
    waiting: list[Folders] = [()]
    while waiting:
        folders = waiting.pop()
        try:
            entries = sorted(_entries(top.joinpath(*folders)), key=lambda entry: entry.name)
        except OSError:
            listing.skipped.append(Skipped(_readable("/".join(folders) or top.name), "a folder that cannot be opened"))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append((*folders, entry.name))
            else:
                _place(listing, folders, entry, inside)
    listing.videos.sort()
    return listing


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from (entry for entry in entries if entry.name[0] != "." and entry.name != "__MACOSX")


def _place(listing: _Listing, folders: Folders, entry: os.DirEntry[str], inside: Path) -> None:
    """Take a file that is named like a video, or a table of groups, or say why not."""
    linked = entry.is_symlink()
    to_folder = linked and os.path.isdir(entry.path)
    if entry.name != _TABLE and not to_folder and os.path.splitext(entry.name)[1].lower() not in SUFFIXES:
        return
    name = "/".join((*folders, entry.name))
    reason = None
    if linked and not Path(os.path.realpath(entry.path)).is_relative_to(inside):
        reason = "leads outside"
    elif to_folder:
        return  # it is looked at where it lies
    elif not (os.path.isfile(entry.path) if linked else entry.is_file()):
        reason = "not a file"
    elif _readable(name) != name:
        reason = "its name, or its folder's, is not in UTF-8"
    if reason:
        listing.skipped.append(Skipped(_readable(name), reason))
    elif entry.name == _TABLE:
        listing.tables.append(folders)
    else:
        listing.videos.append(_Found(folders, entry.name))


def _readable(name: str) -> str:
    """A name that can be shown and written: bytes that are no UTF-8 become question marks."""
    return os.fsencode(name).decode(errors="replace")


def _read_groups(table: Path) -> Groups:
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            return {(row.get("class") or "", row["file"]): row["group"] for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DatasetError(
            f"{table.parent.name}/{table.name} cannot be used ({error}).",
            "A table with the columns 'file' and 'group' was expected.",
            "Correct or remove it.",
        ) from error


def _no_videos(folder: Path, skipped: Sequence[Skipped]) -> DatasetMissing:
    seen = f"has no videos in class folders; {skipped[0].name}: {skipped[0].reason}" if skipped else "has no videos"
    return DatasetMissing(
        f"{folder.name} {seen}.",
        "Each label needs a folder of its name with its videos in it.",
        "Sort the videos into such folders, or give another path.",
    )
