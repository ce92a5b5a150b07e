"""Clips that users upload: under a label, or as an archive of class folders.

Each set is in a folder with a random name: knowing the name is the right to use it.
"""

import codecs
import os
import re
import secrets
import shutil
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from har.datasets.archives import unpacking
from har.datasets.dataset import Dataset, Note, Skipped, content_hash
from har.datasets.folder import open_folder
from har.errors import ArchiveRefused, DatasetError, DatasetMissing, LabelsError
from har.progress import OnProgress, ignore
from har.settings import GIB, settings
from har.storage import atomic, owners
from har.video.formats import NOT_READ, OTHER_VIDEO_SUFFIXES, VIDEO_SUFFIXES

NAME = "own"  # that data sets of users have as `Dataset.name`
PREFIX = f"{NAME}-"  # of the names that open them
LICENCE = "Private: anyone with the link can view; deleted after 24 h."
_NAME = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{16,43}}")
_LABEL = re.compile(r"[^\W_][\w &'()+-]{0,59}")
_TABLE = "groups.csv"
TITLE_FILE = "title.txt"
_MAX_TITLE = 100


@dataclass(frozen=True)
class Added:
    """What was added to a set."""

    counts: dict[str, int]  # of clips, by label
    left_out: tuple[Skipped | Note, ...]  # files that were not added, and why; and notes


def new_name() -> str:
    """A name for a new set."""
    return f"{PREFIX}{secrets.token_urlsafe(16)}"


def dataset_folder(name: str) -> Path:
    """The folder of a set, which need not exist.

    Raises:
        DatasetMissing: it is not a valid name.
    """
    if not _NAME.fullmatch(name):
        raise DatasetMissing(
            "There is no such data set.",
            f"Names of visitors' data sets begin with {PREFIX}.",
            "Create a data set first.",
        )
    return settings().own_datasets / name


def sets_of(owner: str) -> list[str]:
    """Names of the sets that a visitor has made, the newest first."""
    folders = [folder for folder in settings().own_datasets.glob(f"{PREFIX}*") if owners.owner_of(folder) == owner]
    return [folder.name for folder in sorted(folders, key=lambda folder: folder.stat().st_mtime, reverse=True)]


def open_set(name: str) -> Dataset:
    """A user's set, under the title that it was given in title.txt.

    Raises:
        DatasetMissing: there is no such set, or no video in it.
    """
    folder = dataset_folder(name)
    if not folder.is_dir():
        raise DatasetMissing(
            "There is no such data set, or it has expired.",
            f"Uploaded videos are kept for {settings().job_hours:g} hours.",
            "Upload them again.",
        )
    return replace(open_folder(folder), name=NAME, title=_read_title(folder), licence=LICENCE)


def add_clips(name: str, label: str, files: Sequence[tuple[str, Path]], on_progress: OnProgress = ignore) -> Added:
    """Add clips, moved, under a label of a set, which is created if necessary.

    `files` has the original name and the path of each. `StopRequested` raised out of `on_progress` adds nothing.

    Raises:
        LabelsError: the label cannot be the name of a folder.
        ArchiveRefused: the set would be too large.
    """
    folder = dataset_folder(name)
    label = validate_label(label)
    check_set_size(folder, sum(path.stat().st_size for _, path in files))
    with unpacking.temporary_folder(folder) as staging:
        known = {content_hash(path) for path in _videos(folder / label)}
        skipped: list[Skipped] = []
        added: list[Path] = []
        for original_name, path in files:
            target = staging / label / _free_name(original_name, added)
            if target.suffix.lower() in OTHER_VIDEO_SUFFIXES:
                skipped.append(Skipped(original_name, NOT_READ))
            elif target.suffix.lower() not in VIDEO_SUFFIXES:
                skipped.append(Skipped(original_name, "not a video file, judging by its name"))
            elif (content := content_hash(path)) in known:
                skipped.append(Skipped(original_name, "already in the set"))
            else:
                known.add(content)
                target.parent.mkdir(exist_ok=True)
                shutil.move(path, target)
                added.append(target)
        skipped += unpacking.remove_non_videos(added, on_progress)
        return _merge(staging, folder, skipped)


def add_archive(name: str, archive: Path, on_progress: OnProgress = ignore) -> Added:
    """Unpack an archive of class folders (zip, tar, rar or 7z) into a set, which is created if necessary.

    `StopRequested` raised out of `on_progress` adds nothing.

    Returns:
        What was added, with a note if file names had to be guessed.

    Raises:
        ArchiveRefused: as `unpacking.unpack`; or the set would be too large.
    """
    folder = dataset_folder(name)
    with unpacking.temporary_folder(folder) as staging:
        unpacked = staging / "unpacked"
        skipped = [*unpacking.unpack(archive, unpacked, on_progress), *_remove_known(unpacked, folder)]
        check_set_size(folder, sum(path.stat().st_size for path in _videos(unpacked)))
        return _merge(unpacked, folder, skipped)


def check_set_size(folder: Path, more_bytes: int) -> None:
    """Refuse videos that would make a set too large.

    Raises:
        ArchiveRefused: they would.
    """
    limit = settings().max_unpacked_bytes
    size_bytes = more_bytes + sum(path.stat().st_size for path in _videos(folder))
    if size_bytes > limit:
        raise ArchiveRefused(
            f"The data set would be {size_bytes / GIB:.1f} GB in size.",
            f"At most {limit / GIB:.1f} GB are allowed.",
            "Add fewer or shorter clips; HAR_MAX_UNPACKED_BYTES raises the limit.",
        )


def _read_title(folder: Path) -> str:
    try:
        text = (folder / TITLE_FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    first_line = next(iter(text.strip().splitlines()), "")
    return first_line.strip()[:_MAX_TITLE] or "Own videos"


def _remove_known(source: Path, folder: Path) -> list[Skipped]:
    """Remove duplicates, and videos that are in the set under any label."""
    known = {content_hash(path) for path in _videos(folder)}
    skipped = []
    for path in sorted(_videos(source)):
        if (content := content_hash(path)) in known:
            path.unlink()
            skipped.append(Skipped(str(path.relative_to(source)), "already in the set"))
        known.add(content)
    return skipped


def _merge(source: Path, folder: Path, left_out: Sequence[Skipped | Note]) -> Added:
    """Move files to the same relative paths in another folder; where the name is taken, a number is appended."""
    folder.mkdir(parents=True, exist_ok=True)
    skipped, moved = [*left_out], set()
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        target = folder / path.relative_to(source)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            skipped.append(Skipped(str(path.relative_to(source)), "a file and a folder have the same name"))
            continue
        if target.name == _TABLE and target.is_file():
            if not _append_rows(path, target):
                skipped.append(
                    Skipped(str(path.relative_to(source)), "its columns differ from those of the first table")
                )
            continue
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{path.stem}-{number}{path.suffix}")
        path.replace(target)
        moved.add(target)
    os.utime(folder)  # its expiry starts again
    return Added(_count(folder, moved), tuple(skipped))


def _count(folder: Path, added: Collection[Path]) -> dict[str, int]:
    try:
        videos = open_folder(folder).videos
    except DatasetError:  # there is no video in it
        return {}
    return dict(Counter(video.label for video in videos if video.path in added))


def _append_rows(table: Path, target: Path) -> bool:
    """Append the rows of a table to another one; False if their columns differ."""
    header, _, rows = table.read_bytes().removeprefix(codecs.BOM_UTF8).partition(b"\n")
    existing = target.read_bytes()
    if header.strip() != existing.removeprefix(codecs.BOM_UTF8).partition(b"\n")[0].strip():
        return False
    atomic.write_bytes(target, existing.rstrip(b"\r\n") + b"\n" + rows)
    return True


def validate_label(label: str) -> str:
    """A label that can be the name of a folder, with single spaces and composed letters.

    Raises:
        LabelsError: it cannot be one.
    """
    label = unicodedata.normalize("NFC", " ".join(label.split()))
    letters = "".join("x" if unicodedata.category(character)[0] == "M" else character for character in label)
    if not _LABEL.fullmatch(letters):  # vowel signs and accents count as letters
        raise LabelsError(
            f"The label was {label[:60]!r}.",
            "Up to 60 letters, digits, spaces and - _ & ' ( ) + are allowed; the first must be a letter or digit.",
            "Choose another label.",
        )
    return label


def _free_name(original_name: str, taken: Sequence[Path]) -> str:
    """The original name, changed where a file cannot have it or another one has."""
    name = re.sub(r"[^\w .()-]+", "_", original_name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "clip"
    stem, suffix = os.path.splitext(unpacking.shorten_name(name))
    taken_names = {path.name for path in taken}
    name, number = stem + suffix, 1
    while name in taken_names:
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name


def _videos(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in VIDEO_SUFFIXES]
