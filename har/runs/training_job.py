"""The work of a run, as a job: opened, trained, examined, kept."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from har.classifier import save
from har.datasets import open_dataset, splits
from har.networks.portable import save_portable
from har.networks.summary import facts
from har.runs.archive import PORTABLE
from har.runs.folder import Run, open_run, write_outcome
from har.runs.plan import Outcome, SplitFacts
from har.runs.resume_state import alone, note_beginning
from har.storage import atomic
from har.training import EpochDone, TrainingResult, train

_SPENT = "spent.txt"


@dataclass(frozen=True)
class Drawing:
    """Clips of the generated data set are being drawn."""

    done: int
    total: int


def train_run(run_id: str, on_event: Callable[[Any], None] = lambda event: None) -> None:
    """Train what a run asks for, from where an earlier attempt was cut off; the run's folder has what came of it.

    Args:
        run_id: of `har.runs.new_run`.
        on_event: told of every `har.training.TrainingEvent`, and of clips that are drawn. `StopRequested` raised out
            of it ends the training and keeps the best epoch so far.

    Raises:
        RunMissing: no such run.
        StopRequested: asked to stop before the first epoch was over.
        HarError: as `har.training.train`.
    """
    with alone(open_run(run_id)) as nobody_else:  # whoever else trains it keeps what comes of it
        run = open_run(run_id)
        if nobody_else and run.outcome is None:
            note_beginning(run)
            _train(run, on_event)


def _train(run: Run, on_event: Callable[[Any], None]) -> None:
    began, plan = time.monotonic() - _spent(run), run.plan

    def note(event: Any) -> None:
        if isinstance(event, EpochDone):
            atomic.write_text(run.folder / _SPENT, f"{time.monotonic() - began:.1f}")
        on_event(event)

    dataset = open_dataset(plan.dataset, plan.labels, lambda done, total: on_event(Drawing(done, total)))
    dataset = replace(dataset, title=plan.title)
    result = train(dataset, plan.recipe, note, run.checkpoint)
    save(run.classifier, result.classifier.card, result.classifier.model, overwrite=True)
    save_portable(result.classifier.model, run.folder / PORTABLE)
    write_outcome(run, outcome_of(result, time.monotonic() - began))


def _spent(run: Run) -> float:
    """Seconds that earlier attempts took, up to the last epoch that is kept."""
    try:
        return float((run.folder / _SPENT).read_text("utf-8")) if run.checkpoint.exists() else 0.0
    except (OSError, ValueError):
        return 0.0


def outcome_of(result: TrainingResult, seconds: float) -> Outcome:
    """What is kept of a training beside the classifier."""
    known = facts(result.classifier.model, result.classifier.card.network)
    return Outcome(
        result.history,
        result.best,
        split_facts(result),
        result.examination,
        result.stopped,
        seconds,
        known.parameters,
        known.macs,
    )


def split_facts(result: TrainingResult) -> SplitFacts:
    """How the clips were divided, in numbers."""
    split = result.split
    parts = {"train": split.train, "validation": split.validation, "test": split.test}
    groups = {name: tuple(sorted({video.group for video in part if video.group})) for name, part in parts.items()}
    return SplitFacts(
        kind=result.classifier.card.recipe["split"],
        train=len(split.train),
        validation=len(split.validation),
        test=len(split.test),
        groups=groups,
        leaked=len(splits.leaked(split)),
        note=split.note,
        guessed_groups=result.dataset.guessed_groups,
    )
