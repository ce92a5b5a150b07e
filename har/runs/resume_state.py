"""Whether the training of a run resumes by itself after an interruption.

Everything is in the run's folder, since any process may end at any time: a mark that the run is requested, a count of
its starts, and a file that the training process locks, which the system unlocks if that process is killed.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from pydantic import TypeAdapter, ValidationError

from har.errors import OptionsError
from har.runs.store import Run, read_run_folder
from har.settings import settings
from har.storage import atomic

MAX_FAILED_STARTS = 2  # in a row: after that a run does not resume by itself
_REQUESTED, _ATTEMPTS, _LOCK = "wanted", "begun.json", "lock"
_LOCK_TIMEOUT_SEC = 30.0  # a process that is ending may hold the lock for some seconds


@dataclass(frozen=True)
class Attempts:
    """How often the training of a run has started since the last request."""

    begun: int = 0  # starts
    fruitless: int = 0  # failed starts in a row, including the last one: no epoch after `kept` was done
    kept: int = 0  # epochs that were done at the last start


_attempts = TypeAdapter(Attempts)


def read_attempts(run: Run) -> Attempts:
    """The counts of a run; zeros if there are none that can be read."""
    try:
        return _attempts.validate_json((run.folder / _ATTEMPTS).read_bytes())
    except (OSError, ValidationError):
        return Attempts()


def request(run: Run) -> None:
    """Mark a run as requested: it resumes by itself until it is finished. Earlier failed starts no longer count."""
    _write(run, Attempts(kept=len(run.history)))
    (run.folder / _REQUESTED).touch()


def cancel(run: Run) -> None:
    """Remove the mark: its owner stopped the run, or it failed with an error that would occur again."""
    (run.folder / _REQUESTED).unlink(missing_ok=True)


def record_start(run: Run) -> None:
    """Count a start. The training process calls this before anything that may end it."""
    before, kept = read_attempts(run), len(run.history)
    _write(run, Attempts(before.begun + 1, 1 if kept > before.kept else before.fruitless + 1, kept))


def gave_up(run: Run) -> bool:
    """Whether the last starts brought no new epoch, so that one more would hardly help."""
    attempts = read_attempts(run)
    return attempts.fruitless >= MAX_FAILED_STARTS and len(run.history) <= attempts.kept


def is_requested(run: Run) -> bool:
    """Whether a run is requested and not finished."""
    return run.outcome is None and (run.folder / _REQUESTED).exists()


def is_training(run: Run) -> bool:
    """Whether a process is training the run at this moment."""
    try:
        with (run.folder / _LOCK).open("rb") as file:
            return not _acquire(file, fcntl.LOCK_SH)
    except OSError:
        return False


@contextmanager
def lock(run: Run) -> Iterator[bool]:
    """Lock a run against other training processes. Yields False if another one still holds the lock after a while."""
    deadline = time.monotonic() + _LOCK_TIMEOUT_SEC
    with (run.folder / _LOCK).open("wb") as file:
        while not (acquired := _acquire(file, fcntl.LOCK_EX)) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield acquired


def interrupted_runs(is_known: Callable[[str], bool] = lambda run_id: False) -> list[Run]:
    """Requested runs of all owners that are not finished, the newest first.

    Args:
        is_known: whether the queue of this process knows a run, by id. Others are left out if nothing has happened to
            them for `job_hours`; for known ones the clock may be wrong.
    """
    oldest, runs = time.time() - settings().job_hours * 3600, []
    for path in settings().runs.glob(f"*/{_REQUESTED}"):
        with suppress(OSError, ValidationError, OptionsError):  # deleted in the meantime, or damaged
            run = read_run_folder(path.parent)
            files = (path, path.with_name(_ATTEMPTS), run.checkpoint)
            expired = max(each.stat().st_mtime for each in files if each.exists()) <= oldest
            if run.outcome is None and (not expired or is_known(run.id)):
                runs.append(run)
    return sorted(runs, key=lambda run: -run.plan.created)


def _write(run: Run, attempts: Attempts) -> None:
    atomic.write_bytes(run.folder / _ATTEMPTS, _attempts.dump_json(attempts))


def _acquire(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
