"""ConvLSTM: LSTMs whose states are images (Shi et al. 2015, https://arxiv.org/abs/1506.04214)."""

from typing import Any, no_type_check

import keras
from keras import layers, ops

from har.clips import ClipSpec
from har.errors import OptionsError
from har.networks import moment_frames
from har.networks import small_cnn as wide_cnn
from har.networks.moments import moments

FILTERS = (4, 8, 14, 16)
KERNEL = 3
DROPOUT = 0.2
WIDE_FILTERS = 32


def build(
    label_count: int, spec: ClipSpec, plain: bool = False, wide: bool = False, motion: bool = False
) -> keras.Model:
    """ConvLSTM; for 4 labels and clips of 20 frames of 64×64 it has 44,524 parameters, or 452,388 wide and with motion.

    Args:
        label_count: outputs.
        spec: input size.
        plain: as the tutorial has it: pixels from 0 to 1.
        wide: one ConvLSTM on what the CNN of `har.networks.small_cnn` makes of frames, features an eighth as
            large, instead of four on the frames themselves.
        motion: a second stream of the wide CNN for what moves.

    Raises:
        OptionsError: motion without the wide CNN, or in clips too short for it.
    """
    clips = keras.Input(spec.shape, dtype="uint8")
    if wide:
        encoder = wide_cnn.encoder(spec, motion, maps=True)
        together = moment_frames(encoder)
        maps = encoder(moments(clips, together))
        head = _wide_head(label_count, (spec.frames + 1 - together, *maps.shape[1:]))
        return keras.Model(clips, head(ops.reshape(maps, (-1, *head.input_shape[1:]))), name="convlstm")
    if motion:
        raise OptionsError("ConvLSTM was asked to see motion.", "It must be wide for that.", "Ask for both.")
    x = layers.Rescaling(1 / 255)(clips) if plain else layers.Rescaling(2 / 255, offset=-1)(clips)
    for number, filters in enumerate(FILTERS, start=1):
        x = ConvLSTM(filters, KERNEL, recurrent_dropout=DROPOUT, name=f"convlstm{number}")(x)
        x = layers.MaxPooling3D((1, 2, 2), padding="same")(x)
        if number < len(FILTERS):
            x = layers.Dropout(DROPOUT)(x)
    outputs = layers.Dense(label_count, activation="softmax", name="labels")(layers.Flatten()(x))
    return keras.Model(clips, outputs, name="convlstm")


def _wide_head(label_count: int, shape: tuple[int, int, int, int]) -> keras.Model:
    maps = keras.Input(shape)
    x = layers.Dropout(0.3)(maps)
    states = ConvLSTM(WIDE_FILTERS, KERNEL, recurrent_dropout=DROPOUT, name="convlstm")(x)
    frames, sequence = layers.GlobalAveragePooling3D()(maps), layers.GlobalAveragePooling3D()(states)
    return keras.Model(maps, wide_cnn.summed_up(frames, sequence, label_count), name="head")


class ConvLSTM(layers.Layer):  # type: ignore[misc]  # Keras brings no types
    """`keras.layers.ConvLSTM2D` with every state returned, for a fixed number of steps, in half its time.

    What comes from the input does not depend on the state, so its convolution runs once over all steps, and only the
    state's own stays in the loop. Weights, their order and the recurrent dropout (a mask for each gate, kept through
    all steps) are those of the Keras layer.

    Args:
        filters: channels of the state.
        kernel_size: side of both kernels; the input's is applied 'valid', the state's 'same'.
        recurrent_dropout: share of the state hidden from each gate in training.
    """

    filters: int
    kernel_size: int
    recurrent_dropout: float
    seeds: keras.random.SeedGenerator

    @no_type_check  # Keras reads the signature, which a checker's wrapper would hide
    def __init__(self, filters: int, kernel_size: int, recurrent_dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.recurrent_dropout = recurrent_dropout
        self.seeds = keras.random.SeedGenerator()

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the weights; the gates stand in the order input, forget, candidate, output."""
        side, gates = self.kernel_size, 4 * self.filters
        self.kernel = self.add_weight(name="kernel", shape=(side, side, shape[-1], gates))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(side, side, self.filters, gates), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(gates,), initializer=_open_forget_gate)

    def call(self, clips: Any, training: bool = False) -> Any:
        """States `(batch, time, height - 2, width - 2, filters)` for `(batch, time, height, width, channels)`."""
        steps = clips.shape[1]
        drive = ops.conv(ops.reshape(clips, (-1, *clips.shape[2:])), self.kernel, padding="valid") + self.bias
        drive = ops.unstack(ops.reshape(drive, (-1, steps, *drive.shape[1:])), axis=1)
        hidden = cell = ops.zeros_like(drive[0][..., : self.filters])
        dropping = training and self.recurrent_dropout > 0
        masks, kernel = (self._masks(hidden), self._apart()) if dropping else (None, self.recurrent_kernel)
        states: list[Any] = []
        for step in drive:
            if states:  # before the first one there is nothing to add
                seen = hidden if masks is None else ops.tile(hidden, (1, 1, 1, 4)) * masks
                step = step + ops.conv(seen, kernel, padding="same")
            i, f, candidate, o = ops.split(step, 4, axis=-1)
            cell = ops.sigmoid(f) * cell + ops.sigmoid(i) * ops.tanh(candidate)
            hidden = ops.sigmoid(o) * ops.tanh(cell)
            states.append(hidden)
        return ops.stack(states, axis=1)

    def _masks(self, hidden: Any) -> Any:
        """What each gate sees of the state, side by side."""
        ones = ops.ones_like(hidden)
        masks = [keras.random.dropout(ones, self.recurrent_dropout, seed=self.seeds) for _ in range(4)]
        return ops.concatenate(masks, axis=-1)

    def _apart(self) -> Any:
        """The state's kernel for four states side by side, one for each gate, with zeros where gates do not meet.

        Many zeros are multiplied; one convolution is quicker than four all the same, as these are small.
        """
        kernels = ops.split(self.recurrent_kernel, 4, axis=-1)
        nothing = ops.zeros_like(kernels[0])
        rows = [
            ops.concatenate([kernel if gate == own else nothing for gate in range(4)], axis=-1)
            for own, kernel in enumerate(kernels)
        ]
        return ops.concatenate(rows, axis=2)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Each side shrinks by the kernel's less one."""
        height, width = (side - self.kernel_size + 1 for side in shape[2:4] if side is not None)
        return (*shape[:2], height, width, self.filters)


def _open_forget_gate(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Zeros, but ones for the forget gate: an untrained cell remembers (Jozefowicz et al. 2015)."""
    zeros = ops.zeros(shape[0] // 4, dtype)
    return ops.concatenate([zeros, ops.ones_like(zeros), zeros, zeros])
