"""Interrupted runs resume by themselves: which, in which order, how often, and with the same result."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from har.errors import OptionsError, QueueFull, WorkerDied
from har.jobs import Jobs, JobState, JobStatus
from har.maintenance import Maintenance
from har.progress import Progress
from har.runs import Plan, Run, delete_run, new_run, open_run, resume_state, train_run
from har.runs.scheduler import resume_interrupted_runs, resume_run, start_run, stop_run
from har.settings import Settings
from har.training import BatchRecord, EpochRecord
from tests.fakes import FakeJobs
from tests.runs.conftest import OWNER

DIED = WorkerDied("It has died.", "It should not.", "Try again.")


@pytest.fixture
def jobs(tmp_path: Path, override: Callable[..., Settings]) -> FakeJobs:
    """Also an empty folder of runs, so that only those of the test are found."""
    override(home=tmp_path)
    return FakeJobs()


def queued(jobs: FakeJobs) -> list[str]:
    return [args[0] for _, args in jobs.submitted]


def requested(plan: Plan, created: float = 1000.0) -> Run:
    """A run as the app leaves it if it ends during the training."""
    run = new_run(OWNER, replace(plan, created=created))
    resume_state.request(run)
    return run


def resume(jobs: FakeJobs) -> list[str]:
    return [run.id for run in resume_interrupted_runs(jobs)]


@pytest.mark.promise("jobs", "Trainings resume after a restart of the app")
def test_runs_resume_after_a_restart_the_newest_first(plan: Plan, jobs: FakeJobs) -> None:
    runs = [requested(plan, created) for created in (1.0, 3.0, 2.0)]
    assert resume(jobs) == queued(jobs) == [runs[1].id, runs[2].id, runs[0].id]
    assert resume(jobs) == queued(jobs)  # they are in the queue, and are not submitted again


def test_runs_that_are_not_requested_any_more_stay_as_they_are(plan: Plan, jobs: FakeJobs) -> None:
    new_run(OWNER, plan)  # not started
    stopped, old, damaged, deleted = (requested(plan) for _ in range(4))
    jobs.set_status(JobState.RUNNING, job_id=stopped.id)
    stop_run(jobs, stopped.id)
    jobs.known.clear()
    for path in old.folder.iterdir():
        os.utime(path, (1000, 1000))
    (damaged.folder / "plan.json").write_text("{")
    delete_run(deleted.id)
    assert resume(jobs) == []


@pytest.mark.parametrize(
    ("state", "error", "resumes"),
    [
        (JobState.FAILED, DIED, True),
        (JobState.FAILED, OptionsError("A.", "B.", "C."), False),
        (JobState.FAILED, ZeroDivisionError(), False),
        (JobState.STOPPED, None, False),
    ],
)
def test_only_interrupted_runs_resume(
    plan: Plan, jobs: FakeJobs, state: JobState, error: Exception | None, resumes: bool
) -> None:
    run = requested(plan)
    jobs.set_status(state, job_id=run.id, error=error)
    assert resume(jobs) == ([run.id] if resumes else [])
    assert resume_state.is_requested(run) is resumes  # also after another restart


def test_a_run_gives_up_after_starts_without_a_new_epoch(
    plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    history: list[EpochRecord] = []
    monkeypatch.setattr("har.runs.store.read_history", lambda path: tuple(history))
    epoch = EpochRecord(1, 9, 1.0, 0.5, 1.0, 0.5, 9.0, True, 1)
    run_id = requested(plan).id
    resume_state.record_start(open_run(run_id))
    history.append(epoch)
    resume_state.record_start(open_run(run_id))  # after one new epoch
    assert not resume_state.gave_up(open_run(run_id))
    resume_state.record_start(open_run(run_id))  # without one
    assert resume_state.gave_up(open_run(run_id))
    assert resume(jobs) == []
    history.append(replace(epoch, epoch=2))  # the last start did bring one
    assert resume(jobs) == [run_id]
    (open_run(run_id).folder / "begun.json").write_text("{")
    assert resume_state.read_attempts(open_run(run_id)) == resume_state.Attempts()


def test_runs_resume_even_if_the_clock_jumps(plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    run, unknown = requested(plan), requested(plan)
    jobs.set_status(JobState.FAILED, job_id=run.id, error=DIED)
    now = time.time()
    monkeypatch.setattr(resume_state.time, "time", lambda: now + 2 * 24 * 3600)
    assert resume(jobs) == [run.id]  # this process knows that it was trained just now
    assert unknown.id not in queued(jobs)


def test_runs_wait_while_the_queue_is_full(plan: Plan, jobs: FakeJobs) -> None:
    run, other = requested(plan), new_run(OWNER, plan)
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    with pytest.raises(QueueFull):
        resume_interrupted_runs(jobs)
    with pytest.raises(QueueFull):
        start_run(jobs, other.id)  # the visitor sees the error, and may try again
    jobs.refusal = None
    assert resume(jobs) == [run.id]


def test_a_run_is_trained_by_one_process_at_a_time(plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    run = requested(plan)
    monkeypatch.setattr(resume_state, "_LOCK_TIMEOUT_SEC", 0.3)
    with resume_state.lock(run):
        assert resume_state.is_training(run)
        assert resume(jobs) == []
        train_run(run.id, lambda progress: pytest.fail("it is trained"))
    assert not resume_state.is_training(run)
    assert resume(jobs) == [run.id]


# With a worker that is killed


@pytest.fixture(scope="module")
def worker() -> Iterator[Jobs]:
    for run in resume_state.interrupted_runs():  # of other tests: they would resume
        resume_state.cancel(run)
    jobs = Jobs()
    maintenance = Maintenance(jobs, every_sec=0.5)
    yield jobs
    maintenance.close()
    jobs.close()


def wait_for(condition: Callable[[], Any], timeout_sec: float = 600) -> Any:
    deadline = time.monotonic() + timeout_sec
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)
    return value


def kill_worker(jobs: Jobs) -> None:
    for pid in jobs._client.run(os.getpid).values():
        os.kill(pid, 9)


def has_reached_epoch_2(status: JobStatus) -> bool:
    progress: tuple[Progress, ...] = status.events
    return any(isinstance(each.event, BatchRecord) and each.event.epoch == 2 for each in progress)


@pytest.mark.cluster
@pytest.mark.training
@pytest.mark.promise("jobs", "An interrupted training resumes by itself from its last epoch")
def test_a_run_resumes_with_the_same_result_when_its_worker_is_killed(plan: Plan, worker: Jobs) -> None:
    first, here = (new_run(OWNER, replace(plan, created=created)) for created in (1.0, 2.0))
    start_run(worker, first.id)
    wait_for(lambda: has_reached_epoch_2(worker.status(first.id)))
    kill_worker(worker)
    here.checkpoint.write_bytes(first.checkpoint.read_bytes())
    train_run(here.id)  # the rest of it, uninterrupted, in this process
    assert len(wait_for(lambda: open_run(first.id).outcome).history) == 3
    attempts = resume_state.read_attempts(first)
    assert attempts.begun == 2
    assert attempts.kept > 0  # it did not start over
    resumed, expected = (np.load(run.classifier / "weights.npz") for run in (first, here))
    assert resumed.files == expected.files
    for name in expected.files:
        np.testing.assert_array_equal(resumed[name], expected[name])


@pytest.mark.cluster
@pytest.mark.training
@pytest.mark.promise("jobs", "A training that kills its worker repeatedly is given up with a message")
def test_a_run_that_kills_its_worker_gives_up_until_it_is_requested_again(plan: Plan, worker: Jobs) -> None:
    run = new_run(OWNER, plan)
    start_run(worker, run.id)
    for start in range(1, resume_state.MAX_FAILED_STARTS + 1):
        wait_for(lambda start=start: resume_state.read_attempts(run).begun == start)
        kill_worker(worker)
    wait_for(lambda: worker.status(run.id).state is JobState.FAILED)
    assert isinstance(worker.status(run.id).error, WorkerDied)
    assert not resume_run(worker, run.id)
    assert resume_interrupted_runs(worker) == []
    assert resume_state.read_attempts(run).begun == resume_state.MAX_FAILED_STARTS
    start_run(worker, run.id)
    wait_for(lambda: resume_state.read_attempts(run) == resume_state.Attempts(begun=1, fruitless=1))
    stop_run(worker, run.id)  # for good
    assert wait_for(lambda: worker.status(run.id).state.finished)
    assert not resume_state.is_requested(run)
