"""Videos that somebody brings: clips under a label, or an archive of class folders.

Each set lies in a folder whose name nobody can guess: whoever knows it owns it.
"""

import codecs
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from har.datasets.dataset import Skipped, content_hash
from har.datasets.fetching import archives
from har.datasets.fetching.limits import OnEvent, ignore
from har.datasets.folder import SUFFIXES
from har.errors import ArchiveRefused, DatasetMissing, LabelsError
from har.settings import GIB, settings

_NAME = re.compile(r"own-[A-Za-z0-9_-]{16,43}")
_TABLE = "groups.csv"
LABEL = re.compile(r"[^\W_][\w &'()+-]{0,59}")


def new_name() -> str:
    """A name for a new set."""
    return f"own-{secrets.token_urlsafe(16)}"


def dataset_folder(name: str) -> Path:
    """Where a set of that name lies, or would lie.

    Raises:
        DatasetMissing: no such name can be.
    """
    if not _NAME.fullmatch(name):
        raise DatasetMissing("There is no such data set.", "Own sets have names that begin with own-.", "Make one.")
    return settings().own_datasets / name


def add_clips(
    name: str, label: str, files: Sequence[tuple[str, Path]], on_event: OnEvent = ignore
) -> tuple[Skipped, ...]:
    """Put clips under a label.

    Args:
        name: of the set, which is made if it is not there.
        label: the action they show.
        files: the name each was given and where it lies; they are moved.
        on_event: told of progress. `StopRequested` raised out of it adds nothing.

    Returns:
        What was left out, and why.

    Raises:
        LabelsError: a label that no folder can be called.
        ArchiveRefused: the set would become too big.
    """
    folder = dataset_folder(name)
    label = _checked(label)
    check_size(folder, sum(path.stat().st_size for _, path in files))
    with gathering(folder) as incoming:
        known = {content_hash(path) for path in _videos(folder / label)}
        skipped: list[Skipped] = []
        brought: list[Path] = []
        for given, path in files:
            target = incoming / label / _file_name(given, brought)
            if target.suffix.lower() not in SUFFIXES:
                skipped.append(Skipped(given, "not called like a video"))
            elif (content := content_hash(path)) in known:
                skipped.append(Skipped(given, "there already"))
            else:
                known.add(content)
                target.parent.mkdir(exist_ok=True)
                shutil.move(path, target)
                brought.append(target)
        skipped += archives.keep_videos(brought, on_event)
        skipped += _merge(incoming, folder)
    return tuple(skipped)


def add_archive(name: str, archive: Path, on_event: OnEvent = ignore) -> tuple[Skipped, ...]:
    """Unpack an archive of class folders into a set, beside what is there.

    Args:
        name: of the set, which is made if it is not there.
        archive: zip, tar, rar or 7z.
        on_event: told of progress. `StopRequested` raised out of it adds nothing.

    Returns:
        What was left out, and why.

    Raises:
        ArchiveRefused: see `archives.unpack`; or the set would become too big.
    """
    folder = dataset_folder(name)
    with gathering(folder) as incoming:
        unpacked = incoming / "unpacked"
        skipped = [*archives.unpack(archive, unpacked, on_event), *_drop_known(unpacked, folder)]
        check_size(folder, sum(path.stat().st_size for path in _videos(unpacked)))
        skipped += _merge(unpacked, folder)
    return tuple(skipped)


@contextmanager
def gathering(folder: Path) -> Iterator[Path]:
    """A folder beside the sets to gather things in; gone afterwards."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder.parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _drop_known(source: Path, folder: Path) -> list[Skipped]:
    """Remove the videos that the set has, under whatever label, and all but one of those that are there twice."""
    known = {content_hash(path) for path in _videos(folder)}
    skipped = []
    for path in sorted(_videos(source)):
        if (content := content_hash(path)) in known:
            path.unlink()
            skipped.append(Skipped(str(path.relative_to(source)), "there already"))
        known.add(content)
    return skipped


def _merge(source: Path, folder: Path) -> list[Skipped]:
    """Move files to the same places below another folder; one whose name is taken there gets a number."""
    folder.mkdir(parents=True, exist_ok=True)
    skipped = []
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        target = folder / path.relative_to(source)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            skipped.append(Skipped(str(path.relative_to(source)), "a file and a folder of one name"))
            continue
        if target.name == _TABLE and target.is_file():
            if not _append(path, target):
                skipped.append(Skipped(str(path.relative_to(source)), "its columns are not those of the table there"))
            continue
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{path.stem}-{number}{path.suffix}")
        path.replace(target)
    os.utime(folder)  # it was used
    return skipped


def _append(table: Path, target: Path) -> bool:
    """Add a table's rows to another with the same columns; or say that they differ."""
    header, _, rows = table.read_bytes().removeprefix(codecs.BOM_UTF8).partition(b"\n")
    there = target.read_bytes()
    if header.strip() != there.removeprefix(codecs.BOM_UTF8).partition(b"\n")[0].strip():
        return False
    target.write_bytes(there.rstrip(b"\r\n") + b"\n" + rows)
    return True


def _checked(label: str) -> str:
    label = " ".join(label.split())
    if not LABEL.fullmatch(label):
        raise LabelsError(
            f"{label[:60]!r} was given as a label.",
            "Letters, digits, blanks and - _ & ' ( ) + are allowed, up to 60 of them, the first a letter or digit.",
            "Choose another.",
        )
    return label


def _file_name(given: str, brought: Sequence[Path]) -> str:
    """The given name, if a file can be called so and none is."""
    name = re.sub(r"[^\w .()-]+", "_", given.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "clip"
    stem, suffix = os.path.splitext(archives.sized(name))
    taken = {path.name for path in brought}
    name, number = stem + suffix, 1
    while name in taken:
        number += 1
        name = f"{stem}-{number}{suffix}"
    return name


def _videos(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES]


def check_size(folder: Path, more_bytes: int) -> None:
    """See that a set may have so many bytes more.

    Raises:
        ArchiveRefused: it would become too big.
    """
    limit = settings().max_unpacked_bytes
    there = sum(path.stat().st_size for path in _videos(folder)) if folder.is_dir() else 0
    if there + more_bytes > limit:
        raise ArchiveRefused(
            f"The set would have {(there + more_bytes) / GIB:.1f} GB.",
            f"At most {limit / GIB:.1f} GB are allowed.",
            "Bring fewer or shorter clips; HAR_MAX_UNPACKED_BYTES raises the limit.",
        )
