"""Running long work outside the process that asked for it, on Dask.

A long function takes `on_progress` and is otherwise plain. `Jobs` sends it to a worker, passes its progress back, and
stops it on request by raising `StopRequested` out of `on_progress`. `run_tasks` does the same for many independent
tasks, on as many workers as there are.
"""

from har.jobs.queue import Jobs, new_job_id
from har.jobs.status import JobState, JobStatus, JobSummary, Lane, Visitor
from har.jobs.tasks import TaskResult, run_tasks
