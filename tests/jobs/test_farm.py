import contextlib
import os
import time

import pytest

from har.errors import OptionsError, SchedulerUnreachable, StopRequested, WorkerDied, WorkersUnfit
from har.jobs import embedded, farm, farm_out
from har.settings import settings
from tests.jobs import long_work


def nothing(pulse):
    pass


def ended(function, tasks, workers=1, on_pulse=nothing):
    return list(farm_out(function, tasks, workers, on_pulse))


@pytest.fixture(scope="module")
def process():
    """A cluster that somebody else runs, with two workers."""
    process = embedded.start(2)
    yield process
    embedded.end(process)


@pytest.fixture(scope="module")
def address(process):
    return embedded.read_address(process)


@pytest.fixture
def cluster(address, monkeypatch):
    monkeypatch.setattr(farm, "settings", lambda: settings().model_copy(update={"scheduler": address}))


@pytest.mark.parametrize("workers", [0, 1])
def test_every_task_is_done_and_a_refusal_is_its_own_alone(workers):
    found = ended(long_work.double, ((number,) for number in range(10, 30)), workers)
    assert sorted(each.task[0] for each in found) == list(range(10, 30))
    results = {each.task[0]: each.result and each.result[0] for each in found}
    assert results == {number: 2 * number for number in range(10, 30)} | {13: None}
    (refused,) = [each.error for each in found if each.error]
    assert isinstance(refused, OptionsError)
    assert {each.result[1] == os.getpid() for each in found if each.result} == {workers == 0}


@pytest.mark.parametrize("numbers", [(0, 1, 2, 3, 4), (1, 0, 2, 3, 4)])
def test_a_task_that_kills_workers_fails_and_the_others_are_done(numbers):
    """Also one that waits at the very worker each time, and so dies with it as often."""
    found = {each.task[0]: each for each in ended(long_work.die_over, ((number,) for number in numbers))}
    assert isinstance(found[1].error, WorkerDied)
    assert [found[number].result for number in (0, 2, 3, 4)] == [0, 2, 3, 4]


def test_a_worker_that_leaves_takes_nothing_with_it(tmp_path):
    found = ended(long_work.die_once, ((tmp_path / "marker", number) for number in range(5)), workers=2)
    assert sorted(each.result for each in found) == list(range(5))


def test_a_cluster_that_somebody_runs_is_used_by_all_its_workers(cluster):
    tasks = [(number,) for number in range(100)]
    pulses = []
    found = ended(long_work.double, tasks, 1, pulses.append)
    assert len(found) == 100
    assert len({each.result[1] for each in found if each.result}) == 2
    assert {pulse.workers for pulse in pulses} == {2}


def test_tasks_are_taken_only_as_workers_become_free(cluster):
    taken = []

    def tasks():
        for number in range(100):
            taken.append(number)
            yield (number,)

    with contextlib.closing(farm_out(long_work.double, tasks(), 1, nothing)) as found:
        next(found)
        assert len(taken) <= 6


def test_a_bug_ends_its_own_task_only(cluster):
    (found,) = ended(long_work.fail, [()])
    assert isinstance(found.error, ZeroDivisionError)


def test_stopping_ends_what_is_being_done(cluster, tmp_path):
    marker = tmp_path / "ended"

    def stop(pulse):
        if marker.with_suffix(".begun").exists():
            raise StopRequested

    with pytest.raises(StopRequested):
        ended(long_work.go_on_until_stopped, [(marker,)], 1, stop)
    deadline = time.monotonic() + 20
    while not marker.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_with_another_program_are_refused_before_any_work(cluster, monkeypatch, tmp_path):
    monkeypatch.setattr(farm, "_PACKAGE", tmp_path)
    farm.program_mark.cache_clear()
    with pytest.raises(WorkersUnfit, match="2 of 2 workers"):
        ended(long_work.double, [(1,)])
    farm.program_mark.cache_clear()


def test_an_address_where_nobody_answers_is_named(monkeypatch):
    monkeypatch.setattr(embedded, "_ANSWER_SEC", 1)
    address = "tcp://127.0.0.1:9"
    monkeypatch.setattr(farm, "settings", lambda: settings().model_copy(update={"scheduler": address}))
    with pytest.raises(SchedulerUnreachable, match=r"127\.0\.0\.1:9"):
        ended(long_work.double, [(1,)])


def test_a_scheduler_that_goes_is_told(process, cluster, tmp_path):
    """The last test: it ends the cluster."""

    def kill(pulse):
        if (tmp_path / "marker.begun").exists() and process.poll() is None:
            process.kill()
            process.wait()

    with pytest.raises(SchedulerUnreachable, match="same command again"):
        ended(long_work.go_on_until_stopped, [(tmp_path / "marker",)], 1, kill)
