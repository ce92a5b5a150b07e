"""Runs that are cut off go on by themselves: which, in which order, how often, and with the same result."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from har.errors import OptionsError, QueueFull, StopRequested, WorkerDied
from har.jobs import Jobs, JobState, JobStatus
from har.maintenance import Maintenance
from har.runs import Plan, Run, delete_run, new_run, open_run, resume_state, train_run
from har.runs.scheduler import resume_interrupted_runs, resume_run, start_run, stop_run
from har.training import BatchRecord, EpochRecord
from tests.fakes import FakeJobs
from tests.runs.conftest import OWNER
from tests.ui.train_pages import status

DIED = WorkerDied("It has died.", "It should not.", "Try again.")


@pytest.fixture
def jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeJobs:
    """Also an empty folder of runs: looking finds only those of the test."""
    limits = resume_state.settings().model_copy(update={"home": tmp_path})
    for module in ("attempts", "folder"):
        monkeypatch.setattr(f"har.runs.{module}.settings", lambda: limits)
    return FakeJobs()


def queued(jobs: FakeJobs) -> list[str]:
    return [args[0] for _, args in jobs.submitted]


def asked(plan: Plan, created: float = 1000.0) -> Run:
    """As a run is left that somebody asked for, when the app ends."""
    run = new_run(OWNER, replace(plan, created=created))
    resume_state.request(run)
    return run


def seen(jobs: FakeJobs) -> list[str]:
    return [run.id for run in resume_interrupted_runs(jobs)]


def test_after_a_restart_runs_go_on_and_the_newest_is_first(plan: Plan, jobs: FakeJobs) -> None:
    runs = [asked(plan, created) for created in (1.0, 3.0, 2.0)]
    assert seen(jobs) == queued(jobs) == [runs[1].id, runs[2].id, runs[0].id]
    assert seen(jobs) == queued(jobs)  # they are in the queue: nothing more is asked for


def test_what_nobody_waits_for_is_left_alone(plan: Plan, jobs: FakeJobs) -> None:
    new_run(OWNER, plan)  # never begun
    stopped, old = asked(plan), asked(plan)
    jobs.known[stopped.id] = status(stopped, JobState.RUNNING)
    stop_run(jobs, stopped.id)
    jobs.known.clear()
    for path in old.folder.iterdir():
        os.utime(path, (1000, 1000))
    damaged, gone = asked(plan), asked(plan)
    (damaged.folder / "plan.json").write_text("{")
    delete_run(gone.id)
    assert seen(jobs) == []


@pytest.mark.parametrize(
    ("state", "error", "goes_on"),
    [
        (JobState.FAILED, DIED, True),
        (JobState.FAILED, OptionsError("A.", "B.", "C."), False),
        (JobState.FAILED, ZeroDivisionError(), False),
        (JobState.STOPPED, None, False),
    ],
)
def test_only_what_was_cut_off_goes_on(
    plan: Plan, jobs: FakeJobs, state: JobState, error: Exception | None, goes_on: bool
) -> None:
    run = asked(plan)
    jobs.known[run.id] = status(run, state, error=error)
    assert seen(jobs) == ([run.id] if goes_on else [])
    assert resume_state.is_requested(run) is goes_on  # also after another restart


def test_beginnings_without_a_new_epoch_are_counted(
    plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs: list[EpochRecord] = []
    monkeypatch.setattr("har.runs.store.read_history", lambda path: tuple(epochs))
    one = EpochRecord(1, 9, 1.0, 0.5, 1.0, 0.5, 9.0, True, 1)
    run_id = asked(plan).id
    resume_state.record_start(open_run(run_id))
    epochs.append(one)
    resume_state.record_start(open_run(run_id))  # an epoch was done in between
    assert not resume_state.gave_up(open_run(run_id))
    resume_state.record_start(open_run(run_id))  # but none since then
    assert resume_state.gave_up(open_run(run_id))
    assert seen(jobs) == []
    epochs.append(replace(one, epoch=2))  # and yet the last beginning brought one
    assert seen(jobs) == [run_id]
    (open_run(run_id).folder / "begun.json").write_text("{")
    assert resume_state.read_attempts(open_run(run_id)) == resume_state.Attempts()


def test_a_clock_that_jumped_keeps_no_run_from_going_on(
    plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, unknown = asked(plan), asked(plan)
    jobs.known[run.id] = status(run, JobState.FAILED, error=DIED)
    now = time.time()
    monkeypatch.setattr(resume_state.time, "time", lambda: now + 2 * 24 * 3600)
    assert seen(jobs) == [run.id]  # this process knows that it was trained just now
    assert unknown.id not in queued(jobs)


def test_a_full_queue_keeps_runs_waiting(plan: Plan, jobs: FakeJobs) -> None:
    run = asked(plan)
    jobs.refusal = QueueFull("Too many jobs.", "Few may wait.", "Come back.")
    with pytest.raises(QueueFull):
        resume_interrupted_runs(jobs)
    other = new_run(OWNER, plan)
    with pytest.raises(QueueFull):
        start_run(jobs, other.id)  # who asks now is told, and asks again
    jobs.refusal = None
    assert seen(jobs) == [run.id]


def test_what_another_process_trains_is_not_trained_beside_it(
    plan: Plan, jobs: FakeJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = asked(plan)
    monkeypatch.setattr(resume_state, "_LEFT_SEC", 0.3)
    with resume_state.lock(run):
        assert resume_state.is_training(run)
        assert seen(jobs) == []
        train_run(run.id, lambda event: pytest.fail("it is trained"))
    assert not resume_state.is_training(run)
    assert seen(jobs) == [run.id]


# With a worker that is killed


@pytest.fixture(scope="module")
def worker() -> Iterator[Jobs]:
    for run in resume_state.interrupted_runs():  # of other tests: they would go on
        resume_state.cancel(run)
    jobs = Jobs()
    keeper = Maintenance(jobs, every_sec=0.2)
    yield jobs
    keeper.close()
    jobs.close()


def until(found: Callable[[], Any], timeout_sec: float = 240) -> Any:
    deadline = time.monotonic() + timeout_sec
    while not (value := found()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)
    return value


def kill(jobs: Jobs) -> None:
    for pid in jobs._client.run(os.getpid).values():
        os.kill(pid, 9)


def known(jobs: Jobs, run: Run) -> JobStatus:
    return jobs.status(run.id)


def test_runs_go_on_when_their_worker_is_killed(plan: Plan, worker: Jobs) -> None:
    first, second, here = (new_run(OWNER, replace(plan, created=created)) for created in (1.0, 2.0, 3.0))
    for run in (first, second):
        start_run(worker, run.id)
    until(lambda: any(isinstance(event, BatchRecord) and event.epoch == 2 for event in known(worker, first).events))
    kill(worker)
    here.checkpoint.write_bytes(first.checkpoint.read_bytes())
    train_run(here.id)  # the rest of it, in this process, where nothing cuts it off
    for run in (first, second):
        assert len(until(lambda run=run: open_run(run.id).outcome).history) == 3
    counted = resume_state.read_attempts(first)
    assert counted.begun == 2
    assert counted.kept > 0  # it did not begin anew
    found, expected = (np.load(run.classifier / "weights.npz") for run in (first, here))
    assert found.files == expected.files
    for name in expected.files:
        np.testing.assert_array_equal(found[name], expected[name])


def test_a_run_that_kills_its_worker_is_given_up_until_somebody_asks(plan: Plan, worker: Jobs) -> None:
    run = new_run(OWNER, plan)
    start_run(worker, run.id)
    for beginning in range(1, resume_state.MAX_FAILED_STARTS + 1):
        until(lambda beginning=beginning: resume_state.read_attempts(run).begun == beginning)
        kill(worker)
    until(lambda: known(worker, run).state is JobState.FAILED)
    time.sleep(1)  # some looks of the keeper
    assert known(worker, run).state is JobState.FAILED
    assert isinstance(known(worker, run).error, WorkerDied)
    assert resume_state.read_attempts(run).begun == resume_state.MAX_FAILED_STARTS
    assert not resume_run(worker, run.id)
    start_run(worker, run.id)
    assert until(lambda: open_run(run.id).outcome)


def test_a_stopped_run_stays_stopped_though_its_worker_dies(plan: Plan, worker: Jobs) -> None:
    run = new_run(OWNER, plan)
    start_run(worker, run.id)
    until(lambda: resume_state.read_attempts(run).begun)
    stop_run(worker, run.id)
    assert until(lambda: known(worker, run).state.finished)
    assert not resume_state.is_requested(run)
    with pytest.raises(StopRequested):
        train_run(new_run(OWNER, plan).id, _stopping)


def _stopping(event: object) -> None:
    raise StopRequested
