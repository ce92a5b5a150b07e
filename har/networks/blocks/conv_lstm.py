"""A faster ConvLSTM layer: an LSTM whose states are images (Shi et al. 2015, https://arxiv.org/abs/1506.04214)."""

import math
from typing import Any, no_type_check

import keras
from keras import layers, ops


class ConvLSTM(layers.Layer):  # type: ignore[misc]  # Keras brings no types
    """`keras.layers.ConvLSTM2D(return_sequences=True)` for a fixed number of steps, twice as fast.

    The input's convolution does not depend on the state, so it runs once over all steps; only the state's convolution
    stays in the loop. Weights, their order and the recurrent dropout (one mask per gate for all steps) are those of the
    Keras layer.

    Args:
        filters: channels of the state.
        kernel_size: side of both kernels; the input is padded 'valid', the state 'same'.
        recurrent_dropout: share of the state that is dropped for each gate in training.
    """

    filters: int
    kernel_size: int
    recurrent_dropout: float
    seeds: keras.random.SeedGenerator

    @no_type_check  # Keras reads the signature, which a checker's wrapper would hide
    def __init__(self, filters: int, kernel_size: int, recurrent_dropout: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.recurrent_dropout = filters, kernel_size, recurrent_dropout
        self.seeds = keras.random.SeedGenerator()

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the weights; the order of the gates is input, forget, candidate, output."""
        side, gates = self.kernel_size, 4 * self.filters
        self.kernel = self.add_weight(name="kernel", shape=(side, side, shape[-1], gates))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(side, side, self.filters, gates), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(gates,), initializer=_open_forget_gate)

    def call(self, clips: Any, training: bool = False) -> Any:
        """States `(batch, time, height - 2, width - 2, filters)` for `(batch, time, height, width, channels)`."""
        steps = clips.shape[1]
        from_input = ops.conv(ops.reshape(clips, (-1, *clips.shape[2:])), self.kernel, padding="valid") + self.bias
        from_input = ops.unstack(ops.reshape(from_input, (-1, steps, *from_input.shape[1:])), axis=1)
        hidden = cell = ops.zeros_like(from_input[0][..., : self.filters])
        dropping = training and self.recurrent_dropout > 0
        masks = self._masks(hidden) if dropping else None
        kernel = self._block_diagonal_kernel() if dropping else self.recurrent_kernel
        states: list[Any] = []
        for step in from_input:
            if states:  # the first state is zero
                masked = hidden if masks is None else ops.tile(hidden, (1, 1, 1, 4)) * masks
                step = step + ops.conv(masked, kernel, padding="same")
            i, f, candidate, o = ops.split(step, 4, axis=-1)
            cell = ops.sigmoid(f) * cell + ops.sigmoid(i) * ops.tanh(candidate)
            hidden = ops.sigmoid(o) * ops.tanh(cell)
            states.append(hidden)
        return ops.stack(states, axis=1)

    def _masks(self, hidden: Any) -> Any:
        """Dropout masks of the four gates, side by side."""
        ones = ops.ones_like(hidden)
        masks = [keras.random.dropout(ones, self.recurrent_dropout, seed=self.seeds) for _ in range(4)]
        return ops.concatenate(masks, axis=-1)

    def _block_diagonal_kernel(self) -> Any:
        """The state's kernel for four masked states side by side, one per gate, with zeros elsewhere.

        One convolution with many zeros is still faster than four small ones.
        """
        kernels = ops.split(self.recurrent_kernel, 4, axis=-1)
        zeros = ops.zeros_like(kernels[0])
        rows = [
            ops.concatenate([kernel if gate == own else zeros for gate in range(4)], axis=-1)
            for own, kernel in enumerate(kernels)
        ]
        return ops.concatenate(rows, axis=2)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Height and width shrink by the kernel's side less one."""
        height, width = (side - self.kernel_size + 1 for side in shape[2:4] if side is not None)
        return (*shape[:2], height, width, self.filters)

    def multiply_adds(self, output_shape: tuple[int, ...]) -> int:
        """Of one run. Args: output shape `(time, height, width, filters)`."""
        kernels = math.prod(self.kernel.shape) + math.prod(self.recurrent_kernel.shape)
        return int(kernels * math.prod(output_shape[:-1]))

    def to_keras(self) -> layers.Layer:
        """An untrained Keras layer of the same name whose weights and outputs are the same."""
        options = {"recurrent_dropout": self.recurrent_dropout, "return_sequences": True, "name": self.name}
        return layers.ConvLSTM2D(self.filters, self.kernel_size, **options)


def _open_forget_gate(shape: tuple[int, ...], dtype: Any = None) -> Any:
    """Zeros, but ones for the forget gate, so that an untrained cell remembers (Jozefowicz et al. 2015)."""
    zeros = ops.zeros(shape[0] // 4, dtype)
    return ops.concatenate([zeros, ops.ones_like(zeros), zeros, zeros])
