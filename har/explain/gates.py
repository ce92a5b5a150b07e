"""The gates of an LSTM and a ConvLSTM at each step, in NumPy.

Keras returns only the states. Here the same recurrence runs on a layer's weights and records the gates as well:

    i = σ(Wi x + Ui h + bi)      how much of the candidate is written
    f = σ(Wf x + Uf h + bf)      how much of the cell is kept
    g = tanh(Wg x + Ug h + bg)   the candidate
    o = σ(Wo x + Uo h + bo)      how much of the cell is output
    c' = f c + i g               the cell
    h' = o tanh(c')              the state that is passed on

(Hochreiter & Schmidhuber 1997; with a forget gate, Gers et al. 2000.) In a ConvLSTM (Shi et al. 2015,
https://arxiv.org/abs/1506.04214) W and U are convolutions, and all of these are images.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float

NAMES = ("input", "forget", "candidate", "output", "cell", "hidden")


@dataclass(frozen=True)
class Gates:
    """Values after each step: `(time, units)`, or `(time, height, width, units)` of a ConvLSTM."""

    input: Float[np.ndarray, "time *place units"]
    forget: Float[np.ndarray, "time *place units"]
    candidate: Float[np.ndarray, "time *place units"]
    output: Float[np.ndarray, "time *place units"]
    cell: Float[np.ndarray, "time *place units"]
    hidden: Float[np.ndarray, "time *place units"]

    def mean_over_places(self) -> "Gates":
        """Means over height and width, in the shape of an LSTM's."""
        places = tuple(range(1, self.hidden.ndim - 1))
        return Gates(*(getattr(self, field.name).mean(axis=places, dtype=np.float32) for field in fields(self)))


def lstm_gates(
    features: Float[np.ndarray, "time features"],
    kernel: Float[np.ndarray, "features gates"],
    recurrent_kernel: Float[np.ndarray, "units gates"],
    bias: Float[np.ndarray, "gates"],
) -> Gates:
    """The gates of `keras.layers.LSTM` on one sequence.

    The kernels and the bias have the gates side by side, in Keras' order: input, forget, candidate, output.
    """
    from_input = features @ kernel + bias
    return _run(from_input, lambda hidden: hidden @ recurrent_kernel, from_input[0, : len(recurrent_kernel)].shape)


def convlstm_gates(
    maps: Float[np.ndarray, "time height width channels"],
    kernel: Float[np.ndarray, "side side channels gates"],
    recurrent_kernel: Float[np.ndarray, "side side units gates"],
    bias: Float[np.ndarray, "gates"],
) -> Gates:
    """The gates of `har.networks.blocks.conv_lstm.ConvLSTM` on one sequence of images.

    The input is not padded ('valid'), so the state is smaller; the state is ('same').
    """
    from_input = np.stack([_convolve(image, kernel) for image in maps]) + bias
    rim = len(recurrent_kernel) // 2

    def recur(hidden: np.ndarray) -> np.ndarray:
        return _convolve(np.pad(hidden, ((rim, rim), (rim, rim), (0, 0))), recurrent_kernel)

    return _run(from_input, recur, (*from_input.shape[1:3], recurrent_kernel.shape[2]))


def _run(from_input: np.ndarray, recur: Callable[[np.ndarray], np.ndarray], shape: tuple[int, ...]) -> Gates:
    """Args: the input's part `(time, *place, gates)`; the function that returns the state's part; the state's shape."""
    cell = hidden = np.zeros(shape, np.float32)
    steps = []
    for step in from_input:
        i, f, g, o = np.split(step + recur(hidden), 4, axis=-1)
        i, f, g, o = _sigmoid(i), _sigmoid(f), np.tanh(g), _sigmoid(o)
        cell = f * cell + i * g
        hidden = o * np.tanh(cell)
        steps.append((i, f, g, o, cell, hidden))
    return Gates(*(np.stack(each).astype(np.float32) for each in zip(*steps, strict=True)))


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))  # does not overflow


def _convolve(
    image: Float[np.ndarray, "height width channels"], kernel: Float[np.ndarray, "side side channels out"]
) -> Float[np.ndarray, "high wide out"]:
    """Cross-correlation without padding, as in networks."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape[:2], axis=(0, 1))
    return np.asarray(np.einsum("hwcyx,yxco->hwo", windows, kernel, optimize=True))
