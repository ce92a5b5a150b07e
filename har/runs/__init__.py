"""Trainings that pages ask for: planned, run as jobs, gone on with after a crash, compared, taken away."""

from har.runs.archive import export_run, import_run
from har.runs.compare import RunGroup, group_runs
from har.runs.estimate import Estimate, estimate
from har.runs.folder import Run, delete_run, ends_at, list_runs, look_at, new_run, open_run, sweep, write_plan
from har.runs.plan import Outcome, Plan, SplitFacts
from har.runs.resume_state import attempts_of, cut_off_runs, held, tired, wanted
from har.runs.scheduler import begin, go_on, look, stop
from har.runs.training_job import Drawing, train_run

__all__ = [
    "Drawing",
    "Estimate",
    "Outcome",
    "Plan",
    "Run",
    "RunGroup",
    "SplitFacts",
    "attempts_of",
    "begin",
    "cut_off_runs",
    "delete_run",
    "ends_at",
    "estimate",
    "export_run",
    "go_on",
    "group_runs",
    "held",
    "import_run",
    "list_runs",
    "look",
    "look_at",
    "new_run",
    "open_run",
    "stop",
    "sweep",
    "tired",
    "train_run",
    "wanted",
    "write_plan",
]
