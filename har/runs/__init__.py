"""Training runs of the app: planned, trained as jobs, resumed after interruptions, compared, exported and imported."""

from har.runs.archive import export_run, import_run
from har.runs.compare import group_runs
from har.runs.estimate import Estimate, estimate
from har.runs.naming import MAX_NAME, rename_run
from har.runs.recordings import (
    FEW_TEST_CLIPS,
    RecordingsReport,
    estimate_recordings,
    leave_recordings_out,
    read_recordings,
    recordings_job_id,
)
from har.runs.resume_state import gave_up, interrupted_runs, is_requested, is_training, read_attempts
from har.runs.scheduler import resume_interrupted_runs, resume_run, start_run, stop_run
from har.runs.store import (
    Plan,
    Run,
    delete_expired_runs,
    delete_run,
    expires_at,
    list_runs,
    new_run,
    open_run,
    read_run,
    write_plan,
)
from har.runs.training_job import train_run
