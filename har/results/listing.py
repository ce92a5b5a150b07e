"""The results of a visitor."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from har.exports import FORMATS
from har.results.store import is_annotated
from har.settings import settings
from har.storage import owners

_TIMELINE = FORMATS["json"].file_name


@dataclass(frozen=True)
class ListedResult:
    """A result, without opening it."""

    folder: Path  # its name is the job's id
    created: float  # when its timeline was last written, in seconds since 1970
    labels: tuple[str, ...]  # in its timeline, those with most time first; none: all of it is unsure


def list_results(owner: str) -> list[ListedResult]:
    """The results in `settings().jobs` that belong to a visitor, the newest first. Damaged ones are left out."""
    return sorted(_results(owner), key=lambda result: -result.created)


def _results(owner: str) -> Iterator[ListedResult]:
    for folder in settings().jobs.glob("*"):
        if owners.owner_of(folder) == owner and is_annotated(folder):
            with suppress(OSError, ValueError, KeyError, TypeError):
                changed_ns = (folder / _TIMELINE).stat().st_mtime_ns
                yield ListedResult(folder, changed_ns / 1e9, _labels(folder / _TIMELINE, changed_ns))


@lru_cache(maxsize=1024)
def _labels(path: Path, changed_ns: int) -> tuple[str, ...]:
    sec: Counter[str] = Counter()
    for segment in json.loads(path.read_text(encoding="utf-8"))["segments"]:
        if segment["label"] is not None:
            sec[segment["label"]] += segment["end_sec"] - segment["start_sec"]
    return tuple(label for label, _ in sec.most_common())
