"""A job as the queue keeps it."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from distributed import Future

from har.jobs.status import JobState, Lane, Visitor
from har.jobs.work import JobFunction
from har.progress import Progress


class Outcome(NamedTuple):
    """How a job ended, or where it is."""

    state: JobState
    result: Any = None
    error: BaseException | None = None


@dataclass(eq=False)
class Job:
    """All that this process knows of a job. Times are those of `time.monotonic`."""

    function: JobFunction
    args: tuple[Any, ...]
    lane: Lane
    visitor: Visitor | None = None
    detached: bool = True  # runs on when nobody is waiting for it
    scratch: Path | None = None  # a folder that is removed when the job has ended
    future: Future | None = None  # while it is sent to a worker and unfinished
    outcome: Outcome | None = None  # once it has ended
    events: list[Progress] = field(default_factory=list)
    submitted_at: float = field(default_factory=time.monotonic)
    queried_at: float = field(default_factory=time.monotonic)  # when its status was last requested
    started_at: float | None = None
    ended_at: float | None = None
    stop_requested: bool = False
    abandoned: bool = False

    @property
    def kind(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", "job")

    @property
    def current(self) -> Outcome:
        """How it ended, or where it is."""
        return self.outcome or Outcome(JobState.WAITING if self.started_at is None else JobState.RUNNING)

    def end(self, outcome: Outcome) -> None:
        """Record how it ended. Dask would compute a result again that it holds on a worker which dies."""
        self.ended_at, self.outcome, self.future = time.monotonic(), outcome, None
        if self.scratch is not None:
            shutil.rmtree(self.scratch, ignore_errors=True)

    @property
    def unfinished(self) -> bool:
        """Whether it waits or runs."""
        return self.ended_at is None

    @property
    def pending(self) -> bool:
        """Whether it has not started, and should."""
        return self.unfinished and self.started_at is None and not self.stop_requested

    @property
    def unsent(self) -> bool:
        """Whether it has still to be sent to a worker."""
        return self.unfinished and self.future is None

    @property
    def running_sec(self) -> float:
        """Seconds since it started, or that it took."""
        return (self.ended_at or time.monotonic()) - self.started_at if self.started_at is not None else 0.0

    def is_abandoned(self, after_sec: float) -> bool:
        """Whether its status was not requested for that long, and the page it was submitted from is closed."""
        if self.detached or not self.unfinished:
            return False
        if self.visitor is not None and self.visitor.is_connected():
            self.queried_at = time.monotonic()
        return time.monotonic() - self.queried_at > after_sec

    def names(self) -> Iterator[str]:
        """Each text among its arguments and the name of each path: folders it uses have these names."""
        for value in self.args:
            if isinstance(value, str):
                yield value
            elif isinstance(value, Path):
                yield value.name
