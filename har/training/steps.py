"""Single steps of training and validation, and the optimizer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from har.errors import TrainingFailed
from har.recipe import Recipe


@dataclass
class Mean:
    """Loss and accuracy over the examples so far."""

    loss_sum: float = 0.0
    right: int = 0
    count: int = 0

    @property
    def loss(self) -> float:
        """Mean cross-entropy."""
        return self.loss_sum / self.count

    @property
    def accuracy(self) -> float:
        """Fraction of correct predictions."""
        return self.right / self.count


class Steps:
    """A training step and a validation step, as graphs traced once, at their first call, for batches of any size.

    The learning rate rises in the first `warmup` of `count` training steps.
    """

    def __init__(self, model: keras.Model, recipe: Recipe, count: int, warmup: int) -> None:
        optimizer = _optimizer(recipe, count, warmup)
        optimizer.build(model.trainable_variables)
        self._model, self._optimizer = model, optimizer
        self.label_count: int = model.output_shape[-1]

        def train(inputs: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            with tf.GradientTape() as tape:
                losses, right = _losses(model(inputs, training=True), rows)
                loss = tf.reduce_mean(losses)
            optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
            return tf.reduce_sum(losses), right

        def measure(inputs: tf.Tensor, targets: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = tf.one_hot(targets, model.output_shape[-1])
            losses, right = _losses(model(inputs, training=False), rows)
            return tf.reduce_sum(losses), right

        spec = model.inputs[0]
        batch = tf.TensorSpec((None, *spec.shape[1:]), spec.dtype)
        soft = tf.TensorSpec((None, model.output_shape[-1]), "float32")
        indices = tf.TensorSpec((None,), "int64")
        # They have no branches to convert, and looking for some takes a third of the tracing.
        self._train = tf.function(train, input_signature=(batch, soft), autograph=False)
        self._measure = tf.function(measure, input_signature=(batch, indices), autograph=False)

    def train(self, inputs: np.ndarray, rows: np.ndarray, mean: Mean) -> None:
        """Update the weights, and add loss and accuracy from before the update to the mean.

        `rows` are target probabilities, `(batch, labels)`.

        Raises:
            TrainingFailed: the loss is no longer a number.
        """
        self._add(self._train(tf.constant(inputs), tf.constant(rows)), len(rows), mean)
        if not np.isfinite(mean.loss):
            remedy = "Train again with a lower learning rate."
            raise TrainingFailed(f"The loss became {mean.loss}.", "It must stay a finite number.", remedy)

    def measure(self, inputs: np.ndarray, targets: np.ndarray, mean: Mean) -> None:
        """Add loss and accuracy to the mean, without an update; targets are label indices."""
        self._add(self._measure(tf.constant(inputs), tf.constant(targets)), len(targets), mean)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """In this block the model has the running mean of its weights.

        It generalises better than the latest weights, and fluctuates less (Polyak & Juditsky 1992,
        https://doi.org/10.1137/0330046).
        """
        latest = self._model.get_weights()
        self.use_averaged_weights()
        try:
            yield
        finally:
            self._model.set_weights(latest)

    def use_averaged_weights(self) -> None:
        """Give the model the running mean of its weights, for good."""
        self._optimizer.finalize_variable_values(self._model.trainable_variables)

    def state(self) -> list[np.ndarray]:
        """Everything that the next step depends on: weights, seeds of dropout, the optimizer's variables."""
        return [np.asarray(variable) for variable in self._variables()]

    def restore(self, state: list[np.ndarray]) -> None:
        """Restore what `state` returned."""
        for variable, value in zip(self._variables(), state, strict=True):
            variable.assign(value)

    def _variables(self) -> list[keras.Variable]:
        return [*self._model.variables, *self._optimizer.variables]

    def _add(self, result: tuple[tf.Tensor, tf.Tensor], count: int, mean: Mean) -> None:
        mean.loss_sum += float(result[0])
        mean.right += int(result[1])
        mean.count += count


def _losses(probabilities: tf.Tensor, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy of each example, and the number of correct predictions."""
    losses = keras.losses.categorical_crossentropy(rows, probabilities)
    right = tf.reduce_sum(tf.cast(tf.argmax(probabilities, -1) == tf.argmax(rows, -1), tf.int32))
    return losses, right


def _optimizer(recipe: Recipe, count: int, warmup: int) -> keras.optimizers.Optimizer:
    """AdamW; the learning rate rises during the warm-up, then falls to zero along a cosine, or stays."""
    rate = recipe.learning_rate
    if recipe.decay:
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0 if warmup else recipe.learning_rate,
            decay_steps=max(1, count - warmup),
            warmup_target=recipe.learning_rate if warmup else None,
            warmup_steps=warmup,
        )
    averaged = max(1, min(recipe.averaged_steps, count // 10))  # a short training cannot average over many steps
    return QuickAdamW(
        rate,
        weight_decay=recipe.weight_decay,
        global_clipnorm=recipe.clip_norm,
        use_ema=True,
        ema_momentum=1 - 1 / averaged,
    )


class QuickAdamW(keras.optimizers.AdamW):  # type: ignore[misc]  # Keras brings no types
    """Computes the learning rate once for a step, not again for the decay of each variable."""

    _current_rate: Any = None

    def apply(self, grads: Any, trainable_variables: Any = None) -> None:
        """Update the variables."""
        self._current_rate = super().learning_rate
        try:
            super().apply(grads, trainable_variables)
        finally:
            self._current_rate = None

    @property
    def learning_rate(self) -> Any:
        """For the current step."""
        return super().learning_rate if self._current_rate is None else self._current_rate
