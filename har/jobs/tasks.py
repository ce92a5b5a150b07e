"""Many independent tasks, run by whichever worker is free.

Workers are processes of this machine, or those of the cluster that `HAR_SCHEDULER` names. The scheduler never holds
more tasks than its workers will soon start. Tasks ask for no Dask resource, so any worker may run them.
"""

import hashlib
import queue
import secrets
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import Client, Event, Future
from distributed.scheduler import KilledWorker

from har.errors import HarError, SchedulerUnreachable, WorkerDied, WorkersIncompatible
from har.jobs import embedded
from har.jobs.work import JobFunction, Refused, Stopped, run_task, stop_name
from har.settings import settings

Task = tuple[Any, ...]  # arguments of the function
OnTick = Callable[[int], None]  # called with the number of workers that are there

_TICK_SEC, _COUNT_WORKERS_SEC = 0.2, 2.0
_PER_WORKER = 2  # tasks sent: one to run, and the next one
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class TaskResult:
    """A task that has ended."""

    task: Task
    result: Any = None
    error: BaseException | None = None  # a HarError if a user caused it

    @property
    def failure(self) -> dict[str, str]:
        """The error in words. The message of a bug may quote anything, so it stays in the worker's log."""
        why = str(self.error) if isinstance(self.error, HarError) else "A bug: see the worker's log."
        return {"error": type(self.error).__name__, "why": why}


def run_tasks(
    function: JobFunction, tasks: Iterable[Task], workers: int, on_tick: OnTick
) -> Generator[TaskResult, None, None]:
    """Call `function(*task, on_progress=…)` for every task, and yield each as it ends, in any order.

    A task whose worker leaves runs again on another one. If three workers in turn died running it (on a cluster that
    `HAR_SCHEDULER` names: one more than its `allowed-failures`), another task on the same worker may have been the
    cause: it runs once more when all others have ended, alone. If a worker dies then too, it has failed.

    Args:
        function: must be importable by workers, and may be called again for a task that was started.
        tasks: taken one by one, as workers become free.
        workers: processes of this machine. 0: everything runs in this process, where a bug or a crash ends all of it.
            Where `HAR_SCHEDULER` names a cluster, any other number is ignored: its own workers run the tasks.
        on_tick: called several times a second. `StopRequested` raised out of it ends the tasks that are running.

    Raises:
        SchedulerUnreachable: there is no cluster, or it has gone.
        WorkersIncompatible: its workers have another version of this program, or none.
        StopRequested: raised out of `on_tick`.
    """
    if workers == 0:
        yield from _run_here(function, tasks, on_tick)
        return
    with _connected(workers) as client:
        yield from _run_on_workers(client, function, tasks, on_tick)


def _run_here(function: JobFunction, tasks: Iterable[Task], on_tick: OnTick) -> Generator[TaskResult, None, None]:
    for task in tasks:
        on_tick(1)
        try:
            result = function(*task, on_progress=lambda progress: on_tick(1))
        except HarError as error:
            yield TaskResult(task, error=error)
        else:
            yield TaskResult(task, result)


def _run_on_workers(
    client: Client, function: JobFunction, tasks: Iterable[Task], on_tick: OnTick
) -> Generator[TaskResult, None, None]:
    batch_id, waiting = secrets.token_urlsafe(16), iter(tasks)
    ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
    sent: dict[str, tuple[Future, Task]] = {}  # by the future's key
    suspects: deque[Task] = deque()  # workers died running these, though possibly because of others
    alone = False  # whether no other task can be the cause
    workers, counted_at = 0, float("-inf")

    def submit(task: Task) -> None:
        future = client.submit(run_task, batch_id, function, task, pure=False, retries=0)
        sent[future.key] = (future, task)
        future.add_done_callback(ended.put)

    try:
        while True:
            if time.monotonic() - counted_at > _COUNT_WORKERS_SEC:
                workers, counted_at = _count_workers(client), time.monotonic()
            for task in islice(waiting, max(0, _PER_WORKER * max(1, workers) - len(sent))):
                submit(task)
            if not sent:
                if not suspects:
                    return
                alone = True
                submit(suspects.popleft())
            on_tick(workers)
            try:
                future = ended.get(timeout=_TICK_SEC)
            except queue.Empty:
                continue
            result = _result_of(sent.pop(future.key)[1], future)
            if isinstance(result.error, WorkerDied) and not alone:
                suspects.append(result.task)
            else:
                yield result
    finally:
        if sent and client.status == "running":
            Event(stop_name(batch_id), client=client).set()
            client.cancel([future for future, _ in sent.values()])


def _result_of(task: Task, future: Future) -> TaskResult:
    """How a task ended. Dask runs it again where its result was lost with a worker."""
    try:
        match future.result() if future.status != "error" else future.exception():
            case Refused(error):
                return TaskResult(task, error=error)
            case KilledWorker():
                return TaskResult(task, error=_workers_died())
            case Stopped() | CancelledError():
                raise _scheduler_gone()
            case BaseException() as error:
                return TaskResult(task, error=error)
            case result:
                return TaskResult(task, result)
    except KilledWorker:  # when it ran again
        return TaskResult(task, error=_workers_died())
    except CancelledError as error:
        raise _scheduler_gone() from error


@contextmanager
def _connected(workers: int) -> Iterator[Client]:
    """A client of the cluster that `HAR_SCHEDULER` names, or of a new one on this machine."""
    if (url := settings().scheduler) is not None:
        client = embedded.connect(embedded.Address(url))
        try:
            _check_program(client)
            yield client
        finally:
            embedded.disconnect(client)
        return
    process = embedded.start(workers)
    try:
        client = embedded.connect(embedded.read_address(process))
        try:
            yield client
        finally:
            embedded.disconnect(client)
    finally:
        embedded.end(process)


def _count_workers(client: Client) -> int:
    try:
        return len(client.nthreads())
    except (OSError, TimeoutError, CancelledError) as error:
        raise _scheduler_gone() from error


@cache
def source_hash() -> str:
    """A hash of this program's source, which differs between versions."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _check_program(client: Client) -> None:
    try:
        hashes = client.run(source_hash)
        different = sum(each != source_hash() for each in hashes.values())
    except Exception as error:  # any, from a process that lacks the module
        raise _incompatible(f"The workers do not run this program ({type(error).__name__}).") from error
    if different:
        raise _incompatible(f"{different} of {len(hashes)} workers have another version of this program.")


def _incompatible(received: str) -> WorkersIncompatible:
    return WorkersIncompatible(
        received,
        "All workers need the same version as this process.",
        "Install it there, or add its folder to PYTHONPATH.",
    )


def _scheduler_gone() -> SchedulerUnreachable:
    return SchedulerUnreachable(
        "The connection to the scheduler was lost.",
        "Tasks cannot run without it.",
        "Restart it, and run the same command again.",
    )


def _workers_died() -> WorkerDied:
    return WorkerDied(
        "Several workers died running this task.",
        "It must not need more memory than they have.",
        "Leave this input out, or give the workers more memory.",
    )
