"""A job as the queue keeps it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from distributed import Future

from har.jobs.status import JobState, Lane, Visitor
from har.jobs.work import JobFunction


class Outcome(NamedTuple):
    """How a job has ended."""

    state: JobState
    result: Any = None
    error: BaseException | None = None


@dataclass(eq=False)
class Job:
    """Everything that is known of a job in this process. Times are those of `time.monotonic`."""

    function: JobFunction
    args: tuple[Any, ...]
    lane: Lane
    visitor: Visitor | None = None
    goes_on_alone: bool = True  # also when nobody asks about it
    future: Future | None = None  # while it is sent and unfinished
    outcome: Outcome | None = None  # once it is over
    events: list[Any] = field(default_factory=list)
    asked_at: float = field(default_factory=time.monotonic)
    looked_at: float = field(default_factory=time.monotonic)  # when somebody last asked about it
    started_at: float | None = None
    ended_at: float | None = None
    stop_asked: bool = False
    abandoned: bool = False

    @property
    def kind(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", "job")

    def end(self, outcome: Outcome) -> None:
        """It is over. What came of it is kept here: what a worker that dies still held would be worked out anew."""
        self.ended_at, self.outcome, self.future = time.monotonic(), outcome, None

    @property
    def unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self.ended_at is None

    @property
    def has_to_begin(self) -> bool:
        """Whether it has not begun, and is still wanted."""
        return self.unfinished and self.started_at is None and not self.stop_asked

    @property
    def waits_here(self) -> bool:
        """Whether it has still to be sent to a worker."""
        return self.unfinished and self.future is None

    @property
    def running_sec(self) -> float:
        """Seconds since it started, or that it took."""
        return (self.ended_at or time.monotonic()) - self.started_at if self.started_at is not None else 0.0

    def left_alone(self, for_sec: float) -> bool:
        """Whether nobody has asked about it for so long, and the page it came from is closed."""
        if self.goes_on_alone or not self.unfinished:
            return False
        if self.visitor is not None and self.visitor.is_there():
            self.looked_at = time.monotonic()
        return time.monotonic() - self.looked_at > for_sec

    def names(self) -> Iterator[str]:
        """Every word and the last part of every path among its arguments: the folders it uses are called so."""
        for value in self.args:
            if isinstance(value, str):
                yield value
            elif isinstance(value, Path):
                yield value.name
