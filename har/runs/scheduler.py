"""Runs in the job queue: put there on request, and again after an interruption."""

import threading
from contextlib import suppress

from har.errors import JobError, JobMissing, RunMissing, WorkerDied
from har.jobs import Jobs, JobState, JobStatus, Lane, Visitor
from har.runs import resume_state
from har.runs.store import Run, open_run
from har.runs.training_job import train_run
from har.storage import quota

_lock = threading.Lock()  # from checking whether a run is queued to queueing it


@quota.raising_disk_full()
def start_run(jobs: Jobs, run_id: str, visitor: Visitor | None = None) -> None:
    """Queue a run on request. Does nothing if it is queued or training already.

    If a visitor is given, it counts towards their number of jobs.

    Raises:
        RunMissing: no such run.
        JobError: the queue is full, the visitor has too many jobs, or there is no worker. The run is not queued later
            either.
        DiskFull: the request cannot be recorded.
    """
    run = open_run(run_id)
    with _lock:
        if _is_queued(_find_status(jobs, run_id)):
            return
        resume_state.request(run)
        try:
            jobs.submit(train_run, run_id, job_id=run_id, lane=Lane.TRAIN, visitor=visitor)
        except JobError:
            resume_state.cancel(run)
            raise


def resume_run(jobs: Jobs, run_id: str) -> bool:
    """Queue a run again if it was interrupted and is to resume by itself.

    Returns:
        Whether it is queued now.

    Raises:
        RunMissing: no such run.
        JobError: the queue is full, or there is no worker. The run can still resume later.
    """
    with _lock:
        run, status = open_run(run_id), _find_status(jobs, run_id)
        if _is_queued(status):
            return True
        if status is not None and _ended_for_good(status):
            resume_state.cancel(run)
        if not resume_state.is_requested(run) or resume_state.gave_up(run) or resume_state.is_training(run):
            return False
        jobs.submit(train_run, run_id, job_id=run_id, lane=Lane.TRAIN)
        return True


def stop_run(jobs: Jobs, run_id: str) -> None:
    """Ask a run to stop. The best epoch so far is kept, and the run does not resume by itself.

    Raises:
        RunMissing: no such run.
        JobMissing: it is not queued.
    """
    resume_state.cancel(open_run(run_id))
    jobs.stop(run_id)


def resume_interrupted_runs(jobs: Jobs) -> list[Run]:
    """Queue all interrupted runs again, the newest first.

    Returns:
        Those that are queued now.

    Raises:
        JobError: as `resume_run`.
    """
    queued = []
    for run in resume_state.interrupted_runs(lambda run_id: _find_status(jobs, run_id) is not None):
        with suppress(RunMissing):  # deleted in the meantime
            if resume_run(jobs, run.id):
                queued.append(run)
    return queued


def _find_status(jobs: Jobs, run_id: str) -> JobStatus | None:
    try:
        return jobs.status(run_id)
    except JobMissing:
        return None


def _is_queued(status: JobStatus | None) -> bool:
    return status is not None and not status.state.finished


def _ended_for_good(status: JobStatus) -> bool:
    """Whether it was stopped, or would fail again in the same way."""
    failed = status.state is JobState.FAILED and not isinstance(status.error, WorkerDied)
    return failed or status.state is JobState.STOPPED
