"""Whether a run that was cut off goes on by itself: kept in its folder, since any process may end at any time.

Who asks for a run says that it is wanted; who trains it counts the beginnings, and holds a lock meanwhile, which the
system takes back from a process that is killed.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from pydantic import TypeAdapter, ValidationError

from har.errors import OptionsError
from har.runs.folder import Run, read_run
from har.settings import settings
from har.storage import atomic

MOST_FRUITLESS = 2  # beginnings in a row without a new epoch: after so many it does not go on by itself
_WANTED, _BEGUN, _LOCK = "wanted", "begun.json", "lock"
_LEFT_SEC = 30.0  # a process that is about to end may hold a run for some seconds


@dataclass(frozen=True)
class Attempts:
    """How often the training of a run was begun since somebody last asked for it."""

    begun: int = 0
    fruitless: int = 0  # in a row, the last one included, that found `kept` epochs
    kept: int = 0  # epochs that were done at the last beginning


_attempts = TypeAdapter(Attempts)


def attempts_of(run: Run) -> Attempts:
    """What was counted; nothing where nothing can be read."""
    try:
        return _attempts.validate_json((run.folder / _BEGUN).read_bytes())
    except (OSError, ValidationError):
        return Attempts()


def want(run: Run) -> None:
    """Somebody asks for a run: until it is over it goes on by itself, and what went wrong before is forgotten."""
    _write(run, Attempts(kept=len(run.history)))
    (run.folder / _WANTED).touch()


def let_be(run: Run) -> None:
    """A run does not go on by itself: its owner stopped it, or it has failed for a reason that will come again."""
    (run.folder / _WANTED).unlink(missing_ok=True)


def note_beginning(run: Run) -> None:
    """Called by whoever trains, before anything that may end the process."""
    before, kept = attempts_of(run), len(run.history)
    fruitless = 1 if kept > before.kept else before.fruitless + 1
    _write(run, Attempts(before.begun + 1, fruitless, kept))


def tired(run: Run) -> bool:
    """Whether so many beginnings brought no new epoch that another one would hardly help."""
    counted = attempts_of(run)
    return counted.fruitless >= MOST_FRUITLESS and len(run.history) <= counted.kept


def wanted(run: Run) -> bool:
    """Whether somebody asked for a run that is not over, and nobody stopped it."""
    return run.outcome is None and (run.folder / _WANTED).exists()


def held(run: Run) -> bool:
    """Whether some process trains it at this moment."""
    try:
        with (run.folder / _LOCK).open("rb") as file:
            return not _locked(file, fcntl.LOCK_SH)
    except OSError:
        return False


@contextmanager
def alone(run: Run) -> Iterator[bool]:
    """Hold a run, so that nobody else trains it; gives False if another process still does after some seconds."""
    deadline = time.monotonic() + _LEFT_SEC
    with (run.folder / _LOCK).open("wb") as file:
        while not (found := _locked(file, fcntl.LOCK_EX)) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield found


def cut_off_runs(known: Callable[[str], bool] = lambda run_id: False) -> list[Run]:
    """Runs of whomever that are wanted and not over, the newest first; not those that lie since `job_hours` ago.

    Args:
        known: of which runs, by id, it is certain that they do not lie since then, whatever the clock says.
    """
    oldest, runs = time.time() - settings().job_hours * 3600, []
    for path in settings().runs.glob(f"*/{_WANTED}"):
        with suppress(OSError, ValidationError, OptionsError):  # deleted meanwhile, or damaged
            run = read_run(path.parent)
            marks = (path, path.with_name(_BEGUN), run.checkpoint)
            late = max(each.stat().st_mtime for each in marks if each.exists()) <= oldest
            if run.outcome is None and (not late or known(run.id)):
                runs.append(run)
    return sorted(runs, key=lambda run: -run.plan.created)


def _write(run: Run, attempts: Attempts) -> None:
    atomic.write_text(run.folder / _BEGUN, _attempts.dump_json(attempts).decode())


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
