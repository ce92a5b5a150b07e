import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest
from distributed import Event, Security
from distributed.comm import CommClosedError

from har.errors import (
    DiskFull,
    JobMissing,
    JobTooLong,
    OptionsError,
    QueueFull,
    SchedulerUnreachable,
    TooManyJobs,
    WorkerDied,
)
from har.jobs import Jobs, JobState, Lane, Visitor, embedded
from har.jobs import queue as queue_module
from har.jobs.work import dask_setup
from har.progress import Progress, Stage
from tests.conftest import ROOT
from tests.jobs import job_functions

pytestmark = pytest.mark.cluster

QUICK = (job_functions.count, 1, 0.0)
ENDLESS = (job_functions.count, 10_000, 0.02)


def run(jobs, function, *args, timeout_sec=300, **options):
    return jobs.wait(jobs.submit(function, *args, **options), timeout_sec)


def wait_for(jobs, job):
    return jobs.wait(job, 300)


@pytest.fixture
def running(jobs, wait_until):
    """Starts a job that only ends when it is stopped, at the latest after the test; returns its id when it runs."""
    started = []

    def start(function=job_functions.count, *args, **options):
        started.append(jobs.submit(function, *(args or ENDLESS[1:]), **options))
        wait_until(lambda: jobs.status(started[-1]).state is JobState.RUNNING)
        return started[-1]

    yield start
    for job in started:
        jobs.stop(job)
        wait_for(jobs, job)


def test_job_reports_progress_in_order_and_returns_its_result(jobs):
    status = run(jobs, job_functions.count, 5, 0.0)
    assert status.state is JobState.DONE
    assert status.events == tuple(Progress(Stage.TASKS, step, 5) for step in range(5))
    assert status.result["steps"] == 5
    assert status.result["worker"] != os.getpid()


def test_jobs_of_a_lane_wait_for_each_other_and_know_their_position(jobs, running):
    first = running()
    second, third, fourth = (jobs.submit(*QUICK) for _ in range(3))
    assert jobs.status(second).state is JobState.WAITING
    assert [jobs.status(job).position for job in (first, second, third, fourth)] == [0, 1, 2, 3]
    jobs.stop(second)
    assert jobs.status(second).state is JobState.STOPPED
    assert [jobs.status(job).position for job in (third, fourth)] == [1, 2]
    jobs.stop(first)
    assert [wait_for(jobs, job).state for job in (third, fourth)] == [JobState.DONE] * 2


def test_lanes_run_in_parallel_and_count_positions_separately(jobs, running):
    computing, loading = running(), running(lane=Lane.DATA)
    next_loading = jobs.submit(*QUICK, lane=Lane.DATA)
    assert jobs.status(next_loading).position == 1
    jobs.stop(computing)
    wait_for(jobs, computing)
    assert jobs.status(next_loading).state is JobState.WAITING  # the free worker belongs to the other lane
    jobs.stop(loading)
    assert wait_for(jobs, next_loading).state is JobState.DONE


@pytest.mark.promise("jobs", "A worker that holds too much memory restarts between two jobs")
def test_worker_that_holds_too_much_memory_restarts_before_the_next_job(jobs, running, monkeypatch):
    before = [run(jobs, *QUICK).result["worker"] for _ in range(2)]
    assert before[0] == before[1]
    loading = running(lane=Lane.DATA)
    monkeypatch.setattr(embedded, "max_retained_bytes", lambda: 0)
    queued = [jobs.submit(*QUICK) for _ in range(2)]
    after = [wait_for(jobs, job).result["worker"] for job in queued]
    assert after[0] == before[0] != after[1]  # the old worker ran one more job
    assert jobs.status(loading).state is JobState.RUNNING  # the other lane has a worker of its own


@pytest.mark.promise("jobs", "A short job does not wait for a training, unless memory is scarce")
def test_recognition_does_not_wait_for_a_training(jobs, running, override):
    training = running(lane=Lane.TRAIN)
    assert run(jobs, *QUICK).state is JobState.DONE
    assert jobs.status(training).state is JobState.RUNNING
    override(worker_memory=1000 << 40)
    assert run(jobs, *QUICK, lane=Lane.TRAIN).state is JobState.DONE  # in the other lane, whose worker is free
    jobs.stop(training)


@pytest.mark.promise("jobs", "A worker that nothing needs ends, and starts again for the next job")
def test_idle_worker_ends_and_starts_again(jobs, running, override, wait_until):
    before = run(jobs, *QUICK, lane=Lane.TRAIN).result["worker"]
    loading = running(lane=Lane.DATA)
    override(idle_worker_sec=1e-6)
    assert jobs.end_idle_workers() >= 1
    assert jobs.end_idle_workers() == 0
    override(idle_worker_sec=300)
    after = [run(jobs, *QUICK, lane=Lane.TRAIN).result["worker"] for _ in range(2)]  # it comes while the old one ends
    assert after[0] == after[1] != before
    wait_until(lambda: not psutil.pid_exists(before))
    assert jobs.status(loading).state is JobState.RUNNING


def test_worker_is_there_before_the_first_job_if_it_is_prepared(jobs, override, wait_until):
    override(idle_worker_sec=1e-6)
    jobs.end_idle_workers()
    wait_until(lambda: not has_worker(jobs, Lane.TRAIN))
    override(idle_worker_sec=300)
    jobs.prepare(Lane.TRAIN)
    wait_until(lambda: has_worker(jobs, Lane.TRAIN))
    jobs.prepare(Lane.TRAIN)  # is there
    assert jobs.end_idle_workers() == 0


def test_job_that_waits_for_its_worker_to_start_can_be_stopped(jobs):
    """That of its lane has ended before."""
    first, second = jobs.submit(*ENDLESS), jobs.submit(*QUICK)
    assert jobs.status(second).position == 1
    jobs.stop(first)
    assert wait_for(jobs, second).state is JobState.DONE
    assert jobs.status(first).state is JobState.STOPPED


def test_pages_do_not_wait_for_a_cluster_that_restarts(jobs):
    page = threading.Thread(target=jobs.prepare, args=(Lane.COMPUTE,), daemon=True)
    with jobs._lock:  # held during a restart
        page.start()
        page.join(60)
        assert not page.is_alive()


def has_worker(jobs, lane):
    workers = jobs._client.scheduler_info(n_workers=-1)["workers"].values()
    return any(worker["name"].startswith(lane) for worker in workers)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="done on Linux only")
def test_worker_releases_unused_library_pages_after_a_job(jobs, tmp_path):
    library = tmp_path / "library.so"
    library.write_bytes(bytes(1 << 20))
    assert run(jobs, job_functions.load_library, library).result == 1 << 20
    assert run(jobs, job_functions.resident_bytes, library).result == 0


def test_worker_that_ends_during_a_heartbeat_reports_no_error():
    logger = logging.getLogger("distributed.worker")
    texts = "Failed to communicate with scheduler during heartbeat.", "Compute Failed"
    heartbeat, other = (logger.makeRecord("", logging.ERROR, "", 0, text, (), None) for text in texts)
    dask_setup(worker=None)
    try:
        assert not logger.filter(heartbeat)
        assert logger.filter(other)
    finally:
        logger.filters.clear()


def test_stopping_a_running_job_ends_it_early(jobs, running, wait_until):
    job = running()
    wait_until(lambda: len(jobs.status(job).events) > 3)
    jobs.stop(job)
    status = wait_for(jobs, job)
    assert status.state is JobState.STOPPED
    assert len(status.events) < 1000


def test_function_that_catches_the_stop_returns_what_it_has(jobs, running, wait_until):
    job = running(job_functions.count_and_keep, 10_000)
    wait_until(lambda: len(jobs.status(job).events) > 3)
    jobs.stop(job)
    status = wait_for(jobs, job)
    assert status.state is JobState.DONE
    assert 3 <= status.result < 1000


@pytest.mark.parametrize(
    ("function", "error", "text"),
    [
        (job_functions.raise_user_error, OptionsError, "A was given. B was expected. Give B."),
        (job_functions.divide_by_zero, ZeroDivisionError, "division by zero"),
        (job_functions.fill_the_disk, DiskFull, "This server's disk is full."),
    ],
)
def test_error_in_a_job_is_reported_and_the_next_job_runs(jobs, tmp_path, function, error, text):
    (tmp_path / "upload").mkdir()
    status = run(jobs, function, scratch=tmp_path / "upload")
    assert status.state is JobState.FAILED
    assert isinstance(status.error, error)
    assert str(status.error).startswith(text)
    assert list(tmp_path.iterdir()) == []  # files for this job alone are removed
    assert run(jobs, *QUICK).state is JobState.DONE


@pytest.mark.promise("jobs", "A killed worker fails only its own job")
@pytest.mark.promise("jobs", "Results survive a later death of the worker")
def test_killed_worker_fails_only_its_own_job_and_nothing_runs_twice(jobs, tmp_path, wait_until):
    loading = jobs.submit(job_functions.count, 100, 0.02, lane=Lane.DATA)
    wait_until(lambda: jobs.status(loading).state is JobState.RUNNING)
    names = ["first", "second"]
    done = [jobs.submit(job_functions.append_line, tmp_path / name) for name in names]
    assert [wait_for(jobs, job).state for job in done] == [JobState.DONE] * 2
    (tmp_path / "upload").mkdir()
    fatal = jobs.submit(job_functions.kill_worker, scratch=tmp_path / "upload")
    waiting = [jobs.submit(*QUICK) for _ in range(3)]
    status = wait_for(jobs, fatal)
    assert isinstance(status.error, WorkerDied)
    assert [progress.note for progress in status.events] == ["about to die"]
    assert [wait_for(jobs, job).state for job in waiting] == [JobState.DONE] * 3
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == dict.fromkeys(names, "done\n")
    assert [jobs.status(job).result for job in done] == names
    loaded = wait_for(jobs, loading)  # in the other lane
    assert loaded.state is JobState.DONE
    assert [progress.done for progress in loaded.events] == list(range(100))


@pytest.mark.promise("jobs", "Waiting jobs of closed tabs are stopped when the queue is full")
def test_jobs_of_closed_pages_make_way_when_the_queue_is_full(jobs, running, override):
    first = running(visitor=Visitor("me"))
    override(max_waiting_jobs=2)
    closed = jobs.submit(*QUICK, visitor=Visitor("gone"), detached=False)
    still_open = jobs.submit(*QUICK, visitor=Visitor("here", lambda: True), detached=False)
    with pytest.raises(QueueFull):
        jobs.submit(*QUICK, visitor=Visitor("new"))  # the page was closed a moment ago: it may come back
    let_an_hour_pass(jobs)
    new = jobs.submit(*QUICK, visitor=Visitor("new"))
    assert jobs.status(closed).abandoned
    jobs.stop(first)
    assert [wait_for(jobs, job).state for job in (closed, still_open, new)] == [
        JobState.STOPPED,
        JobState.DONE,
        JobState.DONE,
    ]


@pytest.mark.promise("jobs", "A visitor cannot exceed their share of the queue")
def test_visitor_cannot_exceed_their_share(jobs, running, override):
    override(max_jobs_per_session=1)
    mine = running(visitor=Visitor("me"))
    with pytest.raises(TooManyJobs):
        jobs.submit(*QUICK, visitor=Visitor("me"))
    theirs = jobs.submit(*QUICK, visitor=Visitor("another"))
    jobs.stop(mine)
    assert wait_for(jobs, theirs).state is JobState.DONE
    assert run(jobs, *QUICK, visitor=Visitor("me")).state is JobState.DONE


def let_an_hour_pass(jobs):
    for job in jobs._jobs.values():
        job.queried_at -= 3600


@pytest.mark.promise("jobs", "An annotation nobody waits for ends; a training continues")
def test_jobs_nobody_waits_for_are_stopped_unless_detached(jobs, running):
    training = running()
    waiting = jobs.submit(*QUICK, detached=False)
    loading = running(lane=Lane.DATA, detached=False)
    assert jobs.stop_abandoned() == 0
    let_an_hour_pass(jobs)
    jobs.status(loading)  # its address was opened
    assert jobs.stop_abandoned() == 1
    assert jobs.stop_abandoned() == 0
    assert jobs.status(waiting).state is JobState.STOPPED
    assert jobs.status(waiting).abandoned
    assert not jobs.status(loading).state.finished
    let_an_hour_pass(jobs)
    assert jobs.stop_abandoned() == 1
    assert wait_for(jobs, loading).state is JobState.STOPPED
    assert jobs.status(training).state is JobState.RUNNING
    jobs.stop(training)
    assert not wait_for(jobs, training).abandoned


def test_open_page_keeps_its_job_even_when_it_shows_something_else(jobs, running):
    open_pages = ["me"]
    running(visitor=Visitor("me", lambda: bool(open_pages)), detached=False)
    let_an_hour_pass(jobs)
    assert jobs.stop_abandoned() == 0
    open_pages.clear()
    let_an_hour_pass(jobs)
    assert jobs.stop_abandoned() == 1


def test_overview_and_names_in_use_list_unfinished_jobs(jobs, running):
    run(jobs, *QUICK)
    first = running(job_functions.count_in_folder, Path("/somewhere/a-folder"), "own-set")
    waiting = jobs.submit(*QUICK)
    assert [(job.kind, job.state) for job in jobs.overview()] == [
        ("count_in_folder", JobState.RUNNING),
        ("count", JobState.WAITING),
    ]
    assert jobs.unfinished() == ((first, "count_in_folder"), (waiting, "count"))
    assert jobs.names_in_use() == {first, waiting, "a-folder", "own-set"}
    jobs.stop(waiting)


@pytest.mark.promise("private", "The log has no names, titles or ids")
def test_log_has_a_line_for_each_start_and_end_without_owners(jobs, caplog, wait_until):
    caplog.set_level("INFO", "har.log")
    lines = lambda: [json.loads(record.message) for record in caplog.records if record.name == "har.log"]  # noqa: E731
    ids = [jobs.submit(function) for function in (job_functions.raise_user_error, job_functions.divide_by_zero)]
    ids.append(jobs.submit(*QUICK, visitor=Visitor("a-secret")))
    wait_until(lambda: len(lines()) == 6)
    assert {(line["kind"], line["event"], line.get("error")) for line in lines()} == {
        ("raise_user_error", "begun", None),
        ("raise_user_error", "failed", "OptionsError"),
        ("divide_by_zero", "begun", None),
        ("divide_by_zero", "failed", "ZeroDivisionError"),
        ("count", "begun", None),
        ("count", "done", None),
    }
    assert [line["place"].split(":")[0] for line in lines() if "place" in line] == ["har/jobs/work.py"]
    assert not any(secret in caplog.text for secret in (*ids, "a-secret", "Give B"))


def test_jobs_are_forgotten_after_job_hours(jobs, override):
    first = jobs.submit(*QUICK)
    wait_for(jobs, first)
    run(jobs, *QUICK)
    assert jobs.status(first).state is JobState.DONE
    override(job_hours=1e-9)
    run(jobs, *QUICK)
    with pytest.raises(JobMissing):
        jobs.status(first)


@pytest.mark.promise("jobs", "A worker that dies repeatedly restarts every time")
def test_worker_that_dies_repeatedly_restarts_every_time(jobs):
    """Dask gives up on a worker that is away when it checks, some time after an earlier death."""
    for _ in range(5):
        assert isinstance(run(jobs, job_functions.kill_worker).error, WorkerDied)
    assert run(jobs, *QUICK).state is JobState.DONE


@pytest.mark.promise("private", "Other users of the machine cannot send work to the app's workers")
def test_nobody_without_the_certificate_can_connect_to_the_workers(jobs):
    url = jobs._client.scheduler.address
    assert url.startswith("tls://")
    own = Security.temporary()  # anybody can make one
    addresses = (
        embedded.Address(url, own.tls_client_cert, own.tls_client_key),
        embedded.Address(url.replace("tls://", "tcp://")),
    )
    for address in addresses:
        with pytest.raises(SchedulerUnreachable):
            embedded.connect(address)


@pytest.mark.promise("jobs", "A job on files that takes too long is ended, and the next one runs")
def test_job_on_files_that_takes_too_long_is_ended_with_its_worker(jobs, running, override, tmp_path, wait_until):
    (tmp_path / "upload").mkdir()
    stuck = running(job_functions.never_report, lane=Lane.DATA, scratch=tmp_path / "upload")
    assert jobs.stop_overdue() == 0
    override(max_data_job_sec=1e-6)
    assert jobs.stop_overdue() == 1
    override(max_data_job_sec=3600)
    assert isinstance(wait_for(jobs, stuck).error, JobTooLong)
    assert run(jobs, *QUICK, lane=Lane.DATA).state is JobState.DONE
    assert list(tmp_path.iterdir()) == []


def test_job_that_the_scheduler_forgot_is_sent_again(jobs, running, wait_until):
    first = running()
    waiting = jobs.submit(*QUICK)
    with jobs._lock:
        jobs._send(waiting)  # as to external workers
        jobs._jobs[waiting].future.cancel()
    wait_until(lambda: jobs._jobs[waiting].future is None)
    assert jobs.status(waiting).state is JobState.WAITING
    jobs.stop(first)
    jobs.reconnect()
    assert wait_for(jobs, waiting).state is JobState.DONE


def test_external_scheduler_is_used(jobs, as_external):
    run(jobs, *QUICK)  # so there is a worker
    security = jobs._client.security
    as_external(jobs._client.scheduler.address, security.tls_client_cert, security.tls_client_key)
    other = Jobs()
    try:
        assert other._process is None
        assert len(run(other, job_functions.count, 2, 0.0).events) == 2
    finally:
        other.close()


def kill_cluster(jobs):
    jobs._process.kill()
    jobs._process.wait()


@pytest.fixture
def interrupted(jobs, wait_until):
    """A job that runs and one that waits for it."""
    first, waiting = jobs.submit(*ENDLESS), jobs.submit(*QUICK)
    wait_until(lambda: jobs.status(first).state is JobState.RUNNING)
    return first, waiting


@pytest.mark.promise("jobs", "A cluster that died is restarted for the next job")
def test_cluster_that_died_is_restarted_for_the_next_job(jobs, interrupted, override, wait_until):
    """Also if its connection ended with an unusual error, and when its client is deleted."""
    first, waiting = interrupted
    done = run(jobs, *QUICK, lane=Lane.DATA)

    async def fail(timeout):
        raise ValueError("IOStream is not idle; cannot convert to SSL")

    client = jobs._client
    client._ensure_connected = fail  # it raises this if the scheduler dies while it connects again
    kill_cluster(jobs)
    wait_until(lambda: client.status != "running")
    assert run(jobs, *QUICK).state is JobState.DONE
    assert wait_for(jobs, waiting).state is JobState.DONE  # it had not started
    assert isinstance(jobs.status(first).error, WorkerDied)
    assert jobs.status(done.id).result == done.result
    override(job_hours=1e-9)
    jobs.submit(*QUICK)
    with pytest.raises(JobMissing):
        jobs.status(done.id)
    client.close()  # as Python does when it deletes it


def kill_cluster_at_next_event(jobs, monkeypatch):
    """The cluster dies just when an event of it is set or cleared."""

    class Dying:
        def __init__(self, name, client):
            monkeypatch.setattr(queue_module, "Event", Event)
            kill_cluster(jobs)

        def set(self):
            raise CommClosedError("reset by peer")

        clear = set

    monkeypatch.setattr(queue_module, "Event", Dying)


def test_job_runs_although_the_cluster_dies_while_it_is_submitted(jobs, interrupted, monkeypatch):
    first, waiting = interrupted
    kill_cluster_at_next_event(jobs, monkeypatch)
    assert run(jobs, *QUICK).state is JobState.DONE
    assert wait_for(jobs, waiting).state is JobState.DONE
    assert isinstance(jobs.status(first).error, WorkerDied)


def test_stopping_a_job_whose_cluster_died_is_no_error(jobs, interrupted, monkeypatch):
    first, waiting = interrupted
    kill_cluster_at_next_event(jobs, monkeypatch)
    jobs.stop(first)
    jobs.stop(waiting)
    assert jobs.status(waiting).state is JobState.STOPPED
    assert run(jobs, *QUICK).state is JobState.DONE
    assert jobs.status(first).state is JobState.STOPPED


def test_job_that_was_sent_but_not_started_is_sent_again(jobs):
    run(jobs, *QUICK)
    suspended = psutil.Process(jobs._process.pid).children(recursive=True)
    for process in suspended:
        process.suspend()
    sent = jobs.submit(*QUICK)
    kill_cluster(jobs)
    for process in suspended:
        process.kill()  # suspended, it cannot end by itself
    jobs.reconnect()
    assert wait_for(jobs, sent).state is JobState.DONE


@pytest.mark.promise("jobs", "Jobs that wait when the cluster dies still run")
def test_reconnecting_runs_waiting_jobs_and_starts_no_cluster_without_any(jobs, interrupted):
    first, waiting = interrupted
    kill_cluster(jobs)
    jobs.reconnect()
    assert wait_for(jobs, waiting).state is JobState.DONE
    assert isinstance(jobs.status(first).error, WorkerDied)
    kill_cluster(jobs)
    process = jobs._process
    jobs.reconnect()
    assert jobs._process is process
    jobs.close()
    jobs.stop(first)  # which ended long ago


@pytest.mark.promise("jobs", "No process stays behind when the app is killed")
def test_no_process_stays_behind_when_the_app_is_killed():
    script = (
        "from har.jobs import Jobs; from tests.jobs import job_functions; import time; j = Jobs(); "
        "j.wait(j.submit(job_functions.count, 1, 0.0)); print(j._process.pid, flush=True); time.sleep(60)"
    )
    app = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    cluster = psutil.Process(int(app.stdout.readline()))
    family = [cluster, *cluster.children(recursive=True)]
    app.kill()
    app.wait()
    app.stdout.close()
    _, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
