"""Whether one more job may be asked for; and if not, when to come back."""

import math
from collections import defaultdict, deque
from collections.abc import Collection, Iterator
from statistics import median

from har.errors import QueueFull, TooManyJobs
from har.jobs.job import Job
from har.jobs.status import Lane, Visitor
from har.settings import settings

_REMEMBERED = 20  # jobs of a kind


class Pace:
    """How long jobs of each kind took lately, in seconds."""

    def __init__(self) -> None:
        self._took: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_REMEMBERED))

    def note(self, job: Job) -> None:
        """A job has ended well."""
        self._took[job.kind].append(job.running_sec)

    def left_sec(self, job: Job) -> float:
        """What a job will still take once it runs, as others of its kind did; infinite while no other has ended."""
        took = self._took.get(job.kind)
        return max(0.0, median(took) - job.running_sec) if took else math.inf


def check(jobs: Collection[Job], visitor: Visitor | None, pace: Pace) -> None:
    """Refuse what would be too much.

    Args:
        jobs: all that are known, in their order.
        visitor: who asks; None: the app itself, whom only the queue's length limits.
        pace: how long jobs take.

    Raises:
        TooManyJobs: this visitor has as many unfinished ones as they may.
        QueueFull: too many wait already.
    """
    unfinished = [job for job in jobs if job.unfinished]
    waiting = sum(job.started_at is None for job in unfinished)
    if waiting >= (limit := settings().max_waiting_jobs):
        soonest_sec = min((sec for _, sec in _ends(unfinished, pace)), default=math.inf)
        raise QueueFull(
            f"{waiting} jobs are waiting already.",
            f"At most {limit} may.",
            f"Come back {_in(soonest_sec) or 'in a few minutes'}.",
        )
    if visitor is None:
        return
    theirs = [job for job in unfinished if job.visitor is not None and job.visitor.id == visitor.id]
    if len(theirs) >= (limit := settings().max_jobs_per_session):
        soonest_sec = min(sec for job, sec in _ends(unfinished, pace) if job in theirs)
        when = f", {told}," if (told := _in(soonest_sec)) else ""
        raise TooManyJobs(
            f"You have {len(theirs)} {'job' if len(theirs) == 1 else 'jobs'} that wait or run.",
            f"At most {limit} may at a time, so that others get their turn.",
            f"Come back when one of them has ended{when} or cancel one.",
        )


def _ends(unfinished: Collection[Job], pace: Pace) -> Iterator[tuple[Job, float]]:
    """Each job with the seconds until it ends, if jobs of a lane run one after another."""
    for lane in Lane:
        end_sec = 0.0
        for job in (job for job in unfinished if job.lane is lane):
            end_sec += pace.left_sec(job)
            yield job, end_sec


def _in(sec: float) -> str:
    """When that is, for people; empty where it is not known."""
    if math.isinf(sec):
        return ""
    minutes = math.ceil(sec / 60)
    if minutes <= 1:
        return "in about a minute"
    return f"in about {minutes} minutes" if minutes < 90 else f"in about {math.ceil(minutes / 60)} hours"
