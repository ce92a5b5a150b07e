"""What runs on a Dask worker, and what it sends back."""

import logging
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psutil
from distributed import Event, get_worker

from har import memory
from har.errors import HarError, StopRequested
from har.progress import OnProgress, Progress, ignore
from har.storage import quota

JobFunction = Callable[..., Any]  # called with the arguments given to `Jobs.submit` and `on_progress`

_one_at_a_time = threading.Lock()  # networks use every core, and training the process's global random numbers
_STOP_CHECK_SEC = 0.2  # checking for a stop is a round trip to the scheduler


@dataclass(frozen=True)
class Started:
    """The first message of every job."""


@dataclass(frozen=True)
class Refused:
    """Returned instead of a result when the user caused an error."""

    error: HarError


@dataclass(frozen=True)
class Stopped:
    """Returned when the function was asked to stop and had nothing to return."""


@dataclass(frozen=True)
class Returned:
    """What a worker returns."""

    value: Any  # the function's result, a Refused, or Stopped
    resident_bytes: int  # memory that the worker's process still holds


def dask_setup(worker: object) -> None:
    """Called by Dask in each new worker: one that ends during a heartbeat does not log that as an error."""
    logging.getLogger("distributed.worker").addFilter(lambda record: "heartbeat" not in str(record.msg))


def run_job(job_id: str, function: JobFunction, args: tuple[Any, ...]) -> Returned:
    """Call a job's function on the worker, pass its progress on, and stop it on request."""
    worker = get_worker()

    def send(message: Progress | Started) -> None:
        worker.log_event(job_id, pickle.dumps(message))

    send(Started())
    value = _call(job_id, function, args, send)
    memory.release_unused()
    return Returned(value, psutil.Process().memory_info().rss)


def run_task(batch_id: str, function: JobFunction, args: tuple[Any, ...]) -> Any:
    """Call the function of one of many tasks, alone in this process. Its progress is not passed on."""
    with _one_at_a_time:
        return _call(batch_id, function, args, ignore)


def _call(job_id: str, function: JobFunction, args: tuple[Any, ...], send: OnProgress) -> Any:
    stop = Event(stop_name(job_id))
    checked_at = 0.0

    def on_progress(progress: Progress) -> None:
        nonlocal checked_at
        send(progress)
        if time.monotonic() - checked_at > _STOP_CHECK_SEC:
            checked_at = time.monotonic()
            if stop.is_set():
                raise StopRequested

    try:
        with quota.raising_disk_full():
            return function(*args, on_progress=on_progress)
    except HarError as error:  # returned as a value: Dask logs what is raised as a bug
        return Refused(error)
    except StopRequested:
        return Stopped()


def stop_name(job_id: str) -> str:
    """Name of the Dask event that asks a job to stop."""
    return f"stop-{job_id}"
