"""LRCN on a pretrained CNN: EfficientNet-Lite0, which knows ImageNet, for each frame, and an LSTM over the sequence.

The CNN is that of Tan & Le 2019 (https://arxiv.org/abs/1905.11946) without squeeze-and-excitation and with ReLU6, as
Google released it for small devices. It stays as it is; only the part for the sequence learns, so the features of a
frame need to be computed only once.

It looks at a frame, and with motion also at a picture of what has changed since the frame before: grey where nothing
has. Though it never saw such pictures, what it makes of them tells actions apart better than what it makes of frames.

Beside the LSTM a layer may judge each feature's mean and deviation over time, for frames and for changes apart. Its
weights are not learnt step by step but solved (`har.training.solved`), and what all of them say is added up.
"""

from typing import Any

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import pretrained
from har.networks.moments import moments

# Repeats, kernel, stride, expansion and filters of each stage.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
FEATURES = 1280
PRETRAINED = "efficientnet-lite0-imagenet"
MOMENT_FRAMES = 2  # with motion: a frame and the one before
GREY, CHANGE_GAIN = 128.0, 2.0
LSTM_UNITS = 64
LEAST = 1e-6  # under a root: it has a slope at nothing, too
SEQUENCE = "sequence_labels"  # the LSTM's last layer beside those
SOLVED = "solved_labels"  # how the names of layers begin that are solved
DROPOUT = 0.5


def build(label_count: int, spec: ClipSpec, motion: bool = False, solved: bool = False) -> keras.Model:
    """LRCN on EfficientNet-Lite0; 3.4 million parameters stay, about 350,000 learn, or 680,000 with motion.

    Args:
        label_count: outputs.
        spec: input size.
        motion: whether the CNN also looks at differences of frames.
        solved: whether layers beside the LSTM judge mean and deviation over time.

    Raises:
        OptionsError: motion, on clips of fewer than three frames.
        ClassifierMissing: the pretrained weights are not there.
    """
    together = MOMENT_FRAMES if motion else 1
    if motion and spec.frames <= together:
        raise OptionsError(
            f"Motion in clips of {spec.frames} frames was asked for.",
            f"More than {together} are needed.",
            "Leave motion out, or choose more frames.",
        )
    encoder = (_moment_encoder if motion else _encoder)(spec)
    pretrained.fill(encoder, PRETRAINED)
    encoder.trainable = False
    steps = spec.frames + 1 - together
    head = _head(label_count, steps, encoder.output_shape[-1], solved)
    clips = keras.Input(spec.shape, dtype="uint8")
    features = ops.reshape(encoder(moments(clips, together)), (-1, *head.input_shape[1:]))  # (batch, time, features)
    return keras.Model(clips, head(features), name="lrcn_lite0")


def _moment_encoder(spec: ClipSpec) -> keras.Model:
    frames = keras.Input((MOMENT_FRAMES, *spec.shape[1:]), dtype="uint8")
    before, now = ops.unstack(ops.cast(frames, "float32"), axis=1)
    changed = ops.clip(GREY + CHANGE_GAIN * (now - before), 0, 255)
    pictures = ops.reshape(ops.stack([now, changed], axis=1), (-1, *spec.shape[1:]))  # (2 n, height, width, 3)
    pixels = keras.Input(spec.shape[1:])
    cnn = keras.Model(pixels, _cnn(pixels), name="cnn")
    return keras.Model(frames, ops.reshape(cnn(pictures), (-1, 2 * FEATURES)), name="encoder")


def _encoder(spec: ClipSpec) -> keras.Model:
    frames = keras.Input(spec.shape[1:], dtype="uint8")
    return keras.Model(frames, _cnn(frames), name="encoder")


def _cnn(pictures: Any) -> Any:
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(pictures)  # as in its training
    x = _normalised(layers.Conv2D(32, 3, 2, "same", use_bias=False, name="stem_conv")(x), "stem")
    index = 0
    for repeats, kernel, stride, expansion, filters in STAGES:
        for repeat in range(repeats):
            x = _block(x, f"block{index}_", kernel, 1 if repeat else stride, expansion, filters)
            index += 1
    x = _normalised(layers.Conv2D(FEATURES, 1, use_bias=False, name="head_conv")(x), "head")
    return layers.GlobalAveragePooling2D()(x)


def _block(x: Any, name: str, kernel: int, stride: int, expansion: int, filters: int) -> Any:
    """An inverted bottleneck: widen, look around channel by channel, narrow (Sandler et al. 2018)."""
    width, y = x.shape[-1], x
    if expansion != 1:
        y = _normalised(
            layers.Conv2D(width * expansion, 1, use_bias=False, name=f"{name}expand_conv")(y), f"{name}expand"
        )
    y = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}dw_conv")(y)
    y = _normalised(y, f"{name}dw")
    y = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}project_conv")(y)
    y = layers.BatchNormalization(epsilon=1e-3, name=f"{name}project_bn")(y)
    return layers.Add()([x, y]) if stride == 1 and width == filters else y


def _normalised(x: Any, name: str) -> Any:
    x = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _head(label_count: int, steps: int, feature_count: int, solved: bool) -> keras.Model:
    features = keras.Input((steps, feature_count))
    x = layers.Dropout(DROPOUT)(features)
    x = layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    x = layers.Dropout(DROPOUT)(layers.GlobalAveragePooling1D()(x))  # all steps have a say, as in Donahue et al.
    if not solved:
        return keras.Model(features, layers.Dense(label_count, activation="softmax", name="labels")(x), name="head")
    said = [layers.Dense(label_count, name=SEQUENCE)(x)]
    roots = ops.sqrt(features + LEAST)  # what a ReLU and a mean over cells leave has a long tail
    for number, stream in enumerate(ops.split(roots, feature_count // FEATURES, axis=-1)):
        deviation = ops.sqrt(ops.var(stream, axis=1) + LEAST)
        over_time = ops.concatenate([ops.mean(stream, axis=1), deviation], axis=-1)
        judge = layers.Dense(label_count, kernel_initializer="zeros", trainable=False, name=f"{SOLVED}{number}")
        said.append(judge(over_time))
    return keras.Model(features, layers.Softmax(name="labels")(layers.Add()(said)), name="head")
