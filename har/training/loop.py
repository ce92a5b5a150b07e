"""The training loop: knows nothing of files and labels' names."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from har.errors import StopRequested, TrainingFailed
from har.recipe import Recipe
from har.training.events import BatchDone, EpochDone
from har.training.examples import Batch, Examples, drawn, middles

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
    steps = _Steps(model, _optimizer(recipe, _batch_count(train, recipe)))
    random = np.random.default_rng(recipe.seed)
    history: list[EpochDone] = []
    best, best_weights, stopped = None, None, False
    try:
        for epoch in range(1, recipe.epochs + 1):
            trained, examples_per_sec = _train_epoch(epoch, steps, train, recipe, random, on_event)
            checked = _measure(steps, validation, recipe)
            done = EpochDone(
                epoch,
                recipe.epochs,
                train_loss=trained.loss,
                train_accuracy=trained.accuracy,
                validation_loss=checked.loss,
                validation_accuracy=checked.accuracy,
                examples_per_sec=examples_per_sec,
                best=best is None or checked.loss < best.validation_loss,
            )
            history.append(done)
            if done.best:
                best, best_weights = done, model.get_weights()
            on_event(done)
            if best is not None and epoch - best.epoch >= recipe.patience:
                break
    except StopRequested:
        stopped = True
        if best is None:
            raise
    if best is None or best_weights is None:
        raise _not_a_number(recipe.epochs, "not a number")
    model.set_weights(best_weights)
    return Fit(tuple(history), best, stopped)


@dataclass
class _Mean:
    """Loss and accuracy over the examples so far."""

    loss_sum: float = 0.0
    right: int = 0
    count: int = 0

    def add(self, loss_sum: float, right: int, count: int) -> None:
        self.loss_sum += loss_sum
        self.right += right
        self.count += count

    @property
    def loss(self) -> float:
        return self.loss_sum / self.count

    @property
    def accuracy(self) -> float:
        return self.right / self.count


class _Steps:
    """A step of training and one of measuring, as graphs traced here once for batches of any size."""

    def __init__(self, model: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        optimizer.build(model.trainable_variables)

        def train(clips: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                losses, right = _losses(model(clips, training=True), targets)
                loss = tf.reduce_mean(losses)
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            return tf.reduce_sum(losses), right

        def measure(clips: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            losses, right = _losses(model(clips, training=False), targets)
            return tf.reduce_sum(losses), right

        clips = model.inputs[0]
        signature = [tf.TensorSpec((None, *clips.shape[1:]), clips.dtype), tf.TensorSpec((None,), "int64")]
        self._train = tf.function(train).get_concrete_function(*signature)
        self._measure = tf.function(measure).get_concrete_function(*signature)

    def train(self, batch: Batch, mean: _Mean) -> None:
        """Move the weights."""
        loss_sum, right = self._train(*map(tf.constant, batch))
        mean.add(float(loss_sum), int(right), len(batch[1]))

    def measure(self, batch: Batch, mean: _Mean) -> None:
        """Leave them."""
        loss_sum, right = self._measure(*map(tf.constant, batch))
        mean.add(float(loss_sum), int(right), len(batch[1]))


def _train_epoch(
    epoch: int, steps: _Steps, train: Examples, recipe: Recipe, random: np.random.Generator, on_event: OnEvent
) -> tuple[_Mean, float]:
    """Also gives the examples a second."""
    start, mean = time.perf_counter(), _Mean()
    batches = _batch_count(train, recipe)
    for number, batch in enumerate(drawn(train, recipe, random), start=1):
        steps.train(batch, mean)
        if not np.isfinite(mean.loss):
            raise _not_a_number(epoch, str(mean.loss))
        on_event(BatchDone(epoch, recipe.epochs, number, batches, mean.loss, mean.accuracy))
    return mean, mean.count / (time.perf_counter() - start)


def _measure(steps: _Steps, examples: Examples, recipe: Recipe) -> _Mean:
    mean = _Mean()
    for batch in middles(examples, recipe):
        steps.measure(batch, mean)
    return mean


def _losses(probabilities: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy of each example, and how many were right."""
    losses = keras.losses.sparse_categorical_crossentropy(targets, probabilities)
    right = tf.reduce_sum(tf.cast(tf.argmax(probabilities, -1) == targets, tf.int32))
    return losses, right


def _optimizer(recipe: Recipe, batches: int) -> keras.optimizers.Optimizer:
    """AdamW; the rate climbs through the warm-up, then falls to nothing along a cosine."""
    warmup = min(recipe.warmup_epochs, recipe.epochs - 1) * batches
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else recipe.learning_rate,
        decay_steps=recipe.epochs * batches - warmup,
        warmup_target=recipe.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, global_clipnorm=recipe.clip_norm)


def _batch_count(examples: Examples, recipe: Recipe) -> int:
    return -(-len(examples.samples) // recipe.batch_size)


def _not_a_number(epoch: int, loss: str) -> TrainingFailed:
    return TrainingFailed(
        f"In epoch {epoch} the loss became {loss}.", "It must stay a number.", "Train with a lower learning rate."
    )
