"""What is done from time to time: work that nobody waits for is ended, what visitors brought goes when its time is up,
and a disk that is short gets room.
"""

import threading
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from har import disk, journal
from har.errors import OptionsError
from har.jobs import Jobs
from har.runs import cut_off_runs
from har.runs.folder import read_run
from har.settings import MIB, settings


class Housekeeper:
    """Tidies up from time to time, in a thread, until it is closed.

    Args:
        jobs: of this process.
        every_sec: between two rounds.
    """

    def __init__(self, jobs: Jobs, every_sec: float = 20.0) -> None:
        self._jobs, self._every_sec = jobs, every_sec
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="housekeeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Tidy up no more."""
        self._over.set()
        self._thread.join(timeout=5)

    def _keep(self) -> None:
        while not self._over.wait(self._every_sec):
            for work in (end_abandoned, sweep, make_room):
                try:
                    work(self._jobs)
                except Exception as error:  # noqa: BLE001  the next round may go better; the thread has to live
                    journal.note("failed", error, kind=work.__name__)


def end_abandoned(jobs: Jobs) -> None:
    """Stop what nobody waits for; see `Jobs.stop_abandoned`."""
    jobs.stop_abandoned()


def sweep(jobs: Jobs) -> None:
    """Remove what visitors brought and got long ago; see `har.disk.sweep`."""
    disk.sweep(in_use(jobs))


def make_room(jobs: Jobs) -> None:
    """Remove what is needed least, if the disk is short; see `har.disk.make_room`."""
    files, folders = disk.make_room(in_use(jobs))
    if files or folders:
        journal.note("removed", kind="disk", files=files, folders=folders, free_mb=disk.free_bytes() // MIB)


def in_use(jobs: Jobs) -> frozenset[str]:
    """Names of folders that a job needs, now or, for a run that is to go on, later."""
    names = jobs.names_in_use()
    runs = cut_off_runs()
    for name in names:
        if name == Path(name).name and (folder := settings().runs / name).is_dir():
            with suppress(OSError, ValidationError, OptionsError):  # deleted meanwhile, or damaged
                runs.append(read_run(folder))
    return names | {run.plan.dataset for run in runs}
