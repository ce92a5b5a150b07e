"""From a data set to a trained, evaluated and saved classifier: the same for command line, runs and folds."""

import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from har.classifier import save
from har.classifier.graphs import prepare
from har.datasets import Dataset
from har.datasets.splits import Split
from har.errors import StopRequested
from har.networks import NETWORKS, named_parts
from har.networks.keras_file import save_keras_file
from har.networks.parts import HEAD
from har.networks.pretrained import notice
from har.plots.training_report import render_training_report
from har.progress import OnProgress, Progress, Stage, ignore
from har.recipe import Recipe
from har.storage import atomic
from har.training import EpochRecord, TrainingResult, train
from har.training.outcome import write_outcome

KERAS_FILE, REPORT_FILE = "model.keras", "report.html"
NOTICE_FILE = "NOTICE"  # of the pretrained network in the Keras file, if there is one
_SPENT = "spent.txt"  # next to a checkpoint: seconds until the last epoch, over all attempts


def train_and_save(
    dataset: Dataset,
    recipe: Recipe,
    folder: Path | None = None,
    *,
    classifier_folder: Path | None = None,
    title: str | None = None,
    on_progress: OnProgress = ignore,
    checkpoint: Path | None = None,
    split: Split | None = None,
) -> TrainingResult:
    """Train and evaluate a classifier, and save it with its report, `model.keras` and `outcome.json`.

    Args:
        dataset: clips with their labels; all labels are learnt.
        recipe: every choice.
        folder: where everything is saved; None: nothing is. The outcome is written last, so a folder that has one is
            complete.
        classifier_folder: for the classifier, if it has a folder of its own.
        title: of the classifier and its report; by default `training_title`.
        on_progress: as for `har.training.train`.
        checkpoint: a file that is written after each epoch; an interrupted training resumes from it. It is removed once
            everything is saved.
        split: of the data set, if it is not the recipe's.

    Raises:
        HarError: as `har.training.train`.
        StopRequested: raised by `on_progress` before the first epoch was done.
        OSError: the files cannot be written.
    """
    spent = checkpoint.with_name(_SPENT) if checkpoint is not None else None
    earlier_sec = _read_seconds(spent) if checkpoint is not None and checkpoint.exists() else 0.0
    began = time.monotonic()

    def record(progress: Progress) -> None:
        if spent is not None and isinstance(progress.event, EpochRecord):
            atomic.write_text(spent, f"{earlier_sec + time.monotonic() - began:.1f}")
        on_progress(progress)

    result = train(dataset, recipe, record, checkpoint, split)
    outcome = replace(result.outcome, seconds=earlier_sec + result.outcome.seconds)
    if folder is not None:
        with suppress(StopRequested):  # what is trained is saved
            on_progress(Progress(Stage.SAVE))
        folder.mkdir(parents=True, exist_ok=True)
        model, card = result.classifier.model, result.classifier.card
        card = result.classifier.card = replace(card, title=title or card.title)
        save(classifier_folder or folder, card, model, overwrite=True)
        # A published encoder is not a Keras model, so the file has the head alone.
        whole = NETWORKS[recipe.network].published is None
        save_keras_file(model if whole else named_parts(model)[HEAD], folder / KERAS_FILE)
        if (pretrained := NETWORKS[recipe.network].pretrained) is not None:
            atomic.write_text(folder / NOTICE_FILE, notice(pretrained))
        atomic.write_text(
            folder / REPORT_FILE, render_training_report(f"{card.title}: {dataset.title}", recipe, outcome)
        )
        write_outcome(folder, outcome)
        prepare(classifier_folder or folder, card, model)  # after everything that must not be lost if it fails
    for path in (checkpoint, spent):
        if path is not None:
            path.unlink(missing_ok=True)
    return replace(result, outcome=outcome)


def _read_seconds(path: Path | None) -> float:
    try:
        return float(path.read_text("utf-8")) if path is not None else 0.0
    except (OSError, ValueError):
        return 0.0
