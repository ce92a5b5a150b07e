"""A data set in a folder: with a folder for each label, or with labels in the file names."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from har.datasets import naming
from har.datasets.dataset import Dataset, LabelledVideo, Skipped
from har.errors import DatasetError, DatasetMissing
from har.video.formats import VIDEO_SUFFIXES

_TABLE = "groups.csv"

Groups = dict[tuple[str, str], str]  # by label (empty if the table has none) and file name
Folders = tuple[str, ...]  # names from the top folder down; (): the top folder itself


class _File(NamedTuple):
    """A file that may be a video."""

    folders: Folders
    name: str

    @property
    def stem(self) -> str:
        return os.path.splitext(self.name)[0]


class _Listing(NamedTuple):
    videos: list[_File]
    tables: list[Folders]  # folders with a table of groups
    skipped: list[Skipped]


def open_folder(folder: Path) -> Dataset:
    """The videos of a folder: `TaiChi/v_TaiChi_g07_c02.avi` is labelled 'TaiChi' and of group 'g07'.

    The label is the name of the folder that holds the video, at any depth: `train/run/a.mp4` and `test/run/b.mp4` are
    both labelled 'run'. If that folder holds one recording (`basketball/v_shooting_01/…`, `run/g07/…`), it is the
    group, and the folder above it is the label. If folders mix labels (one folder with all videos, or one for training
    and one for tests), and in the top folder, the label is parsed from the file name (see `naming`).

    A table `groups.csv` with the columns `file`, `group` and optionally `class`, in the folder or next to the label
    folders, overrides the groups in names. Videos in neither have no group.

    Only tables are opened. `skipped` lists files named like videos that are not part of the set; other files, and
    hidden ones, are ignored.

    Raises:
        DatasetMissing: there is no such folder, or no video with a label.
        DatasetError: a table of groups cannot be read.
    """
    if not os.path.isdir(folder):
        raise DatasetMissing(
            f"{folder} is not a folder.", "A folder with one folder per label was expected.", "Check the path."
        )
    listing = _list_files(folder)
    tables = {folders: _read_groups(folder.joinpath(*folders, _TABLE)) for folders in listing.tables}
    mixed = _mixes_labels(listing.videos)
    videos, skipped = [], list(listing.skipped)
    for video in listing.videos:
        label, recording = _label(video, mixed)
        if label is None:
            skipped.append(Skipped("/".join((*video.folders, video.name)), "no label in its folder or its name"))
            continue
        group = _group_in_tables(video, label, tables) or recording or naming.parse_group(video.stem, label)
        videos.append(LabelledVideo(folder.joinpath(*video.folders, video.name), label, group))
    if not videos:
        raise _no_videos(folder, skipped)
    name = folder.resolve().name
    return Dataset(name, name, tuple(videos), skipped=tuple(skipped))


def _label(video: _File, mixed: bool) -> tuple[str | None, str | None]:
    """The label of a video, and its recording if that has a folder."""
    folders, recording = video.folders, None
    if folders and naming.is_recording_folder(folders[-1], video.stem):
        folders, recording = folders[:-1], folders[-1]
    if mixed or not folders:
        return naming.parse_label(video.stem), recording
    return folders[-1], recording


def _mixes_labels(videos: Sequence[_File]) -> bool:
    """Whether each folder holds several labels, by the file names: then folders are not labels.

    Several such folders must share a label, like those for training and tests; 'indoors' and 'outdoors', each with
    actions of its own, are labels.
    """
    labels_in: dict[Folders, set[str]] = {}
    for video in videos:
        if video.folders:
            labels_in.setdefault(video.folders, set()).update(filter(None, [naming.parse_label(video.stem)]))
    if not labels_in or any(len(labels) < 2 for labels in labels_in.values()):
        return False
    return len(labels_in) == 1 or sum(map(len, labels_in.values())) > len(set().union(*labels_in.values()))


def _group_in_tables(video: _File, label: str, tables: Mapping[Folders, Groups]) -> str | None:
    """The group in the nearest table that lists the video."""
    for depth in range(len(video.folders), -1, -1):
        groups = tables.get(video.folders[:depth])
        if groups and (group := groups.get((label, video.name)) or groups.get(("", video.name))):
            return group
    return None


def _list_files(top: Path) -> _Listing:
    """All files that may be videos, sorted by path."""
    listing = _Listing([], [], [])
    real_top = top.resolve()
    pending: list[Folders] = [()]
    while pending:
        folders = pending.pop()
        try:
            entries = sorted(_entries(top.joinpath(*folders)), key=lambda entry: entry.name)
        except OSError:
            listing.skipped.append(Skipped(_printable("/".join(folders) or top.name), "a folder that cannot be opened"))
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                pending.append((*folders, entry.name))
            else:
                _classify(listing, folders, entry, real_top)
    listing.videos.sort()
    return listing


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from (entry for entry in entries if entry.name[0] != "." and entry.name != "__MACOSX")


def _classify(listing: _Listing, folders: Folders, entry: os.DirEntry[str], real_top: Path) -> None:
    """Add a file to the videos, tables or skipped files; ignore other kinds of files."""
    linked = entry.is_symlink()
    to_folder = linked and os.path.isdir(entry.path)
    if entry.name != _TABLE and not to_folder and os.path.splitext(entry.name)[1].lower() not in VIDEO_SUFFIXES:
        return
    name = "/".join((*folders, entry.name))
    reason = None
    if linked and not Path(os.path.realpath(entry.path)).is_relative_to(real_top):
        reason = "leads outside"
    elif to_folder:
        return  # it is listed where it really is
    elif not (os.path.isfile(entry.path) if linked else entry.is_file()):
        reason = "not a file"
    elif _printable(name) != name:
        reason = "its path is not UTF-8"
    if reason:
        listing.skipped.append(Skipped(_printable(name), reason))
    elif entry.name == _TABLE:
        listing.tables.append(folders)
    else:
        listing.videos.append(_File(folders, entry.name))


def _printable(name: str) -> str:
    """A name that can be shown: bytes that are not UTF-8 become replacement characters."""
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
    problem = f"has no videos in class folders; {skipped[0].name}: {skipped[0].reason}" if skipped else "has no videos"
    return DatasetMissing(
        f"{folder.name} {problem}.",
        "Each label needs a folder of its videos.",
        "Sort the videos into such folders, or choose another path.",
    )
