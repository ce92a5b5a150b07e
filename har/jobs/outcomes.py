"""How a job has ended, from what Dask tells of it."""

from concurrent.futures import CancelledError

from distributed import Future
from distributed.scheduler import KilledWorker

from har.errors import WorkerDied
from har.jobs.job import Job, Outcome
from har.jobs.status import JobState
from har.jobs.work import Refused, Stopped
from har.settings import settings

_FETCH_SEC = 10.0  # for a result to come from the worker


def so_far(job: Job) -> Outcome:
    """Where a job stands."""
    return job.outcome or Outcome(JobState.WAITING if job.started_at is None else JobState.RUNNING)


def has_died(future: Future) -> bool:
    """Whether its worker has."""
    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def outcome_of(job: Job, future: Future) -> tuple[Outcome, int]:
    """What came of a job that is over, and how many bytes its worker still takes, 0 where nobody tells."""
    try:
        if future.status == "finished":
            returned = future.result(timeout=_FETCH_SEC)
            match returned.value:
                case Refused(refusal):
                    outcome = Outcome(JobState.FAILED, error=refusal)
                case Stopped():
                    outcome = Outcome(JobState.STOPPED)
                case result:
                    outcome = Outcome(JobState.DONE, result)
            return outcome, returned.resident_bytes
        error = future.exception(timeout=_FETCH_SEC) if future.status == "error" else None
    except (OSError, TimeoutError, CancelledError):  # the worker, or the whole cluster, has died at this moment
        future.cancel()  # or it would be done once more
        error = None
    if error is None or isinstance(error, KilledWorker):
        return by_death(job), 0
    return Outcome(JobState.FAILED, error=error), 0


def by_death(job: Job) -> Outcome:
    """The outcome of a job that has no other: nobody is there any more who would know it."""
    if job.stop_asked:
        return Outcome(JobState.STOPPED)
    error = WorkerDied(
        "The process that did the work has died, most likely for want of memory.",
        f"It may use {settings().worker_memory}.",
        "Try a shorter or smaller video, or fewer clips at a time; other jobs are not affected.",
    )
    return Outcome(JobState.FAILED, error=error)
