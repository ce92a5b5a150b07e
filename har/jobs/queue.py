"""The queue: submit a function, follow its progress, stop it, get its result."""

import pickle
import secrets
import subprocess
import threading
import time
from contextlib import suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from distributed import Client, Event, Future

from har import log
from har.errors import JobMissing, JobTooLong
from har.jobs import admission, embedded
from har.jobs.embedded import connect
from har.jobs.job import Job, Outcome
from har.jobs.outcomes import lost, outcome_of, worker_died
from har.jobs.status import JobState, JobStatus, JobSummary, Lane, Visitor
from har.jobs.work import JobFunction, Started, run_job, stop_name
from har.settings import settings

_PREPARE_SEC = 0.1  # longest wait of a page that will perhaps need a worker
_LEFT_SEC = 20.0  # a waiting job whose page has been closed for this long is stopped if the queue is full


class _Worker(NamedTuple):
    """The embedded worker of a lane."""

    name: str
    needed_at: float  # when a page or job needed it last; as by `time.monotonic`


def new_job_id() -> str:
    """An id that cannot be guessed: it gives access to the job."""
    return secrets.token_urlsafe(16)


class Jobs:
    """The jobs of this process, on an embedded cluster or on the scheduler that `HAR_SCHEDULER` names.

    Raises:
        SchedulerUnreachable: no scheduler answers there, or the embedded cluster does not start.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._durations = admission.Durations()
        self._workers: dict[Lane, _Worker] = {}  # of the lanes that have one
        self._worker_numbers = count(1)
        self._process: subprocess.Popen[str] | None = None
        self._client = self._connect()

    def submit(
        self,
        function: JobFunction,
        *args: Any,
        job_id: str | None = None,
        lane: Lane = Lane.COMPUTE,
        visitor: Visitor | None = None,
        detached: bool = True,
        scratch: Path | None = None,
    ) -> str:
        """Call `function(*args, on_progress=…)` when its turn in its lane comes, and return the job's id.

        Args:
            function: what to call.
            args: its arguments.
            job_id: None: a new one. With an id that was used, the job starts again.
            lane: what it needs.
            visitor: who submits, if it counts towards their limit.
            detached: whether it runs on when nobody is waiting for it; see `stop_abandoned`.
            scratch: a folder with files for this job only, which is removed when the job ends, also after an error.

        Raises:
            QueueFull: too many jobs are waiting.
            TooManyJobs: the visitor has too many unfinished ones.
            SchedulerUnreachable: the scheduler has gone and does not come back.
        """
        job_id = job_id or new_job_id()
        with self._lock:
            if lane is Lane.TRAIN and self._process is not None and not embedded.has_room_for_training():
                lane = Lane.COMPUTE
            self._drop_left_behind(lane)
            admission.check(self._jobs.values(), visitor, self._durations, lane)
            self._ensure_connected()
            self._forget_old()
            earlier = self._jobs.pop(job_id, None)  # started again, it queues behind those that wait
            visitor = visitor or (earlier.visitor if earlier else None)
            self._jobs[job_id] = Job(function, args, lane, visitor, detached, scratch)
            if not self._set_stop(job_id, False):  # a job with that id may have been stopped before
                self._restart_cluster()
                self._set_stop(job_id, False)
            self._send_next(lane)
        return job_id

    def status(self, job_id: str) -> JobStatus:
        """Return the job's state, which also keeps it from being abandoned.

        Raises:
            JobMissing: this process has no such job.
        """
        with self._lock:
            job = self._find(job_id)
            job.queried_at = time.monotonic()
            state, result, error = job.current
            events = tuple(job.events)
            ahead = self._ahead(job_id) if state is JobState.WAITING else []
            wait_sec = self._durations.wait_sec(ahead) if ahead else None
            running_sec, abandoned = job.running_sec, job.abandoned
        return JobStatus(job_id, state, len(ahead), events, running_sec, result, error, abandoned, wait_sec)

    def wait(self, job_id: str, timeout_sec: float = 600) -> JobStatus:
        """Wait until the job has finished, or the time is up, and return its status."""
        deadline = time.monotonic() + timeout_sec
        while not (status := self.status(job_id)).state.finished and time.monotonic() < deadline:
            time.sleep(0.05)
        return status

    def stop(self, job_id: str) -> None:
        """Stop the job: a waiting one at once, a running one when it next reports progress.

        Raises:
            JobMissing: this process has no such job.
        """
        with self._lock:
            job = self._find(job_id)
            job.stop_requested = True
            if job.started_at is None and job.unfinished:
                if job.future is not None:
                    job.future.cancel()
                self._end(job, Outcome(JobState.STOPPED))
                self._send_next(job.lane)
        self._set_stop(job_id, True)

    def stop_abandoned(self) -> int:
        """Stop jobs that are not detached and whose status was not requested for `ownerless_minutes`; return how many.

        A job whose page is still open is not abandoned.
        """
        after_sec = settings().ownerless_minutes * 60
        with self._lock:
            running = [job_id for job_id, job in self._jobs.items() if not job.stop_requested]
            return self._stop_abandoned(running, after_sec)

    def _stop_abandoned(self, job_ids: list[str], after_sec: float) -> int:
        abandoned = [job_id for job_id in job_ids if self._jobs[job_id].is_abandoned(after_sec)]
        for job_id in abandoned:
            self._jobs[job_id].abandoned = True
            self.stop(job_id)
        return len(abandoned)

    def _drop_left_behind(self, lane: Lane) -> None:
        """If a lane's queue is full, stop the jobs in it that wait although their page is closed."""
        waiting = [job_id for job_id, job in self._jobs.items() if job.lane is lane and job.pending]
        if len(waiting) >= settings().max_waiting_jobs:
            self._stop_abandoned(waiting, _LEFT_SEC)

    def stop_overdue(self) -> int:
        """End jobs of the data lane that have run for `max_data_job_sec`, with their worker; return how many."""
        limit_sec = settings().max_data_job_sec
        with self._lock:
            running = [job for job in self._jobs.items() if job[1].lane is Lane.DATA and job[1].unfinished]
            overdue = {job_id: job for job_id, job in running if job.running_sec > limit_sec}
            for job in overdue.values():
                self._end(job, Outcome(JobState.FAILED, error=_too_long(limit_sec)))
            if overdue:
                self._end_worker(Lane.DATA)
                self._send_next(Lane.DATA)
        for job_id in overdue:  # an external worker is not restarted, only asked to stop
            self._set_stop(job_id, True)
        return len(overdue)

    def prepare(self, lane: Lane) -> None:
        """Start the worker of a lane, which the next job will need, if it is not there.

        Does nothing while the cluster restarts: pages call this, and do not wait for that.
        """
        if not self._lock.acquire(timeout=_PREPARE_SEC):
            return
        try:
            self._need_worker(lane)
        finally:
            self._lock.release()

    def end_idle_workers(self) -> int:
        """End the workers that nothing has needed for `idle_worker_sec`; return how many."""
        with self._lock:
            before = time.monotonic() - settings().idle_worker_sec
            busy = {job.lane for job in self._jobs.values() if job.unfinished}
            idle = [lane for lane, worker in self._workers.items() if worker.needed_at < before and lane not in busy]
            for lane in idle:
                self._end_worker(lane)
        return len(idle)

    def reconnect(self) -> None:
        """Start the cluster again, or connect to the scheduler again, if it has gone and jobs wait for it.

        Raises:
            SchedulerUnreachable: it does not come back.
        """
        with self._lock:
            if self.busy:
                self._ensure_connected()
                for lane in Lane:  # a scheduler that came back by itself has forgotten what was sent to it
                    self._send_next(lane)

    def overview(self) -> tuple[JobSummary, ...]:
        """The unfinished jobs in the order of the queue, without their owners."""
        with self._lock:
            unfinished = [job for job in self._jobs.values() if job.unfinished]
        now = time.monotonic()
        return tuple(JobSummary(job.kind, job.lane, job.current.state, now - job.submitted_at) for job in unfinished)

    def unfinished(self) -> tuple[tuple[str, str], ...]:
        """Id and kind (the function's name) of each unfinished job, in the order of the queue."""
        with self._lock:
            return tuple((job_id, job.kind) for job_id, job in self._jobs.items() if job.unfinished)

    def names_in_use(self) -> frozenset[str]:
        """Ids of the unfinished jobs, and the names of folders among their arguments."""
        with self._lock:
            unfinished = {job_id: job for job_id, job in self._jobs.items() if job.unfinished}
        return frozenset(unfinished).union(*(job.names() for job in unfinished.values()))

    def close(self) -> None:
        """End the embedded cluster and all that runs there."""
        embedded.disconnect(self._client)
        if self._process is not None:
            embedded.end(self._process)
            self._process = None

    @property
    def busy(self) -> bool:
        """Whether any job waits or runs."""
        with self._lock:
            return any(job.unfinished for job in self._jobs.values())

    # Connecting

    def _connect(self) -> Client:
        if (url := settings().scheduler) is not None:
            return connect(embedded.Address(url))
        self._process = embedded.start()
        return connect(embedded.read_address(self._process))

    def _ensure_connected(self) -> None:
        gone = self._process is not None and self._process.poll() is not None
        if gone or self._client.status != "running":
            self._restart_cluster()

    def _restart_cluster(self) -> None:
        """Jobs that had started are lost; the others are sent again."""
        for job in [job for job in self._jobs.values() if job.future is not None]:
            if job.pending:
                job.future = None
            else:
                self._end(job, lost(job))
        self.close()
        self._client = self._connect()
        self._workers.clear()
        for lane in Lane:
            self._send_next(lane)

    def _set_stop(self, job_id: str, stopped: bool) -> bool:
        """Set whether workers stop a job. Returns False if the cluster has gone."""
        if self._client.status != "running":
            return False
        event = Event(stop_name(job_id), client=self._client)
        with suppress(OSError):  # it is just going
            event.set() if stopped else event.clear()
            return True
        return False

    def _forget_old(self) -> None:
        """Forget jobs after `job_hours`. Their files are removed by `har.maintenance`."""
        oldest = time.monotonic() - settings().job_hours * 3600
        for job_id in [job_id for job_id, job in self._jobs.items() if job.ended_at and job.ended_at < oldest]:
            with suppress(ValueError):  # the cluster was restarted since: another client had subscribed
                self._client.unsubscribe_topic(job_id)
            del self._jobs[job_id]

    # Running

    def _send_next(self, lane: Lane) -> None:
        """Send what may run now: one job to an embedded worker, all jobs to workers of an external scheduler.

        External workers may run as many at once as they like. An embedded one may have to be replaced between two jobs.
        """
        if self._client.status != "running":  # the next job to be submitted reconnects
            return
        unsent = [job_id for job_id, job in self._jobs.items() if job.lane is lane and job.unsent]
        if self._process is None:
            for job_id in unsent:
                self._send(job_id)
        elif unsent and not self._is_occupied(lane):
            self._send(unsent[0])

    def _is_occupied(self, lane: Lane) -> bool:
        return any(job.lane is lane and job.future is not None for job in self._jobs.values())

    def _need_worker(self, lane: Lane) -> dict[str, int] | None:
        """Start the embedded worker of a lane, if it is not there; return the resources that only it has."""
        if self._process is None:
            return None
        if (worker := self._workers.get(lane)) is None:
            name = f"{lane}-{next(self._worker_numbers)}"  # a new one, so that no job reaches one that is ending
            embedded.start_worker(self._process, name)
        else:
            name = worker.name
        self._workers[lane] = _Worker(name, time.monotonic())
        return {name: 1}

    def _end_worker(self, lane: Lane) -> None:
        """End the embedded worker of a lane, with what it runs, without waiting; the next job gets a new one."""
        if self._process is not None and (worker := self._workers.pop(lane, None)) is not None:
            embedded.end_worker(self._process, worker.name)

    def _send(self, job_id: str) -> None:
        job = self._jobs[job_id]
        resources = self._need_worker(job.lane)
        self._client.subscribe_topic(job_id, lambda event: self._receive(job_id, event[1]))
        future = self._client.submit(
            run_job, job_id, job.function, job.args, pure=False, retries=0, resources=resources
        )
        job.future = future
        future.add_done_callback(lambda future: self._finish(job_id, future))

    def _receive(self, job_id: str, message: bytes) -> None:
        """Runs in the client's own thread, which never waits for the lock: its holder may wait for results."""
        event = pickle.loads(message)  # noqa: S301  from our own worker
        if (job := self._jobs.get(job_id)) is None:
            return
        if isinstance(event, Started):
            job.started_at = time.monotonic()
            log.record("begun", kind=job.kind, lane=str(job.lane))
        else:
            job.events.append(event)

    def _finish(self, job_id: str, future: Future) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.future is None or job.future.key != future.key:
                return
            if job.pending and worker_died(future):  # while it ran another job
                self._send(job_id)
                return
            if job.pending and future.cancelled():  # with its cluster; it is sent when that is back
                job.future = None
                return
        outcome, resident_bytes = outcome_of(job, future)  # which may have to be fetched
        future.release()  # or Dask would compute the result again if the worker that holds it dies
        with self._lock:
            self._end(job, outcome)
            if resident_bytes > embedded.max_retained_bytes():  # TensorFlow releases little of what it has used
                self._end_worker(job.lane)
            self._need_worker(job.lane)
            self._send_next(job.lane)

    def _end(self, job: Job, outcome: Outcome) -> None:
        """Record how a job ended, unless that is known."""
        with self._lock:
            if not job.unfinished:
                return
            job.end(outcome)
        state, _, error = outcome
        if state is JobState.DONE and not job.stop_requested:
            self._durations.add(job)
        event = "abandoned" if job.abandoned and error is None else str(state)
        log.record(event, error, kind=job.kind, lane=str(job.lane), seconds=round(job.running_sec, 1))

    def _find(self, job_id: str) -> Job:
        if (job := self._jobs.get(job_id)) is None:
            raise JobMissing(
                "This job does not exist or has expired.",
                "Jobs are kept while the app runs, and their results for a limited time.",
                "Start it again.",
            )
        return job

    def _ahead(self, job_id: str) -> list[Job]:
        lane = self._jobs[job_id].lane
        before = takewhile(lambda other: other[0] != job_id, self._jobs.items())
        return [job for _, job in before if job.unfinished and job.lane is lane]


def _too_long(limit_sec: float) -> JobTooLong:
    return JobTooLong(
        "This job took too long and was ended.",
        f"Jobs on files may take {limit_sec / 60:g} minutes.",
        "Try fewer or smaller files; what was finished is kept.",
    )
