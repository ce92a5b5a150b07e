"""`python -m har.jobs.cluster [WORKERS]`: a Dask scheduler next to the app, with one worker for each busy lane.

Such a worker starts with the line 'start NAME' on standard input, and ends with 'end NAME'.
With a number: that many general workers instead, which share the machine's memory and run one task at a time each.

All connections are encrypted and need a certificate that is generated at each start and kept in memory: a Dask
scheduler runs any code that it is sent, and other users of the machine can connect to its port.

Prints the scheduler's address, the certificate and its key as a line of JSON. Then it waits until its standard input
closes, which happens however the app ends. It also ends when a worker cannot be started, or stays away for long; the
next job then starts a new cluster.

A cluster created inside a Streamlit page would not start: Streamlit replaces `__main__`, which spawned workers import.
"""

import json
import logging
import os
import sys
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from typing import Any, TypeVar

import dask
from distributed import Nanny, Scheduler, Security, SpecCluster
from distributed.system import MEMORY_LIMIT

from har.settings import settings

T = TypeVar("T")

_HOST = "127.0.0.1"
_LOG_LEVEL = logging.WARNING
_NICE = 10  # pages come before jobs
_AT_REST = {  # Dask checks itself 50 times a second, also while there is nothing to do
    "distributed.admin.tick.interval": "2s",
    "distributed.admin.tick.limit": "30s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "250ms",
    "distributed.scheduler.work-stealing-interval": "1s",
    "distributed.scheduler.active-memory-manager.start": False,
}
TASK_DEATHS = 3  # worker deaths after which the task that ran on them is taken for the cause
_START_TRIES = 3  # of a worker whose process dies while it starts
_CHECK_SEC, _MISSED_CHECKS = 5.0, 36  # how often workers are counted, and how often one may be missing in a row


class LaneWorkers:
    """The workers of lanes, for the scheduler of a cluster.

    Each is started when it is needed, and has a resource with its own name, for its jobs.
    """

    def __init__(self, cluster: SpecCluster, security: Security) -> None:
        self._cluster, self._security = cluster, security
        self._nannies: dict[str, Nanny] = {}

    @property
    def names(self) -> list[str]:
        """Of those that should be there now."""
        return list(self._nannies)

    def start(self, name: str) -> None:
        """Start a worker.

        Raises:
            RuntimeError: its process died each time.
        """
        self._cluster.sync(self._start, name)

    def end(self, name: str) -> None:
        """End a worker; if it runs something, that has a few seconds to end."""
        self._cluster.sync(self._nannies.pop(name).close)

    async def _start(self, name: str) -> None:
        options = _worker(resources={name: 1}, memory_limit=int(settings().worker_memory))
        options |= {"name": name, "protocol": "tls://", "security": self._security}
        self._nannies[name] = await tried_again(lambda: Nanny(self._cluster.scheduler_address, **options))


async def tried_again(start: Callable[[], Awaitable[T]]) -> T:
    """What `start` gives; it is called up to three times.

    Raises:
        RuntimeError: raised by `start` each time.
    """
    for _ in range(_START_TRIES - 1):
        with suppress(RuntimeError):
            return await start()
    return await start()


def task_workers(count: int) -> dict[str, dict[str, Any]]:
    """Options of general workers."""
    return {f"worker-{number}": _worker(memory_limit=MEMORY_LIMIT // count) for number in range(count)}


def _worker(**options: Any) -> dict[str, Any]:
    return {"host": _HOST, "nthreads": 1, "dashboard": False, "silence_logs": _LOG_LEVEL, **options}


def wait_until_closed(
    missing: Callable[[], Collection[str]], closed: threading.Event, check_sec: float = _CHECK_SEC
) -> None:
    """Wait until the app has ended, a worker could not be started or ended, or one stays away.

    Workers restart now and then, possibly several at once, which takes half a minute on a busy machine; a cluster that
    lacks one for much longer is of no use.
    """
    missed: Counter[str] = Counter()
    while not closed.wait(check_sec) and max(missed.values(), default=0) < _MISSED_CHECKS:
        missed = Counter({name: missed[name] + 1 for name in missing()})


def missing_workers(expected: Collection[str], present: Collection[str], any_is_enough: bool) -> Collection[str]:
    """The expected workers that are away; none if any one is enough and present."""
    return [] if any_is_enough and present else set(expected) - set(present)


def _worker_names(scheduler: Scheduler) -> list[str]:
    return [str(worker.name) for worker in list(scheduler.workers.values())]  # another thread changes the dictionary


def _listen(workers: LaneWorkers, closed: threading.Event) -> None:
    """Start and end workers until the app has ended. If one fails, the cluster ends: see `wait_until_closed`."""
    change = {"start": workers.start, "end": workers.end}
    try:
        for line in sys.stdin:
            what, name = line.split()
            change[what](name)
    finally:
        closed.set()


if __name__ == "__main__":
    worker_count = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    if not worker_count:
        os.nice(_NICE)
    dask.config.set(
        {
            # A job that kills its worker fails at once. A task is retried: another task may have been the cause.
            "distributed.scheduler.allowed-failures": TASK_DEATHS - 1 if worker_count else 0,
            "distributed.admin.log-length": 1000,  # messages kept
            "distributed.worker.memory.spill": False,  # nothing here is worth writing to disk
            "distributed.worker.memory.target": False,
            "distributed.worker.daemon": False,  # a job may start processes of its own
            "distributed.worker.preload": ["har.jobs.work"],
            **_AT_REST,
            "distributed.scheduler.worker-ttl": None,  # a worker too busy to answer is not gone
            # Dask never restarts a worker that is away this long after an earlier death, for example while it restarts.
            "distributed.deploy.lost-worker-timeout": "1000 days",
        }
    )
    workers = task_workers(worker_count) if worker_count else {}
    security = Security.temporary()
    scheduler = {
        "host": _HOST,
        "protocol": "tls://",
        "security": security,
        "dashboard": False,
        "dashboard_address": f"{_HOST}:0",
    }
    with SpecCluster(
        scheduler={"cls": Scheduler, "options": scheduler},
        workers={
            name: {"cls": Nanny, "options": {**options, "protocol": "tls://", "security": security}}
            for name, options in workers.items()
        },
        security=security,
        silence_logs=_LOG_LEVEL,
    ) as cluster:
        address = json.dumps([cluster.scheduler_address, security.tls_client_cert, security.tls_client_key])
        with suppress(BrokenPipeError):  # the app has ended meanwhile
            sys.stdout.write(address + "\n")
            sys.stdout.flush()
        app_closed, lanes = threading.Event(), LaneWorkers(cluster, security)
        threading.Thread(target=_listen, args=(lanes, app_closed), daemon=True).start()
        wait_until_closed(
            lambda: missing_workers([*workers, *lanes.names], _worker_names(cluster.scheduler), worker_count > 0),
            app_closed,
        )
        for name in lanes.names:
            lanes.end(name)
