"""One case, watched: what came of it, what it took, and what it left behind."""

import json
import os
import resource
import shutil
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil

from har.errors import HarError
from har.settings import reload_settings
from stress.fuzz.canary import TOKEN, Canary

LIMIT_SEC = 120  # a case may take; every limit of `LIMITS` is below it
MOST_MORE_BYTES = 768 << 20  # by which this process may grow in a case
_KEPT = (  # what may lie below HAR_HOME after a case, whole: results, and what can be made again
    "jobs/case/*", "previews/??/*", "own-datasets/own-*", "runs/*", "classifiers/*", "datasets/.download-lock",
)  # fmt: skip
LIMITS = {  # of a run of this program: as small as cases allow, so that none takes long
    "HAR_PROBE_SEC": "30",
    "HAR_FFMPEG_STALL_SEC": "30",
    "HAR_FFMPEG_SEC": "60",
    "HAR_FFMPEG_MEMORY_BYTES": str(1 << 30),
    "HAR_FFMPEG_OUTPUT_BYTES": str(256 << 20),
    "HAR_MIN_FREE_BYTES": "0",
    "HAR_MAX_UNPACKED_BYTES": str(64 << 20),
    "HAR_MAX_ARCHIVE_ENTRIES": "500",
}


@dataclass(frozen=True)
class Case:
    """Hostile input, ready to be let in."""

    told: str  # what was done to it
    road: Callable[[], object]  # what this project does with it; what it gives is looked through for the planted text
    files: set[str]  # that lie in the case's folder before and after


class Kind(Protocol):
    """Makes cases."""

    canary: Canary

    def run(self, index: int, folder: Path) -> Case:
        """The case of that number, its files in the folder."""


@dataclass(frozen=True)
class Outcome:
    """What came of a case."""

    told: str
    name: str  # 'result', or the class of a HarError
    faults: tuple[str, ...]
    sec: float


class _TooLong(BaseException):
    """The alarm. No `except Exception` on the road may take it for its own."""


def examine(kind: Kind, index: int, home: Path) -> Outcome:
    """Run one case in a folder of its own, with temporary files in it, and look at what it left.

    Args:
        kind: makes the case.
        index: its number.
        home: HAR_HOME; emptied afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="case-", dir=home.parent) as name, _temporary(Path(name) / "tmp"):
        folder = Path(name) / "in"
        folder.mkdir()
        case = kind.run(index, folder)
        kind.canary.touched()  # by whoever made the case
        running = set(psutil.Process().children(recursive=True))  # of whoever runs this
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        outcome, said, faults = _let_in(case)
        sec = time.monotonic() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        faults += [f"this process grew by {grown >> 20} MiB"] * (grown > MOST_MORE_BYTES)
        faults += kind.canary.touched() + ["the planted text came out"] * (TOKEN in said)
        left = set(psutil.Process().children(recursive=True)) - running
        faults += [f"left a process: {process.name()}" for process in left]
        faults += [f"left {path}" for path in _left(Path(name), home, case.files)]
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
    return Outcome(case.told, outcome, tuple(faults), sec)


def _let_in(case: Case) -> tuple[str, str, list[str]]:
    """What came of it, all that it said, and what is wrong with that."""
    try:
        with _alarm():
            return "result", repr(case.road()), []
    except HarError as error:
        parts = (error.received, error.expected, error.remedy)
        wrong = [f"is no sentence: {part!r}" for part in parts if not part.endswith((".", "…", "?"))]
        return type(error).__name__, str(error), wrong
    except _TooLong:
        return "fault", "", [f"took longer than {LIMIT_SEC} s"]
    except Exception as error:  # noqa: BLE001  # which is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        told = f"{type(error).__name__}: {str(error)[:200]} ({place.filename}:{place.lineno})"
        return "fault", str(error), [told]


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LIMIT_SEC)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def _temporary(folder: Path) -> Iterator[None]:
    """Within it, temporary files lie in that folder."""
    folder.mkdir()
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _left(case: Path, home: Path, files: set[str]) -> Iterator[str]:
    """What lies where nothing should, or under a name that only half-written files have."""
    for path in case.rglob("*"):
        name = path.relative_to(case)
        if path.is_file() and not (name.parts[0] == "in" and str(Path(*name.parts[1:])) in files):
            yield str(name)
        if path.is_dir() and name.parts[0] == "tmp" and len(name.parts) > 1:
            yield str(name)
    for path in home.rglob("*"):
        name = path.relative_to(home)
        half = any(part.startswith(".") or ".part" in part or part.endswith(".tmp") for part in name.parts)
        known = any(parent.match(pattern) for pattern in _KEPT for parent in (name, *name.parents))
        if path.is_file() and (half or not known) and str(name) != "datasets/.download-lock":
            yield str(name)


def bound(home: Path) -> None:
    """Give this process the limits of the run, before `har.settings.settings` is asked for the first time."""
    os.environ |= LIMITS | {"HAR_HOME": str(home)}
    reload_settings()


def plainly(outcome: Outcome) -> str:
    """The faults on one line."""
    return json.dumps([outcome.told, *outcome.faults], ensure_ascii=True)
