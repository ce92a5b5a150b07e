"""Work that repeats in the background, whether or not a page is open.

A cluster that died is restarted, interrupted trainings resume, abandoned jobs and idle workers end, expired files are
removed, and room is made on a full disk.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from har import log, runs, sharing
from har.errors import OptionsError, QueueFull
from har.jobs import Jobs
from har.runs.store import read_run_folder
from har.settings import MIB, settings
from har.storage import quota

_MAX_PAUSE_SEC = 300.0  # between two rounds, after several with failures


class Maintenance:
    """Runs all maintenance every few seconds in a thread, until it is closed.

    A failure is logged and does not affect the rest; while there are failures, the pauses grow.
    """

    def __init__(self, jobs: Jobs, every_sec: float = 10.0) -> None:
        self._jobs, self._every_sec = jobs, every_sec
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="maintenance", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread after the current round."""
        self._closed.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        pause_sec = self._every_sec
        jobs = self._jobs
        of_jobs = (jobs.reconnect, jobs.stop_abandoned, jobs.stop_overdue, jobs.end_idle_workers)
        while True:
            succeeded = [self._try(step) for step in of_jobs]
            succeeded += [self._try(step, jobs) for step in (resume_runs, remove_expired, make_room)]
            pause_sec = self._every_sec if all(succeeded) else min(2 * pause_sec, _MAX_PAUSE_SEC)
            if self._closed.wait(pause_sec):
                return

    def _try(self, step: Callable[..., object], *arguments: Jobs) -> bool:
        try:
            step(*arguments)
        except Exception as error:  # noqa: BLE001  the next round may succeed; the thread has to continue
            log.record("failed", error, kind=step.__name__)
            return False
        return True


def resume_runs(jobs: Jobs) -> None:
    """Submit interrupted trainings again, as many as the queue takes."""
    with suppress(QueueFull):
        runs.resume_interrupted_runs(jobs)


def remove_expired(jobs: Jobs) -> None:
    """Remove uploads, results and runs whose time is up, and links to them."""
    quota.remove_expired(folders_in_use(jobs))
    runs.delete_expired_runs()
    sharing.remove_dead_links()


def make_room(jobs: Jobs) -> None:
    """Make room on a full disk; see `har.storage.quota.make_room`."""
    files, folders = quota.make_room(folders_in_use(jobs))
    if files or folders:
        log.record("removed", kind="disk", files=files, folders=folders, free_mb=quota.free_bytes() // MIB)


def folders_in_use(jobs: Jobs) -> frozenset[str]:
    """Names of folders that unfinished jobs and interrupted runs need."""
    names = jobs.names_in_use()
    unfinished = runs.interrupted_runs()
    for name in names:
        if name == Path(name).name and (folder := settings().runs / name).is_dir():
            with suppress(OSError, ValidationError, OptionsError):  # deleted meanwhile, or damaged
                unfinished.append(read_run_folder(folder))
    return names | {run.plan.dataset for run in unfinished}
