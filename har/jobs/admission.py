"""Whether one more job may be submitted, and if not, when to try again."""

import math
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from statistics import median

from har.errors import QueueFull, TooManyJobs
from har.jobs.job import Job
from har.jobs.status import Lane, Visitor
from har.settings import settings

_REMEMBERED = 20  # durations of each kind of job


class Durations:
    """How long recent jobs of each kind took, in seconds."""

    def __init__(self) -> None:
        self._recent: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def add(self, job: Job) -> None:
        """Record a job that has succeeded."""
        self._recent[job.kind].append(job.running_sec)

    def remaining_sec(self, job: Job) -> float:
        """How much longer a job will run, from the median of its kind; infinite while none has succeeded."""
        recent = self._recent.get(job.kind)
        return max(0.0, median(recent) - job.running_sec) if recent else math.inf

    def wait_sec(self, ahead: Iterable[Job]) -> float | None:
        """How long jobs take that run one after another; None: unknown."""
        sec = sum(self.remaining_sec(job) for job in ahead)
        return None if math.isinf(sec) else sec


def check(jobs: Collection[Job], visitor: Visitor | None, durations: Durations, lane: Lane = Lane.COMPUTE) -> None:
    """Refuse a job above the limits.

    Args:
        jobs: all known ones, in the order of the queue.
        visitor: who submits; None: the app itself, which only the length of the queue limits.
        durations: how long jobs take.
        lane: of the job; those that wait in other lanes do not count.

    Raises:
        TooManyJobs: this visitor has as many unfinished ones as they may.
        QueueFull: too many are waiting in that lane.
    """
    unfinished = [job for job in jobs if job.unfinished]
    waiting = sum(job.started_at is None for job in unfinished if job.lane is lane)
    if waiting >= (limit := settings().max_waiting_jobs):
        next_sec = min((sec for job, sec in _ends(unfinished, durations) if job.lane is lane), default=math.inf)
        raise QueueFull(
            f"{waiting} jobs are already waiting.",
            f"At most {limit} can wait.",
            f"Come back {_in_words(next_sec) or 'in a few minutes'}.",
        )
    if visitor is None:
        return
    theirs = [job for job in unfinished if job.visitor is not None and job.visitor.id == visitor.id]
    if len(theirs) >= (limit := settings().max_jobs_per_session):
        next_sec = min(sec for job, sec in _ends(unfinished, durations) if job in theirs)
        when = f", {words}," if (words := _in_words(next_sec)) else ""
        raise TooManyJobs(
            f"You have {len(theirs)} unfinished {'job' if len(theirs) == 1 else 'jobs'}.",
            f"At most {limit} can wait or run at a time, so that others get their turn.",
            f"Come back when one has finished{when} or cancel one.",
        )


def _ends(unfinished: Collection[Job], durations: Durations) -> Iterator[tuple[Job, float]]:
    """Each job and the seconds until it ends; jobs of a lane run one after another."""
    for lane in Lane:
        end_sec = 0.0
        for job in (job for job in unfinished if job.lane is lane):
            end_sec += durations.remaining_sec(job)
            yield job, end_sec


def _in_words(sec: float) -> str:
    if math.isinf(sec):
        return ""
    minutes = math.ceil(sec / 60)
    if minutes <= 1:
        return "in about a minute"
    return f"in about {minutes} minutes" if minutes < 90 else f"in about {math.ceil(minutes / 60)} hours"
