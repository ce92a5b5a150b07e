"""The asking side: submit a function, follow its events, stop it, take its result."""

import pickle
import secrets
import subprocess
import threading
import time
from contextlib import suppress
from itertools import takewhile
from typing import Any

from distributed import Client, Event, Future

from har import log
from har.errors import JobMissing
from har.jobs import admission, embedded
from har.jobs.embedded import connect
from har.jobs.job import Job, Outcome
from har.jobs.outcomes import by_death, has_died, outcome_of, so_far
from har.jobs.status import JobState, JobStatus, JobSummary, Lane, Visitor
from har.jobs.work import JobFunction, Started, run, stop_name
from har.settings import settings


def new_job_id() -> str:
    """An id nobody can guess: whoever knows it owns the job."""
    return secrets.token_urlsafe(16)


class Jobs:
    """The jobs of this process, on an embedded worker or on the scheduler that `HAR_SCHEDULER` names.

    Raises:
        SchedulerUnreachable: nobody answers there, or the embedded cluster does not start.
    """

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()
        self._pace = admission.Pace()
        self._renewing: set[Lane] = set()  # whose worker begins anew
        self._process: subprocess.Popen[str] | None = None
        self._client = self._connect()

    def submit(
        self,
        function: JobFunction,
        *args: Any,
        job_id: str | None = None,
        lane: Lane = Lane.COMPUTE,
        visitor: Visitor | None = None,
        goes_on_alone: bool = True,
    ) -> str:
        """Start `function(*args, on_event=…)` when its turn in its lane comes, and return the job's id.

        Args:
            function: what is to be done.
            args: what it is called with.
            job_id: None: a new one. An id that was used begins once more.
            lane: what it needs.
            visitor: who asks, if that counts against the number of their jobs.
            goes_on_alone: whether it goes on when nobody asks about it any more; see `stop_abandoned`.

        Raises:
            QueueFull: too many jobs wait already.
            TooManyJobs: the visitor has too many that are not over.
            SchedulerUnreachable: the scheduler has gone and does not come back.
        """
        job_id = job_id or new_job_id()
        with self._lock:
            admission.check(self._jobs.values(), visitor, self._pace)
            self._ensure_connected()
            self._forget_old()
            before = self._jobs.pop(job_id, None)  # begun once more, it stands behind those that wait
            visitor = visitor or (before.visitor if before else None)
            self._jobs[job_id] = Job(function, args, lane, visitor, goes_on_alone)
            if not self._mark(job_id, stopped=False):  # somebody may have stopped one of that id before
                self._connect_anew()
                self._mark(job_id, stopped=False)
            self._send_on(lane)
        return job_id

    def status(self, job_id: str) -> JobStatus:
        """Where the job stands now. Whoever asks keeps it from being abandoned.

        Raises:
            JobMissing: this process has no such job.
        """
        with self._lock:
            job = self._find(job_id)
            job.looked_at = time.monotonic()
            state, result, error = so_far(job)
            events = tuple(job.events)
            place = self._place(job_id) if state is JobState.WAITING else 0
            running_sec, abandoned = job.running_sec, job.abandoned
        return JobStatus(job_id, state, place, events, running_sec, result, error, abandoned)

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
            if job.started_at is None and job.unfinished:
                if job.future is not None:
                    job.future.cancel()
                self._end(job, Outcome(JobState.STOPPED))
                self._send_on(job.lane)
        self._mark(job_id, stopped=True)

    def stop_abandoned(self) -> int:
        """Stop the jobs that do not go on alone, and about which nobody has asked for `ownerless_minutes`; how many."""
        for_sec = settings().ownerless_minutes * 60
        with self._lock:
            lonely = [job_id for job_id, job in self._jobs.items() if job.left_alone(for_sec) and not job.stop_asked]
            for job_id in lonely:
                self._jobs[job_id].abandoned = True
                self.stop(job_id)
        return len(lonely)

    def bring_back(self) -> None:
        """Start the cluster again, or look for the scheduler, if it has gone and jobs wait for it.

        Raises:
            SchedulerUnreachable: it does not come back.
        """
        with self._lock:
            if self.busy:
                self._ensure_connected()
                for lane in Lane:  # what was sent to a scheduler that has come back by itself is not known there
                    self._send_on(lane)

    def overview(self) -> tuple[JobSummary, ...]:
        """The jobs that wait or run, in their order, without anything that tells whose they are."""
        with self._lock:
            unfinished = [job for job in self._jobs.values() if job.unfinished]
        now = time.monotonic()
        return tuple(JobSummary(job.kind, job.lane, so_far(job)[0], now - job.asked_at) for job in unfinished)

    def names_in_use(self) -> frozenset[str]:
        """Ids of the jobs that wait or run, and the names of folders they were given."""
        with self._lock:
            unfinished = {job_id: job for job_id, job in self._jobs.items() if job.unfinished}
        return frozenset(unfinished).union(*(job.names() for job in unfinished.values()))

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
            return any(job.unfinished for job in self._jobs.values())

    # Connecting

    def _connect(self) -> Client:
        address = settings().scheduler
        if address is None:
            self._process = embedded.start()
            address = embedded.read_address(self._process)
        return connect(address)

    def _ensure_connected(self) -> None:
        gone = self._process is not None and self._process.poll() is not None
        if gone or self._client.status != "running":
            self._connect_anew()

    def _connect_anew(self) -> None:
        """What had begun is lost; what had not is sent once more."""
        for job in [job for job in self._jobs.values() if job.future is not None]:
            if job.has_to_begin:
                job.future = None
            else:
                self._end(job, by_death(job))
        self.close()
        self._client = self._connect()
        self._renewing.clear()
        for lane in Lane:
            self._send_on(lane)

    def _mark(self, job_id: str, *, stopped: bool) -> bool:
        """Tell workers whether a job is to stop; whether that could be told, for the cluster may have gone."""
        if self._client.status != "running":
            return False
        event = Event(stop_name(job_id), client=self._client)
        with suppress(OSError):  # it goes at this moment
            event.set() if stopped else event.clear()
            return True
        return False

    def _forget_old(self) -> None:
        """Drop events and results of jobs whose time is up; their files are somebody else's business."""
        oldest = time.monotonic() - settings().job_hours * 3600
        for job_id in [job_id for job_id, job in self._jobs.items() if job.ended_at and job.ended_at < oldest]:
            with suppress(ValueError):  # another client followed it, before the cluster was started again
                self._client.unsubscribe_topic(job_id)
            del self._jobs[job_id]

    # Following

    def _send_on(self, lane: Lane) -> None:
        """Send what may run now: to the embedded worker one job at a time, to workers of others all of them.

        Those of others are free to do as many at once as they like. A worker of ours that waits for its next job may
        have to begin anew before that.
        """
        if self._client.status != "running":  # the next job that is asked for connects anew
            return
        waiting = [job_id for job_id, job in self._jobs.items() if job.lane is lane and job.waits_here]
        if self._process is None:
            for job_id in waiting:
                self._send(job_id)
        elif waiting and lane not in self._renewing and not self._sent(lane):
            self._send(waiting[0])

    def _sent(self, lane: Lane) -> bool:
        return any(job.lane is lane and job.future is not None for job in self._jobs.values())

    def _send(self, job_id: str) -> None:
        job = self._jobs[job_id]
        self._client.subscribe_topic(job_id, lambda event: self._receive(job_id, event[1]))
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
            log.note("begun", kind=job.kind, lane=str(job.lane))
        else:
            job.events.append(event)

    def _ended(self, job_id: str, future: Future) -> None:
        with self._lock:
            job = self._jobs.get(job_id)
            if job is None or job.future is None or job.future.key != future.key:
                return
            if job.has_to_begin and has_died(future):  # not of this job
                self._send(job_id)
                return
            if job.has_to_begin and future.cancelled():  # with its cluster: it is sent when that is back
                job.future = None
                return
        outcome, resident_bytes = outcome_of(job, future)  # which may have to be fetched
        future.release()  # what a worker that dies still held would be worked out anew
        self._end(job, outcome)
        with self._lock:
            if self._process is not None and resident_bytes > embedded.most_kept_bytes():
                self._renewing.add(job.lane)
                threading.Thread(target=self._renew, args=(self._client, job.lane), name="renew", daemon=True).start()
            self._send_on(job.lane)

    def _renew(self, client: Client, lane: Lane) -> None:
        """Start a lane's worker anew between two jobs: TensorFlow gives back little of what it has taken."""
        try:
            embedded.renew(client, lane)
        finally:
            with self._lock:
                if client is self._client:  # and not that of a cluster that has gone meanwhile
                    self._renewing.discard(lane)
                    self._send_on(lane)

    def _end(self, job: Job, outcome: Outcome) -> None:
        """Keep how a job has ended, unless that is known, and note it."""
        with self._lock:
            if not job.unfinished:
                return
            job.end(outcome)
        state, _, error = outcome
        if state is JobState.DONE and not job.stop_asked:
            self._pace.note(job)
        ended = "abandoned" if job.abandoned and error is None else str(state)
        log.note(ended, error, kind=job.kind, lane=str(job.lane), seconds=round(job.running_sec, 1))

    def _find(self, job_id: str) -> Job:
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
        return sum(other.unfinished and other.lane is lane for _, other in before)
