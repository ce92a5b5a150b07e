"""Epochs: knows nothing of files and labels' names."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from har.errors import StopRequested, TrainingFailed
from har.recipe import Recipe
from har.training.checkpoint import Checkpoint, read_checkpoint
from har.training.events import BatchDone, EpochDone, Resumed
from har.training.examples import Examples, ahead, drawn, middles, softened
from har.training.steps import Mean, Steps

OnEvent = Callable[[Resumed | BatchDone | EpochDone], None]


@dataclass(frozen=True)
class Fit:
    """How training went. The model has the weights of the best epoch."""

    history: tuple[EpochDone, ...]
    best: EpochDone
    stopped: bool  # on request, before its time


def fit(
    model: keras.Model,
    train: Examples,
    validation: Examples,
    recipe: Recipe,
    on_event: OnEvent,
    checkpoint: Path | None = None,
) -> Fit:
    """Train until the epochs are over, the patience is at its end, or somebody asks to stop.

    Args:
        model: what to train; ends with the weights of the best epoch.
        train: moves the weights.
        validation: chooses the epoch.
        recipe: every choice.
        on_event: told of batches and epochs.
        checkpoint: where to keep what the next epoch depends on; what lies there is gone on from.

    Raises:
        StopRequested: asked to stop before the first epoch was over.
        TrainingFailed: the loss is not a number any more.
    """
    batches = -(-len(train.samples) // recipe.batch_size)
    warmup_epochs = min(recipe.warmup_epochs, recipe.epochs - 1)
    steps = Steps(model, recipe, recipe.epochs * batches, warmup_epochs * batches)
    random = np.random.default_rng(recipe.seed)
    state = _resumed(checkpoint, steps, random)
    stopped = False
    try:
        if state.history:
            on_event(Resumed(state.history[-1].epoch))
        for epoch in range(len(state.history) + 1, recipe.epochs + 1):
            if state.best is not None and epoch - 1 - state.best.epoch >= recipe.patience:
                break
            trained, examples_per_sec = _train(epoch, batches, steps, train, recipe, random, on_event)
            with steps.averaged():
                done = _checked(epoch, trained, examples_per_sec, steps, validation, recipe, state.best)
                if done.best:
                    state.best, state.best_weights = done, model.get_weights()
            state.history.append(done)
            if checkpoint is not None:
                _keep(checkpoint, steps, random, state)
            on_event(done)
    except StopRequested:
        if state.best is None:
            raise
        stopped = True
    if state.best is None:
        raise TrainingFailed(
            "No epoch's validation loss was a number.", "It must be one.", "Train again with a lower learning rate."
        )
    model.set_weights(state.best_weights)
    return Fit(tuple(state.history), state.best, stopped)


@dataclass
class _State:
    history: list[EpochDone]
    best: EpochDone | None
    best_weights: list[np.ndarray]


def _resumed(checkpoint: Path | None, steps: Steps, random: np.random.Generator) -> _State:
    """As an earlier attempt left it, or at the beginning."""
    kept = read_checkpoint(checkpoint) if checkpoint is not None else None
    if kept is None:
        return _State([], None, [])
    steps.restore(kept.steps)
    random.bit_generator.state = kept.random
    best = next((epoch for epoch in reversed(kept.history) if epoch.best), None)
    return _State(list(kept.history), best, kept.best_weights)


def _keep(checkpoint: Path, steps: Steps, random: np.random.Generator, state: _State) -> None:
    drawn_so_far = dict(random.bit_generator.state)
    Checkpoint(steps.state(), state.best_weights, drawn_so_far, tuple(state.history)).save(checkpoint)


def _checked(
    epoch: int,
    trained: Mean,
    examples_per_sec: float,
    steps: Steps,
    validation: Examples,
    recipe: Recipe,
    best: EpochDone | None,
) -> EpochDone:
    """An epoch with what the validation clips say of it."""
    checked = Mean()
    for clips, targets in middles(validation, recipe):
        steps.measure(clips, targets, checked)
    return EpochDone(
        epoch,
        recipe.epochs,
        train_loss=trained.loss,
        train_accuracy=trained.accuracy,
        validation_loss=checked.loss,
        validation_accuracy=checked.accuracy,
        examples_per_sec=examples_per_sec,
        best=checked.loss < (best.validation_loss if best else np.inf),
        memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10,
    )


def _train(
    epoch: int,
    batches: int,
    steps: Steps,
    train: Examples,
    recipe: Recipe,
    random: np.random.Generator,
    on_event: OnEvent,
) -> tuple[Mean, float]:
    """Once through the training clips. Also gives the examples a second."""
    start, trained = time.perf_counter(), Mean()
    batches_of_clips = softened(drawn(train, recipe, random), steps.label_count, recipe, random)
    for number, (clips, rows) in enumerate(ahead(batches_of_clips), start=1):
        steps.train(clips, rows, trained)
        on_event(BatchDone(epoch, recipe.epochs, number, batches, trained.loss, trained.accuracy))
    return trained, trained.count / (time.perf_counter() - start)
