"""Clips cut out of corrected videos: those of one video are one group, and are replaced together."""

import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from har.datasets import naming
from har.datasets.archives.unpacking import shorten_name
from har.datasets.dataset import normalise_label
from har.datasets.user_sets import check_set_size
from har.errors import DatasetError
from har.storage import atomic
from har.video.formats import VIDEO_SUFFIXES

_INDEX_FILE = "kept.json"  # in the data set: the group and clips of each video
_NOT_IN_FOLDER_NAMES = re.compile(r"[^\w &'()+-]+")
_MAX_FOLDER_NAME = 60


@dataclass(frozen=True)
class _Group:
    group: str
    files: tuple[str, ...]  # as 'label/name'


_INDEX = TypeAdapter(dict[str, _Group])


def replace_group(dataset: Path, source: str, clips: Sequence[tuple[str, Path]]) -> str:
    """Move clips (label and path), from the same disk, into a data set as one group, such as 'g03', which is returned.

    They replace earlier clips of the same video, whose `content_hash` is `source`. The folder is created if necessary.

    Raises:
        DatasetError: the index of earlier clips cannot be read.
        ArchiveRefused: the set would be too large.
    """
    check_set_size(dataset, sum(path.stat().st_size for _, path in clips))
    dataset.mkdir(parents=True, exist_ok=True)
    index = _read_index(dataset)
    previous = index.pop(source, None)
    group = previous.group if previous else _free_group(dataset, index)
    for name in previous.files if previous else ():
        _remove(dataset, name)
    files = []
    counts: dict[str, int] = {}
    spelling = {normalise_label(path.name): path.name for path in sorted(dataset.iterdir()) if path.is_dir()}
    for label, path in clips:
        folder = spelling.setdefault(normalise_label(folder_name(label)), folder_name(label))
        counts[folder] = counts.get(folder, 0) + 1
        name = shorten_name(f"v_{_camel_case(folder)}_{group}_c{counts[folder]:02}{path.suffix}")
        (dataset / folder).mkdir(exist_ok=True)
        path.replace(dataset / folder / name)
        files.append(f"{folder}/{name}")
    atomic.write_bytes(dataset / _INDEX_FILE, _INDEX.dump_json(index | {source: _Group(group, tuple(files))}, indent=1))
    os.utime(dataset)  # caches that go by its time open it again; its expiry starts again
    return group


def folder_name(label: str) -> str:
    """The name of a label's folder: the label without characters that such names may not have."""
    composed = unicodedata.normalize("NFC", label)
    kept = (c if unicodedata.category(c)[0] == "M" else _NOT_IN_FOLDER_NAMES.sub(" ", c) for c in composed)
    name = " ".join("".join(kept).split()).lstrip("_ &'()+-")[:_MAX_FOLDER_NAME].strip()
    return name or "unnamed"


def _camel_case(folder: str) -> str:
    """'tai chi' as 'TaiChi', as in file names of UCF101."""
    return "".join(word[:1].upper() + word[1:] for word in re.findall(r"[^\W_]+", folder)) or "Clip"


def _free_group(dataset: Path, index: dict[str, _Group]) -> str:
    """The number after the largest in the names of the videos and in the index."""
    in_names = [naming.group_number(path.stem) for path in dataset.rglob("*") if path.suffix.lower() in VIDEO_SUFFIXES]
    numbers = [int(group[1:]) for group in [*in_names, *(entry.group for entry in index.values())] if group]
    return f"g{max(numbers, default=0) + 1:02}"


def _remove(dataset: Path, name: str) -> None:
    path = dataset / name
    if path.parent.parent != dataset or ".." in path.parts:
        raise _index_error(dataset)
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()


def _read_index(dataset: Path) -> dict[str, _Group]:
    try:
        index = _INDEX.validate_json((dataset / _INDEX_FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValidationError) as error:
        raise _index_error(dataset) from error
    if not all(re.fullmatch(r"g\d{1,9}", entry.group) for entry in index.values()):
        raise _index_error(dataset)
    return index


def _index_error(dataset: Path) -> DatasetError:
    return DatasetError(
        f"The file {_INDEX_FILE} in the data set {dataset.name} cannot be read.",
        "It lists the clips of each video.",
        "Choose another data set, or remove the file; its clips are then treated like any others.",
    )
