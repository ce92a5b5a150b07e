"""How a job ended, from what Dask reports."""

from concurrent.futures import CancelledError

from distributed import Future
from distributed.scheduler import KilledWorker

from har.errors import WorkerDied
from har.jobs.job import Job, Outcome
from har.jobs.status import JobState
from har.jobs.work import Refused, Stopped
from har.settings import settings

_FETCH_SEC = 10.0  # longest wait for a result from the worker


def worker_died(future: Future) -> bool:
    """Whether the worker of a job was killed."""
    return future.status == "error" and isinstance(future.exception(), KilledWorker)


def outcome_of(job: Job, future: Future) -> tuple[Outcome, int]:
    """How a job ended, and how many bytes of memory its worker holds (0 if unknown)."""
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
    except (OSError, TimeoutError, CancelledError):  # the worker, or the whole cluster, has just died
        future.cancel()  # or it would run again
        error = None
    if error is None or isinstance(error, KilledWorker):
        return lost(job), 0
    return Outcome(JobState.FAILED, error=error), 0


def lost(job: Job) -> Outcome:
    """How a job ended whose worker or cluster died."""
    if job.stop_requested:
        return Outcome(JobState.STOPPED)
    error = WorkerDied(
        "The process that ran this job died, most likely because it ran out of memory.",
        f"It may use {settings().worker_memory.human_readable()}.",
        "Try a shorter or smaller video, or fewer clips at a time; other jobs are not affected.",
    )
    return Outcome(JobState.FAILED, error=error)
