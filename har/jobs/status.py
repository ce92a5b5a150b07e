"""What the queue reports of jobs, and what it knows of visitors."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from har.progress import Progress


class JobState(StrEnum):
    """Where a job is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"  # the function returned, possibly early because it was asked to stop
    STOPPED = "stopped"  # it was asked to stop and had nothing to return
    FAILED = "failed"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.STOPPED, JobState.FAILED)


class Lane(StrEnum):
    """What a job needs. The jobs of a lane run one after another, in parallel to those of the other lanes."""

    COMPUTE = "compute"  # running networks
    TRAIN = "train"  # TensorFlow: training, and building networks; in `COMPUTE` where memory is scarce
    DATA = "data"  # files: downloading, unpacking, drawing, scanning


@dataclass(frozen=True)
class JobStatus:
    """A job at one moment."""

    id: str
    state: JobState
    position: int  # how many jobs run before this one; 0 once it runs
    events: tuple[Progress, ...]  # all progress so far
    running_sec: float  # since it started
    result: Any = None
    error: BaseException | None = None  # a HarError if the user caused it
    abandoned: bool = False  # whether it was stopped because nobody was waiting for it
    wait_sec: float | None = None  # about how long until it starts; None: it has started, or unknown


@dataclass(frozen=True)
class JobSummary:
    """A job as operators see it, without its owner and its subject."""

    kind: str  # the function's name
    lane: Lane
    state: JobState
    age_sec: float  # since it was submitted


@dataclass(frozen=True)
class Visitor:
    """Who submits a job, as far as the queue has to know."""

    id: str  # a secret; jobs with the same id belong to the same visitor
    is_connected: Callable[[], bool] = lambda: False  # whether the page they submitted from is still open
