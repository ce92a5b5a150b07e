"""Progress of long work on a terminal."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, MappingProxyType

import click

from har.errors import StopRequested
from har.progress import OnProgress, Progress, Spans, overall

_STEPS = 1000  # of the bar


@contextmanager
def show_progress(spans: Spans = MappingProxyType({})) -> Iterator[OnProgress]:
    """Show a progress bar on standard error, if that is a terminal.

    Ctrl-C, or SIGTERM, ends the work at its next report. A stage without a span fills the whole bar.
    """
    stop = False

    def request_stop(number: int, frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    with click.progressbar(length=_STEPS, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def on_progress(progress: Progress) -> None:
            bar.label = progress.text
            bar.update(max(0, round(overall(progress, spans) * _STEPS) - bar.pos))
            if stop:
                raise StopRequested

        before = {number: signal.signal(number, request_stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield on_progress
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
