"""The process with the scheduler and the worker."""

import threading

from har.jobs import cluster


def looks(*found):
    """What each look for a worker finds; after the last, that."""
    left = list(found)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_it_ends_when_the_worker_stays_away():
    cluster.stay(looks(True, False), threading.Event(), look_sec=0.001)


def test_a_worker_that_comes_back_keeps_it():
    away, closed = [False] * (cluster._LOOKS - 1), threading.Event()
    has_worker = looks(*away, True, *away, True)
    thread = threading.Thread(target=cluster.stay, args=(has_worker, closed, 0.001), daemon=True)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    closed.set()
    thread.join(10)
    assert not thread.is_alive()


def test_it_ends_with_the_app():
    closed = threading.Event()
    closed.set()
    cluster.stay(looks(True), closed)
