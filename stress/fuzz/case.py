"""Running one case: its outcome, what it used, and what it left behind."""

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
from stress.fuzz.tripwire import TOKEN, Tripwire

LIMIT_SEC = 120  # for a case; every limit in `LIMITS` is lower
MAX_GROWTH_BYTES = 768 << 20  # of this process during a case
_ALLOWED = (  # what may be in HAR_HOME after a case: complete results, and caches
    "jobs/case/*", "previews/??/*", "graphs/??/*",
    "own-datasets/own-*", "runs/*", "classifiers/*", "datasets/.download-lock",
)  # fmt: skip
LIMITS = {  # as small as cases allow, so that none takes long
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
    """Hostile input, ready to be processed."""

    description: str  # how it was made
    target: Callable[[], object]  # processes it; its result is searched for the planted text
    files: set[str]  # in the case's folder, before and after


class CaseSource(Protocol):
    """Makes cases of a kind."""

    tripwire: Tripwire

    def make_case(self, index: int, folder: Path) -> Case:
        """Make the case with that number, with its files in the folder."""


@dataclass(frozen=True)
class Outcome:
    """How a case ended."""

    description: str
    name: str  # 'result', or the class of a HarError
    faults: tuple[str, ...]
    sec: float


class _TooLong(BaseException):
    """Raised by the alarm. Not an Exception, so that no handler catches it."""


def run_case(source: CaseSource, index: int, home: Path) -> Outcome:
    """Run one case in a folder of its own, which also holds temporary files, and check what it left.

    Args:
        source: makes the case.
        index: its number.
        home: HAR_HOME; emptied afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="case-", dir=home.parent) as name, _temporary_folder(Path(name) / "tmp"):
        folder = Path(name) / "in"
        folder.mkdir()
        case = source.make_case(index, folder)
        source.tripwire.triggered()  # while the case was made
        running = set(psutil.Process().children(recursive=True))  # of the caller
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
        outcome, output, faults = _call(case)
        sec = time.monotonic() - begun
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        faults += [f"this process grew by {grown >> 20} MiB"] * (grown > MAX_GROWTH_BYTES)
        faults += source.tripwire.triggered() + ["the planted text came out"] * (TOKEN in output)
        left = set(psutil.Process().children(recursive=True)) - running
        faults += [f"left a process: {process.name()}" for process in left]
        faults += [f"left {path}" for path in _leftovers(Path(name), home, case.files)]
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
    return Outcome(case.description, outcome, tuple(faults), sec)


def _call(case: Case) -> tuple[str, str, list[str]]:
    """Its outcome, everything it returned or said, and what is wrong with that."""
    try:
        with _alarm():
            return "result", repr(case.target()), []
    except HarError as error:
        parts = (error.received, error.expected, error.remedy)
        wrong = [f"not a sentence: {part!r}" for part in parts if not part.endswith((".", "…", "?"))]
        return type(error).__name__, str(error), wrong
    except _TooLong:
        return "fault", "", [f"took longer than {LIMIT_SEC} s"]
    except Exception as error:  # noqa: BLE001  # which is what this looks for
        place = traceback.extract_tb(error.__traceback__)[-1]
        fault = f"{type(error).__name__}: {str(error)[:200]} ({place.filename}:{place.lineno})"
        return "fault", str(error), [fault]


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
def _temporary_folder(folder: Path) -> Iterator[None]:
    """Within the block, temporary files go to that folder."""
    folder.mkdir()
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _leftovers(case: Path, home: Path, files: set[str]) -> Iterator[str]:
    """Files where there should be none, or with names of unfinished files."""
    for path in case.rglob("*"):
        name = path.relative_to(case)
        if path.is_file() and not (name.parts[0] == "in" and str(Path(*name.parts[1:])) in files):
            yield str(name)
        if path.is_dir() and name.parts[0] == "tmp" and len(name.parts) > 1:
            yield str(name)
    for path in home.rglob("*"):
        name = path.relative_to(home)
        half = any(part.startswith(".") or ".part" in part or part.endswith(".tmp") for part in name.parts)
        known = any(parent.match(pattern) for pattern in _ALLOWED for parent in (name, *name.parents))
        if path.is_file() and (half or not known) and str(name) != "datasets/.download-lock":
            yield str(name)


def apply_limits(home: Path) -> None:
    """Apply the limits of the run to this process."""
    os.environ |= LIMITS | {"HAR_HOME": str(home)}
    reload_settings()


def faults_as_json(outcome: Outcome) -> str:
    """The faults on one line."""
    return json.dumps([outcome.description, *outcome.faults], ensure_ascii=True)
