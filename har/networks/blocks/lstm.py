"""A faster LSTM (Hochreiter & Schmidhuber 1997)."""

from typing import Any, no_type_check

import tensorflow as tf
from keras import layers, ops


class LSTM(layers.LSTM):  # type: ignore[misc]  # Keras brings no types
    """`keras.layers.LSTM` with all steps in one operation: a loop of TensorFlow's costs more than their arithmetic.

    Weights, and outputs up to rounding, are those of the Keras layer. It takes no masks, and has no dropout.
    """

    @no_type_check
    def inner_loop(self, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> tuple[Any, ...]:
        """The last output, all outputs `(batch, time, units)`, and the last states."""
        hidden, cell = initial_state
        # The input's product does not depend on the state: it is computed for all steps at once, and then only added.
        from_input = ops.transpose(ops.matmul(sequences, self.cell.kernel), (1, 0, 2))
        kernels = ops.concatenate([tf.eye(4 * self.units), self.cell.recurrent_kernel], axis=0)
        unused = tf.zeros(self.units)  # weights from the cell's state to the gates
        states = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.shape(sequences, tf.int64)[1],
            x=from_input,
            cs_prev=cell,
            h_prev=hidden,
            w=_candidate_before_forget(kernels),
            wci=unused,
            wcf=unused,
            wco=unused,
            b=_candidate_before_forget(self.cell.bias),
            forget_bias=0.0,
            cell_clip=0.0,
        )
        return states.h[-1], ops.transpose(states.h, (1, 0, 2)), [states.h[-1], states.cs[-1]]

    def to_keras(self) -> layers.Layer:
        """An untrained Keras layer of the same name whose weights and outputs are the same."""
        return layers.LSTM.from_config(self.get_config())

    def to_litert(self) -> layers.Layer:
        """A Keras layer that shares the weights: LiteRT has no such operation."""
        twin = self.to_keras()
        twin.cell = self.cell
        return twin


def _candidate_before_forget(weights: Any) -> Any:
    """From Keras' order of the gates to that of the operation: input, candidate, forget, output.

    `BlockLSTMV2` has Keras' order, but its gradient has not.
    """
    i, f, candidate, o = ops.split(weights, 4, axis=-1)
    return ops.concatenate([i, candidate, f, o], axis=-1)
