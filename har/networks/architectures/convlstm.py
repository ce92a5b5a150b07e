"""ConvLSTM: LSTMs whose states are images (Shi et al. 2015, https://arxiv.org/abs/1506.04214)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.network import OWN, Cost, Network, Option, Options
from har.networks.parts import HEAD, LABELS, stack_size
from har.networks.presets import for_figures, recommended, tutorial

if TYPE_CHECKING:
    import keras

FILTERS = (4, 8, 14, 16)
KERNEL = 3
DROPOUT = 0.2
WIDE_FILTERS = 32


def build(
    label_count: int, spec: ClipSpec, plain: bool = False, wide: bool = False, motion: bool = False
) -> "keras.Model":
    """ConvLSTM; for 4 labels and 20 frames of 64×64 it has 44,524 parameters, or 452,388 if wide and with motion.

    Wide: one ConvLSTM on the feature maps of `har.networks.blocks.small_cnn`, an eighth of the frames' sides.

    Raises:
        OptionsError: motion without the wide CNN, or in clips too short for it.
    """
    import keras
    from keras import layers

    from har.networks.blocks.conv_lstm import ConvLSTM
    from har.networks.blocks.frame_stacks import on_stacks
    from har.networks.blocks.small_cnn import small_encoder

    clips = keras.Input(spec.shape, dtype="uint8")
    if wide:
        encoder = small_encoder(spec, motion, maps=True)
        size = stack_size(encoder.input_shape[1:])
        head = _wide_head(label_count, (spec.frames + 1 - size, *encoder.output_shape[1:]))
        return keras.Model(clips, on_stacks(encoder, head, clips, size), name="convlstm")
    if motion:
        raise OptionsError(
            "ConvLSTM has the option motion without wide.", "The option motion needs wide.", "Set both options."
        )
    x = layers.Rescaling(1 / 255)(clips) if plain else layers.Rescaling(2 / 255, offset=-1)(clips)
    for number, filters in enumerate(FILTERS, start=1):
        x = ConvLSTM(filters, KERNEL, recurrent_dropout=DROPOUT, name=f"convlstm{number}")(x)
        x = layers.MaxPooling3D((1, 2, 2), padding="same")(x)
        if number < len(FILTERS):
            x = layers.Dropout(DROPOUT)(x)
    outputs = layers.Dense(label_count, activation="softmax", name=LABELS)(layers.Flatten()(x))
    return keras.Model(clips, outputs, name="convlstm")


def _wide_head(label_count: int, shape: tuple[int, int, int, int]) -> "keras.Model":
    import keras
    from keras import layers

    from har.networks.blocks.conv_lstm import ConvLSTM
    from har.networks.blocks.small_cnn import summed_logits

    maps = keras.Input(shape)
    x = layers.Dropout(0.3)(maps)
    states = ConvLSTM(WIDE_FILTERS, KERNEL, recurrent_dropout=DROPOUT, name="convlstm")(x)
    frames, sequence = layers.GlobalAveragePooling3D()(maps), layers.GlobalAveragePooling3D()(states)
    return keras.Model(maps, summed_logits(frames, sequence, label_count), name=HEAD)


def cost(options: Options) -> Cost:
    """Of training."""
    return Cost(step_sec=0.04, frame_sec=0.0008 if options.get("wide") else 0.0, clip_bytes=45 << 20)


_WIDE: Mapping[str, Any] = {
    "options": {"wide": True, "motion": True},
    "epochs": 12,
    "patience": 12,
    "frame_steps": 1300,
}

ENTRY = Network(
    name="convlstm",
    title="ConvLSTM",
    description="LSTMs whose states are images: space and time are learnt together. Slower than LRCN.",
    citation="Shi et al. 2015, [Convolutional LSTM network](https://arxiv.org/abs/1506.04214): an LSTM whose memory "
    "is an image, so that it knows not only what was there but where.",
    build=build,
    spec=ClipSpec(frames=20, height=64, width=64, span_sec=2.0),
    smallest_side=31,
    order=2,
    score_sec=0.03,
    options={
        "plain": Option("As in the tutorial: pixels from 0 to 1."),
        "wide": Option("One ConvLSTM on the feature maps of a CNN, instead of four on the frames."),
        "motion": Option("A second CNN for what changes between frames; needs wide."),
    },
    presets={
        OWN: recommended(**_WIDE),
        "figures": for_figures("Better", "100% correct on unseen drawn people", **_WIDE),
        "tutorial": tutorial(epochs=50, patience=10),
    },
    cost=cost,
)
