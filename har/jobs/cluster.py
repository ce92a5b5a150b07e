"""`python -m har.jobs.cluster`: a scheduler and one worker beside the app, in a process of their own.

Prints the scheduler's address, then waits until its standard input closes, which happens when the app ends, however
it ends. A cluster made inside a Streamlit page would not start: Streamlit replaces `__main__`, which spawned workers
import again.
"""

import os
import sys

import dask
from distributed import LocalCluster

from har.jobs.status import Lane
from har.settings import settings

_NICE = 10  # work waits for pages, not pages for work

if __name__ == "__main__":
    os.nice(_NICE)
    dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 0,  # a job that kills its worker fails at once
            "distributed.admin.log-length": 1000,  # messages kept
            "distributed.worker.memory.spill": False,  # nothing of ours is worth a disk
            "distributed.worker.memory.target": False,
            "distributed.worker.daemon": False,  # a job may start processes of its own
        }
    )
    with LocalCluster(
        n_workers=1,
        threads_per_worker=len(Lane),
        resources={str(lane): 1 for lane in Lane},
        memory_limit=settings().worker_memory,
        dashboard_address=None,
        host="127.0.0.1",
    ) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        sys.stdin.read()
