"""The working side: what runs on a Dask worker, and what it sends."""

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
from har.storage import quota

OnEvent = Callable[[Any], None]
JobFunction = Callable[..., Any]  # called with the arguments given to `Jobs.submit` and `on_event`

_alone = threading.Lock()  # networks want every core, and a training the process's own random numbers
_STOP_CHECK_SEC = 0.2  # asking whether to stop is a round trip to the scheduler


@dataclass(frozen=True)
class Started:
    """The first message of every job."""


@dataclass(frozen=True)
class Refused:
    """What comes back instead of a result when the user caused an error."""

    error: HarError


@dataclass(frozen=True)
class Stopped:
    """What comes back when the function was asked to end and had nothing to return."""


@dataclass(frozen=True)
class Returned:
    """What comes back from the worker."""

    value: Any  # of the function; or a Refused, or Stopped
    resident_bytes: int  # that the worker's process still takes


def run(job_id: str, function: JobFunction, args: tuple[Any, ...]) -> Returned:
    """Call a job's function on the worker, pass on its events, and stop it when asked to."""
    worker = get_worker()

    def tell(event: Any) -> None:
        worker.log_event(job_id, pickle.dumps(event))

    tell(Started())
    value = _call(job_id, function, args, tell)
    memory.give_back()
    return Returned(value, psutil.Process().memory_info().rss)


def run_alone(farm_id: str, function: JobFunction, args: tuple[Any, ...]) -> Any:
    """The same for one task of a farm: nobody follows its events, and no other one runs in this process meanwhile."""
    with _alone:
        return _call(farm_id, function, args, lambda event: None)


def _call(job_id: str, function: JobFunction, args: tuple[Any, ...], tell: OnEvent) -> Any:
    stop = Event(stop_name(job_id))
    checked_at = 0.0

    def on_event(event: Any) -> None:
        nonlocal checked_at
        tell(event)
        if time.monotonic() - checked_at > _STOP_CHECK_SEC:
            checked_at = time.monotonic()
            if stop.is_set():
                raise StopRequested

    try:
        with quota.telling():
            return function(*args, on_event=on_event)
    except HarError as error:  # comes back as a value: what is raised, Dask logs as a bug
        return Refused(error)
    except StopRequested:
        return Stopped()


def stop_name(job_id: str) -> str:
    """Of the flag that asks a job to end."""
    return f"stop-{job_id}"
