"""`python -m har.jobs.cluster [WORKERS]`: a scheduler and one worker beside the app, in a process of their own.

With a number, so many workers for a farm instead: one task at a time in each, all the machine's memory between them.

Prints the scheduler's address, then waits until its standard input closes, which happens when the app ends, however
it ends. It ends by itself when there has been no worker for a while; the next job then finds a new cluster.

A cluster made inside a Streamlit page would not start: Streamlit replaces `__main__`, which spawned workers import
again.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import dask
from distributed import LocalCluster
from distributed.system import MEMORY_LIMIT

from har.jobs.status import Lane
from har.settings import settings

_NICE = 10  # work waits for pages, not pages for work
FARM_DEATHS = 3  # of workers on which a farm's task was; then it counts as the reason
_LOOK_SEC, _LOOKS = 5.0, 12  # between two looks for a worker, and how many in a row may find none


def stay(has_worker: Callable[[], bool], closed: threading.Event, look_sec: float = _LOOK_SEC) -> None:
    """Wait until there is nothing to wait for any more.

    Args:
        has_worker: without one for so long, a cluster is of no use.
        closed: nobody needs it.
        look_sec: between two looks for a worker.
    """
    without = 0
    while not closed.wait(look_sec) and without < _LOOKS:
        without = 0 if has_worker() else without + 1


def _read_to_the_end(closed: threading.Event) -> None:
    sys.stdin.read()
    closed.set()


def _options(crew: int) -> dict[str, Any]:
    """Of the cluster."""
    if not crew:
        lanes = {str(lane): 1 for lane in Lane}
        return {
            "n_workers": 1,
            "threads_per_worker": len(Lane),
            "resources": lanes,
            "memory_limit": settings().worker_memory,
        }
    return {
        "n_workers": crew,
        "threads_per_worker": 1,
        "memory_limit": MEMORY_LIMIT // crew,
        "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"},  # any port: there may be several farms
    }


if __name__ == "__main__":
    farm_crew = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if not farm_crew:
        os.nice(_NICE)
    dask.config.set(
        {
            # A job that kills its worker fails at once; a farm's task is tried again, since it may have been another's.
            "distributed.scheduler.allowed-failures": FARM_DEATHS - 1 if farm_crew else 0,
            "distributed.admin.log-length": 1000,  # messages kept
            "distributed.worker.memory.spill": False,  # nothing of ours is worth a disk
            "distributed.worker.memory.target": False,
            "distributed.worker.daemon": False,  # a job may start processes of its own
            "distributed.scheduler.worker-ttl": None,  # a worker too busy to answer is busy, not gone
            # Dask gives up for good on one that is away this long after it died once: while another one comes up, say.
            "distributed.deploy.lost-worker-timeout": "1000 days",
        }
    )
    with LocalCluster(dashboard_address=None, host="127.0.0.1", **_options(farm_crew)) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        app_closed = threading.Event()
        threading.Thread(target=_read_to_the_end, args=(app_closed,), daemon=True).start()
        stay(lambda: bool(cluster.scheduler.workers), app_closed)
