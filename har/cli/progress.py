"""Progress of long work on a terminal."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

import click

from har.errors import StopRequested
from har.jobs import Tally

E = TypeVar("E")
Describe = Callable[[E], tuple[float, str] | None]  # an event as the share done and what happens; None: no news

WORKERS = "Processes of this machine that share the work; 0: this one does it. HAR_SCHEDULER names others instead."
_STEPS = 1000  # of a bar


@contextmanager
def progress(describe: Describe[E]) -> Iterator[Callable[[E], None]]:
    """A bar on standard error (none where that is no terminal). Ctrl-C, or SIGTERM, ends the work at its next event."""
    asked = False

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    with click.progressbar(length=_STEPS, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def on_event(event: E) -> None:
            if (news := describe(event)) is not None:
                bar.label = news[1]
                bar.update(max(0, round(news[0] * _STEPS) - bar.pos))
            if asked:
                raise StopRequested

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield on_event
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def drawing(event: tuple[int, int]) -> tuple[float, str]:
    """Clips of the generated data set that are there, of so many."""
    return event[0] / event[1], "drawing figures"


def tally(event: Tally, what: str) -> tuple[float, str]:
    """So many videos, or trainings, of so many."""
    failed = f", {event.failed} failed" if event.failed else ""
    waiting = "" if event.workers or event.done + event.failed == event.total else ", waiting for a worker"
    return (event.done + event.failed) / event.total, f"{event.done} of {event.total} {what}{failed}{waiting}"
