"""LRCN on a pretrained CNN: EfficientNet-Lite0, trained on ImageNet, on each frame, and an LSTM on the sequence.

The CNN is that of Tan & Le 2019 (https://arxiv.org/abs/1905.11946) without squeeze-and-excitation and with ReLU6, as
Google released it for small devices. It is frozen; only the head is trained, so a frame's features are computed once.

The CNN sees each frame and, with motion, an image of what has changed since the frame before, grey where nothing has.
Although it was not trained on such images, their features separate actions better than those of frames.

Next to the LSTM a layer may classify each feature's mean and deviation over time, for frames and for changes
separately. Its weights are not trained step by step but solved for (`har.training.ridge`); all logits are added up.
"""

from typing import TYPE_CHECKING, Any

from har.clips import ClipSpec
from har.networks import pretrained
from har.networks.network import OWN, Cost, Network, Option, Options
from har.networks.parts import ENCODER, in_block
from har.networks.presets import recommended

if TYPE_CHECKING:
    import keras

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
MOTION_STACK = 2  # frames: one and the one before
PENALTY = 0.3  # of the solved layers
LOGIT_SCALES = (6.0, 9.0)  # of frames, then of changes, which are right more often
GREY, CHANGE_GAIN = 128.0, 2.0


def build(label_count: int, spec: ClipSpec, motion: bool = False, solved: bool = False) -> "keras.Model":
    """LRCN on EfficientNet-Lite0; 3.4 million parameters are frozen, about 350,000 trained, or 680,000 with motion.

    Raises:
        OptionsError: motion, on clips of fewer than three frames.
        ClassifierMissing: the pretrained weights are missing.
    """
    import keras

    from har.networks.blocks.frame_stacks import check_motion, on_stacks
    from har.networks.blocks.frozen_head import Solved, frozen_head, mean_and_deviation

    size = MOTION_STACK if motion else 1
    if motion:
        check_motion(spec, size)
    encoder = (_motion_encoder if motion else _encoder)(spec)
    pretrained.fill(encoder, PRETRAINED)
    encoder.trainable = False
    streams = [FEATURES] * (encoder.output_shape[-1] // FEATURES)
    statistics = Solved([mean_and_deviation], LOGIT_SCALES, penalty=PENALTY) if solved else None
    head = frozen_head(label_count, spec.frames + 1 - size, streams, statistics)
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, on_stacks(encoder, head, clips, size), name="lrcn_lite0")


def _motion_encoder(spec: ClipSpec) -> "keras.Model":
    import keras
    from keras import ops

    frames = keras.Input((MOTION_STACK, *spec.shape[1:]), dtype="uint8")
    before, now = ops.unstack(ops.cast(frames, "float32"), axis=1)
    changes = ops.clip(GREY + CHANGE_GAIN * (now - before), 0, 255)
    images = ops.reshape(ops.stack([now, changes], axis=1), (-1, *spec.shape[1:]))  # (2 n, height, width, 3)
    pixels = keras.Input(spec.shape[1:])
    cnn = keras.Model(pixels, _cnn(pixels), name="cnn")
    return keras.Model(frames, ops.reshape(cnn(images), (-1, 2 * FEATURES)), name=ENCODER)


def _encoder(spec: ClipSpec) -> "keras.Model":
    import keras

    frames = keras.Input(spec.shape[1:], dtype="uint8")
    return keras.Model(frames, _cnn(frames), name=ENCODER)


def _cnn(images: Any) -> Any:
    from keras import layers

    x = layers.Rescaling(1 / 128, offset=-127 / 128)(images)  # as in its training
    x = _normalised(layers.Conv2D(32, 3, 2, "same", use_bias=False, name="stem_conv"), x, "stem", "stem")
    index = 0
    for repeats, kernel, stride, expansion, filters in STAGES:
        for repeat in range(repeats):
            x = _bottleneck(x, f"block{index}", kernel, 1 if repeat else stride, expansion, filters)
            index += 1
    x = _normalised(layers.Conv2D(FEATURES, 1, use_bias=False, name="head_conv"), x, "head", "top")
    return layers.GlobalAveragePooling2D()(x)


def _bottleneck(x: Any, block: str, kernel: int, stride: int, expansion: int, filters: int) -> Any:
    """An inverted bottleneck: expand, convolve each channel, project (Sandler et al. 2018)."""
    from keras import layers

    width, y = x.shape[-1], x
    if expansion != 1:
        expand = layers.Conv2D(width * expansion, 1, use_bias=False, name=f"{block}_expand_conv")
        y = _normalised(expand, y, f"{block}_expand", block)
    depthwise = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{block}_dw_conv")
    y = _normalised(depthwise, y, f"{block}_dw", block)
    y = in_block(layers.Conv2D(filters, 1, use_bias=False, name=f"{block}_project_conv"), block)(y)
    y = in_block(layers.BatchNormalization(epsilon=1e-3, name=f"{block}_project_bn"), block)(y)
    return in_block(layers.Add(), block)([x, y]) if stride == 1 and width == filters else y


def _normalised(convolution: Any, x: Any, name: str, block: str) -> Any:
    from keras import layers

    norm, relu = layers.BatchNormalization(epsilon=1e-3, name=f"{name}_bn"), layers.ReLU(6.0, name=f"{name}_relu")
    for layer in (convolution, norm, relu):
        x = in_block(layer, block)(x)
    return x


def cost(options: Options) -> Cost:
    """Of training: each frame is one image for the encoder, or two with motion."""
    return Cost(
        step_sec=0.001,
        encode_sec=0.01 if options.get("motion") else 0.005,
        clip_bytes=1 << 20,
        extra_bytes=(200 << 20) + ((300 << 20) if options.get("solved") else 0),
    )


ENTRY = Network(
    name="lrcn-lite0",
    title="LRCN on EfficientNet-Lite0",
    description="A CNN trained on ImageNet looks at frames and at what changes; an LSTM and two layers classify.",
    citation="Donahue et al. 2015, as LRCN, on [EfficientNet](https://arxiv.org/abs/1905.11946) (Tan & Le 2019), "
    "trained on a million photographs and not trained further.",
    build=build,
    spec=ClipSpec(frames=20, height=160, width=160, span_sec=2.0),
    smallest_side=32,
    order=3,
    score_sec=0.06,
    options={
        "motion": Option("The CNN also sees an image of what has changed since the frame before."),
        "solved": Option(
            "Layers next to the LSTM, fitted by ridge regression.",
            head_only=True,
            curves_note="The curves are those of the LSTM; the layers next to it are fitted after the last epoch.",
        ),
    },
    presets={
        OWN: recommended(
            "Few clips",
            "87% correct on ten actions of UCF101",
            options={"motion": True, "solved": True},
            spec=ClipSpec(height=160, width=160),
            learning_rate=1e-3,
            epochs=30,
            patience=30,
        )
    },
    cost=cost,
    pretrained=PRETRAINED,
)
