"""What is done from time to time, whether or not anybody looks at a page.

A cluster that has gone comes back, trainings that were cut off go on, work that nobody waits for is ended, what has
had its time is removed, and a disk that is short gets room.
"""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from har import log, runs, sharing
from har.errors import OptionsError, QueueFull
from har.jobs import Jobs
from har.runs.folder import read_run
from har.settings import MIB, settings
from har.storage import quota

_LONGEST_SEC = 300.0  # between two rounds, after several in which something failed


class Housekeeper:
    """Does its rounds, now and from time to time, in a thread, until it is closed.

    What fails leaves a line in the journal and hinders nothing else; as long as something does, the pauses grow.

    Args:
        jobs: of this process.
        every_sec: between two rounds.
    """

    def __init__(self, jobs: Jobs, every_sec: float = 10.0) -> None:
        self._jobs, self._every_sec = jobs, every_sec
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="housekeeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tidy up no more."""
        self._over.set()
        self._thread.join(timeout=5)

    def _keep(self) -> None:
        pause_sec = self._every_sec
        while True:
            went_well = [self._done(work) for work in (bring_back, go_on, end_abandoned, remove_old, make_room)]
            pause_sec = self._every_sec if all(went_well) else min(2 * pause_sec, _LONGEST_SEC)
            if self._over.wait(pause_sec):
                return

    def _done(self, work: Callable[[Jobs], None]) -> bool:
        try:
            work(self._jobs)
        except Exception as error:  # noqa: BLE001  the next round may go better; the thread has to live
            log.note("failed", error, kind=work.__name__)
            return False
        return True


def bring_back(jobs: Jobs) -> None:
    """Have a cluster again for jobs that wait, where it has gone; see `Jobs.bring_back`."""
    jobs.bring_back()


def go_on(jobs: Jobs) -> None:
    """Put trainings that were cut off in the queue again, as many as there is room for."""
    with suppress(QueueFull):
        runs.look(jobs)


def end_abandoned(jobs: Jobs) -> None:
    """Stop what nobody waits for; see `Jobs.stop_abandoned`."""
    jobs.stop_abandoned()


def remove_old(jobs: Jobs) -> None:
    """Remove what visitors brought and got long ago, and links to what is gone."""
    quota.sweep(in_use(jobs))
    runs.sweep()
    sharing.sweep()


def make_room(jobs: Jobs) -> None:
    """Remove what is needed least, if the disk is short; see `har.storage.quota.make_room`."""
    files, folders = quota.make_room(in_use(jobs))
    if files or folders:
        log.note("removed", kind="disk", files=files, folders=folders, free_mb=quota.free_bytes() // MIB)


def in_use(jobs: Jobs) -> frozenset[str]:
    """Names of folders that a job needs, now or, for a run that is to go on, later."""
    names = jobs.names_in_use()
    needed = runs.cut_off_runs()
    for name in names:
        if name == Path(name).name and (folder := settings().runs / name).is_dir():
            with suppress(OSError, ValidationError, OptionsError):  # deleted meanwhile, or damaged
                needed.append(read_run(folder))
    return names | {run.plan.dataset for run in needed}
