"""Clips that were cut out of corrected videos: those of one video are one group, and replace each other."""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.datasets import naming
from har.datasets.dataset import normalise_label
from har.datasets.fetching.archives import sized
from har.datasets.folder import SUFFIXES
from har.datasets.sources.user import check_size
from har.errors import DatasetError

_NOTES_FILE = "kept.json"  # in the data set: which group each video's clips are
_UNFIT = re.compile(r"[^\w &'()+-]+")  # in a label that is to be a folder's name
_LONGEST = 60


@dataclass(frozen=True)
class _Kept:
    group: str
    files: tuple[str, ...]  # as 'label/name'


_NOTES = TypeAdapter(dict[str, _Kept])


def replace_group(dataset: Path, source: str, clips: Sequence[tuple[str, Path]]) -> str:
    """Move clips into a data set as one group, in place of those that came from the same video before.

    Args:
        dataset: a folder of label folders, made if need be.
        source: the video's `content_hash`.
        clips: the label of each, and where it lies now: on the same disk.

    Returns:
        The group, such as 'g03'.

    Raises:
        DatasetError: the notes of what was kept before cannot be read.
        ArchiveRefused: the set would become too big.
    """
    check_size(dataset, sum(path.stat().st_size for _, path in clips))
    dataset.mkdir(parents=True, exist_ok=True)
    notes = _read(dataset)
    before = notes.pop(source, None)
    group = before.group if before else _free_group(dataset, notes)
    for name in before.files if before else ():
        _remove(dataset, name)
    files = []
    counts: dict[str, int] = {}
    spelling = {normalise_label(path.name): path.name for path in sorted(dataset.iterdir()) if path.is_dir()}
    for label, path in clips:
        folder = spelling.setdefault(normalise_label(folder_name(label)), folder_name(label))
        counts[folder] = counts.get(folder, 0) + 1
        name = sized(f"v_{_joined(folder)}_{group}_c{counts[folder]:02}{path.suffix}")
        (dataset / folder).mkdir(exist_ok=True)
        path.replace(dataset / folder / name)
        files.append(f"{folder}/{name}")
    _write(dataset, notes | {source: _Kept(group, tuple(files))})
    os.utime(dataset)  # it was used, and whoever remembers what is in it looks again
    return group


def folder_name(label: str) -> str:
    """What the folder of a label is called: the label without the signs that a folder's name here may not have."""
    name = " ".join(_UNFIT.sub(" ", label).split()).lstrip("_ &'()+-")[:_LONGEST].strip()
    return name or "unnamed"


def _joined(folder: str) -> str:
    """'tai chi' as 'TaiChi', as such files are called in UCF101."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", folder)) or "Clip"


def _free_group(dataset: Path, notes: dict[str, _Kept]) -> str:
    """The first number after all that the set's videos and notes have."""
    found = [naming.group_number(path.stem) for path in dataset.rglob("*") if path.suffix.lower() in SUFFIXES]
    numbers = [int(group[1:]) for group in [*found, *(kept.group for kept in notes.values())] if group]
    return f"g{max(numbers, default=0) + 1:02}"


def _remove(dataset: Path, name: str) -> None:
    path = dataset / name
    if path.parent.parent != dataset or ".." in path.parts:
        raise _damaged(dataset)
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _read(dataset: Path) -> dict[str, _Kept]:
    try:
        notes = _NOTES.validate_json((dataset / _NOTES_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise _damaged(dataset) from error
    if not all(re.fullmatch(r"g\d{1,9}", kept.group) for kept in notes.values()):
        raise _damaged(dataset)
    return notes


def _write(dataset: Path, notes: dict[str, _Kept]) -> None:
    part = dataset / f".{_NOTES_FILE}.{secrets.token_hex(4)}"
    try:
        part.write_bytes(_NOTES.dump_json(notes, indent=1))
        part.replace(dataset / _NOTES_FILE)
    finally:
        part.unlink(missing_ok=True)


def _damaged(dataset: Path) -> DatasetError:
    return DatasetError(
        f"The file {_NOTES_FILE} in the data set {dataset.name} cannot be read.",
        "It says which clips came from which video.",
        "Choose another data set, or remove that file: its clips then count as any others.",
    )
