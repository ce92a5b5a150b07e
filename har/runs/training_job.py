"""The training of a run, as a job."""

from dataclasses import replace

from har.datasets import open_dataset
from har.progress import OnProgress, ignore
from har.runs.estimate import record_time
from har.runs.naming import name_classifier
from har.runs.resume_state import lock, record_start
from har.runs.store import open_run, removed_if_deleted
from har.training_pipeline import train_and_save


def train_run(run_id: str, on_progress: OnProgress = ignore) -> None:
    """Train a run, or resume its training, and save the result in its folder.

    Does nothing if the run is finished, or if another process is training it.

    Raises:
        RunMissing: no such run.
        StopRequested: raised by `on_progress` before the first epoch was done.
        HarError: as `har.training.train`.
    """
    run = open_run(run_id)
    with removed_if_deleted(run), lock(run) as locked:
        run = open_run(run_id)
        if not locked or run.outcome is not None:
            return
        record_start(run)
        plan = run.plan
        dataset = open_dataset(plan.dataset, plan.labels, on_progress)
        outcome = train_and_save(
            replace(dataset, title=plan.title),
            plan.recipe,
            run.folder,
            classifier_folder=run.classifier,
            title=run.name,
            on_progress=on_progress,
            checkpoint=run.checkpoint,
        ).outcome
        if plan.cost_sec and not outcome.stopped and len(outcome.history) == plan.recipe.epochs:
            record_time(plan.recipe.network, plan.cost_sec, outcome.seconds)
        name_classifier(open_run(run_id))  # it may have been renamed meanwhile
