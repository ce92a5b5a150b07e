"""Before training on clips: the per-frame part of a network learns to classify single frames.

A fresh LSTM cannot use features that mean nothing yet, and a fresh CNN gets hardly any gradient through a fresh LSTM:
with a few hundred clips LRCN may stay at chance for dozens of epochs. Donahue et al. 2015 therefore start from a CNN
trained on ImageNet (https://arxiv.org/abs/1411.4389, section 4.1). Here it is trained on frames of the data set itself:
a step on 64 frames of as many videos costs a fifth of one on 16 clips, and the frames are less alike.
"""

from dataclasses import replace

import keras
import numpy as np

from har import networks
from har.networks.parts import FRAME_LABELS, find_layer
from har.progress import OnProgress, Progress, Stage
from har.recipe import Recipe
from har.training.batches import frame_batches, mixup, prefetch
from har.training.examples import Examples
from har.training.steps import Mean, Steps

_DROPOUT = 0.3  # of a frame's features
_REPORT_EVERY = 25  # steps


def pretrain_on_frames(model: keras.Model, train: Examples, recipe: Recipe, on_progress: OnProgress) -> None:
    """Train the per-frame part of a network; networks without one stay as they are.

    Raises:
        StopRequested: by `on_progress`; the model keeps what it has learnt.
        TrainingFailed: the loss is no longer a number.
    """
    halves = networks.frame_encoder_and_head(model)
    if halves is None or recipe.frame_steps == 0:
        return
    encoder, head = halves
    # A head that also classifies single frames continues with the layer that is trained here.
    classify = find_layer(head, FRAME_LABELS) or keras.layers.Dense(model.output_shape[-1], name=FRAME_LABELS)
    pooled = encoder.output if len(encoder.output_shape) == 2 else keras.layers.GlobalAveragePooling2D()(encoder.output)
    outputs = keras.layers.Softmax()(classify(keras.layers.Dropout(_DROPOUT)(pooled)))
    count = recipe.frame_steps_for(len(train.samples))
    frame_recipe = replace(recipe, learning_rate=recipe.frame_rate)
    steps = Steps(keras.Model(encoder.input, outputs), frame_recipe, count, count // 10)
    random = np.random.default_rng(recipe.seed)
    frames = frame_batches(train, recipe, count, networks.stack_size(encoder.input_shape[1:]), random)
    mean = Mean()
    for step, (batch, rows) in enumerate(prefetch(mixup(frames, model.output_shape[-1], recipe, random)), start=1):
        steps.train(batch, rows, mean)
        if step % _REPORT_EVERY == 0 or step == count:
            note = f"loss {mean.loss:.2f}, accuracy {mean.accuracy:.0%}"
            on_progress(Progress(Stage.PRETRAIN, step, count, note=note))
            mean = Mean()
    steps.use_averaged_weights()
