"""The process that holds the scheduler and the workers."""

import asyncio
import io
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from har.jobs import cluster, embedded


def checks(*results):
    """The missing workers at each check; the last result repeats."""
    left = list(results)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def stays_open(missing):
    """Whether the cluster checks once more after all results, and then ends when the app does."""
    closed, checked = threading.Event(), threading.Event()

    def check():
        workers = missing()
        if not workers:
            checked.set()
        return workers

    thread = threading.Thread(target=cluster.wait_until_closed, args=(check, closed, 0.001), daemon=True)
    thread.start()
    stayed = checked.wait(10) and thread.is_alive()
    closed.set()
    thread.join(10)
    return stayed and not thread.is_alive()


def test_cluster_ends_when_a_worker_stays_away():
    cluster.wait_until_closed(checks([], ["compute"]), threading.Event(), check_sec=0.001)


def test_cluster_stays_when_a_worker_comes_back():
    away = [["compute"]] * (cluster._MISSED_CHECKS - 1)
    assert stays_open(checks(*away, ["data"], *away, []))


def test_cluster_stays_when_workers_restart_one_after_another():
    restarting = [["compute"], ["compute", "data"], ["data"]] * cluster._MISSED_CHECKS
    assert stays_open(checks(*restarting, []))


def test_missing_workers_are_named():
    assert cluster.missing_workers(["compute", "data"], ["data"], any_is_enough=False) == {"compute"}
    assert not cluster.missing_workers(["worker-0", "worker-1"], ["worker-0"], any_is_enough=True)
    assert cluster.missing_workers(["worker-0"], [], any_is_enough=True) == {"worker-0"}


class NoProcesses(cluster.LaneWorkers):
    """Workers that cannot be started."""

    def __init__(self):
        pass

    def start(self, name):
        raise OSError(f"no memory for {name}")


def test_cluster_ends_when_a_worker_cannot_be_started(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("start compute\n"))
    closed = threading.Event()
    with pytest.raises(OSError, match="no memory"):
        cluster._listen(NoProcesses(), closed)
    assert closed.is_set()


def dying(times):
    """Starts a worker whose process dies while it starts, a number of times."""
    left = [RuntimeError("Nanny failed to start.")] * times

    async def start():
        if left:
            raise left.pop()
        return "worker"

    return start


def result_of(coroutine):
    """Runs it in another thread: a browser that is open in this one has an event loop there."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_a_worker_that_dies_while_it_starts_is_started_again_twice():
    assert result_of(cluster.tried_again(dying(2))) == "worker"
    with pytest.raises(RuntimeError, match="failed to start"):
        result_of(cluster.tried_again(dying(3)))


def test_process_that_has_gone_can_be_ended_although_it_did_not_read_all():
    process = subprocess.Popen(["true"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.wait()
    embedded.start_worker(process, "compute-1")
    embedded.end(process)
    assert process.stdin.closed
    assert process.stdout.closed


@pytest.mark.cluster
def test_it_ends_quietly_if_the_app_ended_while_it_started():
    with subprocess.Popen(
        [sys.executable, "-m", "har.jobs.cluster"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 0, errors
    assert "Traceback" not in errors
