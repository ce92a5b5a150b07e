"""The Annotate page with a job whose state is read from a file, in place of a worker that takes its time."""

from pathlib import Path

from har.jobs import JobState, JobStatus
from har.progress import Progress, Stage
from har.settings import settings
from pages import annotate
from tests.fakes import FakeJobs
from ui import theme
from ui.jobs import override_jobs

STATE = "state.txt"  # in the job's folder: 'running' or 'done'


class JobsInFiles(FakeJobs):
    """Reads the state of each job from its folder."""

    def status(self, job_id: str) -> JobStatus:
        state = settings().jobs / Path(job_id).name / STATE
        if not state.exists():  # the job that writes the labelled video
            return super().status(job_id)
        return JobStatus(job_id, JobState(state.read_text()), 0, (Progress(Stage.SCORE, 2.0, 8.0),), 10.0)


if __name__ == "__main__":
    theme.apply_theme("Annotate")
    with override_jobs(JobsInFiles()):
        annotate.main()
