"""Starting and ending the cluster beside the app, which is a process of its own: see `har.jobs.cluster`."""

import os
import subprocess
import sys
import threading
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path

from dask.utils import parse_bytes
from distributed import Client

from har.errors import SchedulerUnreachable
from har.jobs.status import Lane
from har.settings import settings

_ANSWER_SEC = 10  # for a scheduler
_START_SEC = 60  # for the cluster, or a worker, to come up, on a slow machine
_KEPT_SHARE = 0.5  # of a worker's memory: what it may keep between two jobs
_PACKAGE_PARENT = Path(__file__).resolve().parents[2]


def start(crew: int | None = None) -> "subprocess.Popen[str]":
    """Start the process.

    Args:
        crew: so many workers for a farm; None: the one worker beside the app, with its lanes.
    """
    path = os.pathsep.join(filter(None, [str(_PACKAGE_PARENT), os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-m", "har.jobs.cluster", *([str(crew)] if crew else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        start_new_session=crew is not None,  # Ctrl-C is for whoever started it, who then ends it in order
    )


def read_address(process: "subprocess.Popen[str]") -> str:
    """The scheduler's address, once it is up.

    Raises:
        SchedulerUnreachable: it does not come up.
    """
    timer = threading.Timer(_START_SEC, process.kill)
    timer.start()
    try:
        address = process.stdout.readline().strip() if process.stdout else ""
    finally:
        timer.cancel()
    if not address:
        end(process)
        raise SchedulerUnreachable(
            "The worker process did not start.",
            f"It should be up within {_START_SEC} seconds.",
            "Look at what was printed before for the reason.",
        )
    return address


def most_kept_bytes() -> int:
    """What a worker may keep between two jobs without beginning anew."""
    return int(_KEPT_SHARE * parse_bytes(settings().worker_memory))


def renew(client: Client, lane: Lane) -> None:
    """Start a lane's worker anew, and wait until it is there or its time is up: whatever runs on it is lost."""
    with suppress(OSError, TimeoutError, ValueError, CancelledError):  # it is away, or the cluster is: both come back
        client.restart_workers([str(lane)], timeout=_START_SEC, raise_for_error=False)


def connect(address: str) -> Client:
    """A client of the scheduler there.

    Raises:
        SchedulerUnreachable: nobody answers.
    """
    try:
        return Client(address, timeout=_ANSWER_SEC, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise SchedulerUnreachable(
            f"No Dask scheduler answers at {address}.",
            "Long work is done by its workers.",
            "Start it, or unset HAR_SCHEDULER to use workers of this machine.",
        ) from error


def end(process: "subprocess.Popen[str]") -> None:
    """End the process, and with it whatever still runs there."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
