"""What is told of jobs, and what is to be known of who asks for them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"  # the function returned, possibly early because it was asked to
    STOPPED = "stopped"  # it was asked to end, and had nothing to return
    FAILED = "failed"

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen to the job."""
        return self in (JobState.DONE, JobState.STOPPED, JobState.FAILED)


class Lane(StrEnum):
    """What a job needs: jobs of one lane run one after another, those of the other beside them."""

    COMPUTE = "compute"  # networks: memory and every core
    DATA = "data"  # files: downloading, unpacking, drawing, looking through


@dataclass(frozen=True)
class JobStatus:
    """A job at one moment."""

    id: str
    state: JobState
    place: int  # jobs to finish before this one starts; 0 once it runs
    events: tuple[Any, ...]  # what the function has reported so far
    running_sec: float  # since it started
    result: Any = None
    error: BaseException | None = None  # a HarError where the user caused it
    abandoned: bool = False  # whether it was stopped since nobody asked about it any more


@dataclass(frozen=True)
class JobSummary:
    """A job as whoever runs the app may see it: nothing tells whose it is or what it is about."""

    kind: str  # the function's name
    lane: Lane
    state: JobState
    age_sec: float  # since it was asked for


def _nobody() -> bool:
    return False


@dataclass(frozen=True)
class Visitor:
    """Who asks for a job, as far as the queue has to know."""

    id: str  # a secret: jobs under one id are one visitor's
    is_there: Callable[[], bool] = _nobody  # whether the page from which they asked is still open
