"""Many tasks that do not depend on each other, done by whichever worker is free.

Workers are processes of this machine, or those of the cluster that `HAR_SCHEDULER` names. The scheduler is never handed
more tasks than its workers will soon take up. None asks for a Dask resource, so any worker may do it.
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

from har.errors import HarError, SchedulerUnreachable, WorkerDied, WorkersUnfit
from har.jobs import embedded
from har.jobs.work import JobFunction, Refused, Stopped, run_alone, stop_name
from har.settings import settings

Task = tuple[Any, ...]  # what the function is called with

_PULSE_SEC, _LOOK_SEC = 0.2, 2.0  # between two pulses, and between two looks for workers
_IN_HAND = 2  # tasks a worker: one that it does, and one that comes next
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Pulse:
    """Something happened, or nothing did for a while."""

    workers: int  # that there are


@dataclass(frozen=True)
class Tally:
    """How far all tasks are."""

    done: int  # now or earlier
    failed: int
    total: int
    workers: int  # that there are; 0 also when all is over


@dataclass(frozen=True)
class Ended:
    """A task that is over."""

    task: Task
    result: Any = None
    error: BaseException | None = None  # a HarError where a user caused it

    @property
    def failure(self) -> dict[str, str]:
        """The error in words. A bug's own may quote anything: they are left to the worker's log."""
        why = str(self.error) if isinstance(self.error, HarError) else "A bug: the worker's log tells more."
        return {"error": type(self.error).__name__, "why": why}


def farm_out(
    function: JobFunction, tasks: Iterable[Task], workers: int, on_pulse: Callable[[Pulse], None]
) -> Generator[Ended, None, None]:
    """Call `function(*task, on_event=…)` for every task, and give each as it ends, in whatever order.

    A task whose worker leaves is done again on another one. Where three workers in turn have died with it (on somebody
    else's cluster: one more than its `allowed-failures`), another task may have been the reason, beside which it
    waited: it is tried once more when all others are over, with no other there. It has failed if that ends alike.

    Args:
        function: must be one that a worker can import, and may be called again for a task that was begun.
        tasks: are taken one by one, as workers become free.
        workers: processes of this machine. 0: none, all is done in this process, where a bug or a crash ends it all.
            Where `HAR_SCHEDULER` names a cluster, any other number counts for nothing: its own workers do the work.
        on_pulse: called again and again. `StopRequested` raised out of it ends the tasks that are being done.

    Raises:
        SchedulerUnreachable: there is no cluster, or not any more.
        WorkersUnfit: its workers do not have this very program.
        StopRequested: raised out of `on_pulse`.
    """
    if workers == 0:
        yield from _here(function, tasks, on_pulse)
        return
    with _crew(workers) as client:
        yield from _spread(client, function, tasks, on_pulse)


def _here(
    function: JobFunction, tasks: Iterable[Task], on_pulse: Callable[[Pulse], None]
) -> Generator[Ended, None, None]:
    for task in tasks:
        on_pulse(Pulse(1))
        try:
            result = function(*task, on_event=lambda event: on_pulse(Pulse(1)))
        except HarError as error:
            yield Ended(task, error=error)
        else:
            yield Ended(task, result)


def _spread(
    client: Client, function: JobFunction, tasks: Iterable[Task], on_pulse: Callable[[Pulse], None]
) -> Generator[Ended, None, None]:
    farm_id, waiting = secrets.token_urlsafe(16), iter(tasks)
    over: queue.SimpleQueue[Future] = queue.SimpleQueue()
    in_hand: dict[str, tuple[Future, Task]] = {}  # by the future's key
    suspects: deque[Task] = deque()  # with which workers died, again and again, though maybe not of them
    alone = False  # no other task is there to be the reason
    workers, looked_at = 0, float("-inf")

    def submit(task: Task) -> None:
        future = client.submit(run_alone, farm_id, function, task, pure=False, retries=0)
        in_hand[future.key] = (future, task)
        future.add_done_callback(over.put)

    try:
        while True:
            if time.monotonic() - looked_at > _LOOK_SEC:
                workers, looked_at = _count(client), time.monotonic()
            for task in islice(waiting, max(0, _IN_HAND * max(1, workers) - len(in_hand))):
                submit(task)
            if not in_hand:
                if not suspects:
                    return
                alone = True
                submit(suspects.popleft())
            on_pulse(Pulse(workers))
            try:
                future = over.get(timeout=_PULSE_SEC)
            except queue.Empty:
                continue
            end = _ended(in_hand.pop(future.key)[1], future)
            if isinstance(end.error, WorkerDied) and not alone:
                suspects.append(end.task)
            else:
                yield end
    finally:
        if in_hand and client.status == "running":
            Event(stop_name(farm_id), client=client).set()
            client.cancel([future for future, _ in in_hand.values()])


def _ended(task: Task, future: Future) -> Ended:
    """How a task has ended; where what came of it was lost with a worker, after it is done once more."""
    try:
        match future.result() if future.status != "error" else future.exception():
            case Refused(refusal):
                return Ended(task, error=refusal)
            case KilledWorker():
                return Ended(task, error=_fatal())
            case Stopped() | CancelledError():
                raise _gone()
            case BaseException() as error:
                return Ended(task, error=error)
            case result:
                return Ended(task, result)
    except KilledWorker:  # it died when it did it once more
        return Ended(task, error=_fatal())
    except CancelledError as error:
        raise _gone() from error


@contextmanager
def _crew(workers: int) -> Iterator[Client]:
    """Workers, and whom to ask for them."""
    if (address := settings().scheduler) is not None:
        client = embedded.connect(address)
        try:
            _check(client)
            yield client
        finally:
            client.close(timeout=5)
        return
    process = embedded.start(workers)
    try:
        client = embedded.connect(embedded.read_address(process))
        try:
            yield client
        finally:
            client.close(timeout=5)
    finally:
        embedded.end(process)


def _count(client: Client) -> int:
    try:
        return len(client.nthreads())
    except (OSError, TimeoutError, CancelledError) as error:
        raise _gone() from error


@cache
def program_mark() -> str:
    """Tells this program from another version of it: a hash of its source."""
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def _check(client: Client) -> None:
    """Look whether the workers that are there now have this very program."""
    try:
        marks = client.run(program_mark)
        unfit = sum(mark != program_mark() for mark in marks.values())
    except Exception as error:  # whatever comes of asking a process that lacks the module
        raise _unfit(f"The workers could not be asked ({type(error).__name__}).") from error
    if unfit:
        raise _unfit(f"{unfit} of {len(marks)} workers have another version of this program.")


def _unfit(received: str) -> WorkersUnfit:
    return WorkersUnfit(
        received, "All must have the same as this one.", "Install it there, or give its place in PYTHONPATH."
    )


def _gone() -> SchedulerUnreachable:
    return SchedulerUnreachable(
        "The scheduler is gone.", "It hands the work to its workers.", "Start it, and give the same command again."
    )


def _fatal() -> WorkerDied:
    return WorkerDied(
        "Workers died over it, again and again.",
        "It should need no more memory than they have.",
        "Leave it out, or give the workers more memory.",
    )
