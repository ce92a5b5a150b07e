"""Runs in the queue: put there when somebody asks, and again when they were cut off, whether or not anybody looks."""

import threading
from contextlib import suppress

from har.errors import JobError, JobMissing, RunMissing, WorkerDied
from har.jobs import Jobs, JobState, JobStatus, Visitor
from har.runs import resume_state
from har.runs.folder import Run, open_run
from har.runs.training_job import train_run
from har.storage import quota

_ONE_AT_A_TIME = threading.Lock()  # between looking whether a run is in the queue and putting it there


@quota.telling()
def begin(jobs: Jobs, run_id: str, visitor: Visitor | None = None) -> None:
    """Have a run trained because somebody asks for it; nothing happens if it is being trained or waits for it.

    Args:
        jobs: where it is put.
        run_id: of `har.runs.new_run`.
        visitor: who asks, if that counts against the number of their jobs.

    Raises:
        RunMissing: no such run.
        JobError: too many jobs wait, or of this visitor; or nobody is there to do them. The run is not trained later
            either.
        DiskFull: what has to be noted finds no room.
    """
    run = open_run(run_id)
    with _ONE_AT_A_TIME:
        if _in_queue(_status(jobs, run_id)):
            return
        resume_state.want(run)
        try:
            jobs.submit(train_run, run_id, job_id=run_id, visitor=visitor)
        except JobError:
            resume_state.let_be(run)
            raise


def go_on(jobs: Jobs, run_id: str) -> bool:
    """Put a run in the queue again if it was cut off and is to go on by itself.

    Returns:
        Whether it is in the queue now.

    Raises:
        RunMissing: no such run.
        JobError: too many jobs wait, or nobody is there to do them. It is still to go on.
    """
    with _ONE_AT_A_TIME:
        run, status = open_run(run_id), _status(jobs, run_id)
        if _in_queue(status):
            return True
        if status is not None and _ended_for_good(status):
            resume_state.let_be(run)
        if not resume_state.wanted(run) or resume_state.tired(run) or resume_state.held(run):
            return False
        jobs.submit(train_run, run_id, job_id=run_id)
        return True


def stop(jobs: Jobs, run_id: str) -> None:
    """Ask a run to end; what it has learnt is kept. It does not go on by itself.

    Raises:
        RunMissing: no such run.
        JobMissing: it is not in the queue.
    """
    resume_state.let_be(open_run(run_id))
    jobs.stop(run_id)


def look(jobs: Jobs) -> list[Run]:
    """Put every run that was cut off in the queue again, the newest first.

    Returns:
        Those that are in the queue now.

    Raises:
        JobError: as `go_on`.
    """
    found = []
    for run in resume_state.cut_off_runs(lambda run_id: _status(jobs, run_id) is not None):
        with suppress(RunMissing):  # deleted meanwhile
            if go_on(jobs, run.id):
                found.append(run)
    return found


def _status(jobs: Jobs, run_id: str) -> JobStatus | None:
    try:
        return jobs.status(run_id)
    except JobMissing:
        return None


def _in_queue(status: JobStatus | None) -> bool:
    return status is not None and not status.state.settled


def _ended_for_good(status: JobStatus) -> bool:
    """Whether it would end in the same way once more, or ended because somebody wanted it."""
    return status.state is JobState.STOPPED or (
        status.state is JobState.FAILED and not isinstance(status.error, WorkerDied)
    )
