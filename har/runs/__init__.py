"""Trainings that pages ask for: planned, run as jobs, gone on with after a crash, compared, taken away."""

from har.runs.compare import RunGroup, group_runs
from har.runs.estimate import Estimate, estimate
from har.runs.folder import Run, delete_run, list_runs, new_run, open_run, write_plan
from har.runs.plan import Outcome, Plan, SplitFacts
from har.runs.takeaway import export_run, import_run
from har.runs.work import Drawing, train_run

__all__ = [
    "Drawing",
    "Estimate",
    "Outcome",
    "Plan",
    "Run",
    "RunGroup",
    "SplitFacts",
    "delete_run",
    "estimate",
    "export_run",
    "group_runs",
    "import_run",
    "list_runs",
    "new_run",
    "open_run",
    "train_run",
    "write_plan",
]
