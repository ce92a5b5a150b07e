"""Running long work outside the process that asked for it, on Dask.

A long function takes `on_event` and is otherwise plain; `Jobs` sends it to a worker, passes its events back, and
stops it on request by raising `StopRequested` out of `on_event`. `farm_out` does the same for many tasks that do not
depend on each other, on as many workers as there are.
"""

from har.jobs.farm import Ended, Pulse, Tally, farm_out
from har.jobs.queue import Jobs, new_job_id
from har.jobs.status import JobState, JobStatus, JobSummary, Lane, Visitor
from har.jobs.work import JobFunction, OnEvent

__all__ = [
    "Ended",
    "JobFunction",
    "JobState",
    "JobStatus",
    "JobSummary",
    "Jobs",
    "Lane",
    "OnEvent",
    "Pulse",
    "Tally",
    "Visitor",
    "farm_out",
    "new_job_id",
]
