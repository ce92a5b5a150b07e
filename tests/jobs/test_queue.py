import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from distributed import Event
from distributed.comm import CommClosedError

from har.errors import DiskFull, JobMissing, OptionsError, QueueFull, SchedulerUnreachable, TooManyJobs, WorkerDied
from har.jobs import Jobs, JobState, Lane, Visitor, admission, embedded
from har.jobs import queue as queue_module
from har.settings import Settings, settings
from tests.jobs import long_work


@pytest.fixture(scope="module")
def jobs():
    jobs = Jobs()
    yield jobs
    jobs.close()


def wait_until(condition, timeout_sec=30):
    deadline = time.monotonic() + timeout_sec
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_job_reports_every_event_in_order_and_its_result(jobs):
    status = jobs.wait(jobs.submit(long_work.count, 5, 0.0))
    assert status.state is JobState.DONE
    assert status.events == (0, 1, 2, 3, 4)
    assert status.result["steps"] == 5
    assert status.result["worker"] != os.getpid()


def test_a_second_job_waits_and_is_told_its_place(jobs):
    first = jobs.submit(long_work.count, 200, 0.02)
    second = jobs.submit(long_work.count, 1, 0.0)
    third = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(first).state is JobState.RUNNING)
    assert jobs.status(second).state is JobState.WAITING
    assert (jobs.status(first).place, jobs.status(second).place, jobs.status(third).place) == (0, 1, 2)
    jobs.stop(first)
    assert jobs.wait(second).state is JobState.DONE
    assert jobs.wait(third).state is JobState.DONE


def test_lanes_run_beside_each_other_and_have_places_of_their_own(jobs):
    computing = jobs.submit(long_work.count, 10_000, 0.02)
    loading = jobs.submit(long_work.count, 10_000, 0.02, lane=Lane.DATA)
    next_loading = jobs.submit(long_work.count, 1, 0.0, lane=Lane.DATA)
    wait_until(lambda: all(jobs.status(job).state is JobState.RUNNING for job in (computing, loading)))
    assert jobs.status(next_loading).state is JobState.WAITING
    assert jobs.status(next_loading).place == 1
    jobs.stop(computing)
    jobs.wait(computing)
    assert jobs.status(next_loading).state is JobState.WAITING  # a place in the other lane is no place in this one
    jobs.stop(loading)
    assert jobs.wait(next_loading).state is JobState.DONE


def test_loading_goes_on_when_a_network_kills_its_worker(jobs):
    loading = jobs.submit(long_work.count, 100, 0.02, lane=Lane.DATA)
    wait_until(lambda: jobs.status(loading).state is JobState.RUNNING)
    assert jobs.wait(jobs.submit(long_work.die)).state is JobState.FAILED
    status = jobs.wait(loading)
    assert status.state is JobState.DONE
    assert status.events == tuple(range(100))  # none of it twice


def test_loading_that_kills_its_worker_fails(jobs):
    status = jobs.wait(jobs.submit(long_work.die, lane=Lane.DATA))
    assert isinstance(status.error, WorkerDied)
    assert status.events == ("about to die",)


def test_a_worker_that_keeps_too_much_begins_anew_before_the_next_job(jobs, monkeypatch):
    same = [jobs.wait(jobs.submit(long_work.count, 1, 0.0)).result["worker"] for _ in range(2)]
    assert same[0] == same[1]
    loading = jobs.submit(long_work.count, 10_000, 0.02, lane=Lane.DATA)
    monkeypatch.setattr(embedded, "most_kept_bytes", lambda: 0)
    asked = [jobs.submit(long_work.count, 1, 0.0) for _ in range(3)]
    others = [jobs.wait(job).result["worker"] for job in asked]
    assert len({*same, *others}) == 3  # the first of them was still done by the old one
    assert others[0] == same[0]
    assert jobs.status(loading).state is JobState.RUNNING  # the other lane has a worker of its own
    jobs.stop(loading)
    jobs.wait(loading)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="done on Linux only")
def test_after_a_job_a_worker_gives_back_what_loading_libraries_read(jobs, tmp_path):
    library = tmp_path / "library.so"
    library.write_bytes(bytes(1 << 20))
    assert jobs.wait(jobs.submit(long_work.load_library, library)).result == 1 << 20
    assert jobs.wait(jobs.submit(long_work.bytes_of_library, library)).result == 0


def test_what_waits_while_a_worker_begins_anew_can_be_stopped(jobs, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(embedded, "most_kept_bytes", lambda: 0)
    monkeypatch.setattr(embedded, "renew", lambda client, lane: (begun.set(), go_on.wait(30)))
    jobs.wait(jobs.submit(long_work.count, 1, 0.0))
    assert begun.wait(30)
    monkeypatch.undo()
    first, second = (jobs.submit(long_work.count, 1, 0.0) for _ in range(2))
    assert jobs.status(second).place == 1
    jobs.stop(first)
    assert jobs.status(first).state is JobState.STOPPED
    assert jobs.status(second).state is JobState.WAITING
    go_on.set()
    assert jobs.wait(second).state is JobState.DONE


def test_stopping_ends_a_running_job_early(jobs):
    job = jobs.submit(long_work.count, 10_000, 0.02)
    wait_until(lambda: len(jobs.status(job).events) > 3)
    jobs.stop(job)
    status = jobs.wait(job, 10)
    assert status.state is JobState.STOPPED
    assert len(status.events) < 1000


def test_a_function_that_catches_the_stop_keeps_what_it_has(jobs):
    job = jobs.submit(long_work.count_and_keep, 10_000)
    wait_until(lambda: len(jobs.status(job).events) > 3)
    jobs.stop(job)
    status = jobs.wait(job, 10)
    assert status.state is JobState.DONE
    assert 3 <= status.result < 1000


def test_stopping_a_waiting_job_frees_its_place(jobs):
    first = jobs.submit(long_work.count, 500, 0.02)
    second = jobs.submit(long_work.count, 1, 0.0)
    third = jobs.submit(long_work.count, 1, 0.0)
    jobs.stop(second)
    assert jobs.status(second).state is JobState.STOPPED
    assert jobs.status(third).place == 1
    jobs.stop(first)
    assert jobs.wait(third).state is JobState.DONE


def test_a_mistake_of_the_user_comes_back_as_the_same_error(jobs):
    status = jobs.wait(jobs.submit(long_work.refuse))
    assert status.state is JobState.FAILED
    assert isinstance(status.error, OptionsError)
    assert str(status.error) == "A was given. B was expected. Give B."


def test_a_bug_in_a_job_is_a_failure_and_the_next_job_runs(jobs):
    status = jobs.wait(jobs.submit(long_work.fail))
    assert status.state is JobState.FAILED
    assert isinstance(status.error, ZeroDivisionError)
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE


def test_a_killed_worker_fails_its_own_job_only(jobs):
    doomed = jobs.submit(long_work.die)
    waiting = [jobs.submit(long_work.count, 2, 0.0) for _ in range(3)]
    status = jobs.wait(doomed, 30)
    assert status.state is JobState.FAILED
    assert isinstance(status.error, WorkerDied)
    assert [jobs.wait(job, 30).state for job in waiting] == [JobState.DONE] * 3


def test_what_was_done_is_not_lost_nor_done_again_when_the_worker_dies_later(jobs, tmp_path):
    done = [jobs.submit(long_work.note, tmp_path / name) for name in ("first", "second")]
    assert [jobs.wait(job).state for job in done] == [JobState.DONE] * 2
    assert isinstance(jobs.wait(jobs.submit(long_work.die)).error, WorkerDied)
    assert (
        jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE
    )  # whatever was put before it is through
    assert [(tmp_path / name).read_text() for name in ("first", "second")] == ["done\n"] * 2
    assert [jobs.status(job).result for job in done] == ["first", "second"]


def test_a_full_disk_is_told_in_plain_words(jobs):
    status = jobs.wait(jobs.submit(long_work.fill_the_disk))
    assert isinstance(status.error, DiskFull)
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE


def test_a_job_nobody_knows_is_missing(jobs):
    with pytest.raises(JobMissing):
        jobs.status("no-such-job")


def test_the_queue_has_an_end(jobs, monkeypatch):
    monkeypatch.setattr(admission, "settings", lambda: Settings(max_waiting_jobs=1))
    first = jobs.submit(long_work.count, 500, 0.02)
    wait_until(lambda: jobs.status(first).state is JobState.RUNNING)
    second = jobs.submit(long_work.count, 1, 0.0)
    with pytest.raises(QueueFull):
        jobs.submit(long_work.count, 1, 0.0)
    jobs.stop(first)
    assert jobs.wait(second).state is JobState.DONE


def test_a_visitor_gets_no_more_than_their_share(jobs, monkeypatch):
    monkeypatch.setattr(admission, "settings", lambda: Settings(max_jobs_per_session=1))
    mine = jobs.submit(long_work.count, 10_000, 0.02, visitor=Visitor("me"))
    with pytest.raises(TooManyJobs):
        jobs.submit(long_work.count, 1, 0.0, visitor=Visitor("me"))
    theirs = jobs.submit(long_work.count, 1, 0.0, visitor=Visitor("another"))
    jobs.stop(mine)
    assert jobs.wait(theirs).state is JobState.DONE
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0, visitor=Visitor("me"))).state is JobState.DONE


def test_what_nobody_asks_about_is_stopped_unless_it_goes_on_alone(jobs, monkeypatch):
    monkeypatch.setattr(queue_module, "settings", lambda: Settings(ownerless_minutes=0.3 / 60))
    training = jobs.submit(long_work.count, 10_000, 0.02)
    left = jobs.submit(long_work.count, 1, 0.0, goes_on_alone=False)
    loading = jobs.submit(long_work.count, 10_000, 0.02, goes_on_alone=False, lane=Lane.DATA)
    assert jobs.stop_abandoned() == 0
    wait_until(lambda: jobs.status(loading).state is JobState.RUNNING and jobs.status(training).events)
    time.sleep(0.4)
    jobs.status(loading)  # somebody else has opened its address
    assert jobs.stop_abandoned() == 1
    assert jobs.stop_abandoned() == 0
    assert jobs.status(left).state is JobState.STOPPED
    assert jobs.status(left).abandoned
    assert not jobs.status(loading).state.settled
    time.sleep(0.4)
    assert jobs.stop_abandoned() == 1
    assert jobs.wait(loading, 10).state is JobState.STOPPED
    assert jobs.status(training).state is JobState.RUNNING
    jobs.stop(training)
    assert not jobs.wait(training, 10).abandoned


def test_an_open_page_keeps_its_job_although_it_shows_something_else(jobs, monkeypatch):
    monkeypatch.setattr(queue_module, "settings", lambda: Settings(ownerless_minutes=0.2 / 60))
    opened = [True]
    job = jobs.submit(long_work.count, 10_000, 0.02, visitor=Visitor("me", lambda: bool(opened)), goes_on_alone=False)
    time.sleep(0.3)
    assert jobs.stop_abandoned() == 0
    opened.clear()
    time.sleep(0.3)
    assert jobs.stop_abandoned() == 1
    jobs.wait(job, 10)


def test_the_overview_and_the_folders_in_use_are_those_of_unfinished_jobs(jobs):
    over = jobs.submit(long_work.count, 1, 0.0)
    jobs.wait(over)
    running = jobs.submit(long_work.take, Path("/somewhere/a-folder"), "own-set")
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    assert [(job.kind, job.state) for job in jobs.overview()] == [
        ("take", JobState.RUNNING),
        ("count", JobState.WAITING),
    ]
    assert jobs.names_in_use() == {running, waiting, "a-folder", "own-set"}
    jobs.stop(running)
    jobs.wait(waiting)


def test_a_line_tells_of_each_beginning_and_end_and_of_nobody(jobs, caplog):
    caplog.set_level("INFO", "har.log")
    lines = lambda: [json.loads(record.message) for record in caplog.records if record.name == "har.log"]  # noqa: E731
    ids = [jobs.submit(function) for function in (long_work.refuse, long_work.fail)]
    ids.append(jobs.submit(long_work.count, 1, 0.0, visitor=Visitor("a-secret")))
    wait_until(lambda: len(lines()) == 6)
    assert {(line["kind"], line["event"], line.get("error")) for line in lines()} == {
        ("refuse", "begun", None),
        ("refuse", "failed", "OptionsError"),
        ("fail", "begun", None),
        ("fail", "failed", "ZeroDivisionError"),
        ("count", "begun", None),
        ("count", "done", None),
    }
    assert [line["place"].split(":")[0] for line in lines() if "place" in line] == ["har/jobs/work.py"]
    assert not any(secret in caplog.text for secret in (*ids, "a-secret", "Give B"))


def test_a_job_is_forgotten_when_its_time_is_up(jobs, monkeypatch):
    first = jobs.submit(long_work.count, 1, 0.0)
    jobs.wait(first)
    jobs.wait(jobs.submit(long_work.count, 1, 0.0))
    assert jobs.status(first).state is JobState.DONE
    monkeypatch.setattr(queue_module, "settings", lambda: Settings(job_hours=1e-9))
    jobs.wait(jobs.submit(long_work.count, 1, 0.0))
    with pytest.raises(JobMissing):
        jobs.status(first)


def test_a_worker_that_dies_again_and_again_comes_back_each_time(jobs):
    """Dask closes what restarts it for good if it is away when it looks, some time after an earlier death."""
    for _ in range(12):
        assert isinstance(jobs.wait(jobs.submit(long_work.die)).error, WorkerDied)
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0), 120).state is JobState.DONE


def test_a_cluster_that_is_gone_is_started_again(jobs, monkeypatch):
    before = jobs.submit(long_work.count, 1, 0.0)
    jobs.wait(before)
    running = jobs.submit(long_work.count, 10_000, 0.02)
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    jobs._process.kill()
    jobs._process.wait()
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE
    assert jobs.status(waiting).state is JobState.DONE  # it had not begun, so nothing was lost
    status = jobs.status(running)
    assert status.state is JobState.FAILED
    assert isinstance(status.error, WorkerDied)
    assert jobs.status(before).result["steps"] == 1  # what was done is known still
    monkeypatch.setattr(queue_module, "settings", lambda: Settings(job_hours=1e-9))
    jobs.submit(long_work.count, 1, 0.0)
    with pytest.raises(JobMissing):
        jobs.status(before)


def goes_at_the_next_word(jobs, monkeypatch):
    """The cluster is killed at the moment when something is said to it."""

    class Going:
        def __init__(self, name, client):
            monkeypatch.setattr(queue_module, "Event", Event)
            jobs._process.kill()
            jobs._process.wait()

        def set(self):
            raise CommClosedError("reset by peer")

        clear = set

    monkeypatch.setattr(queue_module, "Event", Going)


def test_the_next_job_is_done_also_when_the_cluster_goes_at_that_moment(jobs, monkeypatch):
    running = jobs.submit(long_work.count, 10_000, 0.02)
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    goes_at_the_next_word(jobs, monkeypatch)
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE
    assert jobs.status(waiting).state is JobState.DONE
    assert isinstance(jobs.status(running).error, WorkerDied)


def test_to_stop_a_job_whose_cluster_has_gone_is_no_error(jobs, monkeypatch):
    running = jobs.submit(long_work.count, 10_000, 0.02)
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    goes_at_the_next_word(jobs, monkeypatch)
    jobs.stop(running)
    jobs.stop(waiting)
    assert jobs.status(waiting).state is JobState.STOPPED
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE
    assert jobs.status(running).state is JobState.STOPPED
    jobs.close()
    jobs.stop(running)  # long since over
    assert jobs.wait(jobs.submit(long_work.count, 1, 0.0)).state is JobState.DONE


def test_what_waits_is_done_when_the_cluster_comes_back_although_nobody_asks_for_more(jobs):
    running = jobs.submit(long_work.count, 10_000, 0.02)
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    jobs._process.kill()
    jobs._process.wait()
    jobs.bring_back()
    assert jobs.wait(waiting).state is JobState.DONE
    assert isinstance(jobs.status(running).error, WorkerDied)
    jobs._process.kill()
    jobs._process.wait()
    process = jobs._process
    jobs.bring_back()
    assert jobs._process is process  # nothing waits: the next job has it started


def test_a_job_that_was_sent_but_had_not_begun_is_sent_once_more(jobs):
    jobs.wait(jobs.submit(long_work.count, 1, 0.0))
    stopped = psutil.Process(jobs._process.pid).children(recursive=True)
    for process in stopped:
        process.suspend()
    sent = jobs.submit(long_work.count, 1, 0.0)
    jobs._process.kill()
    jobs._process.wait()
    for process in stopped:
        process.kill()  # it cannot see that it is alone
    jobs.bring_back()
    assert jobs.wait(sent).state is JobState.DONE


def test_what_a_scheduler_has_forgotten_before_it_began_is_sent_once_more(jobs):
    running = jobs.submit(long_work.count, 10_000, 0.02)
    waiting = jobs.submit(long_work.count, 1, 0.0)
    wait_until(lambda: jobs.status(running).state is JobState.RUNNING)
    with jobs._lock:
        jobs._send(waiting)  # as to workers of others, who are sent all
        jobs._jobs[waiting].future.cancel()
    wait_until(lambda: jobs._jobs[waiting].future is None)
    assert jobs.status(waiting).state is JobState.WAITING
    jobs.stop(running)
    jobs.bring_back()
    assert jobs.wait(waiting).state is JobState.DONE


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(embedded, "_ANSWER_SEC", 1)
    monkeypatch.setattr(queue_module, "settings", lambda: Settings(scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(SchedulerUnreachable, match=r"127\.0\.0\.1:9"):
        Jobs()


def test_a_scheduler_that_somebody_runs_is_used(jobs, monkeypatch):
    address = jobs._client.scheduler.address
    monkeypatch.setattr(queue_module, "settings", lambda: settings().model_copy(update={"scheduler": address}))
    other = Jobs()
    try:
        assert other._process is None
        assert other.wait(other.submit(long_work.count, 2, 0.0)).events == (0, 1)
    finally:
        other.close()


def test_nothing_stays_behind_when_the_app_is_killed():
    script = "from har.jobs import Jobs; import time; j = Jobs(); print(j._process.pid, flush=True); time.sleep(60)"
    app = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    cluster = psutil.Process(int(app.stdout.readline()))
    wait_until(lambda: len(cluster.children(recursive=True)) >= 1)
    family = [cluster, *cluster.children(recursive=True)]
    app.kill()
    app.wait()
    app.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
