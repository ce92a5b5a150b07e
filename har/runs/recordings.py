"""Leave-one-recording-out: the recipe of a run trained once without each recording, and tested on it.

With few clips, those set aside for testing say little. This way each clip is tested once, by a network that has not
seen its recording. The classifier of the run does not change.
"""

import hashlib
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from har.crossvalidation import CrossValidationOptions, crossvalidate, write_reports
from har.datasets import Dataset, splits
from har.errors import HarError, TrainingFailed
from har.evaluation import Proportion
from har.progress import OnProgress, Progress, Stage, ignore
from har.recipe import Recipe
from har.runs.estimate import estimate, slowdown
from har.runs.store import Run, open_run, removed_if_deleted
from har.settings import settings

FEW_TEST_CLIPS = 20  # with fewer, leave-one-recording-out is offered
_FOLDER, _REPORT = "recordings", "report.json"


@dataclass(frozen=True)
class RecordingResult:
    """The clips of a recording, tested by a network trained without it."""

    group: str
    right: int
    count: int


@dataclass(frozen=True)
class RecordingsReport:
    """The part of `har.crossvalidation`'s report that pages show."""

    folds: tuple[RecordingResult, ...]
    failed: tuple[object, ...] = ()  # recordings whose training failed
    baseline: float = 0.0  # accuracy of always answering the most frequent label
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()  # number of clips; rows true, columns predicted labels

    @property
    def share(self) -> Proportion:
        """Correct clips of all recordings."""
        return Proportion(sum(fold.right for fold in self.folds), sum(fold.count for fold in self.folds))


_reports = TypeAdapter(RecordingsReport)


def recordings_job_id(run_id: str) -> str:
    """The id of the job for a run, as secret as the run's: there is one at a time."""
    return hashlib.blake2b(f"recordings of {run_id}".encode(), digest_size=16).hexdigest()


def leave_recordings_out(run_id: str, on_progress: OnProgress = ignore) -> None:
    """Train and test a run's recipe for each recording, as a job. What an earlier job has finished is not repeated.

    Raises:
        RunMissing: no such run.
        StopRequested: raised by `on_progress`.
        TrainingFailed: all trainings failed.
        HarError: as `har.crossvalidation.crossvalidate`.
    """
    run = open_run(run_id)
    options = CrossValidationOptions(run.plan.dataset, run.plan.labels, run.plan.recipe, guess_groups=True)
    folder = str(run.folder / _FOLDER)

    def report(progress: Progress) -> None:
        on_progress(replace(progress, subject="recordings") if progress.stage is Stage.TASKS else progress)

    with removed_if_deleted(run):
        result = crossvalidate(options, folder, 0, report)
        written = write_reports(result, options, folder)
    if written is None:
        raise TrainingFailed(
            f"None of the {len(result.failed)} trainings succeeded: {result.failed[0]['why']}",
            "At least one was expected.",
            "Add recordings of each class, or choose another network.",
        )


def read_recordings(run: Run) -> RecordingsReport | None:
    """The result for a run; None if there is none."""
    try:
        report = _reports.validate_json((run.folder / _FOLDER / _REPORT).read_bytes())
    except (OSError, ValidationError):
        return None
    return report if report.folds else None


def estimate_recordings(dataset: Dataset, recipe: Recipe) -> float | None:
    """About how many seconds it takes; None if it cannot be done, takes too long, or the recordings are not known."""
    try:
        count = sum(1 for _ in splits.folds(dataset, 0, recipe.validation_share))
        seconds = count * estimate(dataset, recipe).cost_sec * slowdown(recipe.network)
    except HarError:
        return None
    return seconds if seconds <= settings().max_training_sec else None
