"""Epochs: knows nothing of files and labels' names."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from har.errors import StopRequested, TrainingFailed
from har.recipe import Recipe
from har.training.events import BatchDone, EpochDone
from har.training.examples import Examples, ahead, drawn, middles
from har.training.steps import Mean, Steps

OnEvent = Callable[[BatchDone | EpochDone], None]


@dataclass(frozen=True)
class Fit:
    """How training went. The model has the weights of the best epoch."""

    history: tuple[EpochDone, ...]
    best: EpochDone
    stopped: bool  # on request, before its time


def fit(model: keras.Model, train: Examples, validation: Examples, recipe: Recipe, on_event: OnEvent) -> Fit:
    """Train until the epochs are over, the patience is at its end, or somebody asks to stop.

    Raises:
        StopRequested: asked to stop before the first epoch was over.
        TrainingFailed: the loss is not a number any more.
    """
    batches = -(-len(train.samples) // recipe.batch_size)
    warmup_epochs = min(recipe.warmup_epochs, recipe.epochs - 1)
    steps = Steps(model, recipe, recipe.epochs * batches, warmup_epochs * batches)
    random = np.random.default_rng(recipe.seed)
    history: list[EpochDone] = []
    best, best_weights, stopped = None, None, False
    try:
        for epoch in range(1, recipe.epochs + 1):
            trained, examples_per_sec = _train(epoch, batches, steps, train, recipe, random, on_event)
            with steps.averaged():
                checked = Mean()
                for clips, targets in middles(validation, recipe):
                    steps.measure(clips, targets, checked)
                done = EpochDone(
                    epoch,
                    recipe.epochs,
                    train_loss=trained.loss,
                    train_accuracy=trained.accuracy,
                    validation_loss=checked.loss,
                    validation_accuracy=checked.accuracy,
                    examples_per_sec=examples_per_sec,
                    best=checked.loss < (best.validation_loss if best else np.inf),
                )
                if done.best:
                    best, best_weights = done, model.get_weights()
            history.append(done)
            on_event(done)
            if best is not None and epoch - best.epoch >= recipe.patience:
                break
    except StopRequested:
        if best is None:
            raise
        stopped = True
    if best is None:
        raise TrainingFailed(
            "No epoch's validation loss was a number.", "It must be one.", "Train again with a lower learning rate."
        )
    model.set_weights(best_weights)
    return Fit(tuple(history), best, stopped)


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
    for number, (clips, targets) in enumerate(ahead(drawn(train, recipe, random)), start=1):
        steps.train(clips, targets, trained)
        on_event(BatchDone(epoch, recipe.epochs, number, batches, trained.loss, trained.accuracy))
    return trained, trained.count / (time.perf_counter() - start)
