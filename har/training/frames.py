"""Before clips: the part of a network that looks at single frames learns to tell labels from single frames.

A fresh LSTM cannot read features that mean nothing yet, and a fresh CNN gets no gradient to speak of through an LSTM
that cannot read it: on some hundred clips LRCN may stay at chance for dozens of epochs. Donahue et al. 2015 therefore
begin with a CNN that knows images (https://arxiv.org/abs/1411.4389, section 4.1). Here it gets to know the frames at
hand: 64 of as many videos make a step that costs a fifth of one on 16 clips, and none resembles the other.
"""

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np

from har import networks
from har.recipe import Recipe
from har.training.events import FramesDone
from har.training.examples import Examples, ahead, drawn_moments, softened
from har.training.steps import Mean, Steps

_DROPOUT = 0.3  # of a frame's features
_TOLD = 25  # steps from one event to the next


def learn_frames(model: keras.Model, train: Examples, recipe: Recipe, on_event: Callable[[FramesDone], None]) -> None:
    """Train a network's first half; nothing happens to one that has none.

    Raises:
        StopRequested: by `on_event`; what was learnt stays in the model.
        TrainingFailed: the loss is not a number any more.
    """
    halves = networks.halves(model)
    if halves is None or recipe.frame_steps == 0:
        return
    encoder, head = halves
    # A head that also looks at frames one by one goes on from what is learnt here.
    own = next((layer for layer in head.layers if layer.name == "frame_labels"), None)
    judged = own or keras.layers.Dense(model.output_shape[-1], name="frame_labels")
    found = encoder.output if len(encoder.output_shape) == 2 else keras.layers.GlobalAveragePooling2D()(encoder.output)
    features = keras.layers.Dropout(_DROPOUT)(found)
    outputs = keras.layers.Softmax()(judged(features))
    alone = replace(recipe, learning_rate=recipe.frame_rate)
    count = recipe.frame_steps_for(len(train.samples))
    steps = Steps(keras.Model(encoder.input, outputs), alone, count, count // 10)
    random = np.random.default_rng(recipe.seed)
    mean = Mean()
    moments = drawn_moments(train, recipe, count, networks.moment_frames(encoder), random)
    batches = softened(moments, model.output_shape[-1], recipe, random)
    for step, (batch, rows) in enumerate(ahead(batches), start=1):
        steps.train(batch, rows, mean)
        if step % _TOLD == 0 or step == count:
            on_event(FramesDone(step, count, mean.loss, mean.accuracy))
            mean = Mean()
    steps.settle()
