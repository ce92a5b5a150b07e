"""A small batch-normalised CNN for frames, with an optional second stream for what changes between them.

Two streams: Simonyan & Zisserman 2014, https://arxiv.org/abs/1406.2199; differences of frames in place of optical flow:
Wang et al. 2016, https://arxiv.org/abs/1608.00859. Batch normalisation: Ioffe & Szegedy 2015,
https://arxiv.org/abs/1502.03167.
"""

from typing import Any

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.networks.blocks.frame_stacks import check_motion, one_or_both
from har.networks.parts import ENCODER, FRAME_LABELS, LABELS, MOTION_LABELS, in_block

# Filters, and side of the pool; the first convolution has a 5×5 kernel and stride 2.
STAGES = ((32, 2), (64, 2), (96, 2), (128, 1))
MAP_STAGES = ((32, 2), (64, 2), (96, 1), (64, 1))  # where feature maps are needed: an eighth of each side
MOTION_STACK = 3  # frames: one with its two neighbours
STREAMS = {"frame": "CNN on the frame", "motion": "CNN on what changes"}  # titles by the prefix of layer names


def small_encoder(spec: ClipSpec, motion: bool, maps: bool = False) -> keras.Model:
    """The CNN for frames `(height, width, 3)`; with motion, for stacks `(3, height, width, 3)`.

    With motion, a second stream sees only how a frame differs from its neighbours. Maps are feature maps
    `(height / 8, width / 8, features)` instead of each feature's mean.

    Raises:
        OptionsError: motion in clips too short for it.
    """
    if not motion:
        frames = keras.Input(spec.shape[1:], dtype="uint8")
        return keras.Model(frames, _cnn(layers.Rescaling(2 / 255, offset=-1)(frames), "", maps), name=ENCODER)
    check_motion(spec, MOTION_STACK)
    frames = keras.Input((MOTION_STACK, *spec.shape[1:]), dtype="uint8")
    before, now, after = ops.unstack(layers.Rescaling(2 / 255, offset=-1)(frames), axis=1)
    changes = 2 * ops.concatenate([now - before, after - now], axis=-1)
    return keras.Model(frames, one_or_both([_cnn(now, "frame", maps), _cnn(changes, "motion", maps)]), name=ENCODER)


def summed_logits(frames: Any, sequence: Any, label_count: int) -> Any:
    """Probabilities from the sum of two logits: of the frames, and of the sequence, which start at zero.

    So training continues from what was learnt on single frames, and untrained sequence features do no harm. Both inputs
    are means over all steps, `(batch, features)`.
    """
    motion = layers.Dense(label_count, use_bias=False, kernel_initializer="zeros", name=MOTION_LABELS)
    frame = layers.Dense(label_count, name=FRAME_LABELS)
    logits = layers.Add()([motion(layers.Dropout(0.5)(sequence)), frame(layers.Dropout(0.3)(frames))])
    return layers.Softmax(name=LABELS)(logits)


def _cnn(x: Any, stream: str, maps: bool) -> Any:
    """The CNN; layer names begin with the stream, if there are streams."""

    def name(kind: str, number: int) -> str:
        return f"{stream}{number}_{kind}" if stream else f"{kind}{number}"

    title = STREAMS.get(stream, "")
    for number, (filters, pool) in enumerate(MAP_STAGES if maps else STAGES, start=1):
        kernel, stride = (5, 2) if number == 1 else (3, 1)
        options = {"use_bias": False, "kernel_initializer": "he_normal", "name": name("conv", number)}
        stage = [
            layers.Conv2D(filters, kernel, stride, "same", **options),
            layers.BatchNormalization(momentum=0.95, name=name("norm", number)),
            layers.ReLU(name=name("relu", number)),
        ]
        if pool > 1:
            stage.append(layers.MaxPooling2D(pool, name=name("pool", number)))
        for layer in stage:
            x = in_block(layer, f"{stream}{number}" if stream else "", title)(x)
    mean = layers.GlobalAveragePooling2D(name=f"{stream}_means" if stream else "means")
    return x if maps else in_block(mean, "", title)(x)
