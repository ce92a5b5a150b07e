"""The training loop: epochs of steps, validation, early stopping, checkpoints."""

import resource
import time
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from har.errors import StopRequested, TrainingFailed
from har.progress import OnProgress, Progress, Stage
from har.recipe import Recipe
from har.training.batches import center_batches, mixup, prefetch, training_batches
from har.training.checkpoint import Checkpoint, read_checkpoint
from har.training.examples import Examples
from har.training.records import BatchRecord, EpochRecord, Resumed
from har.training.steps import Mean, Steps


@dataclass(frozen=True)
class Fit:
    """How training went. The model has the weights of the best epoch."""

    history: tuple[EpochRecord, ...]
    best: EpochRecord
    stopped: bool  # on request, before the last epoch


def fit(
    model: keras.Model,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    on_progress: OnProgress,
    checkpoint: Path | None = None,
) -> Fit:
    """Train until all epochs are done, the patience has run out, or a stop is requested.

    `on_progress` is called for each batch and epoch, with its `BatchRecord` or `EpochRecord`. The checkpoint has what
    the next epoch depends on; training resumes from one that exists.

    Raises:
        StopRequested: raised by `on_progress` before the first epoch was done.
        TrainingFailed: the loss is no longer a number.
    """
    batch_count = -(-len(train.samples) // recipe.batch_size)
    warmup_epochs = min(recipe.warmup_epochs, recipe.epochs - 1)
    steps = Steps(model, recipe, recipe.epochs * batch_count, warmup_epochs * batch_count)
    random = np.random.default_rng(recipe.seed)
    state = _initial_state(checkpoint, steps, random)
    stopped = False
    try:
        if state.history:
            done = state.history[-1].epoch
            note = f"resumed after epoch {done}"
            on_progress(Progress(Stage.TRAIN, done, recipe.epochs, note=note, event=Resumed(done)))
        for epoch in range(len(state.history) + 1, recipe.epochs + 1):
            if state.best is not None and epoch - 1 - state.best.epoch >= recipe.patience:
                break
            trained, examples_per_sec = _train(epoch, batch_count, steps, train, recipe, random, on_progress)
            with steps.averaged():
                record = _validate(epoch, trained, examples_per_sec, steps, validation, recipe, state.best)
                if record.best:
                    state.best, state.best_weights = record, model.get_weights()
            state.history.append(record)
            if checkpoint is not None:
                generator = dict(random.bit_generator.state)
                Checkpoint(steps.state(), state.best_weights, generator, tuple(state.history)).save(checkpoint)
            note = f"epoch {epoch}: validation accuracy {record.validation_accuracy:.0%}"
            on_progress(Progress(Stage.TRAIN, epoch, recipe.epochs, note=note, event=record))
    except StopRequested:
        if state.best is None:
            raise
        stopped = True
    if state.best is None:
        raise TrainingFailed(
            "The validation loss was not a number in any epoch.",
            "At least one epoch must have a finite loss.",
            "Train again with a lower learning rate.",
        )
    model.set_weights(state.best_weights)
    return Fit(tuple(state.history), state.best, stopped)


@dataclass
class _State:
    history: list[EpochRecord] = field(default_factory=list)
    best: EpochRecord | None = None
    best_weights: list[np.ndarray] = field(default_factory=list)


def _initial_state(checkpoint: Path | None, steps: Steps, random: np.random.Generator) -> _State:
    saved = read_checkpoint(checkpoint) if checkpoint is not None else None
    if saved is None:
        return _State()
    steps.restore(saved.steps)
    random.bit_generator.state = saved.random
    best = next((epoch for epoch in reversed(saved.history) if epoch.best), None)
    return _State(list(saved.history), best, saved.best_weights)


def _train(
    epoch: int,
    batch_count: int,
    steps: Steps,
    train: Examples,
    recipe: Recipe,
    random: np.random.Generator,
    on_progress: OnProgress,
) -> tuple[Mean, float]:
    """One pass over the training clips. Also returns the examples per second."""
    start, mean = time.perf_counter(), Mean()
    batches = mixup(training_batches(train, recipe, random), steps.label_count, recipe, random)
    for number, (clips, rows) in enumerate(prefetch(batches), start=1):
        steps.train(clips, rows, mean)
        record = BatchRecord(epoch, recipe.epochs, number, batch_count, mean.loss, mean.accuracy)
        # Validation takes about as long as one more step: only then the epoch is done.
        done = epoch - 1 + number / (batch_count + 1)
        note = f"step {number} of {batch_count} · loss {mean.loss:.2f}, accuracy {mean.accuracy:.0%}"
        on_progress(Progress(Stage.TRAIN, done, recipe.epochs, note=note, event=record))
    return mean, mean.count / (time.perf_counter() - start)


def _validate(
    epoch: int,
    trained: Mean,
    examples_per_sec: float,
    steps: Steps,
    validation: Examples,
    recipe: Recipe,
    best: EpochRecord | None,
) -> EpochRecord:
    mean = Mean()
    for clips, targets in center_batches(validation, recipe):
        steps.measure(clips, targets, mean)
    return EpochRecord(
        epoch,
        recipe.epochs,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        validation_loss=mean.loss,
        validation_accuracy=mean.accuracy,
        examples_per_sec=examples_per_sec,
        best=mean.loss < (best.validation_loss if best else np.inf),
        memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
    )
