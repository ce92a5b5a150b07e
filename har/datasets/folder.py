"""A data set in a folder: with a folder for each label, or with labels in the file names."""

import csv
import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from har.datasets import naming
from har.datasets.dataset import Dataset, LabelledVideo, Note, Skipped, normalise_label
from har.datasets.layout import Folders, Place, Video, arrange
from har.errors import DatasetError, DatasetMissing
from har.video.formats import NOT_READ, OTHER_VIDEO_SUFFIXES, VIDEO_SUFFIXES

_TABLE = "groups.csv"


class _File(NamedTuple):
    """A file that may be a video."""

    folders: Folders
    name: str

    @property
    def video(self) -> Video:
        """The same with composed letters: macOS writes others, which look alike."""
        return Video(tuple(map(_composed, self.folders)), _composed(os.path.splitext(self.name)[0]))


class _Row(NamedTuple):
    """A row of a table of groups."""

    path: Folders  # the part that is given; the file name is last
    label: str  # normalised; empty: of any label
    group: str


class _Listing(NamedTuple):
    videos: list[_File]
    tables: list[Folders]  # folders with a table of groups
    skipped: list[Skipped]


def open_folder(folder: Path) -> Dataset:
    """The videos of a folder: `TaiChi/v_TaiChi_g07_c02.avi` is labelled 'TaiChi' and of group 'g07'.

    The label is the name of the folder that holds the video, at any depth: `train/run/a.mp4` and `test/run/b.mp4` are
    both labelled 'run'. If that folder holds one recording (`basketball/v_shooting_01/…`, `run/g07/…`, `run/001/…`), it
    is the group, and the folder above it is the label (see `layout`). If folders mix labels (one folder with all
    videos, or one for training and one for tests), and in the top folder, the label is parsed from the file name (see
    `naming`). Labels that differ only in spelling ('Run' and 'run') are one, spelt as for most of its videos.

    A table `groups.csv` with the columns `file`, `group` and optionally `class`, in the folder or next to the label
    folders, overrides the groups in names. `file` is a name, or a path as far as it is needed. Videos in
    neither have no group.

    Only tables are opened. `skipped` lists files named like videos that are not part of the set, and `notes` what the
    owner of the set should check; other files, and hidden ones, are ignored.

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
    found = [file.video for file in listing.videos]
    places, notes = arrange(found)
    if _mixes_labels(found):
        places = [
            Place(naming.parse_label(video.stem), place.recording if place.is_certain else None)
            for video, place in zip(found, places, strict=True)
        ]
        notes = []
    spelling, respelt = _spelling([place.label for place in places if place.label is not None])
    matched: set[Folders] = set()  # the folders of tables that list a video
    videos, skipped = [], list(listing.skipped)
    for file, video, place in zip(listing.videos, found, places, strict=True):
        if place.label is None:
            skipped.append(Skipped("/".join((*file.folders, file.name)), "no label in its folder or its name"))
            continue
        label = spelling[place.label]
        in_table = _group_in_tables(file, label, tables, matched)
        in_name = naming.parse_group(video.stem, place.label)
        certain, other = (place.recording, in_name) if place.is_certain else (in_name, place.recording)
        videos.append(LabelledVideo(folder.joinpath(*file.folders, file.name), label, in_table or certain or other))
    if not videos:
        raise _no_videos(folder, skipped)
    notes += [*respelt, *(_unmatched(folders, rows) for folders, rows in tables.items() if folders not in matched)]
    name = folder.resolve().name
    return Dataset(name, name, tuple(videos), skipped=tuple(skipped), notes=tuple(notes))


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _spelling(labels: Sequence[str]) -> tuple[dict[str, str], list[Note]]:
    """How each label is spelt: labels that are equal by `normalise_label` get the spelling of most videos."""
    counts = Counter(labels)
    spellings: dict[str, list[str]] = defaultdict(list)
    for label in sorted(counts, key=lambda label: (-counts[label], label)):
        spellings[normalise_label(label)].append(label)
    notes = [
        Note(other, f"the same label as '{first}', but for its spelling")
        for first, *others in spellings.values()
        for other in others
    ]
    return {label: same[0] for same in spellings.values() for label in same}, notes


def _mixes_labels(videos: Sequence[Video]) -> bool:
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


def _group_in_tables(
    file: _File, label: str, tables: dict[Folders, dict[str, list[_Row]]], matched: set[Folders]
) -> str | None:
    """The group in the nearest table that lists the video; the table is added to `matched`."""
    path = tuple(map(_composed, (*file.folders, file.name)))
    for depth in range(len(file.folders), -1, -1):
        rows = tables.get(file.folders[:depth], {}).get(path[-1], ())
        fitting = [
            row for row in rows if row.label in ("", normalise_label(label)) and _same_end(row.path, path[depth:])
        ]
        if fitting:
            matched.add(file.folders[:depth])
            return max(fitting, key=lambda row: (len(row.path), row.label != "")).group
    return None


def _same_end(path: Folders, other: Folders) -> bool:
    """Whether two paths are equal as far as both are given, from their ends."""
    length = min(len(path), len(other))
    return path[-length:] == other[-length:]


def _unmatched(folders: Folders, rows: dict[str, list[_Row]]) -> Note:
    first = next((row for of_name in rows.values() for row in of_name), None)
    example = f"'{'/'.join(first.path)}'" if first else "nothing"
    return Note("/".join((*folders, _TABLE)), f"lists {example}, but no video of the set: it has no effect")


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
    suffix = os.path.splitext(entry.name)[1].lower()
    is_unread = suffix in OTHER_VIDEO_SUFFIXES
    if entry.name != _TABLE and not to_folder and not is_unread and suffix not in VIDEO_SUFFIXES:
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
    elif is_unread:
        reason = NOT_READ
    if reason:
        listing.skipped.append(Skipped(_printable(name), reason))
    elif entry.name == _TABLE:
        listing.tables.append(folders)
    else:
        listing.videos.append(_File(folders, entry.name))


def _printable(name: str) -> str:
    """A name that can be shown: bytes that are not UTF-8 become replacement characters."""
    return os.fsencode(name).decode(errors="replace")


def _read_groups(table: Path) -> dict[str, list[_Row]]:
    rows: dict[str, list[_Row]] = defaultdict(list)
    try:
        lines = table.read_text("utf-8-sig").splitlines()
        if lines:
            lines[0] = lines[0].lower()
            delimiter = max(",;\t", key=lines[0].count)  # spreadsheets in some languages write semicolons
            for row in csv.DictReader(lines, delimiter=delimiter):
                path = tuple(
                    part for part in _composed(row["file"] or "").replace("\\", "/").split("/") if part not in ("", ".")
                )
                if path and row["group"]:
                    rows[path[-1]].append(_Row(path, normalise_label(row.get("class") or ""), row["group"]))
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DatasetError(
            f"{table.parent.name}/{table.name} cannot be used ({error}).",
            "A table with the columns 'file' and 'group' was expected.",
            "Correct or remove it.",
        ) from error
    return rows


def _no_videos(folder: Path, skipped: Sequence[Skipped]) -> DatasetMissing:
    problem = f"has no videos in class folders; {skipped[0].name}: {skipped[0].reason}" if skipped else "has no videos"
    return DatasetMissing(
        f"{folder.name} {problem}.",
        "Each label needs a folder of its videos.",
        "Sort the videos into such folders, or choose another path.",
    )
