"""Clients that want the same video share one lookup; each can cancel only for itself."""

import threading

import pytest

from har.errors import StopRequested, YouTubeBusy, YouTubeRefused, YouTubeUnavailable
from har.progress import OnProgress, Progress, Stage
from har.youtube import SharedLookups, VideoAddress, VideoDetails, shared_lookups
from har.youtube.details import Media
from tests.youtube.executors import ManualExecutor
from tests.youtube.fake_youtube import ID

ADDRESS, OTHER = VideoAddress(ID), VideoAddress("b" * 11)
DETAILS = VideoDetails(ID, "Tai chi", "", 9.0, Media("https://x/y", None), None)
REFUSED = YouTubeRefused("YouTube refuses this server.", "It is no fault.", "Upload it.")

MISSING = YouTubeUnavailable("The video does not exist.", "An address was expected.", "Choose another video.")


class FakeLookUp:
    def __init__(self) -> None:
        self.outcomes: list[VideoDetails | Exception] = [DETAILS] * 100
        self.count = 0

    def __call__(self, address: VideoAddress, on_progress: OnProgress) -> VideoDetails:
        self.count += 1
        on_progress(Progress(Stage.LOOK_UP))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def look_up(monkeypatch: pytest.MonkeyPatch) -> FakeLookUp:
    look_up = FakeLookUp()
    monkeypatch.setattr(shared_lookups, "look_up", look_up)
    return look_up


@pytest.fixture
def executor() -> ManualExecutor:
    return ManualExecutor()


@pytest.fixture
def lookups(executor: ManualExecutor) -> SharedLookups:
    return SharedLookups(executor)


def test_one_lookup_serves_all_clients_and_later_ones(look_up, executor, lookups) -> None:
    results = [lookups.request(ADDRESS, client) for client in ("ann", "ben")]
    executor.run()
    assert [result.result() for result in results] == [DETAILS, DETAILS]
    assert lookups.request(ADDRESS, "cem").result() == DETAILS
    assert look_up.count == 1
    assert not lookups.request(OTHER, "ann").done()


def test_cancelling_for_one_client_leaves_the_lookup_to_others(look_up, executor, lookups) -> None:
    result = lookups.request(ADDRESS, "ann")
    lookups.request(ADDRESS, "ben")
    lookups.cancel(ADDRESS, "ben")
    lookups.cancel(ADDRESS, "another client")
    executor.run()
    assert result.result() == DETAILS


def test_a_lookup_without_clients_is_not_started(look_up, executor, lookups) -> None:
    for client in ("ann", "ben"):
        lookups.request(ADDRESS, client)
    for client in ("ann", "ben"):
        lookups.cancel(ADDRESS, client)
    executor.run()
    assert look_up.count == 0
    result = lookups.request(ADDRESS, "ann")
    executor.run()
    assert result.result() == DETAILS


def test_a_running_lookup_without_clients_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    started, stopped = threading.Event(), threading.Event()

    def endless(address: VideoAddress, on_progress: OnProgress) -> VideoDetails:
        started.set()
        try:
            while True:
                on_progress(Progress(Stage.LOOK_UP))
        except StopRequested:
            stopped.set()
            raise

    monkeypatch.setattr(shared_lookups, "look_up", endless)
    lookups = SharedLookups()
    lookups.request(ADDRESS, "ann")
    assert started.wait(20)
    lookups.cancel(ADDRESS, "ann")
    assert stopped.wait(20)


def test_a_failed_lookup_is_tried_again_at_the_next_request(look_up, executor, lookups) -> None:
    look_up.outcomes = [MISSING, DETAILS]
    first = lookups.request(ADDRESS, "ann")
    executor.run()
    assert first.exception() is MISSING
    second = lookups.request(ADDRESS, "ann")
    executor.run()
    assert second.result() == DETAILS


@pytest.mark.promise("youtube", "Waiting lookups are limited, and those of closed tabs do not count")
def test_waiting_lookups_are_limited_and_those_of_closed_tabs_go(look_up, executor, lookups, override) -> None:
    override(max_youtube_looks=2)
    connected = {"ann": True, "ben": True, "cem": True}
    addresses = {client: VideoAddress(client[0] * 11) for client in connected}

    def request(client: str):
        return lookups.request(addresses[client], client, lambda: connected[client])

    first, second = request("ann"), request("ben")
    assert isinstance(request("cem").exception(timeout=0), YouTubeBusy)
    connected["ann"] = False
    third = request("cem")
    for index in range(len(executor.submitted)):
        executor.run(index)
    assert (first.cancelled(), second.result(), third.result()) == (True, DETAILS, DETAILS)
    assert look_up.count == 2


def test_a_client_waits_for_one_lookup_at_a_time(look_up, executor, lookups) -> None:
    first, second = lookups.request(ADDRESS, "ann"), lookups.request(OTHER, "ann")
    executor.run(0)
    executor.run(1)
    assert (first.cancelled(), second.result(), look_up.count) == (True, DETAILS, 1)


@pytest.mark.promise("youtube", "After a refusal, YouTube is not contacted for a while")
def test_after_a_refusal_nothing_is_looked_up_for_a_while(look_up, executor, override) -> None:
    override(youtube_pause_sec=60)
    now = [0.0]
    lookups = SharedLookups(executor, lambda: now[0])
    look_up.outcomes = [REFUSED, DETAILS]
    waiting = [lookups.request(ADDRESS, "ann"), lookups.request(OTHER, "ben")]
    executor.run(0)
    executor.run(1)
    now[0] = 59.0
    later = lookups.request(ADDRESS, "cem")
    assert {each.exception(timeout=0) for each in (*waiting, later)} == {REFUSED}
    assert look_up.count == 1
    now[0] = 61.0
    later = lookups.request(ADDRESS, "cem")
    executor.run()
    assert later.result() == DETAILS


def test_results_are_evicted_by_number_and_age(look_up, executor, lookups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_lookups, "_MAX_CACHED", 2)
    addresses = [VideoAddress(letter * 11) for letter in "abcd"]
    for address in addresses:
        lookups.request(address, "ann")
        executor.run()
    assert not lookups.request(addresses[0], "ann").done()
    assert lookups.request(addresses[3], "ann").done()
    monkeypatch.setattr(shared_lookups, "_MAX_AGE_SEC", -1.0)
    assert not lookups.request(addresses[3], "ann").done()
