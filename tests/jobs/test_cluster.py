"""The process with the scheduler and the worker."""

import threading

from har.jobs import cluster


def looks(*found):
    """Who is away at each look; after the last, as at the last."""
    left = list(found)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_it_ends_when_a_worker_stays_away():
    cluster.stay(looks([], ["compute"]), threading.Event(), look_sec=0.001)


def stays(away):
    closed = threading.Event()
    thread = threading.Thread(target=cluster.stay, args=(away, closed, 0.001), daemon=True)
    thread.start()
    thread.join(0.5)
    stayed = thread.is_alive()
    closed.set()
    thread.join(10)
    return stayed and not thread.is_alive()


def test_a_worker_that_comes_back_keeps_it():
    away = [["compute"]] * (cluster._LOOKS - 1)
    assert stays(looks(*away, [], *away, []))


def test_workers_that_begin_anew_one_after_the_other_keep_it():
    others = [["compute"], ["compute", "data"], ["data"]] * cluster._LOOKS
    assert stays(looks(*others, []))


def test_who_is_away_is_told_by_name():
    assert cluster.missing(["compute", "data"], ["data"], any_will_do=False) == {"compute"}
    assert not cluster.missing(["worker-0", "worker-1"], ["worker-0"], any_will_do=True)
    assert cluster.missing(["worker-0"], [], any_will_do=True) == {"worker-0"}


def test_it_ends_with_the_app():
    closed = threading.Event()
    closed.set()
    cluster.stay(looks([]), closed)
