"""`python -m har.jobs.cluster`: a scheduler and a worker for each lane beside the app, in a process of their own.

Prints the scheduler's address, then waits until its standard input closes, which happens when the app ends, however
it ends. It ends by itself when a worker has been away for a while; the next job then finds a new cluster.

A cluster made inside a Streamlit page would not start: Streamlit replaces `__main__`, which spawned workers import
again.
"""

import logging
import os
import sys
import threading
from collections.abc import Callable

import dask
from distributed import Nanny, Scheduler, SpecCluster

from har.jobs.status import Lane
from har.settings import settings

_HOST = "127.0.0.1"
_LOG_LEVEL = logging.WARNING
_NICE = 10  # work waits for pages, not pages for work
_LOOK_SEC, _LOOKS = 5.0, 12  # between two looks for a worker, and how many in a row may find none


def worker_options(lane: Lane) -> dict[str, object]:
    """Of the one worker that does a lane's jobs, one after another, and bears its name."""
    return {
        "host": _HOST,
        "nthreads": 1,
        "resources": {str(lane): 1},
        "memory_limit": settings().worker_memory,
        "dashboard": False,
        "silence_logs": _LOG_LEVEL,
    }


def stay(has_workers: Callable[[], bool], closed: threading.Event, look_sec: float = _LOOK_SEC) -> None:
    """Wait until there is nothing to wait for any more.

    Args:
        has_workers: without one of them for so long, a cluster is of no use.
        closed: nobody needs it.
        look_sec: between two looks for a worker.
    """
    without = 0
    while not closed.wait(look_sec) and without < _LOOKS:
        without = 0 if has_workers() else without + 1


def _read_to_the_end(closed: threading.Event) -> None:
    sys.stdin.read()
    closed.set()


if __name__ == "__main__":
    os.nice(_NICE)
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 0,  # a job that kills its worker fails at once
            "distributed.admin.log-length": 1000,  # messages kept
            "distributed.worker.memory.spill": False,  # nothing of ours is worth a disk
            "distributed.worker.memory.target": False,
            "distributed.worker.daemon": False,  # a job may start processes of its own
            "distributed.scheduler.worker-ttl": None,  # a worker too busy to answer is busy, not gone
            # Dask gives up for good on one that is away this long after it died once: while another one comes up, say.
            "distributed.deploy.lost-worker-timeout": "1000 days",
        }
    )
    with SpecCluster(
        scheduler={"cls": Scheduler, "options": {"host": _HOST, "dashboard": False}},
        workers={str(lane): {"cls": Nanny, "options": worker_options(lane)} for lane in Lane},
        silence_logs=_LOG_LEVEL,
    ) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        app_closed = threading.Event()
        threading.Thread(target=_read_to_the_end, args=(app_closed,), daemon=True).start()
        stay(lambda: len(cluster.scheduler.workers) == len(Lane), app_closed)
