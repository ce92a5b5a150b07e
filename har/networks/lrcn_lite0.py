"""LRCN on a pretrained CNN: EfficientNet-Lite0, which knows ImageNet, for each frame, and an LSTM over the sequence.

The CNN is that of Tan & Le 2019 (https://arxiv.org/abs/1905.11946) without squeeze-and-excitation and with ReLU6, as
Google released it for small devices. It stays as it is; only the part for the sequence learns, so the features of a
frame need to be computed only once.
"""

from typing import Any

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.networks import pretrained

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
LSTM_UNITS = 64
DROPOUT = 0.5


def build(label_count: int, spec: ClipSpec) -> keras.Model:
    """LRCN on EfficientNet-Lite0; 3.4 million parameters stay, about 350,000 learn."""
    encoder = _encoder(spec)
    head = _head(label_count, spec.frames)
    clips = keras.Input(spec.shape, dtype="uint8")
    frames = ops.reshape(clips, (-1, *spec.shape[1:]))  # (batch · time, height, width, 3)
    features = ops.reshape(encoder(frames), (-1, spec.frames, FEATURES))  # (batch, time, features)
    return keras.Model(clips, head(features), name="lrcn_lite0")


def _encoder(spec: ClipSpec) -> keras.Model:
    frames = keras.Input(spec.shape[1:], dtype="uint8")
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(frames)  # as in its training
    x = _normalised(layers.Conv2D(32, 3, 2, "same", use_bias=False, name="stem_conv")(x), "stem")
    index = 0
    for repeats, kernel, stride, expansion, filters in STAGES:
        for repeat in range(repeats):
            x = _block(x, f"block{index}_", kernel, 1 if repeat else stride, expansion, filters)
            index += 1
    x = _normalised(layers.Conv2D(FEATURES, 1, use_bias=False, name="head_conv")(x), "head")
    encoder = keras.Model(frames, layers.GlobalAveragePooling2D()(x), name="encoder")
    pretrained.fill(encoder, PRETRAINED)
    encoder.trainable = False
    return encoder


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


def _head(label_count: int, steps: int) -> keras.Model:
    features = keras.Input((steps, FEATURES))
    x = layers.Dropout(DROPOUT)(features)
    x = layers.LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    x = layers.Dropout(DROPOUT)(layers.GlobalAveragePooling1D()(x))  # all steps have a say, as in Donahue et al.
    return keras.Model(features, layers.Dense(label_count, activation="softmax", name="labels")(x), name="head")
