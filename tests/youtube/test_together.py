"""Who asks about the same video waits for the same look; who cancels does so for themselves."""

import threading

import pytest

from har.errors import StopRequested, YouTubeRefused
from har.youtube import Listing, Looks, VideoAddress, together
from har.youtube.listing import Media
from har.youtube.look import Asking, OnAsking
from tests.youtube.pools import Later
from tests.youtube.pretended import ID

ADDRESS, OTHER = VideoAddress(ID), VideoAddress("b" * 11)
FOUND = Listing(ID, "Tai chi", "", 9.0, 480, Media("https://x/y", None), None)
REFUSED = YouTubeRefused("YouTube refuses this server.", "It is no fault.", "Upload it.")


class Asked:
    """In YouTube's place; each look ends as the list says."""

    def __init__(self) -> None:
        self.outcomes: list[Listing | Exception] = [FOUND] * 100
        self.count = 0

    def __call__(self, address: VideoAddress, on_event: OnAsking) -> Listing:
        self.count += 1
        on_event(Asking(0.2))
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    asked = Asked()
    monkeypatch.setattr(together, "look", asked)
    return asked


def test_one_look_serves_all_and_later_ones_too(asked: Asked) -> None:
    pool = Later()
    looks = Looks(pool)
    answers = [looks.ask(ADDRESS, who) for who in ("ann", "ben")]
    pool.do()
    assert [answer.result() for answer in answers] == [FOUND, FOUND]
    assert looks.ask(ADDRESS, "cem").result() == FOUND
    assert asked.count == 1
    assert not looks.ask(OTHER, "ann").done()


def test_one_visitors_cancel_does_not_end_anothers_look(asked: Asked) -> None:
    pool = Later()
    looks = Looks(pool)
    answer = looks.ask(ADDRESS, "ann")
    looks.ask(ADDRESS, "ben")
    looks.leave(ADDRESS, "ben")
    looks.leave(ADDRESS, "nobody who asked")
    pool.do()
    assert answer.result() == FOUND


def test_a_look_that_nobody_waits_for_ends(asked: Asked) -> None:
    pool = Later()
    looks = Looks(pool)
    for who in ("ann", "ben"):
        looks.ask(ADDRESS, who)
    for who in ("ann", "ben"):
        looks.leave(ADDRESS, who)
    pool.do()
    assert asked.count == 0  # its turn had not come
    again = looks.ask(ADDRESS, "ann")
    pool.do()
    assert again.result() == FOUND


def test_a_look_under_way_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, ended = threading.Event(), threading.Event()

    def endless(address: VideoAddress, on_event: OnAsking) -> Listing:
        begun.set()
        try:
            while True:
                on_event(Asking(0.2))
        except StopRequested:
            ended.set()
            raise

    monkeypatch.setattr(together, "look", endless)
    looks = Looks()
    looks.ask(ADDRESS, "ann")
    assert begun.wait(20)
    looks.leave(ADDRESS, "ann")
    assert ended.wait(20)


def test_a_refusal_is_told_to_who_waits_and_asked_for_again_later(asked: Asked) -> None:
    asked.outcomes = [REFUSED, FOUND]
    pool = Later()
    looks = Looks(pool)
    answer = looks.ask(ADDRESS, "ann")
    pool.do()
    assert answer.exception() is REFUSED
    again = looks.ask(ADDRESS, "ann")
    pool.do()
    assert again.result() == FOUND


def test_what_was_found_is_forgotten_in_time_and_number(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Later()
    looks = Looks(pool)
    monkeypatch.setattr(together, "_KEPT", 2)
    addresses = [VideoAddress(sign * 11) for sign in "abcd"]
    for address in addresses:
        looks.ask(address, "ann")
        pool.do()
    assert not looks.ask(addresses[0], "ann").done()
    assert looks.ask(addresses[3], "ann").done()
    monkeypatch.setattr(together, "_KEPT_SEC", -1.0)
    assert not looks.ask(addresses[3], "ann").done()
