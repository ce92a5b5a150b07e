"""Fakes that tests of several rooms share."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from har.errors import JobMissing
from har.jobs import Jobs, JobState, JobStatus, JobSummary, Lane, new_job_id


class FakeJobs(Jobs):
    """Jobs that nobody does: a test sets their statuses. Used through the fixture `use_jobs`."""

    def __init__(self) -> None:
        self.known: dict[str, JobStatus] = {}
        self.submitted: list[tuple[str, tuple[Any, ...]]] = []  # names of functions, and their arguments
        self.options: dict[str, Any] = {}  # of the last one that was submitted: lane, visitor, detached
        self.kinds: dict[str, str] = {}  # names of functions by job
        self.stopped: list[str] = []
        self.refusal: Exception | None = None  # raised instead of accepting a job
        self.summaries: Sequence[JobSummary] = ()

    def submit(self, function: Any, *args: Any, job_id: str | None = None, **options: Any) -> str:
        if self.refusal:
            raise self.refusal
        self.options = options
        self.submitted.append((function.__name__, args))
        job_id = job_id or new_job_id()
        self.kinds[job_id] = function.__name__
        self.known[job_id] = JobStatus(job_id, JobState.WAITING, 1, (), 0.0)
        return job_id

    def prepare(self, lane: Lane) -> None:
        """A fake has no workers."""

    def status(self, job_id: str) -> JobStatus:
        if job_id not in self.known:
            raise JobMissing("There is no such job.", "", "")
        return self.known[job_id]

    def stop(self, job_id: str) -> None:
        self.stopped.append(job_id)
        if (status := self.status(job_id)).state is JobState.WAITING:
            self.known[job_id] = replace(status, state=JobState.STOPPED, position=0)

    def overview(self) -> tuple[JobSummary, ...]:
        return tuple(self.summaries)

    def unfinished(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (job_id, self.kinds.get(job_id, "")) for job_id, job in self.known.items() if not job.state.finished
        )

    def names_in_use(self) -> frozenset[str]:
        return frozenset()

    def set_status(self, state: JobState, *events: Any, job_id: str | None = None, **fields: Any) -> JobStatus:
        """Change the last job's status, or that of the given one; it has run for a second, unless told otherwise."""
        job_id = job_id or list(self.known)[-1]
        fields = {"position": 0, "running_sec": 1.0} | fields
        self.known[job_id] = JobStatus(job_id, state, events=events, **fields)
        return self.known[job_id]
