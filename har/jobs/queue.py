"""The asking side: submit a function, follow its events, stop it, take its result."""

import pickle
import secrets
import subprocess
import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import Any

from distributed import Client, Event, Future
from distributed.scheduler import KilledWorker

from har.errors import JobMissing, QueueFull, SchedulerUnreachable, WorkerDied
from har.jobs import embedded
from har.jobs.work import JobFunction, Refused, Started, Stopped, run, stop_name
from har.settings import settings


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"  # the function returned, possibly early because it was asked to
    STOPPED = "stopped"  # it was asked to end, and had nothing to return
    FAILED = "failed"

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.DONE, JobState.STOPPED, JobState.FAILED)


class Lane(StrEnum):
    """What a job needs: jobs of one lane run one after another, those of the other beside them."""

    COMPUTE = "compute"  # networks: memory and every core
    DATA = "data"  # files: downloading, unpacking, drawing, looking through


@dataclass(frozen=True)
class JobStatus:
    """A job at one moment."""

    id: str
    state: JobState
    place: int  # jobs to finish before this one starts; 0 once it runs
    events: tuple[Any, ...]  # what the function has reported so far
    running_sec: float  # since it started
    result: Any = None
    error: BaseException | None = None  # a HarError where the user caused it


@dataclass
class _Job:
    function: JobFunction
    args: tuple[Any, ...]
    lane: Lane
    future: Future | None = None
    events: list[Any] = field(default_factory=list)
    started_at: float | None = None
    ended_at: float | None = None
    stop_asked: bool = False
    begun_again: bool = False


def new_job_id() -> str:
    """An id nobody can guess: whoever knows it owns the job."""
    return secrets.token_urlsafe(16)


class Jobs:
    """The jobs of this process, on an embedded worker or on the scheduler that `HAR_SCHEDULER` names.

    Raises:
        SchedulerUnreachable: nobody answers there, or the embedded cluster does not start.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}
        self._lock = threading.RLock()
        self._process: subprocess.Popen[str] | None = None
        self._client = self._connect()

    def submit(self, function: JobFunction, *args: Any, job_id: str | None = None, lane: Lane = Lane.COMPUTE) -> str:
        """Start `function(*args, on_event=…)` when its turn in its lane comes, and return the job's id.

        What runs in the data lane must be able to begin again: should the worker die of another job, it does.

        Raises:
            QueueFull: too many jobs wait already.
            SchedulerUnreachable: the scheduler has gone and does not come back.
        """
        job_id = job_id or new_job_id()
        with self._lock:
            waiting = sum(job.started_at is None and job.ended_at is None for job in self._jobs.values())
            if waiting >= (limit := settings().max_waiting_jobs):
                raise QueueFull(
                    f"{waiting} jobs are waiting already.", f"At most {limit} may.", "Come back in a few minutes."
                )
            self._ensure_connected()
            self._forget_old()
            self._jobs.pop(job_id, None)  # begun once more, it stands behind those that wait
            self._jobs[job_id] = _Job(function, args, lane)
            Event(stop_name(job_id), client=self._client).clear()  # somebody may have stopped one of that id before
            self._client.subscribe_topic(job_id, lambda event: self._receive(job_id, event[1]))
            self._send(job_id)
        return job_id

    def status(self, job_id: str) -> JobStatus:
        """Where the job stands now.

        Raises:
            JobMissing: this process has no such job.
        """
        with self._lock:
            job = self._find(job_id)
            state, result, error = self._outcome(job)
            events = tuple(job.events)
            place = self._place(job_id) if state is JobState.WAITING else 0
            running_sec = (job.ended_at or time.monotonic()) - job.started_at if job.started_at is not None else 0.0
        return JobStatus(job_id, state, place, events, running_sec, result, error)

    def wait(self, job_id: str, timeout_sec: float = 600) -> JobStatus:
        """The status of the job once it has settled (or when the time is up)."""
        deadline = time.monotonic() + timeout_sec
        while not (status := self.status(job_id)).state.settled and time.monotonic() < deadline:
            time.sleep(0.05)
        return status

    def stop(self, job_id: str) -> None:
        """Ask the job to end: a waiting one at once, a running one at its next event.

        Raises:
            JobMissing: this process has no such job.
        """
        with self._lock:
            job = self._find(job_id)
            job.stop_asked = True
            if job.started_at is None and job.future is not None:
                job.future.cancel()
                job.ended_at = job.ended_at or time.monotonic()
        Event(stop_name(job_id), client=self._client).set()

    def close(self) -> None:
        """End the embedded cluster, and with it whatever still runs."""
        self._client.close(timeout=5)
        if self._process is not None:
            embedded.end(self._process)
            self._process = None

    @property
    def busy(self) -> bool:
        """Whether any job waits or runs."""
        with self._lock:
            return any(job.ended_at is None for job in self._jobs.values())

    # Connecting

    def _connect(self) -> Client:
        address = settings().scheduler
        if address is None:
            self._process = embedded.start()
            address = embedded.read_address(self._process)
        try:
            return Client(address, timeout=10, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise SchedulerUnreachable(
                f"No Dask scheduler answers at {address}.",
                "Long work is done by its workers.",
                "Start it, or unset HAR_SCHEDULER to use a worker beside the app.",
            ) from error

    def _ensure_connected(self) -> None:
        gone = self._process is not None and self._process.poll() is not None
        if gone or self._client.status != "running":
            for job in self._jobs.values():
                job.ended_at = job.ended_at or time.monotonic()
            self.close()
            self._client = self._connect()

    def _forget_old(self) -> None:
        """Drop events and results of jobs whose time is up; their files are somebody else's business."""
        oldest = time.monotonic() - settings().job_hours * 3600
        for job_id in [job_id for job_id, job in self._jobs.items() if job.ended_at and job.ended_at < oldest]:
            self._client.unsubscribe_topic(job_id)
            del self._jobs[job_id]

    # Following

    def _send(self, job_id: str) -> None:
        job = self._jobs[job_id]
        job.started_at = None
        # The embedded worker has one place in each lane; workers of others are free to have as many as they like.
        needs = {str(job.lane): 1} if self._process is not None else None
        future = self._client.submit(run, job_id, job.function, job.args, pure=False, retries=0, resources=needs)
        job.future = future
        future.add_done_callback(lambda future: self._ended(job_id, future))

    def _receive(self, job_id: str, message: bytes) -> None:
        """Runs in the client's own thread, which never waits for the lock: its holder may wait for results."""
        event = pickle.loads(message)  # noqa: S301  from our own worker
        if (job := self._jobs.get(job_id)) is None:
            return
        if isinstance(event, Started):
            job.started_at = time.monotonic()
        else:
            job.events.append(event)

    def _ended(self, job_id: str, future: Future) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.future is None or job.future.key != future.key:
                return
            died = future.status == "error" and isinstance(future.exception(), KilledWorker) and not job.stop_asked
            if died and self._was_another(job):
                self._send(job_id)
                return
            job.ended_at = time.monotonic()

    def _was_another(self, job: _Job) -> bool:
        """Whether it was most likely another job that killed the worker: one further ahead, or in the other lane."""
        if job.started_at is None:
            return True
        if job.lane is not Lane.DATA or job.begun_again:
            return False
        job.begun_again = True
        return True

    def _find(self, job_id: str) -> _Job:
        if (job := self._jobs.get(job_id)) is None:
            raise JobMissing(
                "There is no job of that id here.",
                "Jobs are kept while the app runs, their results for a day.",
                "Start it again.",
            )
        return job

    def _place(self, job_id: str) -> int:
        lane = self._jobs[job_id].lane
        before = takewhile(lambda other: other[0] != job_id, self._jobs.items())
        return sum(other.ended_at is None and other.lane is lane for _, other in before)

    def _outcome(self, job: _Job) -> tuple[JobState, Any, BaseException | None]:
        future: Any = job.future
        if future is None or job.ended_at is None:
            return (JobState.RUNNING if job.started_at is not None else JobState.WAITING), None, None
        if future.status == "finished":
            match future.result(timeout=10):
                case Refused(refusal):
                    return JobState.FAILED, None, refusal
                case Stopped():
                    return JobState.STOPPED, None, None
                case result:
                    return JobState.DONE, result, None
        error = future.exception(timeout=10) if future.status == "error" else None
        if error is None and job.stop_asked:
            return JobState.STOPPED, None, None
        if isinstance(error, KilledWorker) or error is None:
            error = WorkerDied(
                "The process that did the work has died, most likely for want of memory.",
                f"It may use {settings().worker_memory}.",
                "Try a shorter or smaller video, or fewer clips at a time; other jobs are not affected.",
            )
        return JobState.FAILED, None, error
