import contextlib
import os

import pytest

from har.errors import OptionsError, SchedulerUnreachable, StopRequested, WorkerDied, WorkersIncompatible
from har.jobs import embedded, run_tasks, tasks
from tests.jobs import job_functions

pytestmark = pytest.mark.cluster


def results_of(function, arguments, workers=1, on_tick=lambda workers: None):
    return list(run_tasks(function, arguments, workers, on_tick))


@pytest.fixture(scope="module")
def process():
    """A cluster with two workers that another process runs."""
    process = embedded.start(2)
    yield process
    embedded.end(process)


@pytest.fixture(scope="module")
def address(process):
    return embedded.read_address(process)


@pytest.fixture
def cluster(address, as_external):
    as_external(*address)


def test_without_workers_every_task_runs_in_this_process():
    results = results_of(job_functions.double, ((number,) for number in (12, 13, 14)), workers=0)
    assert [each.result for each in results] == [(24, os.getpid()), None, (28, os.getpid())]
    assert isinstance(results[1].error, OptionsError)


@pytest.mark.promise("jobs", "A video that kills workers fails alone")
def test_task_that_kills_workers_fails_and_the_others_succeed():
    """Also one that waits at the same worker every time, and so dies with it as often. An error is its own task's."""
    results = results_of(job_functions.kill_worker_if_one, ((number,) for number in (1, 0, 13, 3, 4)))
    by_number = {each.task[0]: each for each in results}
    assert isinstance(by_number[1].error, WorkerDied)
    assert isinstance(by_number[13].error, OptionsError)
    succeeded = [by_number[number].result for number in (0, 3, 4)]
    assert [doubled for doubled, _ in succeeded] == [0, 6, 8]
    assert os.getpid() not in {worker for _, worker in succeeded}


def test_tasks_of_a_worker_that_dies_run_again(cluster, tmp_path):
    results = results_of(job_functions.kill_first_worker, ((tmp_path / "marker", number) for number in range(5)))
    assert sorted(each.result for each in results) == list(range(5))


def test_external_cluster_is_used_with_all_its_workers(cluster, address):
    with embedded.connect(address) as client:
        client.wait_for_workers(2, 60)
    worker_counts = []
    results = results_of(job_functions.double, [(number,) for number in range(100)], on_tick=worker_counts.append)
    assert len(results) == 100
    assert len({each.result[1] for each in results if each.result}) == 2
    assert set(worker_counts) == {2}


def test_tasks_are_taken_only_as_workers_become_free(cluster):
    taken = []

    def arguments():
        for number in range(100):
            taken.append(number)
            yield (number,)

    with contextlib.closing(run_tasks(job_functions.double, arguments(), 1, lambda workers: None)) as results:
        next(results)
        assert len(taken) <= 6


def test_bug_ends_only_its_own_task(cluster):
    (result,) = results_of(job_functions.divide_by_zero, [()])
    assert isinstance(result.error, ZeroDivisionError)
    assert result.failure == {"error": "ZeroDivisionError", "why": "A bug: see the worker's log."}


def test_stopping_ends_running_tasks(cluster, tmp_path, wait_until):
    marker = tmp_path / "ended"

    def stop(workers):
        if marker.with_suffix(".begun").exists():
            raise StopRequested

    with pytest.raises(StopRequested):
        results_of(job_functions.run_until_stopped, [(marker,)], on_tick=stop)
    wait_until(marker.exists)


def test_workers_with_another_version_are_refused_before_any_work(cluster, monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "_PACKAGE", tmp_path)
    tasks.source_hash.cache_clear()
    with pytest.raises(WorkersIncompatible, match="2 of 2 workers"):
        results_of(job_functions.double, [(1,)])
    tasks.source_hash.cache_clear()


def test_missing_scheduler_is_named(monkeypatch, override):
    monkeypatch.setattr(embedded, "_ANSWER_SEC", 1)
    override(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(SchedulerUnreachable, match=r"127\.0\.0\.1:9"):
        results_of(job_functions.double, [(1,)])


def test_scheduler_that_goes_away_is_reported(process, cluster, tmp_path):
    """The last test: it ends the cluster."""

    def kill(workers):
        if (tmp_path / "marker.begun").exists() and process.poll() is None:
            process.kill()
            process.wait()

    with pytest.raises(SchedulerUnreachable, match="same command again"):
        results_of(job_functions.run_until_stopped, [(tmp_path / "marker",)], on_tick=kill)
