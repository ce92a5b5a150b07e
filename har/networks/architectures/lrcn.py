"""LRCN: a CNN on each frame, an LSTM on the sequence (Donahue et al. 2015, https://arxiv.org/abs/1411.4389).

Usually the CNN is wrapped in `TimeDistributed`. Here time is folded into the batch instead: the same outputs for the
same weights, two to ten times as fast.
"""

from typing import TYPE_CHECKING

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks.network import OWN, Cost, Network, Option, Options
from har.networks.parts import ENCODER, HEAD, LABELS, stack_size
from har.networks.presets import for_figures, recommended, tutorial

if TYPE_CHECKING:
    import keras

# Filters, side of the pool, and dropout of each convolution.
STAGES = ((16, 4, 0.25), (32, 4, 0.25), (64, 2, 0.25), (64, 2, 0.0))
LSTM_UNITS = 32


def build(
    label_count: int, spec: ClipSpec, plain: bool = False, wide: bool = False, motion: bool = False
) -> "keras.Model":
    """LRCN; for 4 labels and frames of 64×64 it has 73,060 parameters, 209,252 if wide, or 416,548 with motion too.

    Wide: the CNN of `har.networks.blocks.small_cnn`, and a head that sums the logits of the frames and of the sequence
    over all steps, as Donahue et al. average theirs.

    Raises:
        OptionsError: motion without the wide CNN, or in clips too short for it.
    """
    import keras

    from har.networks.blocks.frame_stacks import on_stacks
    from har.networks.blocks.small_cnn import small_encoder

    if motion and not wide:
        raise OptionsError(
            "LRCN has the option motion without wide.", "The option motion needs wide.", "Set both options."
        )
    encoder = small_encoder(spec, motion) if wide else _encoder(spec, plain)
    size = stack_size(encoder.input_shape[1:])
    head = (_wide_head if wide else _head)(label_count, spec.frames + 1 - size, encoder.output_shape[-1])
    clips = keras.Input(spec.shape, dtype="uint8")
    return keras.Model(clips, on_stacks(encoder, head, clips, size), name="lrcn")


def _encoder(spec: ClipSpec, plain: bool) -> "keras.Model":
    import keras
    from keras import layers

    frames = keras.Input(spec.shape[1:], dtype="uint8")
    # Centred on zero: with inputs from 0 to 1 it learns several times as slowly.
    x = layers.Rescaling(1 / 255)(frames) if plain else layers.Rescaling(2 / 255, offset=-1)(frames)
    initializer = "glorot_uniform" if plain else "he_normal"
    for number, (filters, pool, dropout) in enumerate(STAGES, start=1):
        x = layers.Conv2D(
            filters, 3, padding="same", activation="relu", kernel_initializer=initializer, name=f"conv{number}"
        )(x)
        x = layers.MaxPooling2D(pool)(x)
        if dropout:
            x = layers.Dropout(dropout)(x)
    return keras.Model(frames, layers.Flatten()(x), name=ENCODER)


def _head(label_count: int, steps: int, feature_count: int) -> "keras.Model":
    import keras
    from keras import layers

    from har.networks.blocks.lstm import LSTM

    features = keras.Input((steps, feature_count))
    x = LSTM(LSTM_UNITS, name="lstm")(features)
    return keras.Model(features, layers.Dense(label_count, activation="softmax", name=LABELS)(x), name=HEAD)


def _wide_head(label_count: int, steps: int, feature_count: int) -> "keras.Model":
    import keras
    from keras import layers

    from har.networks.blocks.lstm import LSTM
    from har.networks.blocks.small_cnn import summed_logits

    features = keras.Input((steps, feature_count))
    x = layers.Dropout(0.5)(features)
    states = LSTM(LSTM_UNITS, return_sequences=True, name="lstm")(x)
    frames, sequence = layers.GlobalAveragePooling1D()(features), layers.GlobalAveragePooling1D()(states)
    return keras.Model(features, summed_logits(frames, sequence, label_count), name=HEAD)


def cost(options: Options) -> Cost:
    """Of training."""
    work = (1.0 if options.get("wide") else 0.45) * (1.8 if options.get("motion") else 1.0)
    return Cost(step_sec=0.0105 * work, frame_sec=0.0008 * work, clip_bytes=28 << 20)


ENTRY = Network(
    name="lrcn",
    title="LRCN",
    description="Small CNNs look at frames and at what changes between them, an LSTM at the sequence. A good start.",
    citation="Donahue et al. 2015, [Long-term recurrent convolutional networks](https://arxiv.org/abs/1411.4389): a "
    "CNN on each frame, an LSTM on its outputs.",
    build=build,
    spec=ClipSpec(frames=20, height=64, width=64, span_sec=2.0),
    smallest_side=64,
    order=1,
    score_sec=0.013,
    options={
        "plain": Option("As in the tutorial: pixels from 0 to 1, and Glorot initialisation."),
        "wide": Option("A larger, batch-normalised CNN, and logits of all frames and steps."),
        "motion": Option("A second CNN for what changes between frames; needs wide."),
    },
    presets={
        OWN: recommended(
            "From scratch",
            "84% correct on ten actions of UCF101",
            options={"wide": True, "motion": True},
            epochs=12,
            patience=12,
            frame_steps=1300,
            test_zoom=1.2,  # the mean zoom of training clips
        ),
        "figures": for_figures("Fast", "98% correct on unseen drawn people"),
        "tutorial": tutorial(epochs=70, patience=15),
    },
    cost=cost,
)
