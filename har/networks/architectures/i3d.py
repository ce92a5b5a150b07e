"""I3D, RGB stream (Carreira & Zisserman 2017, https://arxiv.org/abs/1705.07750), batch norms folded into convolutions.

Layers have the names of DeepMind's release, because the bundled weights are stored under them.
"""

from collections.abc import Callable
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from har.clips import ClipSpec
from har.networks.network import Network, Stages
from har.networks.parts import in_block
from har.runtime import Reach

if TYPE_CHECKING:
    import keras

# Output channels of an Inception block's branches: 1×1×1; 1×1×1 then 3×3×3; 1×1×1 then 3×3×3; pool then 1×1×1.
# A single number is a pool of that side and stride 2.
BLOCKS: dict[str, tuple[int, int, int, int, int, int] | int] = {
    "Mixed_3b": (64, 96, 128, 16, 32, 32),
    "Mixed_3c": (128, 128, 192, 32, 96, 64),
    "MaxPool3d_4a": 3,
    "Mixed_4b": (192, 96, 208, 16, 48, 64),
    "Mixed_4c": (160, 112, 224, 24, 64, 64),
    "Mixed_4d": (128, 128, 256, 24, 64, 64),
    "Mixed_4e": (112, 144, 288, 32, 64, 64),
    "Mixed_4f": (256, 160, 320, 32, 128, 128),
    "MaxPool3d_5a": 2,
    "Mixed_5b": (256, 160, 320, 32, 128, 128),
    "Mixed_5c": (384, 192, 384, 48, 128, 128),
}

# Of the stages that follow: the scaling, the convolutions with a kernel of 7 and 3, and each entry of `BLOCKS`.
REACHES = (
    Reach(1),
    Reach(7, 2),
    Reach(3),
    *(Reach(shape, 2) if isinstance(shape, int) else Reach(3) for shape in BLOCKS.values()),
)


def build(label_count: int, spec: ClipSpec) -> "keras.Model":
    """I3D; 12.7 million parameters for 400 labels."""
    import keras
    from keras import layers

    clips = keras.Input(spec.shape, dtype="uint8")
    x = layers.Rescaling(2 / 255, offset=-1)(clips)  # [-1, 1], as in its training
    x = _unit(x, 64, 7, "Conv3d_1a_7x7", stride=2)
    x = layers.MaxPooling3D((1, 3, 3), (1, 2, 2), "same", name="MaxPool3d_2a")(x)
    x = _unit(x, 64, 1, "Conv3d_2b_1x1")
    x = _unit(x, 192, 3, "Conv3d_2c_3x3")
    x = layers.MaxPooling3D((1, 3, 3), (1, 2, 2), "same", name="MaxPool3d_3a")(x)
    for name, shape in BLOCKS.items():
        if isinstance(shape, int):
            x = layers.MaxPooling3D(shape, 2, "same", name=name)(x)
        else:
            x = _inception(x, shape, name)
    x = layers.GlobalAveragePooling3D(name="gap")(x)
    outputs = layers.Dense(label_count, activation="softmax", name="logits")(x)
    return keras.Model(clips, outputs, name="i3d")


def _unit(x: Any, filters: int, kernel: int, name: str, block: str = "", stride: int = 1) -> Any:
    from keras import layers

    convolution = layers.Conv3D(filters, kernel, strides=stride, padding="same", name=f"{name}_conv")
    x = in_block(convolution, block or name)(x)
    return in_block(layers.ReLU(name=f"{name}_relu"), block or name)(x)


def _inception(x: Any, channels: tuple[int, int, int, int, int, int], block: str) -> Any:
    from keras import layers

    branch0 = _unit(x, channels[0], 1, f"{block}_b0", block)
    branch1 = _unit(_unit(x, channels[1], 1, f"{block}_b1a", block), channels[2], 3, f"{block}_b1b", block)
    branch2 = _unit(_unit(x, channels[3], 1, f"{block}_b2a", block), channels[4], 3, f"{block}_b2b", block)
    pooled = in_block(layers.MaxPooling3D(3, 1, "same", name=f"{block}_pool"), block)(x)
    branch3 = _unit(pooled, channels[5], 1, f"{block}_b3b", block)
    return in_block(layers.Concatenate(name=block), block)([branch0, branch1, branch2, branch3])


def stages(model: "keras.Model") -> list[Callable[[Any], Any]]:
    """The network as functions of consecutive images `(time, height, width, channels)`, one for each of `REACHES`.

    A stage is what looks along time, and what follows on each image alone, up to the inputs of the next stage: those
    of an Inception block are the inputs of its two wide convolutions, side by side with its own.
    """
    from keras import ops

    arrays = {layer.name: [np.asarray(weight) for weight in layer.weights] for layer in model.layers}

    def along_time(x: Any, reach: Reach) -> list[Any]:
        return [x[at : (at + 1 - reach.kernel) or None : reach.stride] for at in range(reach.kernel)]

    def unit(x: Any, name: str, reach: Reach = REACHES[0]) -> Any:
        kernel, bias = arrays[f"{name}_conv"]
        if reach.kernel > 1:  # neighbouring images become channels; for so few channels, this is faster than joining
            time, height, width, channels = x.shape
            x = ops.reshape(ops.transpose(x, (1, 2, 0, 3)), (height, width, time * channels))
            starts = range(0, time - reach.kernel + 1, reach.stride)
            x = ops.stack([x[..., at * channels : (at + reach.kernel) * channels] for at in starts])
        return ops.relu(ops.conv(x, np.concatenate(list(kernel), axis=2), reach.stride, "same") + bias)

    def pool(x: Any, side: int, stride: int) -> Any:
        return ops.max_pool(x, side, stride, "same")

    def block(x: Any, name: str, reach: Reach) -> Any:
        shape = BLOCKS[name]
        if isinstance(shape, int):
            return pool(reduce(ops.maximum, along_time(x, reach)), shape, 2)
        wide, narrow, x = ops.split(x, [shape[1], shape[1] + shape[3]], axis=-1)
        pooled = pool(reduce(ops.maximum, along_time(x, reach)), 3, 1)
        wide, narrow = unit(wide, f"{name}_b1b", reach), unit(narrow, f"{name}_b2b", reach)
        return ops.concatenate([unit(x[1:-1], f"{name}_b0"), wide, narrow, unit(pooled, f"{name}_b3b")], axis=-1)

    def opened(x: Any, name: str) -> Any:
        if isinstance(BLOCKS[name], int):
            return x
        return ops.concatenate([unit(x, f"{name}_b1a"), unit(x, f"{name}_b2a"), x], axis=-1)

    def logits(x: Any) -> Any:
        kernel, bias = arrays["logits"]
        return ops.matmul(ops.mean(x, (1, 2)), kernel) + bias

    _, first, second, *reaches = REACHES
    names = list(BLOCKS)
    following = [partial(opened, name=name) for name in names[1:]] + [logits]
    return [
        model.layers[1],
        lambda x: unit(pool(unit(x, "Conv3d_1a_7x7", first), 3, 2), "Conv3d_2b_1x1"),
        lambda x: opened(pool(unit(x, "Conv3d_2c_3x3", second), 3, 2), names[0]),
        *(
            lambda x, name=name, reach=reach, then=then: then(block(x, name, reach))
            for name, reach, then in zip(names, reaches, following, strict=True)
        ),
    ]


ENTRY = Network(
    name="i3d",
    title="I3D",
    description="A deep network of 3D convolutions, used as it was trained on the 400 actions of Kinetics.",
    citation="Carreira & Zisserman 2017, [Quo vadis, action recognition?](https://arxiv.org/abs/1705.07750): "
    "convolutions over space and time together, and the Kinetics videos to learn them from.",
    build=build,
    # 12.5 frames a second: with frames further apart than in its training, it gives wrong answers.
    spec=ClipSpec(frames=16, height=224, width=224, span_sec=1.28, fit="crop"),
    smallest_side=32,
    order=5,
    score_sec=1.1,
    label_count=400,
    half=True,
    stages=Stages(REACHES, stages, temperature=1.5),  # as certain as for windows alone: docs/decisions/0039-litert.md
)
