"""`python -m har.jobs.cluster [WORKERS]`: a scheduler and a worker for each lane beside the app.

With a number, so many workers for a farm instead: one task at a time in each, all the machine's memory between them.

Prints the scheduler's address, then waits until its standard input closes, which happens when the app ends, however
it ends. It ends by itself when a worker has been away for a while; the next job then finds a new cluster.

A cluster made inside a Streamlit page would not start: Streamlit replaces `__main__`, which spawned workers import
again.
"""

import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import dask
from distributed import Nanny, Scheduler, SpecCluster
from distributed.system import MEMORY_LIMIT

from har.jobs.status import Lane
from har.settings import settings

_HOST = "127.0.0.1"
_LOG_LEVEL = logging.WARNING
_NICE = 10  # work waits for pages, not pages for work
FARM_DEATHS = 3  # of workers on which a farm's task was; then it counts as the reason
_LOOK_SEC, _LOOKS = 5.0, 36  # between two looks for workers, and how many in a row may miss the same one


def lane_workers() -> dict[str, dict[str, Any]]:
    """One that does a lane's jobs, one after another, and bears its name; for each lane."""
    return {str(lane): _worker(resources={str(lane): 1}, memory_limit=settings().worker_memory) for lane in Lane}


def crew_workers(count: int) -> dict[str, dict[str, Any]]:
    """Of a farm."""
    return {f"worker-{number}": _worker(memory_limit=MEMORY_LIMIT // count) for number in range(count)}


def _worker(**options: Any) -> dict[str, Any]:
    return {"host": _HOST, "nthreads": 1, "dashboard": False, "silence_logs": _LOG_LEVEL, **options}


def stay(away: Callable[[], Collection[str]], closed: threading.Event, look_sec: float = _LOOK_SEC) -> None:
    """Wait until there is nothing to wait for any more.

    Args:
        away: which workers are not there. They begin anew now and then, one after the other or both at once, which
            on a busy machine takes half a minute; without one that stays away the cluster is of no use.
        closed: nobody needs it.
        look_sec: between two looks for them.
    """
    looks: Counter[str] = Counter()
    while not closed.wait(look_sec) and max(looks.values(), default=0) < _LOOKS:
        looks = Counter({name: looks[name] + 1 for name in away()})


def missing(expected: Collection[str], there: Collection[str], any_will_do: bool) -> Collection[str]:
    """Those of the expected workers that are away; none where any one will do and is there."""
    return [] if any_will_do and there else set(expected) - set(there)


def _names(scheduler: Scheduler) -> list[str]:
    return [str(worker.name) for worker in list(scheduler.workers.values())]  # another thread changes them meanwhile


def _read_to_the_end(closed: threading.Event) -> None:
    sys.stdin.read()
    closed.set()


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
    workers = crew_workers(farm_crew) if farm_crew else lane_workers()
    with SpecCluster(
        scheduler={"cls": Scheduler, "options": {"host": _HOST, "dashboard": False, "dashboard_address": f"{_HOST}:0"}},
        workers={name: {"cls": Nanny, "options": options} for name, options in workers.items()},
        silence_logs=_LOG_LEVEL,
    ) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        app_closed = threading.Event()
        threading.Thread(target=_read_to_the_end, args=(app_closed,), daemon=True).start()
        stay(lambda: missing(workers, _names(cluster.scheduler), farm_crew > 0), app_closed)
